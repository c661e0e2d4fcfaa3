"""The simulation of the queue: held against the theory of queues, and against what we know of outages."""

import json
import subprocess
import sys
from math import factorial
from random import Random
from statistics import mean

import pytest

from app.settings import ROOT
from bench.scale.line import Figures, Outage, Workers, simulate
from bench.scale.region import DAY, HOUR, HOURS, KINDS, Region, objects

MANY = 100_000  # objects: enough for two digits
POOLS = {kind.name: [[0.05], [0.02, 0.03]] for kind in KINDS}


def coming(rate, mean_seconds, seed=1, number=MANY, takes=None):
    """Objects that come by chance; what they take is by chance too, if it is not given."""
    chance, moment = Random(seed), 0.0
    for _ in range(number):
        moment += chance.expovariate(rate)
        yield moment, takes if takes is not None else chance.expovariate(1 / mean_seconds)


def erlang_c(load, workers):
    """The share of objects that have to wait (M/M/c)."""
    last = load**workers / factorial(workers) / (1 - load / workers)
    return last / (sum(load**number / factorial(number) for number in range(workers)) + last)


@pytest.mark.parametrize(("workers", "load"), [(1, 0.7), (2, 1.6), (5, 4.0), (12, 10.0)])
def test_waiting_is_what_erlang_says(workers, load):
    takes = 0.5
    reads = simulate(coming(load / takes, takes), Workers(workers))
    waiting = erlang_c(load, workers)
    assert mean(read.waited > 0 for read in reads) == pytest.approx(waiting, rel=0.05)
    assert mean(read.waited for read in reads) == pytest.approx(waiting * takes / (workers - load), rel=0.08)


def test_waiting_for_one_worker_is_what_pollaczek_and_khinchine_say():
    takes, rate = 0.5, 1.6
    reads = simulate(coming(rate, takes, takes=takes), Workers(1))
    assert mean(read.waited for read in reads) == pytest.approx(rate * takes**2 / 2 / (1 - rate * takes), rel=0.05)


def test_the_queue_is_as_long_as_little_says():
    reads = simulate(coming(4.0, 0.5), Workers(3))
    figures, end, chance = Figures(reads, 3), reads[-1].begun, Random(2)
    length = mean(figures.queue_at(chance.uniform(0, end)) for _ in range(20_000))
    assert length == pytest.approx(len(reads) / end * mean(read.waited for read in reads), rel=0.08)
    assert figures.busy(0, end) == pytest.approx(4.0 * 0.5 / 3, rel=0.02)


def test_who_comes_first_is_read_first():
    reads = simulate(coming(4.0, 0.5, number=5000), Workers(3))
    assert [read.came for read in reads] == sorted(read.came for read in reads)
    assert [read.begun for read in reads] == sorted(read.begun for read in reads)


def test_what_an_outage_cuts_short_is_read_once_more_and_nothing_is_lost_or_read_twice():
    some = [(float(second), 2.0) for second in range(100)]
    outages = [Outage(10.5, 40.0)]
    reads = simulate(some, Workers(3, found_again=5.0), outages)
    assert sorted(read.came for read in reads) == [came for came, _ in some]
    assert not [read for read in reads if read.begun < 40.0 and read.done > 10.5]
    # They are found five seconds later, and five others stand before them then.
    assert [read.begun for read in reads if read.came in (9.0, 10.0)] == [42.0, 44.0]
    assert Figures(reads, 3).queue_at(39.9) == 31  # those of 29 seconds, and two that were begun


def test_machines_that_are_not_struck_go_on():
    some = [(float(second), 1.5) for second in range(100)]
    reads = simulate(some, Workers(4, machines=2, found_again=5.0), [Outage(10.25, 60.0, machines=1)])
    assert max(read.waited for read in reads) < 10
    assert len(reads) == len(some)


def test_workers_that_share_a_core_take_longer():
    assert Workers(8, machines=2, cores=2).slowness == 2
    assert Workers(8, machines=2, cores=8).slowness == 1
    assert Workers(8, machines=2).slowness == 1


def test_the_time_until_nobody_waits_is_the_outage_over_what_is_left_of_the_workers():
    takes, rate, hours = 0.1, 5.0, 1.0
    reads = simulate(coming(rate, takes, takes=takes, number=100_000), Workers(1), [Outage(HOUR, 2 * HOUR)])
    # In a second of the outage five come; afterwards ten are read, of which five have just come.
    assert Figures(reads, 1).caught_up_after(2 * HOUR) == pytest.approx(hours * HOUR, rel=0.1)


def test_a_working_day_has_its_studies_at_the_hours_of_people():
    assert sum(HOURS) == pytest.approx(1)
    assert sum(kind.share for kind in KINDS) == pytest.approx(1)
    region = Region(hospitals=10, studies_a_year=3_000_000)
    made = objects(region, POOLS, seed=3)
    assert len(made) == pytest.approx(1.5 * region.studies_a_day, rel=0.03)
    assert made == objects(region, POOLS, seed=3) != objects(region, POOLS, seed=4)
    assert made == sorted(made) and made[0][0] >= 0 and made[-1][0] < DAY + HOUR
    at_ten = sum(1 for came, _ in made if 10 * HOUR <= came < 11 * HOUR)
    assert at_ten == pytest.approx(HOURS[10] * len(made), rel=0.1)


def test_a_hospital_whose_network_was_away_sends_all_at_once_afterwards():
    region = Region(hospitals=1, studies_a_year=3_000_000, away_every_days=1, away_hours=3.0)
    steady = Region(hospitals=1, studies_a_year=3_000_000, away_every_days=1e9)
    assert len(objects(region, POOLS, 5)) == pytest.approx(len(objects(steady, POOLS, 5)), rel=0.03)
    longest = [Figures(simulate(objects(one, POOLS, 5), Workers(2)), 2).longest for one in (region, steady)]
    assert longest[0] > 10 * longest[1]


def test_a_region_is_measured_simulated_and_told(tmp_path, postgres_url):
    figures, again = tmp_path / "figures.json", tmp_path / "again.json"
    words = "--hospitals 3 --studies 300000 --measure 10 --reports 0"
    command = [sys.executable, "-m", "bench.scale", *words.split(), "--json", str(figures)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert printed.returncode == 0, printed.stderr
    assert "Measured" in printed.stdout and "Computed" in printed.stdout and "Simulated" in printed.stdout
    told = json.loads(figures.read_text())
    assert told["runs"][-1]["enough"] and told["outages"][-1]["waiting"] > 100
    command = [sys.executable, "-m", "bench.scale", *words.split(), "--service", str(figures), "--json", str(again)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert json.loads(again.read_text()) | {"walk_ms": told["walk_ms"]} == told

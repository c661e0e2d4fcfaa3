"""The speed figures can be had: `make bench`, in small."""

import json
import subprocess
import sys
from io import BytesIO

import pytest
from pydicom import dcmread

from app.settings import ROOT
from bench.samples import SAMPLES, Copies, made
from bench.store import peers
from bench.walk import plain_walk
from bench.web.pages import STATEMENTS
from tests.conftest import missing


def test_figures_are_printed_and_written_beside_their_goals(tmp_path, postgres_url):
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", "--copies", "2", "--reports", "4", "--json", str(figures)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout.startswith("Plain walk over CT-RDSR")
    told = json.loads(figures.read_text())
    assert [kind["name"] for kind in told["kinds"]] == [sample.name for sample in SAMPLES]
    assert told["kinds"][0]["is_imported"]
    assert told["end_to_end"]["reports"] == 4


def test_copies_are_studies_of_their_own_and_as_long_as_their_original():
    copies = Copies(made("CT", events=3))
    one, another = copies.copy(1), copies.copy(2)
    assert len(one) == len(another) == len(copies.content)
    assert copies.copy(1) == one
    names = ("StudyInstanceUID", "SOPInstanceUID")
    uids = [[dcmread(BytesIO(content))[name].value for name in names] for content in (one, another, copies.content)]
    assert len({uid for both in uids for uid in both}) == 6
    assert len(plain_walk(one)) == len(plain_walk(copies.content)) > 3


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_pages_are_measured_beside_their_goals(tmp_path, postgres_url, kind):
    figures = tmp_path / "figures.json"
    studies = {"postgresql": 300, "sqlite": 3000}[kind]
    command = [sys.executable, "-m", "bench.web", "--studies", str(studies), "--databases", kind, "--times", "2"]
    printed = subprocess.run(
        [*command, "--seconds", "1", "--json", str(figures)], cwd=ROOT, capture_output=True, text=True
    )
    assert printed.returncode == 0, printed.stderr
    told = json.loads(figures.read_text())[kind]
    assert told["studies"] == 300
    assert {page["status"] for page in told["pages"]} == {200}
    assert max(page["statements"] for page in told["pages"]) <= STATEMENTS


def test_imports_of_sizes_are_measured_beside_their_goals(tmp_path, postgres_url):
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench.sizes", "--studies", "500", "--rows", "100", "--json", str(figures)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert printed.returncode == 0, printed.stderr
    runs = json.loads(figures.read_text())["runs"]
    assert [run["counts"].get("added", 0) for run in runs] == [100, 100, 0]


def test_exports_are_measured_beside_their_goals(tmp_path, postgres_url):
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench.exports", "--studies", "100", "--json", str(figures)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert printed.returncode == 0, printed.stderr
    runs = json.loads(figures.read_text())["runs"]
    assert [(run["kind"], run["studies"]) for run in runs[:2]] == [("ct-csv", 10), ("ct-csv", 100)]
    assert runs[0]["statements"] == runs[1]["statements"]


def test_the_store_is_measured_beside_its_goals(tmp_path, postgres_url):
    if not peers.is_here():
        missing(peers.ABSENT)
    figures = tmp_path / "figures.json"
    words = "--objects 40 --associations 2 --rounds 1 --each 10 --studies 300"
    command = [sys.executable, "-m", "bench.store", *words.split(), "--json", str(figures)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert printed.returncode == 0, printed.stderr
    told = json.loads(figures.read_text())
    assert told["objects"] == 40 and told["per_second"] > 0 and told["p99_ms"] > 0
    assert len(told["rounds"]) == 2 and all(one["ratio"] > 0 for one in told["rounds"])

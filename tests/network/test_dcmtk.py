"""DCMTK sends to us, as modalities do that were built on it."""

import subprocess
import time

import psutil
import pytest
from pydicom.uid import BreastTomosynthesisImageStorage, CTImageStorage, DeflatedExplicitVRLittleEndian

from app import heard
from tests.network import peers
from tests.network.sender import send
from tests.network.test_store import dose_report, in_spool, kept
from tests.servers import wait_until

pytestmark = pytest.mark.usefixtures("dcmtk", "listener")
MEGABYTE = 1_000_000


def ended(settings, number):
    """The associations that ended, as the listener tells of them; waits for so many."""
    wait_until(lambda: len(heard.associations(settings)) >= number, f"{number} associations were told of")
    return heard.associations(settings)


def test_it_finds_us(settings):
    assert peers.run("echoscu", settings).returncode == 0


def test_several_associations_at_once_lose_nothing(settings, tmp_path):
    folders = [tmp_path / name for name in ("first", "second", "third", "fourth")]
    sent = [path for folder in folders for path in peers.files(folder, 40)]
    commands = [peers.command("storescu", settings, "+sd", sent=[folder]) for folder in folders]
    senders = [subprocess.Popen(command, env=peers.CALM) for command in commands]
    assert [sender.wait(timeout=120) for sender in senders] == [0] * 4
    assert sorted(map(peers.data_set, kept(settings))) == sorted(map(peers.data_set, sent))
    assert [one.objects for one in ended(settings, 4)] == [{heard.KEPT: 40}] * 4


def test_many_files_of_a_folder_arrive(settings, tmp_path):
    sent = peers.files(tmp_path / "many", 60)
    assert peers.run("dcmsend", settings, "+sd", sent=[tmp_path / "many"]).returncode == 0
    assert len(kept(settings)) == len(sent)


def test_big_objects_need_no_memory(settings, tmp_path):
    sent = peers.as_file(tmp_path / "big.dcm", size=200 * MEGABYTE, sop_class=BreastTomosynthesisImageStorage)
    before = psutil.Process().memory_info().rss
    with psutil.Popen(peers.command("storescu", settings, "-R", sent=[sent]), env=peers.CALM) as sender:
        most = before
        while sender.poll() is None:
            most = max(most, psutil.Process().memory_info().rss)
            time.sleep(0.01)
    assert sender.returncode == 0
    assert most - before < 50 * MEGABYTE
    assert peers.data_set(kept(settings)[0]) == peers.data_set(sent)


def test_a_deflated_object_stays_as_it_is(settings, tmp_path):
    sent = peers.as_file(tmp_path / "deflated.dcm", transfer_syntax=DeflatedExplicitVRLittleEndian)
    assert peers.run("dcmsend", settings, sent=[sent]).returncode == 0
    assert peers.data_set(kept(settings)[0]) == peers.data_set(sent)


def test_damaged_files_among_good_ones_harm_nothing(settings, tmp_path):
    good = peers.files(tmp_path / "files", 6)
    for number, path in enumerate(good[::2]):
        path.write_bytes(path.read_bytes()[: -10 * (number + 1)])
    peers.run("dcmsend", settings, "-nh", "+sd", sent=[tmp_path / "files"])
    whole = {peers.data_set(path) for path in good[1::2]}
    assert whole <= {peers.data_set(path) for path in kept(settings)}
    assert not set(in_spool(settings)) - set(kept(settings))


def test_a_study_of_images_without_dose_does_not_cross_the_network(settings, tmp_path):
    peers.files(tmp_path / "ct", 5, sop_class=CTImageStorage)
    assert "No Acceptable" in peers.run("dcmsend", settings, "+sd", sent=[tmp_path / "ct"]).stderr
    assert not kept(settings)
    assert "CT Image Storage" in ended(settings, 1)[0].reason


def test_an_association_that_the_sender_aborts_keeps_what_was_answered(settings, tmp_path):
    peers.run("storescu", settings, "--abort", sent=peers.files(tmp_path / "files", 3))
    assert len(kept(settings)) == 3
    (told,) = ended(settings, 1)
    assert (told.outcome, told.objects) == (heard.ABORTED, {heard.KEPT: 3})


def test_a_sender_that_is_killed_within_an_object_leaves_nothing_of_it(settings, tmp_path):
    big = peers.as_file(tmp_path / "big.dcm", size=300 * MEGABYTE, sop_class=BreastTomosynthesisImageStorage)
    with subprocess.Popen(peers.command("storescu", settings, "-R", sent=[big]), env=peers.CALM) as sender:
        wait_until(lambda: in_spool(settings), "the object comes in")
        sender.kill()
    (told,) = ended(settings, 1)
    assert told.outcome == heard.ABORTED and "within an object" in told.reason
    assert not in_spool(settings)
    assert send(settings, dose_report()) == [0]

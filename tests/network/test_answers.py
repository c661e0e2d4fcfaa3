"""Each failure has its own answer, and the association goes on after it."""

import random
import socket
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import (
    CTImageStorage,
    DigitalMammographyXRayImageStorageForProcessing,
    ExplicitVRLittleEndian,
    XRayRadiationDoseSRStorage,
)
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, evt
from pynetdicom.dimse_primitives import C_FIND, C_STORE
from pynetdicom.sop_class import Verification

from app import heard, listening
from app.network import listener as listeners
from app.network.storing import Status
from tests.disks import small_disk
from tests.network import peers
from tests.network.sender import association, dose_report, encoded, send
from tests.network.test_dcmtk import ended
from tests.network.test_store import in_spool, kept
from tests.servers import wait_until

# pynetdicom ends the association by a thread that ends with an exception.
ENDED = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
REPORTS = (XRayRadiationDoseSRStorage, ExplicitVRLittleEndian)
PRIVATE_SYNTAX = "1.2.840.113619.5.2"  # GE: little endian, but pixels big endian


def ask(opened, content=None, **changes):
    """The status with which the listener answers a store whose command is changed."""
    opened._reactor_checkpoint.clear()
    opened.dimse.send_msg(request_to_store(content, **changes), 1)
    _, response = opened.dimse.get_msg(block=True)
    opened._reactor_checkpoint.set()
    return response.Status


def request_to_store(content=None, **changes):
    report = dose_report()
    request = C_STORE()
    request.MessageID = 7
    request.AffectedSOPClassUID = report.SOPClassUID
    request.AffectedSOPInstanceUID = report.SOPInstanceUID
    request.Priority = 2
    request.DataSet = BytesIO(encoded(report) if content is None else content)
    for name, value in changes.items():
        setattr(request, name, value)
    return request


@pytest.mark.usefixtures("listener")
def test_each_failure_has_its_own_status_and_the_association_goes_on(settings):
    with association(settings, REPORTS) as opened:
        assert ask(opened, AffectedSOPClassUID=CTImageStorage) == Status.CLASS_NOT_SUPPORTED
        other = DigitalMammographyXRayImageStorageForProcessing
        assert ask(opened, AffectedSOPClassUID=other) == Status.NOT_OF_ITS_CLASS
        assert ask(opened) == Status.SUCCESS
    assert len(kept(settings)) == 1
    assert ended(settings, 1)[0].objects == {heard.NOT_ACCEPTED: 1, heard.MISMATCH: 1, heard.KEPT: 1}


@pytest.mark.usefixtures("listener")
def test_an_object_without_bytes_is_not_understood(settings):
    with association(settings, REPORTS) as opened:
        assert ask(opened, DataSet=None) == Status.NOT_UNDERSTOOD
        assert ask(opened) == Status.SUCCESS


@ENDED
@pytest.mark.usefixtures("listener")
def test_what_is_neither_store_nor_echo_or_names_no_object_ends_the_association(settings):
    find = C_FIND()
    find.MessageID, find.Priority = 7, 2
    find.AffectedSOPClassUID, find.Identifier = XRayRadiationDoseSRStorage, BytesIO(b"\0" * 8)
    with association(settings, REPORTS) as opened:
        opened.dimse.send_msg(find, 1)
        wait_until(lambda: opened.is_aborted, "it was aborted")
    with association(settings, REPORTS) as opened:
        opened.dimse.send_msg(request_to_store(AffectedSOPInstanceUID=None), 1)
        wait_until(lambda: opened.is_aborted, "it was aborted")
    assert send(settings, dose_report()) == [0]
    wait_until(lambda: len(in_spool(settings)) == 1, "nothing is left of what has no name")


@ENDED
@pytest.mark.usefixtures("listener")
def test_a_context_that_was_not_agreed_ends_the_association(settings):
    with association(settings, REPORTS) as opened:
        opened.dul.socket.socket.sendall(b"\x04\x00\x00\x00\x00\x06\x00\x00\x00\x02\x63\x03")
        wait_until(lambda: opened.is_aborted, "it was aborted")
    assert send(settings, dose_report()) == [0]


@pytest.mark.usefixtures("listener")
@pytest.mark.parametrize("syntax", [*ALL_TRANSFER_SYNTAXES, PRIVATE_SYNTAX])
def test_bytes_of_every_transfer_syntax_are_kept_as_they_came(settings, syntax):
    content = random.Random(syntax).randbytes(3000)
    with association(settings, (XRayRadiationDoseSRStorage, syntax)) as opened:
        assert ask(opened, content) == Status.SUCCESS
    (path,) = kept(settings)
    assert path.read_bytes().endswith(content)
    assert syntax.encode() in path.read_bytes()[:400]


@pytest.mark.usefixtures("listener")
def test_of_several_transfer_syntaxes_the_first_is_taken_but_none_without_representations(settings):
    for offered, taken in (
        (["1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2"], "1.2.840.10008.1.2.4.70"),
        (["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"], "1.2.840.10008.1.2.1"),
        (["1.2.840.10008.1.2"], "1.2.840.10008.1.2"),
    ):
        with association(settings, (XRayRadiationDoseSRStorage, offered)) as opened:
            assert [context.transfer_syntax[0] for context in opened.accepted_contexts] == [taken]


@pytest.mark.usefixtures("listener")
def test_a_file_says_who_sent_it_to_whom(settings):
    send(settings, dose_report())
    meta = pydicom.dcmread(kept(settings)[0]).file_meta
    assert meta.SourceApplicationEntityTitle == "SCANNER"
    assert meta.ReceivingApplicationEntityTitle == settings.store_ae_title
    assert meta.FileMetaInformationGroupLength == len(_group(kept(settings)[0]))


@pytest.mark.usefixtures("listener")
def test_a_full_list_of_contexts_is_answered(settings):
    wanted = [(XRayRadiationDoseSRStorage, ExplicitVRLittleEndian)] * 127 + [(Verification, ExplicitVRLittleEndian)]
    with association(settings, *wanted) as opened:
        assert opened.send_c_echo().Status == 0


@ENDED
@pytest.mark.usefixtures("listener")
@pytest.mark.parametrize("seed", range(40))
def test_damage_on_the_wire_harms_only_its_own_association(settings, seed, wire):
    chance = random.Random(seed)
    damaged = bytearray(wire)
    for _ in range(chance.randint(1, 6)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    cut = chance.randrange(len(damaged))
    with socket.create_connection((settings.store_host, settings.store_port), timeout=10) as stranger:
        try:
            stranger.sendall(damaged[:cut] if seed % 2 else damaged)
            stranger.shutdown(socket.SHUT_WR)
            while stranger.recv(65536):
                pass
        except OSError:
            pass  # hung up on, as it should be
    assert send(settings, dose_report()) == [0]
    assert not set(in_spool(settings)) - set(kept(settings))


@pytest.fixture
def wire(settings, listener):
    """What a scanner sends from the first byte to the last."""
    sent = bytearray()

    def note(event):
        sent.extend(event.data)

    scanner = AE(ae_title="SCANNER")
    scanner.add_requested_context(*REPORTS)
    opened = scanner.associate(settings.store_host, settings.store_port, evt_handlers=[(evt.EVT_DATA_SENT, note)])
    opened.send_c_store(dose_report())
    opened.release()
    return sent


@pytest.fixture
def look_often(monkeypatch):
    monkeypatch.setattr(listeners, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(heard, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(heard, "TELL_SECONDS", 0.05)


@pytest.mark.usefixtures("look_often")
def test_too_little_free_disk_is_answered_told_and_over_when_there_is_room(settings, start, caplog):
    store = listening.of_environment(settings)
    listening.publish(settings, replace(store, version=1, least_free_mb=10**9))
    start()
    assert send(settings, dose_report(), dose_report()) == [Status.OUT_OF_RESOURCES] * 2
    assert not in_spool(settings)
    wait_until(lambda: heard.listeners(settings) and heard.listeners(settings)[0].full, "it is told")
    assert "nothing is taken" in caplog.text
    listening.publish(settings, replace(store, version=2, least_free_mb=1))
    wait_until(lambda: not heard.listeners(settings)[0].full, "it is told to be over")
    assert send(settings, dose_report()) == [0]


def most_memory():
    """What this process has held at most since this was reset, in megabytes."""
    with open("/proc/self/status") as told:
        return int(next(line for line in told if line.startswith("VmHWM")).split()[1]) / 1000


@pytest.mark.usefixtures("dcmtk")
@pytest.mark.parametrize(("least_free_mb", "most"), [(1500, 40), (2500, 160)], ids=["a part is left", "really full"])
def test_what_is_refused_for_want_of_disk_takes_little_memory(settings, start, tmp_path, least_free_mb, most):
    sent = peers.as_file(tmp_path / "big.dcm", size=100_000_000)
    with small_disk(settings.spool, "1000m"):
        store = listening.of_environment(settings)
        listening.publish(settings, replace(store, version=1, least_free_mb=least_free_mb))
        listener = start()
        Path("/proc/self/clear_refs").write_text("5")
        before = most_memory()
        peers.run("storescu", settings, sent=[sent])
        assert ended(settings, 1)[0].objects == {heard.FULL: 1}
        assert most_memory() - before < most
        assert not in_spool(settings)
        listener.stop()


def test_a_disk_that_fills_up_is_answered_and_leaves_nothing(settings, start):
    with small_disk(settings.spool, "2m"):
        listening.publish(settings, replace(listening.of_environment(settings), version=1, least_free_mb=0))
        listener = start()
        with association(settings, REPORTS) as opened:
            assert ask(opened, bytes(900_000)) == Status.SUCCESS
            assert ask(opened, bytes(900_000)) == Status.OUT_OF_RESOURCES
            assert len(in_spool(settings)) == 1
            kept(settings)[0].unlink()
            assert ask(opened, bytes(900_000)) == Status.SUCCESS
        listener.stop()


@ENDED
def test_an_object_for_which_the_disk_is_too_small_ends_its_association_and_leaves_nothing(settings, start):
    with small_disk(settings.spool, "2m"):
        listening.publish(settings, replace(listening.of_environment(settings), version=1, least_free_mb=0))
        listener = start()
        with association(settings, REPORTS) as opened:
            opened.dimse.send_msg(request_to_store(bytes(5_000_000)), 1)
            wait_until(lambda: opened.is_aborted, "it was aborted")
        wait_until(lambda: not in_spool(settings), "nothing is left")
        assert send(settings, dose_report()) == [0]
        listener.stop()


def _group(path):
    content = path.read_bytes()
    return content[144 : 144 + int.from_bytes(content[140:144], "little")]

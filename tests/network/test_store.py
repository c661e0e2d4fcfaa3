import errno
import logging
import os
import socket
import warnings
from dataclasses import replace

import pydicom
import pytest
from pydicom.uid import (
    BreastTomosynthesisImageStorage,
    CTImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    XRayRadiationDoseSRStorage,
)
from pynetdicom.sop_class import Verification
from rq.job import Job

from app.dicom import images
from app.network import announcer, spool
from app.network.contexts import ACCEPTED
from app.network.listener import Listener
from app.network.storing import Status
from app.queue import ingest_job_id
from tests.network.sender import association, dose_report, encoded, send
from tests.servers import wait_until


def kept(settings):
    return sorted(settings.spool.glob("*.dcm"))


def in_spool(settings):
    """Every file in the spool, also those that are not complete."""
    return [path for path in settings.spool.rglob("*") if path.is_file()]


def job_of(path, redis_server):
    return Job.fetch(ingest_job_id(path), connection=redis_server.client)


def test_echo_is_answered(listener, settings):
    with association(settings, (Verification, ExplicitVRLittleEndian)) as opened:
        assert opened.send_c_echo().Status == Status.SUCCESS


def test_an_object_is_kept_before_success_and_the_queue_is_told_at_once(listener, settings, redis_server):
    assert send(settings, dose_report()) == [Status.SUCCESS]
    (path,) = kept(settings)
    wait_until(lambda: redis_server.client.llen("rq:queue:ingest"), "the queue was told")
    job = job_of(path, redis_server)
    assert (job.func_name, job.args, job.origin) == ("app.jobs.ingest.ingest", (str(path),), "ingest")


def test_every_kind_of_object_that_can_carry_dose_is_taken(listener, settings):
    reports = [dose_report(sop_class) for sop_class in ACCEPTED]
    assert set(send(settings, *reports)) == {Status.SUCCESS}
    assert {pydicom.dcmread(path).SOPClassUID for path in kept(settings)} == set(ACCEPTED)


def test_every_class_of_object_that_is_read_is_taken():
    # But for CT images: one old tomosynthesis among them is not worth thousands of slices without dose.
    read = images.PROJECTION_CLASSES | images.NUCLEAR_CLASSES | {images.SECONDARY_CAPTURES}
    assert read <= set(ACCEPTED)


def test_images_without_dose_are_not_taken(listener, settings):
    wanted = [(CTImageStorage, ExplicitVRLittleEndian), (XRayRadiationDoseSRStorage, ExplicitVRLittleEndian)]
    with association(settings, *wanted) as opened:
        assert [context.abstract_syntax for context in opened.rejected_contexts] == [CTImageStorage]


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, JPEG2000Lossless], ids=["uncompressed", "compressed"])
def test_bytes_are_kept_as_they_were_sent(listener, settings, syntax):
    image = dose_report(BreastTomosynthesisImageStorage, syntax)
    assert send(settings, image) == [Status.SUCCESS]
    (path,) = kept(settings)
    assert path.read_bytes().endswith(encoded(image))
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID == syntax


def test_the_sender_has_no_say_in_the_file_name(listener, settings):
    report = dose_report()
    with warnings.catch_warnings(action="ignore"):  # pydicom, about the name
        report.SOPInstanceUID = "../../../escaped"
        assert send(settings, report) == [Status.SUCCESS]
    assert len(kept(settings)) == 1
    assert not [path for path in settings.instance.parent.rglob("*") if "escaped" in path.name]


def test_patients_are_not_named_in_the_log_nor_in_the_queue(listener, settings, redis_server, caplog):
    caplog.set_level(logging.DEBUG)
    send(settings, dose_report())
    (path,) = kept(settings)
    wait_until(lambda: redis_server.client.llen("rq:queue:ingest"), "the queue was told")
    seen = caplog.text + str(job_of(path, redis_server).to_dict())
    assert "X-Ray Radiation Dose SR Storage from 'SCANNER' at 127.0.0.1 kept" in seen
    assert "Hidden" not in seen and "SECRET-ID" not in seen


def test_success_is_answered_while_the_queue_is_away_and_the_sweep_tells_it_later(settings, redis_of_our_own):
    settings = replace(settings, redis_url=redis_of_our_own.url, sweep_seconds=1)
    listener = Listener(settings)
    listener.start()
    redis_of_our_own.stop()
    assert send(settings, dose_report(), dose_report()) == [Status.SUCCESS, Status.SUCCESS]
    redis_of_our_own.start()
    wait_until(lambda: redis_of_our_own.client.llen("rq:queue:ingest") == 2, "the sweep told the queue of both")
    listener.stop()


def test_files_found_at_the_start_are_told_to_the_queue_once(settings, redis_server):
    settings.spool.mkdir(parents=True)
    (settings.spool / "left by hand, ünïcode.dcm").write_bytes(b"")
    announcer.sweep(settings)
    announcer.sweep(settings)
    assert redis_server.client.llen("rq:queue:ingest") == 1


def test_only_old_halves_are_swept_away(settings):
    settings.spool.mkdir(parents=True)
    (settings.spool / spool.INCOMING).mkdir()
    crashed, being_written = settings.spool / "crashed.part", settings.spool / "being_written.part"
    broken_off = settings.spool / spool.INCOMING / "broken_off.dcm"
    for part in (crashed, being_written, broken_off):
        part.touch()
    for part in (crashed, broken_off):
        os.utime(part, (0, 0))
    announcer.sweep(settings)
    assert in_spool(settings) == [being_written]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errno.ENOSPC, Status.OUT_OF_RESOURCES),
        (errno.EDQUOT, Status.OUT_OF_RESOURCES),
        (errno.EIO, Status.PROCESSING_FAILURE),
        (errno.EACCES, Status.PROCESSING_FAILURE),
    ],
    ids=errno.errorcode.get,
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(listener, settings, monkeypatch, error, status):
    def fail(descriptor):
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patch:
        patch.setattr(spool.os, "fsync", fail)
        assert send(settings, dose_report()) == [status]
    assert in_spool(settings) == []


def test_a_mistake_of_ours_ends_neither_the_association_nor_the_listener(listener, settings, monkeypatch):
    keep, faults = spool.Folder.keep, [RuntimeError("a mistake")]

    def keep_or_fail(*args):
        if faults:
            raise faults.pop()
        return keep(*args)

    monkeypatch.setattr(spool.Folder, "keep", keep_or_fail)
    assert send(settings, dose_report(), dose_report()) == [Status.PROCESSING_FAILURE, Status.SUCCESS]


@pytest.mark.parametrize(
    "noise",
    [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x01\x00\x00\x00\x00\x04\xff\xff\xff\xff", bytes(range(256))],
    ids=["silence", "a browser", "a broken request", "noise"],
)
def test_senders_of_garbage_do_not_disturb_others(listener, settings, noise):
    with socket.create_connection((settings.store_host, settings.store_port)) as stranger:
        stranger.sendall(noise)
        assert send(settings, dose_report()) == [Status.SUCCESS]
    assert send(settings, dose_report()) == [Status.SUCCESS]


def test_a_sender_that_breaks_off_in_the_middle_leaves_no_file(listener, settings):
    with association(settings, (XRayRadiationDoseSRStorage, ExplicitVRLittleEndian)) as opened:
        opened.dul.socket.socket.sendall(b"\x04\x00\x00\x00\x10\x00only the beginning")
        opened.dul.socket.close()
    assert send(settings, dose_report()) == [Status.SUCCESS]
    assert len(in_spool(settings)) == 1


def test_an_object_that_nobody_can_read_is_kept_for_the_reader_to_refuse(listener, settings, monkeypatch):
    monkeypatch.setattr("pynetdicom.association.encode", lambda *args: b"\xff" * 99)
    assert send(settings, dose_report()) == [Status.SUCCESS]
    assert kept(settings)[0].read_bytes().endswith(b"\xff" * 99)

"""Who may send what, how many at once, how slowly; and what those hear who may not."""

import socket
import struct
import subprocess
import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, XRayRadiationDoseSRStorage
from pynetdicom import AE

from app import heard, listening
from app.listening import Sender
from app.network.server import THREADS
from tests import certificates
from tests.network import peers
from tests.network.sender import association, dose_report, send
from tests.network.test_dcmtk import ended
from tests.network.test_store import kept
from tests.servers import wait_until

REPORTS = (XRayRadiationDoseSRStorage, ExplicitVRLittleEndian)


@pytest.fixture
def listens(settings, start):
    """A listener whose endpoint and store are as the test says."""

    def begin(endpoint=None, **changes):
        first = listening.of_environment(settings)
        endpoints = (replace(first.listeners[0], **(endpoint or {})),)
        listening.publish(settings, replace(first, version=1, listeners=endpoints, **changes))
        return start()

    return begin


def refusal(settings, called=None, title="SCANNER"):
    """Result, source and reason of the rejection that a scanner hears; none where it is let in."""
    scanner = AE(ae_title=title)
    scanner.add_requested_context(*REPORTS)
    opened = scanner.associate(settings.store_host, settings.store_port, ae_title=called or settings.store_ae_title)
    if opened.is_established:
        opened.release()
        return None
    answer = opened.acceptor.primitive
    return answer.result, answer.result_source, answer.diagnostic


def test_nobody_is_refused_at_first(settings, listens):
    listens()
    assert refusal(settings, called="ANYTHING") is None
    assert ended(settings, 1)[0].known is False


def test_who_calls_us_by_another_title_is_refused_where_that_is_checked(settings, listens):
    listens({"check_called": True})
    assert refusal(settings, called="SOMEBODY") == (1, 1, 7)
    assert refusal(settings) is None
    assert {(one.outcome, one.called) for one in ended(settings, 2)} == {
        (heard.REJECTED, "SOMEBODY"),
        (heard.RELEASED, settings.store_ae_title),
    }


@pytest.mark.parametrize(
    ("sender", "is_known"),
    [
        (Sender("SCANNER"), True),
        (Sender("ANOTHER"), False),
        (Sender("", "127.0.0.0/8"), True),
        (Sender("SCANNER", "10.1.1.1"), False),
    ],
)
def test_only_senders_of_ours_are_let_in_where_that_is_wanted(settings, listens, sender, is_known):
    listens(senders=(sender,), only_known=True)
    assert refusal(settings) == (None if is_known else (1, 1, 3))
    assert ended(settings, 1)[0].known == is_known


def test_strangers_are_taken_and_told_of_where_they_may_send(settings, listens, caplog):
    caplog.set_level("INFO")
    listens(senders=(Sender("ANOTHER"),))
    assert send(settings, dose_report()) == [0]
    assert ended(settings, 1)[0].known is False
    assert "'SCANNER' at 127.0.0.1 released" in caplog.text and "no sender of ours" in caplog.text


def test_one_association_too_many_is_asked_to_come_again(settings, listens):
    listens({"associations": 2})
    with association(settings, REPORTS), association(settings, REPORTS):
        assert refusal(settings) == (2, 3, 2)
    wait_until(lambda: refusal(settings) is None, "there is room again")


def test_a_class_that_was_asked_for_is_taken_besides(settings, listens):
    listens(accept_more=(CTImageStorage,))
    assert send(settings, dose_report(CTImageStorage), dose_report()) == [0, 0]


def test_the_longest_part_that_we_take_is_told(settings, listens):
    listens({"pdu_bytes": 65536})
    with association(settings, REPORTS) as opened:
        assert opened.acceptor.maximum_length == 65536
        assert opened.send_c_store(dose_report()).Status == 0


def test_a_connection_takes_as_many_threads_as_its_unit_reckons_with(settings, start):
    start()
    before = threading.active_count()
    with ExitStack() as ending:
        for _ in range(5):
            ending.enter_context(socket.create_connection((settings.store_host, settings.store_port)))
        wait_until(lambda: threading.active_count() == before + 5 * THREADS, "each has its threads")


def test_who_connects_and_says_nothing_is_cut_off(settings, listens):
    listens({"acse_seconds": 1})
    with socket.create_connection((settings.store_host, settings.store_port)) as stranger:
        stranger.settimeout(5)
        began = time.monotonic()
        assert stranger.recv(100) == b""  # hung up on
        assert 0.5 < time.monotonic() - began < 4
    assert "silent" in ended(settings, 1)[0].reason


def test_who_says_too_little_at_a_time_is_cut_off_too(settings, listens):
    listens({"acse_seconds": 1})
    with socket.create_connection((settings.store_host, settings.store_port)) as stranger:
        began = time.monotonic()
        with pytest.raises(OSError):
            for byte in b"\x01\x00\x00\x00\x10\x00" + bytes(100):
                stranger.sendall(bytes([byte]))
                time.sleep(0.1)
        assert time.monotonic() - began < 4


def test_an_association_without_a_word_is_ended(settings, listens):
    listens({"network_seconds": 1})
    with association(settings, REPORTS) as opened:
        wait_until(lambda: opened.is_aborted, "the association was aborted")
    assert "silent for too long, between objects" in ended(settings, 1)[0].reason


def test_a_sender_that_stops_within_an_object_is_cut_off(settings, listens):
    listens({"dimse_seconds": 1})
    with association(settings, REPORTS) as opened:
        opened.dul.socket.socket.sendall(b"\x04\x00\x00\x00\x10\x00only the beginning")
        wait_until(lambda: opened.is_aborted, "the association was aborted")
    assert send(settings, dose_report()) == [0]


@pytest.fixture
def vouched(tmp_path):
    (tmp_path / "certificates").mkdir()
    return certificates.vouched(tmp_path / "certificates")


def over_tls(vouched, **more):
    files = {"certificate": vouched["site"], "key": vouched["site.key"], "authorities": vouched["authority"]}
    return {"tls": True, **{name: str(path) for name, path in files.items()}, **more}


@pytest.mark.usefixtures("dcmtk")
def test_an_object_comes_encrypted(settings, listens, vouched, tmp_path):
    listens(over_tls(vouched))
    (sent,) = peers.files(tmp_path / "files", 1)
    assert peers.run("storescu", settings, sent=[sent]).returncode != 0, "without encryption"
    done = peers.run("storescu", settings, "+tla", "+cf", vouched["authority"], sent=[sent])
    assert done.returncode == 0, done.stderr
    assert peers.data_set(kept(settings)[0]) == peers.data_set(sent)
    wait_until(lambda: any(one.objects for one in heard.associations(settings)), "it was told of")
    assert all(one.tls for one in heard.associations(settings))


@pytest.mark.usefixtures("dcmtk")
def test_only_senders_that_somebody_vouches_for_are_let_in(settings, listens, vouched, tmp_path):
    listens(over_tls(vouched, client_certificates=True))
    (sent,) = peers.files(tmp_path / "files", 1)
    trusting = ["+cf", vouched["authority"]]
    assert peers.run("storescu", settings, "+tla", *trusting, sent=[sent]).returncode != 0
    stranger = certificates.self_signed(tmp_path)
    words = ["+tls", tmp_path / "site.key", stranger, *trusting]
    assert peers.run("storescu", settings, *words, sent=[sent]).returncode != 0
    assert not kept(settings)
    words = ["+tls", vouched["scanner.key"], vouched["scanner"], *trusting]
    assert peers.run("storescu", settings, *words, sent=[sent]).returncode == 0
    assert len(kept(settings)) == 1
    assert any("TLS" in one.reason for one in ended(settings, 3))


@pytest.mark.parametrize("resets", [False, True])
def test_who_only_looks_whether_an_encrypted_port_answers_is_not_told_of(settings, listens, vouched, caplog, resets):
    caplog.set_level("INFO")
    listens(over_tls(vouched))
    for _ in range(3):
        with socket.create_connection((settings.store_host, settings.store_port)) as probe:
            if resets:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with socket.create_connection((settings.store_host, settings.store_port)) as other:
        other.sendall(b"this is neither TLS nor DICOM")
    assert "TLS" in ended(settings, 1)[0].reason
    assert len(heard.associations(settings)) == 1
    assert caplog.text.count("association with") == 1


def test_who_says_nothing_to_an_encrypted_port_is_cut_off(settings, listens, vouched):
    listens(over_tls(vouched, acse_seconds=1))
    with socket.create_connection((settings.store_host, settings.store_port)) as stranger:
        stranger.settimeout(5)
        assert stranger.recv(100) == b""
    assert "timed out" in ended(settings, 1)[0].reason


def test_old_encryption_is_not_spoken(settings, listens, vouched):
    listens(over_tls(vouched))
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{settings.store_port}", "-tls1_1"]
    assert subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=20).returncode != 0

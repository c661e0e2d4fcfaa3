"""We as the one who calls: `flask dicom echo` and `flask dicom send`, with our listener and with DCMTK."""

import os
import subprocess
from contextlib import contextmanager

import pytest
from pydicom.uid import CTImageStorage, ImplicitVRLittleEndian, JPEG2000Lossless, generate_uid
from pynetdicom import AE, evt

from app import listening
from app.listening import Endpoint, Store
from app.network.peer import NoAnswer, Peer, echo, send
from tests import servers
from tests.certificates import self_signed
from tests.network.sender import dose_report


@pytest.fixture
def flask(app):
    """Runs `flask dicom`."""
    return lambda *words: app.test_cli_runner().invoke(args=["dicom", *map(str, words)])


@pytest.fixture
def dose_files(tmp_path):
    """Writes objects to files."""

    def write(*objects):
        paths = []
        for number, one in enumerate(objects):
            one.StudyInstanceUID = generate_uid()
            one.file_meta.MediaStorageSOPClassUID, one.file_meta.MediaStorageSOPInstanceUID = (
                one.SOPClassUID,
                one.SOPInstanceUID,
            )
            paths.append(tmp_path / f"{number}.dcm")
            one.save_as(paths[-1], enforce_file_format=True)
        return paths

    return write


@pytest.mark.usefixtures("listener")
def test_our_listener_answers(flask, settings):
    result = flask("echo", "127.0.0.1", settings.store_port)
    assert result.exit_code == 0
    assert result.output.startswith(f"ANY-SCP at 127.0.0.1 port {settings.store_port} answered in ")


def test_nobody_there_is_said_in_words(flask):
    port = servers.free_port()
    result = flask("echo", "127.0.0.1", port, "--called", "PACS", "--seconds", 2)
    assert result.exit_code == 3
    assert f"PACS at 127.0.0.1 port {port} can't be reached" in result.output


def test_a_host_that_there_is_not_is_said_in_words(flask):
    result = flask("echo", "nowhere.invalid", 104, "--seconds", 2)
    assert result.exit_code == 3 and "can't be reached" in result.output


@pytest.mark.parametrize("word", ["", "A" * 17, "back\\slash"])
def test_what_is_no_ae_title_is_refused_before_anything_is_sent(flask, word):
    result = flask("echo", "127.0.0.1", 104, "--aet", word)
    assert result.exit_code == 2 and "1 to 16 letters" in result.output


def test_who_calls_us_by_another_name_hears_so(flask, settings, start):
    endpoint = Endpoint("one", "OURS", "127.0.0.1", settings.store_port, check_called=True)
    listening.publish(settings, Store(1, (endpoint,)))
    start()
    result = flask("echo", "127.0.0.1", settings.store_port, "--called", "THEIRS")
    assert result.exit_code == 3 and "it is not called “THEIRS”" in result.output
    assert flask("echo", "127.0.0.1", settings.store_port, "--called", "OURS").exit_code == 0


@pytest.mark.usefixtures("listener")
def test_files_are_sent_as_they_are_and_each_says_what_became_of_it(flask, settings, dose_files, tmp_path):
    paths = dose_files(
        dose_report(),
        dose_report(transfer_syntax=ImplicitVRLittleEndian),
        dose_report("1.2.840.10008.5.1.4.1.1.7", JPEG2000Lossless),
        dose_report(CTImageStorage),
    )
    text = tmp_path / "text"
    text.write_text("no DICOM")
    result = flask("send", *paths, text, tmp_path / "missing", "127.0.0.1", settings.store_port)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert [line.partition(": ")[2] for line in lines[:-1]] == [
        "is no DICOM file with a SOP class and a transfer syntax",
        "can't be read: No such file or directory",
        "was taken",
        "was taken",
        "was taken",
        "was not sent: the other takes no CT Image Storage of this transfer syntax",
    ]
    assert lines[-1].endswith("took 3 of 6 files.")
    kept = sorted(path.read_bytes()[-60:] for path in settings.spool.glob("*.dcm"))
    assert kept == sorted(path.read_bytes()[-60:] for path in paths[:3])


@pytest.mark.usefixtures("listener")
def test_a_folder_is_sent_with_all_that_is_in_it(flask, settings, dose_files, tmp_path):
    dose_files(dose_report(), dose_report())
    for path in tmp_path.glob("*.db"):
        path.unlink()
    (tmp_path / "below").mkdir()
    for path in tmp_path.glob("*.dcm"):
        path.rename(tmp_path / "below" / path.name)
    result = flask("send", tmp_path / "below", "127.0.0.1", settings.store_port)
    assert result.exit_code == 0 and "took 2 of 2 files." in result.output


def test_a_status_of_the_other_is_told(dose_files):
    server = AE()
    server.add_supported_context(dose_report().SOPClassUID)
    answers = iter([0xA700, 0xB000])
    running = server.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda _: next(answers))]
    )
    port = running.server_address[1]
    refused, warned = send(Peer("127.0.0.1", port), dose_files(dose_report(), dose_report()))
    running.shutdown()
    assert (refused.taken, refused.words) == (False, "was refused: status 0xA700")
    assert (warned.taken, warned.words) == (True, "was taken with a warning: status 0xB000")


@pytest.mark.usefixtures("dcmtk")
def test_dcmtks_storescp_answers_and_takes_what_we_send(flask, dose_files, tmp_path):
    port, folder = servers.free_port(), tmp_path / "received"
    folder.mkdir()
    with running(["storescp", "-od", str(folder), str(port)], port):
        assert flask("echo", "127.0.0.1", port).exit_code == 0
        result = flask("send", *dose_files(dose_report()), "127.0.0.1", port)
    assert (result.exit_code, len(list(folder.iterdir()))) == (0, 1), result.output


@pytest.mark.usefixtures("dcmtk", "listener")
def test_dcmtks_echoscu_gets_our_answer(settings):
    command = ["echoscu", "127.0.0.1", str(settings.store_port)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def running(command, port):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)

    def answers():
        try:
            return echo(Peer("127.0.0.1", port, seconds=2)) >= 0
        except NoAnswer:
            return False

    try:
        servers.wait_until(answers, "the server answers")
        yield
    finally:
        process.kill()
        process.wait()


def test_tls_is_spoken_where_it_is_wanted_and_said_where_it_is_not(flask, settings, start, tmp_path):
    certificate = self_signed(tmp_path)
    told = {"certificate": str(certificate), "key": str(tmp_path / "site.key")}
    endpoint = Endpoint("one", "OURS", "127.0.0.1", settings.store_port, tls=True, **told)
    listening.publish(settings, Store(1, (endpoint,)))
    start()
    where = ("echo", "127.0.0.1", settings.store_port, "--seconds", 3)
    assert flask(*where, "--tls", "--authority", certificate).exit_code == 0
    assert flask(*where, "--tls", "--unverified").exit_code == 0
    plain = flask(*where)
    assert plain.exit_code == 3 and "does it want TLS?" in plain.output
    strange = flask(*where, "--tls")
    assert strange.exit_code == 3 and "certificate verify failed. See the certificates" in strange.output
    (tmp_path / "odd.pem").write_text("no certificate")
    odd = flask(*where, "--tls", "--authority", tmp_path / "odd.pem")
    assert odd.exit_code == 2 and "can't be used" in odd.output

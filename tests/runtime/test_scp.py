import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace

from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom.sop_class import Verification

from app.settings import ROOT
from tests.network.sender import association, dose_report, send
from tests.processes import program
from tests.servers import wait_until


def test_the_listener_knows_neither_web_nor_database():
    question = "import scp, sys; assert not {'flask', 'sqlalchemy', 'app.models'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", question], cwd=ROOT, check=True)


def test_it_listens_soon_and_stops_when_told(settings, tmp_path):
    output = tmp_path / "scp.log"
    began = time.monotonic()
    with program(settings, "scp.py", output=output) as listener:
        wait_until(lambda: "listening as STOREOPENREM" in output.read_text(), "it listens")
        assert time.monotonic() - began < 5  # about half a second where nothing else runs
        assert send(settings, dose_report()) == [0]
        with association(settings, (Verification, ImplicitVRLittleEndian)):
            listener.send_signal(signal.SIGTERM)
            assert listener.wait(timeout=60) == 0


def test_a_title_that_dicom_does_not_allow_is_said_in_a_sentence(settings, tmp_path):
    output = tmp_path / "scp.log"
    with program(replace(settings, store_ae_title="LONGER THAN SIXTEEN"), "scp.py", output=output) as listener:
        assert listener.wait(timeout=60) == 1
    assert "“LONGER THAN SIXTEEN” is no AE title" in output.read_text()
    assert "Traceback" not in output.read_text()


def test_a_wrong_setting_is_said_in_a_sentence(settings, tmp_path):
    output = tmp_path / "scp.log"
    with program(replace(settings, store_port="many"), "scp.py", output=output) as listener:
        assert listener.wait(timeout=60) == 1
    assert output.read_text().startswith("OpenREM can't start. STORE_PORT is “many”")


def test_a_taken_port_is_said_in_a_sentence(settings, tmp_path):
    output = tmp_path / "scp.log"
    taken = socket.create_server((settings.store_host, settings.store_port))
    with taken, program(settings, "scp.py", output=output) as listener:
        assert listener.wait(timeout=60) == 1
    assert f"port {settings.store_port} cannot start" in output.read_text()
    assert "Traceback" not in output.read_text()

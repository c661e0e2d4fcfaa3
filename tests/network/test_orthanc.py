"""Orthanc forwards to us what it receives, as at a site that sends everything there first."""

import json
import os
import shutil
import signal
import subprocess
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from urllib.error import URLError

import pydicom
import pytest
from pydicom.uid import CTImageStorage, DigitalXRayImageStorageForPresentation

from app import heard
from tests.conftest import missing
from tests.network import peers
from tests.network.test_store import kept
from tests.servers import free_port, wait_until

PROGRAM = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
FORWARD = """
function OnStoredInstance(instanceId, tags, metadata)
  SendToModality(instanceId, 'openrem')
end
"""


@contextmanager
def orthanc(settings, folder):
    """Its DICOM port and its web address."""
    if not os.path.exists(PROGRAM):
        missing("no Orthanc: apt-get install orthanc")
    folder.mkdir()
    (folder / "forward.lua").write_text(FORWARD)
    dicom, web = free_port(), free_port()
    configuration = {
        "Name": "archive",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "HttpPort": web,
        "DicomPort": dicom,
        "DicomAet": "ARCHIVE",
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowStore": True,
        "UnknownSopClassAccepted": True,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": [],
        "LuaScripts": [str(folder / "forward.lua")],
        "DicomModalities": {"openrem": [settings.store_ae_title, settings.store_host, settings.store_port]},
    }
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    with open(folder / "orthanc.log", "wb") as log:
        command = [PROGRAM, str(folder / "orthanc.json")]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        wait_until(lambda: _answers(web), "Orthanc answers", 60)
        yield dicom, f"http://127.0.0.1:{web}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _answers(port):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/system", timeout=1).status == 200
    except (URLError, OSError):
        return False


@pytest.mark.usefixtures("dcmtk", "listener")
def test_what_an_archive_receives_it_forwards_and_what_we_refuse_does_not_stop_it(settings, tmp_path):
    reports = peers.files(tmp_path / "reports", 5)
    image = peers.as_file(tmp_path / "dx.dcm", size=2_000_000, sop_class=DigitalXRayImageStorageForPresentation)
    slices = peers.files(tmp_path / "slices", 2, sop_class=CTImageStorage)
    with orthanc(settings, tmp_path / "orthanc") as (port, _):
        archive = replace(settings, store_port=port, store_ae_title="ARCHIVE")
        for batch in (reports[:2], slices, [*reports[2:], image]):
            assert peers.run("storescu", archive, sent=batch).returncode == 0
        wait_until(lambda: len(kept(settings)) == 6, "all that can carry dose was forwarded", 30)
    arrived = {pydicom.dcmread(path).SOPInstanceUID for path in kept(settings)}
    assert arrived == {pydicom.dcmread(path).SOPInstanceUID for path in (*reports, image)}
    wait_until(lambda: len(heard.associations(settings)) >= 1, "it was told of")
    assert {one.ae_title for one in heard.associations(settings)} == {"ARCHIVE"}

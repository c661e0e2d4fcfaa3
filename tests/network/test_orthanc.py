"""Orthanc forwards to us what it receives, with the configuration and the script that docs/sending.md gives people."""

import json
import os
import re
import shutil
import signal
import subprocess
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from textwrap import dedent
from urllib.error import URLError

import pydicom
import pytest
from pydicom.uid import (
    CTImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalXRayImageStorageForPresentation,
)

from app import heard
from app.settings import ROOT
from tests.conftest import missing
from tests.network import peers
from tests.network.test_store import kept
from tests.servers import free_port, wait_until

PROGRAM = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
DOCUMENT = (ROOT / "docs" / "sending.md").read_text()
ADDED = (DigitalXRayImageStorageForPresentation, CTImageStorage)  # to the classes that the script sends on


def example(beginning: str) -> str:
    """The one example of the document that begins so, as people copy it."""
    indented = re.findall(r"(?:^(?: {4}.*)?\n)+", DOCUMENT, re.M)
    (found,) = (dedent(block) for block in indented if block.strip().startswith(beginning))
    return found


def script() -> str:
    """The script, with classes added as the document says."""
    head, opening, rest = example("local WANTED").partition("{\n")
    return head + opening + "".join(f"   ['{one}'] = true,\n" for one in ADDED) + rest


def configured(settings, path) -> dict:
    """What is to be written into the configuration, with the places of this machine."""
    given = json.loads("{" + example('"DicomModalities"') + "}")
    place = {"AET": settings.store_ae_title, "Host": settings.store_host, "Port": settings.store_port}
    assert given["DicomModalities"]["openrem"].keys() == place.keys() and len(given["LuaScripts"]) == 1
    return given | {"DicomModalities": {"openrem": place}, "LuaScripts": [str(path)]}


@contextmanager
def orthanc(settings, folder):
    """Its DICOM port and its web address."""
    if not os.path.exists(PROGRAM):
        missing("no Orthanc: apt-get install orthanc")
    folder.mkdir()
    (folder / "openrem.lua").write_text(script())
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
    } | configured(settings, folder / "openrem.lua")
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
def test_an_archive_forwards_what_its_script_names_and_what_we_refuse_does_not_stop_it(settings, tmp_path):
    reports = peers.files(tmp_path / "reports", 5)
    image = peers.as_file(tmp_path / "dx.dcm", size=2_000_000, sop_class=DigitalXRayImageStorageForPresentation)
    slices = peers.files(tmp_path / "slices", 2, sop_class=CTImageStorage)
    unnamed = peers.files(tmp_path / "unnamed", 1, sop_class=DigitalMammographyXRayImageStorageForPresentation)
    with orthanc(settings, tmp_path / "orthanc") as (port, _):
        archive = replace(settings, store_port=port, store_ae_title="ARCHIVE")
        for batch in (reports[:2], unnamed, slices, [*reports[2:], image]):
            assert peers.run("storescu", archive, sent=batch).returncode == 0
        wait_until(lambda: len(kept(settings)) == 6, "all that was named and can carry dose was forwarded", 30)
    arrived = {pydicom.dcmread(path).SOPInstanceUID for path in kept(settings)}
    assert arrived == {pydicom.dcmread(path).SOPInstanceUID for path in (*reports, image)}
    wait_until(lambda: len(heard.associations(settings)) >= 1, "it was told of")
    assert {one.ae_title for one in heard.associations(settings)} == {"ARCHIVE"}

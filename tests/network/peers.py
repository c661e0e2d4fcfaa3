"""Programs of others that send to us: DCMTK's, as hospitals have them."""

import os
import subprocess
from pathlib import Path

from pydicom.uid import generate_uid

from app.settings import Settings
from tests.network.sender import dose_report

# Two small halves of a message wait for each other's acknowledgement otherwise, at their end.
CALM = os.environ | {"TCP_NODELAY": "1"}


def command(program: str, settings: Settings, *options, sent=(), title: str = "DCMTK") -> list[str]:
    """The command line that sends to our listener as this AE title."""
    ours = ["-aet", title, "-aec", settings.store_ae_title]
    return [program, *ours, *map(str, options), settings.store_host, str(settings.store_port), *map(str, sent)]


def run(program: str, settings: Settings, *options, **others) -> subprocess.CompletedProcess:
    """What the program said and how it ended."""
    words = command(program, settings, *options, **others)
    return subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=120, env=CALM)


def files(folder: Path, number: int, **changes) -> list[Path]:
    """Files of made reports, as a modality keeps them."""
    folder.mkdir(exist_ok=True)
    return [as_file(folder / f"{index:04}.dcm", **changes) for index in range(number)]


def as_file(path: Path, size: int = 0, **changes) -> Path:
    """A made object as a file; with pixels of so many bytes, where it is to be big."""
    report = dose_report(**changes)
    report.StudyInstanceUID, report.SeriesInstanceUID = generate_uid(), generate_uid()
    if size:
        report.Rows = report.Columns = 1
        report.BitsAllocated = 8
        report.NumberOfFrames = size
        report.add_new("PixelData", "OB", bytes(size))
    report.save_as(path, enforce_file_format=True)
    return path


def data_set(path: Path) -> bytes:
    """The bytes of a file after its meta information."""
    content = path.read_bytes()
    length = int.from_bytes(content[140:144], "little")
    return content[144 + length :]

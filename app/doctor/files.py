"""Whether our folders are ours alone, can be written to, and have room."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app import heard, storage
from app.doctor.finding import Finding, attention, ok, wrong
from app.queue import QueueAway
from app.settings import IN_FILES, Settings

FOLDERS, DISK = "Folders", "Disk"
KEYS = ("secret_key", "audit_secret", "patient_id_secret")  # made by us, in the instance folder
GIVEN = tuple(f"{name}_file" for name in IN_FILES)  # made by the site, which may let our group read
LITTLE_BYTES, LOW_BYTES, LOW_SHARE = 10**9, 5 * 10**9, 0.05


def examine_folders(settings: Settings) -> Iterator[Finding]:
    """Owner, rights, and whether a file can be written."""
    examinations = (_instance, _keys, _unwritable, _store, _meeting)
    faults = [finding for examination in examinations for finding in examination(settings)]
    yield from faults
    if not faults:
        also = " and ".join(filter(None, (str(settings.media_root), settings.storage_url)))
        yield ok(FOLDERS, f"{settings.instance} is ours alone and can be written to; so can {also}.")


def _instance(settings: Settings) -> Iterator[Finding]:
    about = settings.instance.stat()
    if about.st_uid != os.geteuid():
        yield attention(
            FOLDERS,
            f"{settings.instance} belongs to another user than the one who asks.",
            "Ask as the user that OpenREM runs as: the command openrem of docs/deploy.md does.",
        )
    if about.st_mode & 0o077:
        yield wrong(
            FOLDERS, f"{settings.instance} is open to other users of this machine.", f"chmod 700 {settings.instance}"
        )


def _keys(settings: Settings) -> Iterator[Finding]:
    files = {settings.instance / name: 0o077 for name in KEYS}
    files |= {Path(path): 0o007 for path in (getattr(settings, name) for name in GIVEN) if path}
    for path, forbidden in files.items():
        if path.exists() and path.stat().st_mode & forbidden:
            yield wrong(FOLDERS, f"{path}, which is a secret, can be read by other users.", f"chmod o=,g= {path}")


def _unwritable(settings: Settings) -> Iterator[Finding]:
    for folder in _distinct(settings):
        try:
            with tempfile.TemporaryFile(dir=_nearest(folder)):  # what is not there yet, we make when it is wanted
                pass
        except OSError as error:
            yield wrong(
                FOLDERS,
                f"{folder} can't be written to: {error.strerror}.",
                f"Make it and give it to the user of OpenREM: install -d -m 700 -o openrem -g openrem {folder}",
            )


def _store(settings: Settings) -> Iterator[Finding]:
    """Whether the files that machines share can be written and read."""
    try:
        if storage.is_elsewhere(settings):
            storage.of(settings).check()
    except OSError as error:
        yield wrong(
            FOLDERS,
            f"{settings.storage_url} can't be written to: {error.strerror or error}.",
            "Mount the folder and let our user write there; or start the store, and compare STORAGE_URL, "
            "STORAGE_ENDPOINT, STORAGE_KEY and STORAGE_SECRET with what it says.",
        )


def _meeting(settings: Settings) -> Iterator[Finding]:
    """Whether listeners bring what they receive to where this machine looks for it."""
    try:
        told = heard.listeners(settings)
    except QueueAway:
        return  # which is said elsewhere
    for host, theirs in {one.host: one.storage for one in told}.items():
        if theirs is not None and theirs != settings.storage_url:
            yield wrong(
                FOLDERS,
                f"are not those that the listener on {host} brings objects to: it has {theirs or 'none to share'}, "
                f"and this machine {settings.storage_url or 'none to share'}.",
                "Give STORAGE_URL the same value on all machines, and start their services again.",
            )


def examine_disk(settings: Settings) -> Iterator[Finding]:
    """Free space of each disk that we write to."""
    seen = set()
    for folder in _distinct(settings):
        where = _nearest(folder)
        if where.stat().st_dev not in seen:
            seen.add(where.stat().st_dev)
            yield _judged(where, settings.alarm_disk_mb * 10**6)


def _judged(folder: Path, alarm_bytes: int) -> Finding:
    room = shutil.disk_usage(folder)
    inodes = os.statvfs(folder)
    told = f"of {folder}: {room.free / 1e9:,.1f} of {room.total / 1e9:,.1f} GB are free."
    advice = (
        "Make room, or give it more: exports, refused objects and logs are what grows; KEEP_EXPORTS_DAYS, "
        "KEEP_REFUSED_DAYS and KEEP_FAILED_DAYS say how long they stay."
    )
    if room.free < LITTLE_BYTES:
        return wrong(DISK, told, advice)
    if room.free < max(alarm_bytes, min(LOW_BYTES, LOW_SHARE * room.total)):
        return attention(DISK, told, advice)
    if inodes.f_files and inodes.f_favail < LOW_SHARE * inodes.f_files:
        return attention(DISK, f"of {folder} has room for {inodes.f_favail:,} more files only.", advice)
    return ok(DISK, told)


def _distinct(settings: Settings) -> list[Path]:
    return list(dict.fromkeys((settings.instance, settings.media_root, settings.spool)))


def _nearest(folder: Path) -> Path:
    """The folder, or the first above it that there is."""
    return next(one for one in (folder, *folder.parents) if one.exists())

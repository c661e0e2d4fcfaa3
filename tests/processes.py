"""Programs of ours as processes of their own, and what has become of them."""

import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

import psutil

from app.settings import ROOT, Settings


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which a program of ours has these settings."""
    given = {
        name: ",".join(map(str, value)) if isinstance(value, tuple) else value for name, value in vars(settings).items()
    }
    return os.environ | {name.upper(): str(value) for name, value in given.items()}


@contextmanager
def program(settings: Settings, *words: str, output: Path):
    """A running Python program of ours, which writes to the file; killed at the end where it still runs."""
    with open(output, "wb") as file:
        command = [sys.executable, *words]
        process = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=file, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def descendants(process: subprocess.Popen) -> dict[int, str]:
    """The living processes that descend from this one, each with its command line."""
    family = psutil.Process(process.pid).children(recursive=True)
    return {member.pid: " ".join(member.cmdline()) for member in family}


def living(pids: Iterable[int]) -> set[int]:
    """Those of the processes that live; one that ended and was not yet fetched by its parent does not."""
    return {pid for pid in pids if _status(pid) != psutil.STATUS_ZOMBIE}


def _status(pid: int) -> str:
    try:
        return psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE

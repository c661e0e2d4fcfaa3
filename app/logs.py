"""How every process of ours writes its log: as text or JSON, with what it is about, to one file that all may share.

Knows neither web nor database, as the listener needs it, too.
"""

import fcntl
import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.settings import Settings

TEXT, JSON = "text", "json"
MEGABYTE = 1 << 20
OURS = "openrem"  # the name of our handler

# What a line is about, as far as that is known where it is written.
request_id: ContextVar[str] = ContextVar("request_id", default="")
job_id: ContextVar[str] = ContextVar("job_id", default="")
ABOUT = {"request": request_id, "job": job_id}

_begun = threading.Event()


def begin(settings: Settings, program: str, *, quiet: bool = False) -> None:
    """Have this process write its log as the site wants it; only the first call counts.

    `program` is its name in the log. A quiet one tells people on its standard error of nothing but trouble.
    """
    if _begun.is_set():
        return
    _begun.set()
    handler: logging.Handler = logging.StreamHandler()
    if settings.log_file:
        handler = SharedFile(Path(settings.log_file), settings.log_mb * MEGABYTE, settings.log_files)
    handler.setFormatter(formatter(settings, program))
    handler.set_name(OURS)
    logging.getLogger().addHandler(handler)
    if quiet and not settings.log_file:
        handler.setLevel(logging.WARNING)
    logging.getLogger("app").setLevel(logging.INFO)


def formatter(settings: Settings, program: str) -> logging.Formatter:
    """What makes lines as the site wants them."""
    return AsJson(program) if settings.log_format == JSON else AsText(program, with_time=bool(settings.log_file))


def speak_up() -> None:
    """Tell people what goes on: this command goes on for long."""
    for handler in [one for one in logging.getLogger().handlers if one.get_name() == OURS]:
        handler.setLevel(logging.NOTSET)


@contextmanager
def about_job(id: str) -> Iterator[None]:
    """Let all that is written meanwhile say which job it is about."""
    token = job_id.set(id)
    try:
        yield
    finally:
        job_id.reset(token)


class AsText(logging.Formatter):
    """A line for people; the first has the level, and the time where nobody else adds it."""

    def __init__(self, program: str, *, with_time: bool):
        super().__init__()
        self.program, self.with_time = program, with_time

    def format(self, record: logging.LogRecord) -> str:
        """The record in a line, or several with a traceback."""
        about = "".join(f"[{what} {value.get()}] " for what, value in ABOUT.items() if value.get())
        when = f"{_time(record)} {self.program}[{os.getpid()}] " if self.with_time else ""
        return f"{when}{record.levelname} {about}{super().format(record)}"


class AsJson(logging.Formatter):
    """A line that is a JSON object: time, level, program, pid, logger, message, what it is about."""

    def __init__(self, program: str):
        super().__init__()
        self.program = program

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, whatever is in it."""
        told: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "program": self.program,
            "pid": os.getpid(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {what: value.get() for what, value in ABOUT.items() if value.get()}
        told |= getattr(record, "told", {})
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


class SharedFile(logging.Handler):
    """One file that several processes write to: lines stay whole, and whoever finds it full puts it aside.

    With no size it grows until somebody else puts it aside, logrotate for one; the next line goes to a new file.
    """

    def __init__(self, path: Path, most_bytes: int, kept: int):
        super().__init__()
        self.path, self.most_bytes, self.kept = path.resolve(), most_bytes, kept
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = -1

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; where the disk does not take it, it goes to the standard error."""
        line = f"{self.format(record)}\n"
        try:
            self._write(line.encode(errors="replace"))
        except OSError as error:
            sys.stderr.write(f"{line}({self.path.name} can't be written: {error.strerror})\n")

    def close(self) -> None:
        """Let the file go."""
        with self.lock or threading.RLock():
            if self._file >= 0:
                os.close(self._file)
            self._file = -1
        super().close()

    def _write(self, line: bytes) -> None:
        guard = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(guard, fcntl.LOCK_EX)  # goes with the descriptor
            self._open()
            size = os.fstat(self._file).st_size
            if self.most_bytes and size and size + len(line) > self.most_bytes:
                self._put_aside()
                self._open()
            while line:
                line = line[os.write(self._file, line) :]
        finally:
            os.close(guard)

    def _open(self) -> None:
        """The file that has the name now, which is another one once somebody has put it aside."""
        if self._file >= 0:
            try:
                if os.path.samestat(os.fstat(self._file), os.stat(self.path)):
                    return
            except FileNotFoundError:
                pass
            os.close(self._file)
            self._file = -1
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _put_aside(self) -> None:
        """Move each file on by one; the oldest goes."""
        names = [self.path, *(self.path.with_name(f"{self.path.name}.{number + 1}") for number in range(self.kept))]
        for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
            if newer.exists():
                os.replace(newer, older)
        self.path.unlink(missing_ok=True)  # none is kept


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

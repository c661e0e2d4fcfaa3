"""Processes side by side: their output with names, restarted where they die, all stopped together."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from rich.console import Console
from rich.text import Text

from app.commands import lifeline

SETTLED_SECONDS = 10  # a program that ran so long starts again at once; one that dies sooner waits longer each time
LONGEST_PAUSE_SECONDS = 3  # people wait for it, and to start in vain now and then costs little
# The second SIGTERM tells a worker not to wait for its job; reading an object is taken up again after the next start.
STOP_STEPS = ((signal.SIGTERM, 4), (signal.SIGTERM, 3), (signal.SIGKILL, 2))  # each with the seconds it is given


@dataclass
class Program:
    """One program that is meant to run."""

    name: str
    command: list[str]
    style: str = "default"
    foundation: bool = False  # the others need it: it stops after them
    process: subprocess.Popen | None = None
    started: float = 0.0
    early_deaths: int = 0
    due: float = 0.0  # when to start it again, where it is not running
    relay: threading.Thread | None = None  # passes its output on

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps programs running until stopped. Start, tend and stop from one thread: Linux ties children to threads."""

    def __init__(self, console: Console, *, as_json: bool = False):
        self._console = console
        self._as_json = as_json  # for programs, as what we start writes its lines, too
        self._programs: list[Program] = []

    def start(self, program: Program):
        """Run the program from now on."""
        self._programs.append(program)
        self._launch(program)

    def tend(self) -> list[str]:
        """The names of programs found dead just now, which start again after a pause."""
        died = [program for program in self._programs if program.process and not program.running]
        for program in died:
            self._bury(program)
        for program in self._programs:
            if program.process is None and time.monotonic() >= program.due:
                self._launch(program)
        return [program.name for program in died]

    def stop(self):
        """End every program, gently first, and those that others need after the others."""
        _end([program for program in self._programs if not program.foundation])
        _end([program for program in self._programs if program.foundation])
        for program in self._programs:
            program.relay.join(timeout=1)
        self._programs.clear()

    def _launch(self, program: Program):
        program.process = subprocess.Popen(  # nosec B603 # programs of ours, without a shell
            [sys.executable, "-I", lifeline.__file__, str(os.getpid()), *program.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # Ctrl-C is for us: we decide who stops in which order
        )
        program.started = time.monotonic()
        program.relay = threading.Thread(target=self._pass_on, args=(program, program.process.stdout), daemon=True)
        program.relay.start()

    def _bury(self, program: Program):
        settled = time.monotonic() - program.started > SETTLED_SECONDS
        program.early_deaths = 0 if settled else program.early_deaths + 1
        pause = min(program.early_deaths, LONGEST_PAUSE_SECONDS)
        program.due = time.monotonic() + pause
        self._say(program.name, "red", f"ended with {program.process.returncode}; starts again in {pause} s")
        program.process = None

    def _pass_on(self, program: Program, lines: IO[str]):
        with lines:
            for line in lines:
                with suppress(SystemExit):  # from rich, once nobody reads us; the program must not wait for a reader
                    self._say(program.name, program.style, line.rstrip())

    def _say(self, name: str, style: str, line: str):
        if self._as_json:
            whole = line if line.startswith("{") else json.dumps({"program": name, "message": line}, ensure_ascii=False)
            self._console.print(Text(whole), soft_wrap=True)
            return
        prefix = f"{time.strftime('%H:%M:%S')} {name:<9}│ "
        self._console.print(Text.assemble((prefix, style), line), soft_wrap=True)


def _end(programs: list[Program]):
    for number, seconds in STOP_STEPS:
        living = [program for program in programs if program.running]
        for program in living:
            _send(program.process, number)
        _wait(living, time.monotonic() + seconds)


def _send(process: subprocess.Popen, number: signal.Signals):
    if number == signal.SIGKILL:
        os.killpg(process.pid, number)  # with whatever it started
    else:
        process.send_signal(number)


def _wait(programs: list[Program], deadline: float):
    while time.monotonic() < deadline and any(program.running for program in programs):
        time.sleep(0.05)

import io
import re
import signal
import time

import pytest
from rich.console import Console

from app.commands import supervisor as module
from app.commands.supervisor import Program, Supervisor
from tests.servers import wait_until


@pytest.fixture
def output():
    return io.StringIO()


@pytest.fixture
def supervisor(output):
    supervisor = Supervisor(Console(file=output))
    yield supervisor
    supervisor.stop()


def shell(name, script, **options):
    return Program(name, ["/bin/sh", "-c", script], **options)


def test_lines_carry_the_name_of_their_program_and_are_not_broken(supervisor, output):
    supervisor.start(shell("teller", f"echo {'long' * 50}; echo [bold]plain[/bold]"))
    wait_until(lambda: output.getvalue().count("\n") == 2, "both lines came")
    assert re.fullmatch(r"\S+ teller +│ (long){50}\n\S+ teller +│ \[bold\]plain\[/bold\]\n", output.getvalue())


def test_a_program_that_keeps_dying_is_given_longer_pauses_but_none_that_people_notice(supervisor, output, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    program = shell("ill", "exit 3")
    supervisor.start(program)
    for pause in (1, 2, 3, 3):
        program.process.wait()
        assert supervisor.tend() == ["ill"]
        assert f"ended with 3; starts again in {pause} s" in output.getvalue()
        now[0] += pause - 0.1
        supervisor.tend()
        assert program.process is None
        now[0] += 0.2
        supervisor.tend()
        assert program.process is not None


def test_a_program_that_had_run_long_starts_again_at_once(supervisor, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    program = shell("well", "exit 0")
    supervisor.start(program)
    program.process.wait()
    now[0] += module.SETTLED_SECONDS + 1
    assert supervisor.tend() == ["well"]
    assert program.process is not None


def test_what_others_need_stops_after_them(supervisor, output):
    goodbye = "trap 'sleep 0.3; echo goodbye; exit' TERM; echo ready; while :; do sleep 0.05; done"
    supervisor.start(shell("first", goodbye, foundation=True))
    supervisor.start(shell("second", goodbye))
    wait_until(lambda: output.getvalue().count("ready") == 2, "both run")
    supervisor.stop()
    assert re.search(r"second +│ goodbye\n.*first +│ goodbye\n$", output.getvalue())


def test_a_program_that_will_not_stop_is_killed_with_its_children(supervisor, output, monkeypatch):
    monkeypatch.setattr(module, "STOP_STEPS", ((signal.SIGTERM, 0.1), (signal.SIGKILL, 2)))
    program = shell("deaf", "trap '' TERM; echo ready; sleep 60 & wait; sleep 60")
    supervisor.start(program)
    wait_until(lambda: "ready" in output.getvalue(), "it runs")
    began = time.monotonic()
    supervisor.stop()
    assert program.process.returncode == -signal.SIGKILL
    assert time.monotonic() - began < 3

import http.client
import os
import signal
import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from redis import Redis

from app.settings import load
from tests.network.sender import dose_report, send
from tests.processes import descendants, living, program
from tests.servers import free_port, wait_until

READY = "OpenREM is running"


@pytest.fixture
def settings(tmp_path):
    """A site that starts its own queue, in a folder so deep that its socket must be elsewhere."""
    instance = tmp_path / ("a-folder-with-a-long-name-" * 3)
    ports = {"WEB_PORT": str(free_port()), "STORE_PORT": str(free_port())}
    return load({"INSTANCE": str(instance), "STORE_HOST": "127.0.0.1", "SWEEP_SECONDS": "1", **ports})


@pytest.fixture
def launch(settings, tmp_path):
    """Starts `flask up` for the site; its words are in up.log."""

    def start(**changes):
        words = ("-m", "flask", "--app", "wsgi", "up")
        return program(replace(settings, **changes), *words, output=tmp_path / "up.log")

    return start


@pytest.fixture
def said(tmp_path):
    """What `flask up` has said so far."""
    return lambda: (tmp_path / "up.log").read_text()


@contextmanager
def running(launch, said):
    """A launcher that has said that everything runs; stopped at the end as a service manager does it."""
    with launch() as launcher:
        wait_until(lambda: READY in said() or launcher.poll() is not None, "everything runs", seconds=60)
        assert READY in said(), said()
        yield launcher
        if launcher.poll() is None:
            stop(launcher, signal.SIGTERM)


def stop(launcher, number):
    launcher.send_signal(number)
    assert launcher.wait(timeout=60) == 0


def answers(settings, patience=5):
    """Whether the web answers within so many seconds, and how."""
    connection = http.client.HTTPConnection(settings.web_host, settings.web_port, timeout=patience)
    connection.request("GET", "/")
    status = connection.getresponse().status
    connection.close()
    return status


def test_everything_answers_and_then_stops_on_ctrl_c_leaving_nothing_behind(launch, said, settings):
    with running(launch, said) as launcher:
        assert f"http://127.0.0.1:{settings.web_port}" in said()
        assert settings.store_ae_title in said() and str(settings.store_port) in said()
        assert answers(settings) < 400
        assert send(settings, dose_report()) == [0]
        wait_until(lambda: not list(settings.spool.glob("*.dcm")), "a worker dealt with the object")
        family = descendants(launcher)
        began = time.monotonic()
        stop(launcher, signal.SIGINT)
    assert time.monotonic() - began < 9
    assert len(family) >= 7  # queue, listener, web with two workers, two workers of the queue
    assert not living(family)
    assert not settings.redis_socket.exists()


def test_the_queue_and_the_administrator_survive_a_restart(launch, said, settings):
    with running(launch, said), Redis.from_url(settings.redis_url) as client:
        assert "The administrator is" in said()
        client.set("remember", "me")
    with running(launch, said), Redis.from_url(settings.redis_url) as client:
        assert "The administrator is" not in said()
        assert client.get("remember") == b"me"


def test_a_program_that_dies_is_started_again_and_the_others_stay(launch, said, settings):
    with running(launch, said) as launcher:
        family = descendants(launcher)
        listener = next(pid for pid, command in family.items() if "scp.py" in command)
        os.kill(listener, signal.SIGKILL)
        wait_until(lambda: said().count("listening as") == 2, "the listener listens again")
        assert send(settings, dose_report()) == [0]
        assert living(family) == set(family) - {listener}


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="only Linux tells a process that its parent ended")
def test_nothing_outlives_a_launcher_that_was_killed(launch, said):
    with running(launch, said) as launcher:
        family = descendants(launcher)
        launcher.kill()
        wait_until(lambda: not living(family), "every process ended")


@pytest.mark.parametrize("name", ["web_port", "store_port"])
def test_a_taken_port_is_named_before_anything_starts(launch, said, settings, name):
    port = getattr(settings, name)
    with socket.create_server(("127.0.0.1", port)), launch() as launcher:
        assert launcher.wait(timeout=60) == 1
    assert said() == (
        f"Error: Port {port} on 127.0.0.1 is taken by another program. Set {name.upper()} to another one.\n"
    )
    assert not settings.redis_socket.exists()


def test_a_queue_that_cannot_be_read_back_stops_the_start_with_a_sentence(launch, said, settings):
    (settings.instance / "queue").write_text("this should be a folder")
    with launch() as launcher:
        assert launcher.wait(timeout=60) == 1
    assert "The queue's server did not start" in said() and "redis.log" in said()


def test_a_second_start_in_the_same_instance_is_refused(launch, said, settings, tmp_path):
    with running(launch, said), launch(web_port=free_port(), store_port=free_port()) as second:
        assert second.wait(timeout=60) == 1
    assert "is already running" in said()


def test_connections_that_say_nothing_hold_nobody_up(launch, said, settings):
    """Browsers open spare connections; each took a thread for five seconds, and eight of them stopped all pages."""
    with running(launch, said), ExitStack() as spare:
        for _ in range(20):
            spare.enter_context(socket.create_connection((settings.web_host, settings.web_port)))
        assert answers(settings, patience=4) < 400

"""The web server as `flask up` runs it, somebody who is signed in, and what the pages cost."""

import gzip
import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from flask import Flask
from flask.testing import FlaskClient

from app import accounts
from app.commands.up import web
from app.settings import Settings
from app.transactions import writing
from bench.importing import counting
from bench.web.pages import Page
from tests.processes import program
from tests.servers import wait_until

NAME, PASSWORD = "physicist", "a password for figures"
WARM_UP = 5
PATIENCE_SECONDS = 30  # for one page


@contextmanager
def running(settings: Settings, logs: Path) -> Iterator[None]:
    """The web server meanwhile."""
    _, *words = web().command
    with program(settings, *words, output=logs / "web.log") as process:
        wait_until(lambda: _answers(settings), "the web server answers", 60)
        yield
        process.terminate()
        process.wait(timeout=10)


def _answers(settings: Settings) -> bool:
    try:
        return connection_to(settings).request("GET", "/sign-in") is None
    except OSError:
        return False


def signed_in(app: Flask) -> tuple[FlaskClient, str]:
    """A client in this process, for somebody who may export, and the cookie for clients elsewhere."""
    with app.app_context():
        if accounts.find(NAME) is None:
            with writing():
                accounts.create(NAME, PASSWORD, ["exportgroup"])
    client = app.test_client()
    page = client.get("/sign-in").text
    token = page.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
    client.post("/sign-in", data={"username": NAME, "password": PASSWORD, "csrf_token": token})
    cookie = client.get_cookie("session")
    assert cookie, "nobody could sign in"
    return client, f"session={cookie.value}"


def measure(app: Flask, client: FlaskClient, cookie: str, page: Page, times: int) -> dict:
    """The page's median milliseconds from request to last byte, its statements and its size."""
    settings = app.config["SETTINGS"]
    connection, headers = connection_to(settings), {"Cookie": cookie}
    figures: dict = {"name": page.name, "path": page.path, "goal_ms": page.goal_ms}
    seconds = []
    for _ in range(WARM_UP + times):
        begun = time.perf_counter()
        connection.request("GET", page.path, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        seconds.append(time.perf_counter() - begun)
        if answer.status == 302:  # to the page as its address says it shortest
            return measure(app, client, cookie, replace(page, path=answer.headers["Location"]), times)
        if answer.status != 200:
            return figures | {"status": answer.status}
        if sum(seconds) > PATIENCE_SECONDS:
            break
    client.get(page.path)
    with app.app_context(), counting() as count:
        client.get(page.path)
    return figures | {
        "status": 200,
        "ms": 1000 * median(seconds[WARM_UP:] or seconds),
        "fastest_ms": 1000 * min(seconds),  # what it takes where nothing else runs
        "statements": count(),
        "kb": len(content) / 1000,
        "compressed_kb": len(gzip.compress(content, 6)) / 1000,
    }


def connection_to(settings: Settings) -> http.client.HTTPConnection:
    """A connection to the web server."""
    return http.client.HTTPConnection(settings.web_host, settings.web_port, timeout=60)

"""A small site on SQLite: people, two workers, listener and command line write at once, and nobody is refused."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pydicom
import requests
from sqlalchemy import func, select

from app import accounts
from app.commands.up import web
from app.extensions import db
from app.models import AuditEntry, Name, Study
from app.queue import INGEST
from app.transactions import writing
from tests.factories import ct_report, report_file
from tests.network.sender import send
from tests.processes import program
from tests.servers import wait_until

SENT, IMPORTED, SIGN_INS = 60, 40, 12
PASSWORD = "a password for tests"


def report(number: int):
    """A report with texts that others have too, so that all want the same rows."""
    events = [{"acquisition_protocol": f"Protocol {number % 7}"} for _ in range(5)]
    return report_file(ct_report(*events))


def sign_in(url: str) -> int:
    """Signs in as people do, which writes; gives the answer."""
    with requests.Session() as session:
        page = session.get(f"{url}/sign-in", timeout=30).text
        token = page.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
        form = {"username": "ann", "password": PASSWORD, "csrf_token": token}
        return session.post(f"{url}/sign-in", data=form, timeout=30, allow_redirects=False).status_code


def test_everybody_writes_at_once_and_nobody_finds_it_locked(app, settings, tmp_path):
    with app.app_context(), writing():
        accounts.create("ann", PASSWORD, ["viewgroup"])
    folder = tmp_path / "objects"
    folder.mkdir()
    for number in range(IMPORTED):
        (folder / f"{number}.dcm").write_bytes(report(number).getvalue())
    objects = [pydicom.dcmread(report(number)) for number in range(SENT)]
    logs = [tmp_path / f"{name}.log" for name in ("scp", "one", "two", "import")]
    with (
        program(settings, *web().command[1:], output=tmp_path / "web.log"),
        program(settings, "scp.py", output=logs[0]),
        program(settings, "worker.py", INGEST, output=logs[1]),
        program(settings, "worker.py", INGEST, output=logs[2]),
    ):
        wait_until(lambda: "listening" in logs[0].read_text(), "it listens", 60)
        wait_until(lambda: answers_at(settings), "the web server answers", 60)
        began = threading.Barrier(3)
        with ThreadPoolExecutor(3) as threads:
            sent = threads.submit(lambda: (began.wait(), send(settings, *objects))[1])
            url = f"http://{settings.web_host}:{settings.web_port}"
            answers = threads.submit(lambda: (began.wait(), [sign_in(url) for _ in range(SIGN_INS)])[1])
            began.wait()
            with program(settings, "-m", "flask", "--app", "wsgi", "import", str(folder), output=logs[3]) as importer:
                assert importer.wait(timeout=120) == 0, logs[3].read_text()
            assert sent.result() == [0] * SENT
            assert answers.result() == [303] * SIGN_INS
        with app.app_context():
            wait_until(lambda: studies() == SENT + IMPORTED, "all are stored", 120)
            assert db.session.scalar(select(func.count(Name.id)).where(Name.text.like("Protocol _"))) == 7
            signed_in = select(func.count(AuditEntry.id)).where(AuditEntry.action == "sign in")
            assert db.session.scalar(signed_in) == SIGN_INS
    for log in (*logs, tmp_path / "web.log"):
        assert "locked" not in log.read_text() and "Traceback" not in log.read_text(), log.read_text()


def answers_at(settings) -> bool:
    """Whether the web server is there."""
    with socket.socket() as client:
        return client.connect_ex((settings.web_host, settings.web_port)) == 0


def studies() -> int:
    """How many are stored by now."""
    db.session.rollback()
    return db.session.scalar(select(func.count(Study.id)))

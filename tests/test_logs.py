"""How lines of logs look, and that several processes can write one file."""

import json
import logging
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from app import create_app, logs
from app.settings import ROOT
from app.web.access import public
from tests.processes import environment, program
from tests.servers import wait_until
from tests.web.visitor import HTMX, Visitor

WRITER = """
import logging, sys
from app import logs
from app.settings import load
logs.begin(load(), "writer")
for number in range(int(sys.argv[2])):
    logging.getLogger("app.test").info("%s line %d %s", sys.argv[1], number, "x" * 80)
"""


@pytest.fixture
def lines(caplog):
    """What was logged, as the formatter of JSON writes it where it was written."""
    told = []
    formatter = logs.AsJson("web")

    class Keep(logging.Handler):
        def emit(self, record):
            told.append(json.loads(formatter.format(record)))

    handler = Keep()
    logging.getLogger("app").addHandler(handler)
    caplog.set_level(logging.INFO, "app")
    yield told
    logging.getLogger("app").removeHandler(handler)


def write(settings, name, lines):
    command = [sys.executable, "-c", WRITER, name, str(lines)]
    return subprocess.Popen(command, cwd=ROOT, env=environment(settings))


def test_several_processes_write_and_rotate_one_file_and_tear_no_line(settings, tmp_path):
    file = tmp_path / "logs" / "openrem.log"
    settings = replace(settings, log_format="json", log_file=str(file), log_mb=1, log_files=9)
    writers = [write(settings, name, 4000) for name in ("one", "two", "three")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    files = sorted(path for path in file.parent.iterdir() if path.suffix != ".lock")
    assert len(files) > 1 and all(path.stat().st_size <= 1 << 20 for path in files)
    told = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    assert len(told) == len({one["message"] for one in told}) == 3 * 4000
    assert all(path.stat().st_mode & 0o077 == 0 for path in file.parent.iterdir())


def test_only_so_many_files_are_kept_as_the_site_wants(tmp_path):
    handler = logs.SharedFile(tmp_path / "log", 100, 2)
    handler.setFormatter(logging.Formatter("%(message)s"))
    for number in range(10):
        handler.emit(logging.makeLogRecord({"msg": f"{number} {'x' * 60}"}))
    handler.close()
    kept = {path.name: path.read_text()[0] for path in tmp_path.iterdir() if path.suffix != ".lock"}
    assert kept == {"log": "9", "log.1": "8", "log.2": "7"}


def test_a_file_that_somebody_else_puts_aside_is_begun_anew(tmp_path):
    path = tmp_path / "log"
    handler = logs.SharedFile(path, 0, 0)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.emit(logging.makeLogRecord({"msg": "before"}))
    path.rename(tmp_path / "aside")
    handler.emit(logging.makeLogRecord({"msg": "after"}))
    handler.close()
    assert (path.read_text(), (tmp_path / "aside").read_text()) == ("after\n", "before\n")


def test_what_the_disk_does_not_take_is_said_aloud(tmp_path, capsys):
    handler = logs.SharedFile(tmp_path / "log", 0, 0)
    (tmp_path / "log").mkdir()
    handler.emit(logging.makeLogRecord({"msg": "important"}))
    handler.close()
    assert "important\n(log can't be written: Is a directory)" in capsys.readouterr().err


def test_lines_for_people_say_what_they_are_about():
    record = logging.makeLogRecord({"msg": "it is so", "levelname": "INFO"})
    assert logs.AsText("web", with_time=False).format(record) == "INFO it is so"
    with logs.about_job("7"):
        assert logs.AsText("web", with_time=False).format(record) == "INFO [job 7] it is so"
    assert " web[" in logs.AsText("web", with_time=True).format(record)


def test_a_request_has_a_number_in_its_answer_in_the_log_and_on_the_page_of_a_mistake(app, lines):
    app.add_url_rule("/broken", "broken", public(lambda: 1 / 0))
    for headers in ({}, HTMX, {"Accept": "application/json"}):
        answer = Visitor(app).get("/broken", headers=headers | {"X-Request-ID": "told-by-anybody"})
        number = answer.headers["X-Request-ID"]
        assert number in answer.text and lines[-1]["request"] == number != "told-by-anybody"


@pytest.mark.parametrize(("told", "taken"), [("9f86d081884c7d65", True), ("<script>", False), ("a b c d e f", False)])
def test_the_number_of_a_web_server_in_front_is_taken_where_it_has_sense(settings, told, taken):
    visitor = Visitor(create_app(replace(settings, proxies=1)))
    headers = {"X-Request-ID": told, "X-Forwarded-For": "10.0.0.9"}
    assert (visitor.get("/healthz", headers=headers).headers["X-Request-ID"] == told) is taken


def test_requests_are_logged_by_what_they_were_for_and_not_by_whom_they_name(settings, lines):
    app = create_app(replace(settings, log_requests=True))
    Visitor(app).get("/study/1.2.3?accession=4711")
    (line,) = (one for one in lines if one["logger"] == "app.requests")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/study/<uid>", 302)
    assert "1.2.3" not in str(line) and "4711" not in str(line) and line["seconds"] < 5


def test_threads_do_not_mix_up_what_they_are_about(lines):
    ready = threading.Barrier(2)

    def work(name):
        with logs.about_job(name):
            ready.wait()
            logging.getLogger("app.test").info("of %s", name)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(one["message"], one["job"]) for one in lines} == {("of one", "one"), ("of two", "two")}


def test_worker_and_listener_write_to_the_same_file_and_jobs_have_their_number(settings, tmp_path):
    file = tmp_path / "openrem.log"
    settings = replace(settings, log_format="json", log_file=str(file))
    settings.spool.mkdir(parents=True)
    (settings.spool / "nonsense.dcm").write_bytes(b"no DICOM")
    app = create_app(settings)
    with app.app_context():
        from app.extensions import db

        db.create_all()
    with (
        program(settings, "scp.py", output=tmp_path / "scp.out"),
        program(settings, "worker.py", "ingest", output=tmp_path / "worker.out"),
    ):
        wait_until(lambda: file.exists() and "nonsense.dcm" in file.read_text(), "the object was read", 30)
        wait_until(lambda: "listener" in file.read_text(), "the listener spoke")
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert {one["program"] for one in told} == {"listener", "ingest worker"}
    assert [one["job"] for one in told if "nonsense" in one["message"]] == ["nonsense"]

"""A database that is away is told by mail, though it remembers all other alarms."""

import socket
import time
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import create_app
from app.extensions import db
from app.operations import outage
from app.operations.outage import AWAY, DAY_SECONDS, SURE_SECONDS, TOLD
from app.queue import EXPORT, INGEST
from tests.processes import program
from tests.servers import free_port, wait_until

HERE = f"{AWAY}{socket.gethostname()}"


@pytest.fixture
def without(mailed):
    """The same, where nothing answers at the address of the database."""
    return replace(mailed, database_url=f"postgresql+psycopg://nobody:secret@127.0.0.1:{free_port()}/none")


@pytest.fixture
def long_away(redis_server):
    """It did not answer on this machine for minutes."""

    def begin(host=HERE):
        redis_server.client.set(host, time.time() - SURE_SECONDS)

    return begin


def ask(settings, answers):
    try:
        with outage.noticed(settings):
            if not answers:
                raise OperationalError("", {}, Exception("secret"))
    except OperationalError:
        return


def test_it_is_told_once_when_it_lasts_and_once_when_it_is_over(mailed, server, redis_server, long_away):
    ask(mailed, answers=False)
    ask(mailed, answers=True)
    assert not server.mails and not redis_server.client.exists(HERE), "it has passed by itself"
    long_away()
    for _ in range(3):
        ask(mailed, answers=False)
    assert server.subjects == ["The database does not answer"]
    words = server.mails[0].get_content()
    assert "OperationalError" in words and "What modalities send is safe" in words and "secret" not in words
    assert 0 < redis_server.client.ttl(TOLD) <= DAY_SECONDS
    for _ in range(3):
        ask(mailed, answers=True)
    assert server.subjects[1:] == ["over: The database does not answer"]
    long_away()
    ask(mailed, answers=False)
    assert len(server.mails) == 3, "it is away another time"


def test_of_several_machines_one_tells_and_those_that_have_an_answer_end_nothing(
    mailed, server, redis_server, long_away
):
    redis_server.client.set(TOLD, "elsewhere")
    long_away()
    ask(mailed, answers=False)
    ask(mailed, answers=True)
    assert not server.mails and redis_server.client.get(TOLD) == b"elsewhere"


def test_a_mail_that_was_not_taken_is_sent_later(mailed, server, redis_server, long_away):
    server.refuses = True
    long_away()
    ask(mailed, answers=False)
    assert not server.mails and 0 < redis_server.client.ttl(TOLD) <= 60
    server.refuses = False
    redis_server.client.delete(TOLD)  # a minute later
    ask(mailed, answers=False)
    server.refuses = True
    ask(mailed, answers=True)
    server.refuses = False
    ask(mailed, answers=True)
    assert [subject.partition(":")[0] for subject in server.subjects] == ["The database does not answer", "over"]


def test_there_are_no_more_mails_a_day_than_the_site_wants(mailed, server, long_away):
    for _ in range(4):
        long_away()
        ask(replace(mailed, alarm_mails=2), answers=False)
        ask(replace(mailed, alarm_mails=2), answers=True)
    assert server.subjects.count("The database does not answer") == 2


def test_a_site_that_wants_no_such_mails_gets_none(mailed, server, redis_server, long_away):
    for changes in ({"alarms": ("disk",)}, {"smtp_host": ""}):
        long_away()
        ask(replace(mailed, **changes), answers=False)
    assert not server.mails


@pytest.mark.parametrize("queue_name", [INGEST, EXPORT])
def test_workers_tell_and_go_on(without, server, tmp_path, long_away, queue_name):
    long_away()
    with program(without, "worker.py", queue_name, output=tmp_path / "worker.log") as worker:
        wait_until(lambda: server.mails, "the mail came")
        assert worker.poll() is None


def test_the_command_for_a_timer_tells_too_and_fails_with_a_sentence(without, server, long_away):
    app = create_app(without)
    long_away()
    answer = app.test_cli_runner().invoke(args=["alarms", "check"])
    assert answer.exit_code == 1 and "The database" in answer.output and "Traceback" not in answer.output
    assert server.subjects == ["The database does not answer"]


def test_it_is_over_once_the_command_has_an_answer(app, mailed, server, redis_server, long_away):
    redis_server.client.set(TOLD, socket.gethostname())
    long_away()
    app.config["SETTINGS"] = mailed
    with app.app_context():
        db.session.execute(text("SELECT 1"))
    assert app.test_cli_runner().invoke(args=["alarms", "check"]).exit_code == 0
    assert server.subjects == ["over: The database does not answer"]

"""The alarm: raised once, told once, over once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app import heard
from app.extensions import db
from app.jobs.clock import now
from app.models import Alarm, AlarmWatch, Job, Refusal
from app.operations import alarms, mail
from app.operations.conditions import found
from app.queue import EXPORT, INGEST, enqueue, queue_of
from app.settings import ALARM_KINDS, WrongSetting, load
from app.transactions import writing
from tests.certificates import self_signed
from tests.processes import program
from tests.servers import free_port, wait_until
from tests.smtp import mail_server


def look_again(settings):
    """The next look, as a minute later."""
    with writing():
        watch = db.session.get(AlarmWatch, 1)
        if watch:
            watch.looked_at = watch.rooms_looked_at = now() - timedelta(hours=1)
    assert alarms.look(settings)


def refuse(count):
    with writing():
        for number in range(count):
            told = {"result": "failed", "reason": "It is damaged.", "size": 1, "tries": 1, "read_by": "1"}
            db.session.add(Refusal(file=f"{number}.dcm", received_at=now(), refused_at=now(), **told))


def words_of(settings, kind):
    return [one.words for one in found(settings, {kind})[0]]


@pytest.mark.usefixtures("database_url")
def test_an_alarm_is_told_once_when_it_is_sure_and_once_when_it_is_over(database, mailed, server):
    only = replace(mailed, alarms=("failures",))
    refuse(20)
    look_again(only)
    assert (server.mails, alarms.open_now()) == ([], [])
    for _ in range(3):
        look_again(only)
    assert server.subjects == ["20 objects could not be read in the last hour"]
    (mail,) = server.mails
    assert (mail["To"], mail["Auto-Submitted"]) == ("physics@hospital.example, it@hospital.example", "auto-generated")
    assert "20 objects could not be read in the last hour." in mail.get_content()
    with writing():
        db.session.query(Refusal).delete()
    look_again(only)
    assert len(server.mails) == 1 and alarms.open_now()
    for _ in range(3):
        look_again(only)
    assert server.subjects[1:] == ["over: 20 objects could not be read in the last hour"]
    assert not alarms.open_now()


def test_what_passes_by_itself_is_no_alarm(database, mailed, server):
    only = replace(mailed, alarms=("failures",))
    for _ in range(3):
        refuse(20)
        look_again(only)
        with writing():
            db.session.query(Refusal).delete()
        look_again(only)
    assert not server.mails and not db.session.scalars(db.select(Alarm)).all()


def test_nobody_looks_again_within_a_minute(database, settings):
    assert alarms.look(settings)
    assert not alarms.look(settings)


def test_there_are_so_many_mails_a_day_and_the_rest_waits_until_tomorrow(database, mailed, server):
    few = replace(mailed, alarms=("failures", "queue"), alarm_mails=2)
    refuse(20)
    for _ in range(3):
        look_again(few)
    assert len(server.mails) == 2 and len(alarms.open_now()) == 3
    assert "no more mails today" in server.mails[1].get_content()
    with writing():
        db.session.get(AlarmWatch, 1).day = now().date() - timedelta(days=1)
    look_again(few)
    assert len(server.mails) == 3


def test_a_mail_that_was_not_taken_is_sent_later_and_people_see_why(database, mailed, server):
    only = replace(mailed, alarms=("failures",))
    refuse(20)
    server.refuses = True
    for _ in range(2):
        look_again(only)
    assert "452 Insufficient system storage" in alarms.mail_error()
    server.refuses = False
    look_again(only)
    assert len(server.mails) == 1 and not alarms.mail_error()


def test_rooms_that_fall_silent_at_once_are_in_one_mail(database, mailed, server, monkeypatch):
    from app.operations import conditions
    from app.operations.silence import Silence

    quiet = [Silence(1, "CT 1", 3.2, 1.5), Silence(2, "CT 2", 2.1, 1)]
    monkeypatch.setattr(conditions, "silences", lambda *_: quiet)
    only = replace(mailed, alarms=("rooms",))
    look_again(only)
    (subject,) = server.subjects
    assert "“CT 1” has sent nothing for 3.2 working days" in subject and "(and 1 more)" in subject
    assert "“CT 2” has sent nothing" in server.mails[0].get_content()


def test_a_queue_is_stuck_where_its_first_waits_too_long_or_nobody_works(database, settings):
    enqueue(settings, INGEST, "tests.example_jobs.write", "x", job_id="first")
    assert words_of(settings, "queue") == [
        "No worker is running for reading objects; waiting: 1.",
        "No worker is running for exports and other long work; waiting: 0.",
    ]
    redis = queue_of(settings, INGEST).connection
    redis.hset("rq:job:first", "enqueued_at", (now() - timedelta(hours=3)).isoformat() + "Z")
    moment = now().isoformat() + "Z"
    redis.hset("rq:worker:one", mapping={"queues": f"{INGEST},{EXPORT}", "birth": moment, "last_heartbeat": moment})
    redis.sadd("rq:workers", "rq:worker:one")
    (words,) = words_of(settings, "queue")
    assert words == "The queue is stuck or too long: 1 worker for reading objects; waiting: 1, the first for 3 h."


def test_a_queue_that_is_away_is_told_and_says_nothing_of_listeners(database, settings):
    conditions, looked = found(replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}"), ALARM_KINDS)
    assert [one.key for one in conditions if one.kind == "queue"] == ["away"]
    assert "listener" not in looked and "rooms" in looked


def test_a_disk_is_low_until_clearly_more_is_free(database, settings, monkeypatch):
    settings.media_root.mkdir(parents=True)
    free = 1900 * 10**6
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))
    (low,) = found(settings, {"disk"})[0]
    assert low.words.startswith("Only 1,900 MB of disk are free where the media folder lies")
    free = 2100 * 10**6
    assert not found(settings, {"disk"})[0]
    assert found(settings, {"disk"}, {low.key})[0]
    free = 2300 * 10**6
    assert not found(settings, {"disk"}, {low.key})[0]


def test_a_listener_that_is_gone_or_can_not_listen_or_take_is_told(database, settings):
    assert words_of(settings, "listener") == ["No DICOM listener runs: nothing that modalities send is taken."]
    teller = heard.Teller(settings, "scanner-side", 17)
    port = heard.Running("CT", "STORE", "0.0.0.0", 104, False, None, "port 104 is taken", 0)
    teller.heartbeat = lambda: heard.Heartbeat("scanner-side", 17, 1.0, 2.0, 1, (port,), "", 5, 500, True, 12, 34)
    teller.start()
    wait_until(lambda: heard.listeners(settings), "the listener was heard")
    assert words_of(settings, "listener") == [
        "Listener “CT” on scanner-side, port 104, does not listen: port 104 is taken"
    ]
    assert "The listener on scanner-side takes nothing: 5 MB of disk are free there." in words_of(settings, "disk")
    teller.stop()


def test_jobs_that_fail_one_after_another_are_told(database, settings):
    with writing():
        for number in range(5):
            ended = {"state": "failed", "finished_at": now()}
            db.session.add(Job(id=str(number), kind="ct-csv", title="CT", query={}, created_at=now(), **ended))
    assert words_of(settings, "failures") == ["5 jobs failed in the last hour."]


def test_mails_go_protected_and_signed_in_where_the_site_wants(settings, tmp_path):
    certificate = self_signed(tmp_path)
    with mail_server((certificate, certificate.with_suffix(".key")), "a password") as server:
        told = {"smtp_host": "localhost", "smtp_port": server.port, "alarm_to": ("it@hospital.example",)}
        told |= {"smtp_user": "openrem", "smtp_password": "a password"}
        with pytest.raises(mail.NotSent, match="certificate"):
            mail.send(replace(settings, **told), "a test", "It is one.")
        mail.send(replace(settings, smtp_ca=str(certificate), **told), "a test", "It is one.")
        with pytest.raises(mail.NotSent, match="535"):
            mail.send(replace(settings, smtp_ca=str(certificate), **told | {"smtp_password": "x"}), "a test", "-")
    assert server.subjects == ["a test"]


def test_a_server_that_is_not_there_is_said_in_a_sentence(mailed):
    with pytest.raises(mail.NotSent, match=r"127\.0\.0\.1 did not take the mail: .*refused"):
        mail.send(replace(mailed, smtp_port=free_port()), "a test", "-")


def test_the_command_says_what_holds_and_sends_a_test(app, mailed, server):
    runner = app.test_cli_runner()
    told = runner.invoke(args=["alarms"]).output
    assert "listener: No DICOM listener runs" in told and "SMTP_HOST and ALARM_TO are not set" in told
    assert "they are not set" in runner.invoke(args=["alarms", "test"]).output
    app.config["SETTINGS"] = mailed
    assert runner.invoke(args=["alarms", "test"]).output == "Sent to physics@hospital.example, it@hospital.example.\n"
    assert server.subjects == ["a test"]
    assert runner.invoke(args=["alarms", "check"]).output == "Looked.\n"


def test_an_alarm_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(WrongSetting, match="ALARMS has “fire”; it takes queue, disk"):
        load({"INSTANCE": str(tmp_path), "ALARMS": "queue,fire"})


@pytest.mark.parametrize("queue_name", [INGEST, EXPORT])
def test_workers_look_and_tell_and_so_do_those_that_wait_for_the_queue(app, mailed, server, tmp_path, queue_name):
    away = replace(mailed, redis_url=f"redis://127.0.0.1:{free_port()}", alarms=("queue",))
    with app.app_context(), writing():
        db.session.add(AlarmWatch(id=1))
        db.session.add(Alarm(kind="queue", key="away", words="It is away.", looks=1, missed=0, found_at=now()))
    with program(away, "worker.py", queue_name, output=tmp_path / "worker.log"):
        wait_until(lambda: server.mails, "the mail came", 30)
    assert server.subjects == [
        "The queue's server does not answer. What modalities send is kept in the spool until it does"
    ]

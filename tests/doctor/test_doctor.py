"""`flask doctor` sees what is broken on purpose, names it, says what to do, and survives whatever is down."""

import json
import os
import socket
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, replace
from subprocess import run

import flask_migrate
import pytest
from sqlalchemy import text

from app import create_app, doctor
from app.doctor import clock, configuration, database, files, listener, people, queue, web
from app.doctor.finding import ATTENTION, OK, WRONG
from app.extensions import db
from app.heard import _LISTENER, Heartbeat, Running
from app.settings import ROOT
from tests.processes import environment, program
from tests.servers import free_port, wait_until
from tests.web.visitor import make_user


@pytest.fixture
def site(database_url, settings):
    """A site whose database is up to date, on each kind of database."""
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        yield app
        db.engine.dispose()


def change(app, statement):
    """Do it to the database behind our back."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(statement))


def found(examination, settings):
    """The verdicts, and everything that was said."""
    findings = list(examination(settings))
    assert all(finding.advice for finding in findings if finding.verdict != OK)
    return {finding.verdict for finding in findings}, " ".join(f"{one.told} {one.advice}" for one in findings)


def test_a_site_that_runs_is_well_and_one_that_is_stopped_is_not(settings, tmp_path):
    words = ("-m", "flask", "--app", "wsgi")
    ask = [sys.executable, *words, "doctor", "--json"]
    with program(settings, *words, "up", output=tmp_path / "up.log") as launcher:
        answer = run([*ask, "--wait=60"], cwd=ROOT, env=environment(settings), capture_output=True, text=True)
        told = json.loads(answer.stdout)
        assert {one["part"]: one for one in told["findings"]}.keys() == doctor.EXAMINATIONS.keys()
        assert [one for one in told["findings"] if one["verdict"] == WRONG] == []
        assert answer.returncode == 0
        launcher.terminate()
        launcher.wait(20)
    answer = run(ask[:-1], cwd=ROOT, env=environment(settings), capture_output=True, text=True)
    assert answer.returncode == 1
    for part in ("Workers", "Listener", "Web"):
        assert f"WRONG      {part}" in answer.stdout
    assert "OK         Database" in answer.stdout


def test_with_everything_away_each_part_is_named_and_none_is_a_riddle(settings, tmp_path):
    away = replace(
        settings,
        instance=tmp_path / "nowhere",
        media_root=tmp_path / "nowhere" / "media",
        database_url=f"postgresql+psycopg://openrem:hidden@127.0.0.1:{free_port()}/openrem",
        redis_url=f"redis://127.0.0.1:{free_port()}",
    )
    findings = list(doctor.examine(away))
    assert {one.part for one in findings} == doctor.EXAMINATIONS.keys()
    assert {one.part for one in findings if one.verdict == WRONG} >= {"Folders", "Database", "Queue", "Listener", "Web"}
    assert "hidden" not in str(findings)


@pytest.mark.parametrize(
    "name, value, reason",
    [
        ("WEB_PORT", "many", "WEB_PORT is “many”; it takes a whole number"),
        ("DATABASE_URL", "hidden", "DATABASE_URL is no address of a database that we know (ArgumentError)"),
        ("DATABASE_URL", "x://a:hidden@b", "DATABASE_URL is no address of a database that we know (NoSuchModuleError)"),
    ],
)
def test_settings_that_cannot_be_read_are_told_in_a_sentence(settings, name, value, reason):
    variables = environment(settings) | {name: value}
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "doctor"]
    answer = run(words, cwd=ROOT, env=variables, capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (1, f"OpenREM can't start. {reason}.\n")


def test_a_misspelled_setting_and_settings_that_do_not_go_together_are_seen(settings, monkeypatch):
    monkeypatch.setenv("DATABSE_URL", "x")
    assert "If DATABASE_URL is meant" in found(configuration.examine, settings)[1]
    monkeypatch.delenv("DATABSE_URL")
    assert found(configuration.examine, settings)[0] == {OK}
    for changed, said in (({"web_host": "0.0.0.0"}, "without TLS"), ({"proxies": 1}, "ALLOWED_HOSTS")):
        verdicts, told = found(configuration.examine, replace(settings, **changed))
        assert ATTENTION in verdicts and said in told


def test_a_folder_that_others_can_open_and_a_key_that_they_can_read_are_wrong(settings):
    settings.spool.mkdir(parents=True)
    assert found(files.examine_folders, settings)[0] == {OK}
    settings.instance.chmod(0o755)
    assert "chmod 700" in found(files.examine_folders, settings)[1]
    settings.instance.chmod(0o700)
    (settings.instance / "audit_secret").chmod(0o644)
    verdicts, told = found(files.examine_folders, settings)
    assert verdicts == {WRONG} and "audit_secret" in told


@pytest.mark.parametrize("name", ["smtp_password_file", "storage_secret_file", "metrics_token_file"])
def test_a_secret_in_a_file_of_the_site_is_for_our_group_alone(settings, tmp_path, name):
    secret = tmp_path / "secret"
    secret.touch(0o640)
    given = replace(settings, **{name: str(secret)})
    assert found(files.examine_folders, given)[0] == {OK}
    secret.chmod(0o644)
    verdicts, told = found(files.examine_folders, given)
    assert verdicts == {WRONG} and f"{secret}, which is a secret" in told


def test_a_folder_that_is_not_wanted_yet_is_no_fault(settings):
    assert not settings.spool.exists()
    assert found(files.examine_folders, settings)[0] == {OK}


def test_a_listener_that_brings_objects_elsewhere_than_we_look_is_seen(settings, redis_server, tmp_path):
    shared = f"file://{tmp_path / 'shared'}"
    (tmp_path / "shared").mkdir()
    heartbeat = Heartbeat("elsewhere", 7, 1.0, 2.0, 3, (), "", 100, 50, False, 0, 0, storage=shared)
    redis_server.client.set(f"{_LISTENER}elsewhere:7", json.dumps(asdict(heartbeat)))
    verdicts, told = found(files.examine_folders, settings)
    assert verdicts == {WRONG} and f"it has {shared}" in told and "STORAGE_URL" in told
    assert found(files.examine_folders, replace(settings, storage_url=shared))[0] == {OK}


def test_a_folder_that_cannot_be_written_to_is_wrong(settings):
    settings.media_root.mkdir()
    settings.spool.write_text("in the way")
    verdicts, told = found(files.examine_folders, settings)
    assert verdicts == {WRONG} and f"{settings.spool} can't be written to" in told


def test_a_disk_that_is_nearly_full_is_told_before_it_is(settings, monkeypatch):
    monkeypatch.setattr(files, "LOW_BYTES", 10**18)
    monkeypatch.setattr(files, "LOW_SHARE", 1.1)
    assert found(files.examine_disk, settings)[0] == {ATTENTION}
    monkeypatch.setattr(files, "LITTLE_BYTES", 10**18)
    verdicts, told = found(files.examine_disk, settings)
    assert verdicts == {WRONG} and "GB are free" in told and "KEEP_EXPORTS_DAYS" in told


def test_a_disk_that_the_alarm_is_raised_about_is_not_called_well(settings):
    assert found(files.examine_disk, replace(settings, alarm_disk_mb=10**12))[0] == {ATTENTION}


def test_the_tables_of_this_version_are_well(site, settings):
    assert found(database.examine, settings)[0] == {OK}


def test_a_database_without_tables_of_another_version_or_changed_by_hand_is_wrong(site, settings):
    change(site, "ALTER TABLE equipment ADD COLUMN colour INTEGER")
    assert "not those of this version: 1 differences" in found(database.examine, settings)[1]
    change(site, "UPDATE alembic_version SET version_num = 'later'")
    assert "newer version" in found(database.examine, settings)[1]
    change(site, "DELETE FROM alembic_version")
    assert "flask db upgrade" in found(database.examine, settings)[1]


def test_a_database_that_is_away_is_told_without_its_password(settings):
    url = f"postgresql+psycopg://openrem:hidden@127.0.0.1:{free_port()}/openrem"
    verdicts, told = found(database.examine, replace(settings, database_url=url))
    assert verdicts == {WRONG} and "does not answer" in told and "hidden" not in told
    verdicts, told = found(database.examine, replace(settings, database_url=f"sqlite:///{settings.instance / 'none'}"))
    assert verdicts == {WRONG} and not (settings.instance / "none").exists()


def test_a_queue_that_forgets_is_seen(settings, redis_of_our_own):
    settings, ask = replace(settings, redis_url=redis_of_our_own.url), redis_of_our_own.client
    assert found(queue.examine, settings)[0] == {OK}
    for name, value, verdict in (
        ("maxmemory-policy", "allkeys-lru", ATTENTION),
        ("maxmemory", "100mb", WRONG),
        ("appendonly", "no", WRONG),
    ):
        ask.config_set(name, value)
        assert verdict in found(queue.examine, settings)[0]
    ask.config_set("maxmemory-policy", "noeviction")
    verdicts, told = found(queue.examine, settings)
    assert verdicts == {ATTENTION} and "appendonly" in told


def test_a_queue_with_a_password_is_told_of_without_it(settings, redis_of_our_own):
    redis_of_our_own.client.config_set("requirepass", "hidden-password")
    for password, verdict in (("hidden-password", OK), ("not-this-password", WRONG)):
        address = redis_of_our_own.url.replace("unix://", f"unix://:{password}@")
        given = replace(settings, redis_url=address)
        assert found(queue.examine, given)[0] == {verdict}
        assert password not in str([*doctor.examine(given)])


def test_a_queue_that_anybody_may_write_to_is_seen(settings, redis_of_our_own):
    port = free_port()
    redis_of_our_own.client.config_set("port", port)
    verdicts, told = found(queue.examine, replace(settings, redis_url=f"redis://localhost:{port}/0"))
    assert verdicts == {ATTENTION} and "requirepass" in told
    redis_of_our_own.client.config_set("requirepass", "hidden-password")
    given = replace(settings, redis_url=f"redis://:hidden-password@localhost:{port}/0")
    assert found(queue.examine, given)[0] == {OK}


def test_a_queue_that_is_away_is_wrong_and_the_workers_can_then_not_be_examined(settings, redis_of_our_own):
    settings = replace(settings, redis_url=redis_of_our_own.url)
    redis_of_our_own.stop()
    assert found(queue.examine, settings)[0] == {WRONG}
    assert [one.verdict for one in doctor.examine(settings) if one.part == "Workers"] == [WRONG]
    redis_of_our_own.start()


def test_each_queue_needs_a_worker_and_no_object_waits_for_long(app, settings, tmp_path):
    verdicts, told = found(queue.examine_workers, settings)
    assert verdicts == {WRONG} and "openrem-ingest@1" in told and "openrem-export@1" in told
    with ExitStack() as ending:
        for name in ("ingest", "export"):
            ending.enter_context(program(settings, "worker.py", name, output=tmp_path / f"{name}.log"))
        wait_until(lambda: found(queue.examine_workers, settings)[0] == {OK}, "workers are there", 30)
    assert found(queue.examine_workers, settings)[0] == {WRONG}  # they were killed, and could say nothing
    settings.spool.mkdir(parents=True)
    (settings.spool / "old.dcm").touch()
    hour_ago = time.time() - 3600
    os.utime(settings.spool / "old.dcm", (hour_ago, hour_ago))
    assert "waited for 60 minutes" in found(queue.examine_workers, settings)[1]


@pytest.mark.parametrize("seconds, verdict", [(0, OK), (10, ATTENTION), (-100, WRONG)])
def test_clocks_that_disagree_are_seen(site, settings, monkeypatch, seconds, verdict):
    monkeypatch.setattr(clock.time, "time", lambda real=time.time: real() + seconds)
    verdicts, told = found(clock.examine, settings)
    assert verdicts == {verdict}
    assert "queue" in told and ("database" in told) == settings.database_url.startswith("postgresql")


def test_the_listener_answers_or_is_told_to_be_started(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(listener, "WAITS_SECONDS", 1)
    assert "systemctl start openrem-listener" in found(listener.examine, settings)[1]
    with program(settings, "scp.py", output=tmp_path / "scp.log"):
        wait_until(lambda: found(listener.examine, settings)[0] == {OK}, "the listener answers", 30)
    with socket.create_server(("127.0.0.1", settings.store_port)):
        assert found(listener.examine, replace(settings, redis_url="unix:///nowhere"))[0] == {ATTENTION}


def test_what_a_listener_says_of_itself_is_passed_on(settings, redis_server):
    taken = Running("CT", "DOSE", "0.0.0.0", 104, False, None, "the port is taken", 0)
    other = Running("rest", "STORE", "0.0.0.0", 8104, False, 1.0, "", 0)
    heartbeat = Heartbeat("elsewhere", 7, 1.0, 2.0, 3, (taken, other), "“CT” can't listen", 100, 500, True, 0, 0)
    redis_server.client.set(f"{_LISTENER}elsewhere:7", json.dumps(asdict(heartbeat)))
    verdicts, told = found(listener.examine, settings)
    assert verdicts == {OK, ATTENTION, WRONG}
    assert "the port is taken" in told and "takes nothing: 100 MB" in told and "listens as STORE on port 8104" in told


def test_a_machine_of_several_is_asked_for_what_it_does(site, settings, redis_server, tmp_path):
    def told(*words):
        answer = site.test_cli_runner().invoke(args=["doctor", "--json", *words])
        return {one["part"]: one["verdict"] for one in json.loads(answer.stdout)["findings"]}, answer.exit_code

    others = Heartbeat("elsewhere", 7, 1.0, 2.0, 3, (Running("CT", "DOSE", "", 104, False, 1.0, "", 0),), "", 9, 5,
                       False, 0, 0, settings.storage_url)  # fmt: skip
    redis_server.client.set(f"{_LISTENER}elsewhere:7", json.dumps(asdict(others)))
    verdicts, code = told("--for", "listener")
    assert verdicts["Listener"] == WRONG and code == 1  # that another one listens is not enough
    with program(settings, "scp.py", output=tmp_path / "scp.log"):
        wait_until(lambda: told("--for", "listener")[1] == 0, "the listener answers", 30)
    assert told("--for", "listener")[0].keys().isdisjoint({"Web", "People", "Database", "Workers"})
    assert told("--for", "worker")[0].keys() == told("--for", "web")[0].keys() ^ {"Web", "People", "Workers"}
    assert told("--for", "web", "--for", "worker", "--for", "listener")[0].keys() == told()[0].keys()


def test_a_listener_that_was_started_again_is_asked_once(settings, redis_server, tmp_path):
    here = Running("CT", "STOREOPENREM", "127.0.0.1", settings.store_port, False, 1.0, "", 0)
    for pid in (7, 8):
        heartbeat = Heartbeat(socket.gethostname(), pid, 1.0, 2.0, 3, (here,), "", 100, 50, False, 0, 0)
        redis_server.client.set(f"{_LISTENER}here:{pid}", json.dumps(asdict(heartbeat)))
    with program(settings, "scp.py", output=tmp_path / "scp.log"):
        wait_until(lambda: found(listener.examine, settings)[0] == {OK}, "the listener answers", 30)
        assert found(listener.examine, settings)[1].count("answers C-ECHO") == 1


def test_the_web_server_answers_with_the_sites_name(app, settings, tmp_path):
    named = replace(settings, allowed_hosts=(".doseserver",))
    assert found(web.examine, named)[0] == {WRONG}
    with program(named, "-m", "gunicorn", "--config", "app/web_server.py", "wsgi:app", output=tmp_path / "web.log"):
        wait_until(lambda: found(web.examine, named)[0] == {OK}, "the web server answers", 60)
        assert "with 400" in found(web.examine, settings)[1]


def test_somebody_has_to_be_able_to_administer(site, settings):
    make_user(site, "ann", "view")
    assert "flask user create NAME" in found(people.examine, settings)[1]
    assert found(people.examine, replace(settings, ldap_url=("ldaps://x",)))[0] == {ATTENTION}
    make_user(site, "boss", "admin")
    assert found(people.examine, settings)[0] == {OK}
    change(site, "UPDATE \"user\" SET active = (1 = 0) WHERE username = 'boss'")
    assert found(people.examine, settings)[0] == {WRONG}

"""A site on several machines: what one has received, made or kept, another reads and gives."""

import io
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from app import create_app, queue, storage
from app.doctor.files import examine_folders
from app.doctor.finding import OK, WRONG
from app.extensions import db
from app.jobs import carried, quarantine
from app.jobs.ingest import ingest
from app.models import Job, Refusal, Study
from app.network.announcer import sweep_and_carry
from app.network.carrier import Carrier
from app.network.listener import Listener
from app.network.storing import Status
from app.operations import conditions
from app.operations.ready import KNOWN_SECONDS
from app.operations.ready import parts as ready_parts
from app.queue import connect
from app.settings import DISK
from app.storage import INCOMING, StorageAway
from tests.factories import ct_report, report_file
from tests.network.sender import dose_report, send
from tests.servers import wait_until
from tests.web.visitor import Visitor, make_user
from worker import QuickWorker


class Machine:
    """One machine: its settings, the application on it."""

    def __init__(self, settings):
        self.settings = settings
        self.app = create_app(settings)
        self.app.testing = True

    def work(self, name: str):
        """Do what waits on the queue."""
        with connect(self.settings.redis_url) as connection:
            worker = QuickWorker([name], connection=connection)
            worker.app = self.app
            worker._install_signal_handlers = lambda: None
            worker.work(burst=True, logging_level="WARNING")

    def visitor(self, role: str) -> Visitor:
        """Somebody who is known at the web of this machine."""
        person = Visitor(self.app)
        assert person.sign_in(f"{role}er").status_code == 303
        return person

    def files(self) -> list[str]:
        """What lies on the machine itself."""
        return [path.name for path in self.settings.media_root.rglob("*") if path.is_file()]

    def end(self):
        """Close what is open."""
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture
def site(machine, elsewhere):
    """Three machines."""
    machines = [Machine(machine(name, elsewhere)) for name in ("web", "worker", "listener")]
    with machines[0].app.app_context():
        db.create_all()
    for role in ("admin", "export"):
        make_user(machines[0].app, f"{role}er", role)
    yield machines
    for one in machines:
        one.end()


@contextmanager
def listening(machine: Machine):
    listener = Listener(machine.settings)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


def spooled(machine: Machine, name: str = "0f3a", content: bytes | None = None):
    """An object in the machine's spool, as the listener leaves it."""
    machine.settings.spool.mkdir(parents=True, exist_ok=True)
    path = machine.settings.spool / f"{name}.dcm"
    path.write_bytes(report() if content is None else content)
    return path


def report(**header) -> bytes:
    return report_file(ct_report({"dlp": 100.0}), **({"Modality": "SR"} | header)).getvalue()


def carried_keys(machine: Machine) -> list[str]:
    return [one.key for one in storage.of(machine.settings).below(INCOMING)]


def waiting(redis_server) -> int:
    return redis_server.client.llen("rq:queue:ingest")


def studies(machine: Machine) -> int:
    with machine.app.app_context():
        return len(db.session.scalars(select(Study)).all())


def test_what_one_machine_receives_another_reads(site, redis_server):
    web, worker, listener = site
    with listening(listener):
        assert send(listener.settings, dose_report(), dose_report()) == [Status.SUCCESS] * 2
        wait_until(lambda: waiting(redis_server) == 2, "the queue was told of both")
        wait_until(lambda: not list(listener.settings.spool.glob("*.dcm")), "both have left the spool")
    spooled(listener)
    sweep_and_carry(listener.settings, Carrier(listener.settings), ())
    worker.work(queue.INGEST)
    assert studies(web) == 1 and carried_keys(web) == []
    with web.app.app_context():
        assert len(db.session.scalars(select(Refusal)).all()) == 2  # the two had no dose in them
    assert worker.files() == listener.files() == []


def test_an_export_that_one_worker_made_is_downloaded_from_another_machine(site):
    web, worker, _ = site
    with worker.app.app_context():
        ingest(str(spooled(worker)))
    person = web.visitor("export")
    person.post("/exports/ct-csv")
    worker.work(queue.EXPORT)
    with web.app.app_context():
        job = db.session.scalars(select(Job)).one()
    assert job.state == "ready", job.message
    answer = person.get(f"/exports/{job.id}/file")
    assert answer.status_code == 200 and b"Institution" in answer.data
    assert answer.content_length == job.size == len(answer.data)
    assert b"made_by" in person.get(f"/exports/{job.id}/provenance").data
    assert worker.files() == web.files() == []
    person.post("/exports/delete", {"job": job.id, "sure": "1"})
    assert list(storage.of(web.settings).below("exports")) == []
    assert person.get(f"/exports/{job.id}/file").status_code == 404


def test_what_one_machine_refused_is_downloaded_and_read_again_on_another(site):
    web, worker, listener = site
    content = report()[:-200]
    Carrier(listener.settings).carry([spooled(listener, content=content)])
    worker.work(queue.INGEST)
    assert carried_keys(web) == []
    with web.app.app_context():
        refusal = db.session.scalars(select(Refusal)).one()
        id, key = refusal.id, refusal.file
    assert web.visitor("admin").get(f"/quarantine/{id}/file").data == content
    whole = spooled(web, "whole", report())
    storage.of(web.settings).take(whole, key)
    with web.app.app_context():
        assert quarantine.try_again(id) == "imported"
        assert storage.of(web.settings).status(key) is None


def test_what_was_uploaded_at_one_machine_is_read_on_another(site):
    web, worker, _ = site
    web.visitor("admin").post(
        "/uploads/", {"files": [(io.BytesIO(report()), "one.dcm")]}, content_type="multipart/form-data"
    )
    assert len(list(storage.of(web.settings).below("uploads"))) == 1
    worker.work(queue.EXPORT)
    assert studies(web) == 1
    assert list(storage.of(web.settings).below("uploads")) == []
    assert worker.files() == web.files() == []


def test_a_carrier_that_dies_between_put_and_tell_has_lost_nothing(site, redis_server):
    web, worker, listener = site
    path = spooled(listener)
    storage.of(listener.settings).put(path, f"{INCOMING}/{path.name}")  # and then it was killed
    sweep_and_carry(listener.settings, Carrier(listener.settings), ())
    worker.work(queue.INGEST)
    assert studies(web) == 1 and carried_keys(web) == [] and not path.exists()


def test_a_carrier_that_dies_between_tell_and_delete_brings_nothing_twice(site, redis_server):
    web, worker, listener = site
    path = spooled(listener)
    content = path.read_bytes()
    Carrier(listener.settings).carry([path])
    path.write_bytes(content)  # it was killed before it could delete
    sweep_and_carry(listener.settings, Carrier(listener.settings), ())
    assert waiting(redis_server) == 1
    worker.work(queue.INGEST)
    path.write_bytes(content)  # or found out only after it was read
    redis_server.client.delete("rq:job:0f3a")
    sweep_and_carry(listener.settings, Carrier(listener.settings), ())
    worker.work(queue.INGEST)
    assert studies(web) == 1 and carried_keys(web) == [] and not path.exists()


def test_what_was_carried_is_asked_for_again_where_the_queue_was_emptied(site, redis_server):
    web, worker, listener = site
    Carrier(listener.settings).carry([spooled(listener)])
    redis_server.client.flushall()
    with worker.app.app_context():
        carried.sweep()
        assert waiting(redis_server) == 1
        redis_server.client.lpop("rq:queue:ingest")  # its worker died while taking it
        carried.sweep()
        assert waiting(redis_server) == 0  # it is not our turn yet
        for _ in range(2):
            redis_server.client.delete(carried.TURN)
            carried.sweep()
    assert waiting(redis_server) == 1
    worker.work(queue.INGEST)
    assert studies(web) == 1


def test_an_object_that_kills_the_workers_of_several_machines_is_refused_in_the_end(site, redis_server):
    web, worker, listener = site
    Carrier(listener.settings).carry([spooled(listener)])
    redis_server.client.set("openrem:tries:0f3a.dcm", 3)
    worker.work(queue.INGEST)
    with web.app.app_context():
        assert "stopped the worker 3 times" in db.session.scalars(select(Refusal)).one().reason


@pytest.mark.parametrize("elsewhere", ["s3"], indirect=True)
def test_while_the_store_is_away_objects_wait_in_the_spool_and_people_are_told(site, s3, redis_server):
    web, worker, listener = site
    s3.stop()
    with listening(listener):
        assert send(listener.settings, dose_report()) == [Status.SUCCESS]
        path = spooled(listener)
        with pytest.raises(StorageAway):
            sweep_and_carry(listener.settings, Carrier(listener.settings), ())
        assert len(list(listener.settings.spool.glob("*.dcm"))) == 2 and waiting(redis_server) == 0
        person = web.visitor("export")
        person.post("/exports/ct-csv")
        worker.work(queue.EXPORT)
        with web.app.app_context():
            job = db.session.scalars(select(Job)).one()
        assert (job.state, job.message[:44]) == ("failed", "The file could not be written: the store of ")
        s3.start()
        sweep_and_carry(listener.settings, Carrier(listener.settings), ())
    worker.work(queue.INGEST)
    assert studies(web) == 1 and not path.exists() and carried_keys(web) == []


@pytest.mark.parametrize("elsewhere", ["s3"], indirect=True)
def test_a_store_that_is_away_is_told_by_doctor_and_to_load_balancers_and_on_pages(site, s3):
    web, worker, _ = site
    web.settings.spool.mkdir(parents=True)
    web.settings.instance.chmod(0o700)
    assert [one.verdict for one in examine_folders(web.settings)] == [OK]
    assert ready_parts(web.app)["store"] == "fine"
    with web.app.app_context():
        assert "store" not in {one.key for one in conditions.found(web.settings, {DISK})[0]}
    Carrier(worker.settings).carry([spooled(worker, content=report()[:-200])])
    worker.work(queue.INGEST)
    person = web.visitor("admin")
    s3.stop()
    assert [one.verdict for one in examine_folders(web.settings)] == [WRONG]
    time.sleep(KNOWN_SECONDS)
    assert ready_parts(web.app)["store"] == "does not answer"
    with web.app.app_context():
        (alarm,) = [one for one in conditions.found(web.settings, {DISK})[0] if one.key == "store"]
    assert "can't be reached" in alarm.words
    answer = person.get("/quarantine/1/file")
    assert answer.status_code == 503 and "store of files" in answer.text

"""The queue's way in: one worker for the queues named on the command line."""

import logging
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker, Worker
from rq.exceptions import StopRequested
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

from app import logs
from app.astray import BEAT_SECONDS, bring_back, tell_alive
from app.backup import check_finished
from app.commands.lifeline import die_with_parent
from app.extensions import db
from app.faults import described
from app.jobs import carried, housekeeping, upkeep
from app.jobs.place import clear_desk
from app.operations import alarms, outage
from app.operations.counts import JOB_SECONDS, JOBS, counts
from app.queue import INGEST, TIMEOUT_SECONDS, QueueAway, connect
from app.reception.publishing import publish_again
from app.settings import WrongSetting, keep_files_private, load
from app.site import without_pages

# RQ tidies up after workers that died, but not while it waits for work; it waits 15 seconds less than this at a time.
WAKES_SECONDS = 30
MAINTENANCE_SECONDS = 15
HEARTBEAT_SECONDS = 5  # much less than after what a worker counts as dead, and its job as lost

LOOK_SECONDS = 15

log = logging.getLogger("app.worker")
_looked: dict = {}  # when each application did


class JobFailed(Exception):
    """What may be told of an error that nobody caught."""


class QuietJob(Job):
    """A job whose errors are told without their words, which may quote a patient's: RQ logs and keeps what it gets."""

    def perform(self):
        """Do the work; raises JobFailed in place of whatever was raised."""
        try:
            return super().perform()
        except Exception as error:
            raise JobFailed(described(error)) from None


class _Ours:
    """What both kinds of worker share: a fresh application context for each job, and patience with the queue."""

    app = None  # the application that jobs run in
    stopping = False
    max_connection_wait_time = 4.0

    def perform_job(self, job, queue):
        """Run the job in a context of its own, whose end returns the database session whatever happened."""
        began, counted = time.monotonic(), counts(self.app.config["SETTINGS"])
        with self.app.app_context(), logs.about_job(job.id):
            done = super().perform_job(job, queue)
        counted.add(JOBS, queue.name, "done" if done else "failed")
        counted.add(JOB_SECONDS, queue.name, by=time.monotonic() - began)
        return done

    def run_maintenance_tasks(self):
        """Tidy up after workers that died: people see within a minute that their work is lost, whoever looks."""
        for queue in self.queues:
            if number := bring_back(queue):
                log.warning("%d jobs wait again that were handed to a host that is away", number)
        super().run_maintenance_tasks()
        self.settle()

    def settle(self):
        """Let jobs fail that nobody works on, listeners hear what Redis has lost, people what is wrong; tidy up."""
        with self.app.app_context(), asking(self.app):
            clear_desk()
            housekeeping.settle()
            carried.sweep()
            publish_again()
            alarms.look(self.app.config["SETTINGS"])
            upkeep.ask()

    def request_stop(self, signum, frame):
        """Remember that the end is wanted, so that it is not taken for a lost connection."""
        self.stopping = True
        super().request_stop(signum, frame)


class QuickWorker(_Ours, SimpleWorker):
    """Runs jobs in this process: no fork for each of thousands of small objects, and no more words than needed."""

    told_at = float("-inf")

    def heartbeat(self, timeout=None, pipeline=None):
        """Say that this worker lives, but not several times for each of a hundred jobs a second."""
        if timeout is not None or pipeline is not None or time.monotonic() - self.told_at > HEARTBEAT_SECONDS:
            self.told_at = time.monotonic()
            super().heartbeat(timeout, pipeline)

    def kill_horse(self, sig=None):
        """Nothing: the work is done in this process, and stops by itself where it is told to."""

    def check_for_suspension(self, burst):
        """Nothing: workers of this system are stopped, never suspended."""


class ForkingWorker(_Ours, Worker):
    """Runs each job in a process of its own, which may grow, crash or be stopped without harm to the worker."""

    def settle(self):
        """The same, and keep no connection: a process that is forked must not inherit one."""
        super().settle()
        with self.app.app_context():
            db.engine.dispose()

    def monitor_work_horse(self, job, queue):
        """Wait for the end of the job; one that was killed is settled at once."""
        super().monitor_work_horse(job, queue)
        self.settle()

    def maintain_heartbeats(self, job):
        """The same, and see what is wrong: the job may take an hour."""
        super().maintain_heartbeats(job)
        look(self.app)

    def kill_horse(self, sig=signal.SIGKILL):
        """Stop the process of the job, where there is one: without, RQ would stop this one."""
        if self.horse_pid:
            super().kill_horse(sig)

    def main_work_horse(self, job, queue):
        """Run the one job of this forked process, which must not outlive a worker that was killed."""
        die_with_parent()
        super().main_work_horse(job, queue)

    def perform_job(self, job, queue):
        """The same in the forked process, which ends with it."""
        done = super().perform_job(job, queue)
        counts(self.app.config["SETTINGS"]).tell()
        return done


def main(queue_names):
    """Serve the queues until SIGTERM or SIGINT."""
    if not queue_names or not set(queue_names) <= TIMEOUT_SECONDS.keys():
        sys.exit(f"Say which queues to serve: {', '.join(TIMEOUT_SECONDS)}.")
    keep_files_private()
    try:
        settings = load()
        logs.begin(settings, f"{queue_names[0]} worker")
        check_finished(settings)
        app = without_pages(settings)
    except WrongSetting as reason:
        sys.exit(f"OpenREM can't start. {reason}.")
    kind = QuickWorker if queue_names == [INGEST] else ForkingWorker
    with suppress(StopRequested):  # a signal between two workers; RQ answers those during one
        while not serve(kind, queue_names, app):
            time.sleep(1)


def serve(kind, queue_names, app) -> bool:
    """Work until told to stop, or until the queue goes away and a new worker is needed. Gives whether we were told."""
    redis_url = app.config["SETTINGS"].redis_url
    with connect(redis_url) as connection:
        wait_for(connection, app)
    with connect(redis_url) as connection:  # none that has the short patience of the one before
        return work(kind, queue_names, connection, app)


def work(kind, queue_names, connection: Redis, app) -> bool:
    """The same, over a connection that nobody else has."""
    worker = kind(
        queue_names,
        connection=connection,
        job_class=QuietJob,
        worker_ttl=WAKES_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        job_monitoring_interval=HEARTBEAT_SECONDS,
        log_job_description=False,
    )
    worker.app = app
    log.info("waiting for work on %s", ", ".join(queue_names))
    try:
        with heard_of(worker.name, app.config["SETTINGS"].redis_url):
            worker.work(logging_level="WARNING")
    except RedisError as error:
        log.warning("lost the queue: %s", error)
    return worker.stopping


@contextmanager
def heard_of(name: str, redis_url: str) -> Iterator[None]:
    """Say all the time that the worker lives, also while it works: who is silent has its objects read by others."""
    done, connection = threading.Event(), connect(redis_url)  # of its own: two must not wait for each other

    def tell() -> None:
        while not done.is_set():
            with suppress(QueueAway):
                tell_alive(connection, name)
            done.wait(BEAT_SECONDS)

    thread = threading.Thread(target=tell, name="alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        connection.close()


def wait_for(connection: Redis, app):
    """Come back once the queue answers."""
    told = False
    while True:
        try:
            connection.ping()
            return
        except RedisError as error:
            if not told:
                log.warning("waiting for the queue: %s", error)
            told = True
            look(app)
            time.sleep(0.5)


def look(app):
    """See what is wrong, and tell whoever is to hear of it; not more often than each few seconds."""
    if time.monotonic() - _looked.get(app, float("-inf")) < LOOK_SECONDS:
        return
    _looked[app] = time.monotonic()
    with app.app_context():
        with asking(app):
            alarms.look(app.config["SETTINGS"])
        db.engine.dispose()  # a process that is forked must not inherit a connection


@contextmanager
def asking(app) -> Iterator[None]:
    """Go on where the database does not answer in the block; who is to hear of it does, by and by."""
    try:
        with outage.noticed(app.config["SETTINGS"]):
            yield
    except SQLAlchemyError as error:
        log.warning("the database does not answer: %s", type(error).__name__)


if __name__ == "__main__":
    main(sys.argv[1:])

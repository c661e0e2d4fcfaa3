"""What Prometheus reads."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from app import create_app, heard
from app.extensions import db
from app.jobs.ingest import ingest
from app.operations import counts
from app.operations.exposition import GAUGE, Family, written
from app.queue import EXPORT, INGEST, connect, enqueue
from tests.processes import program
from tests.servers import free_port, wait_until
from tests.web.test_access import a_job
from tests.web.visitor import Visitor, make_user

NEAR = {"metrics_from": ("127.0.0.1",)}


@pytest.fixture
def watched(settings):
    """Makes an application with these settings, and all tables."""
    made = []

    def make(**changes):
        app = create_app(replace(settings, **changes))
        made.append(app)
        with app.app_context():
            db.create_all()
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


def figures(app):
    """Each figure by its name and labels."""
    counts.counts(app.config["SETTINGS"]).tell()
    answer = Visitor(app).get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in parse(answer.text)
        for sample in family.samples
    }


def test_figures_are_off_until_the_site_says_who_may_ask(watched):
    assert Visitor(watched()).get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("changes", "address", "token", "status"),
    [
        ({"metrics_from": ("10.1.0.0/16",)}, "10.1.2.3", "", 200),
        ({"metrics_from": ("10.1.0.0/16",)}, "::ffff:10.1.2.3", "", 200),
        ({"metrics_from": ("10.1.0.0/16",)}, "10.2.2.3", "", 403),
        ({"metrics_token": "a secret"}, "10.2.2.3", "a secret", 200),
        ({"metrics_token": "a secret"}, "10.2.2.3", "another", 403),
        ({"metrics_token": "a secret"}, "10.2.2.3", "", 403),
        ({"metrics_from": ("10.1.0.0/16",), "metrics_token": "a secret"}, "10.1.2.3", "", 403),
        ({"metrics_from": ("10.1.0.0/16",), "metrics_token": "a secret"}, "10.9.9.9", "a secret", 403),
    ],
)
def test_only_who_is_named_is_told(watched, changes, address, token, status):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = Visitor(watched(**changes)).get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_requests_are_counted_by_route_and_not_by_address(watched):
    app = watched(**NEAR)
    for path in ("/study/1.2.3?accession=4711", "/study/1.2.4", "/nowhere/1.2.5"):
        Visitor(app).get(path)
    told = figures(app)
    of_study = (("method", "GET"), ("route", "/study/<uid>"))
    assert told["openrem_http_requests_total", *of_study, ("status", "302")] == 2
    assert told["openrem_http_requests_total", ("method", "GET"), ("route", "(none)"), ("status", "404")] == 1
    assert told["openrem_http_request_seconds_count", *of_study] == 2
    buckets = [value for (name, *labels), value in told.items() if name.endswith("_bucket") and of_study[1] in labels]
    assert buckets == sorted(buckets) and buckets[-1] == 2
    assert not [key for key in told if "1.2." in str(key) or "4711" in str(key)]


@pytest.mark.usefixtures("database_url")
def test_queues_workers_imports_jobs_disk_and_database_are_told(watched, settings):
    app = watched(**NEAR)
    settings.spool.mkdir(parents=True)
    (settings.spool / "nonsense.dcm").write_bytes(b"no DICOM")
    make_user(app, "anna", "export")
    a_job(app, "anna")
    with app.app_context():
        ingest(str(settings.spool / "nonsense.dcm"))
    enqueue(settings, INGEST, "tests.example_jobs.write", "x")
    told = figures(app)
    assert told["openrem_queue_waiting", ("queue", "ingest")] == 1
    assert 0 < told["openrem_queue_oldest_seconds", ("queue", "ingest")] < 60
    assert told["openrem_queue_oldest_seconds", ("queue", "export")] == 0
    assert told["openrem_workers", ("queue", "ingest")] == 0
    assert told["openrem_imports_total", ("outcome", "failed")] == 1
    assert told["openrem_refused_objects", ("result", "failed")] == 1
    assert told["openrem_jobs", ("kind", "ct-csv"), ("state", "failed")] == 1
    assert told["openrem_disk_free_bytes", ("folder", "media")] > 0
    assert told["openrem_database_bytes",] > 10_000
    if not settings.database_url.startswith("sqlite"):
        assert told["openrem_database_connections",] >= 1


def test_the_store_is_told_by_what_listeners_tell(watched, settings):
    teller = heard.Teller(settings, "scanner-side", 17)
    port = heard.Running("CT", "STORE", "0.0.0.0", 104, False, 1.0, "", 3)
    teller.heartbeat = lambda: heard.Heartbeat("scanner-side", 17, 1.0, 2.0, 1, (port,), "", 5, 500, True, 12, 34)
    teller.object(heard.KEPT, "CT1", "10.0.0.1")
    teller.association(heard.Association(1.0, 2.0, "CT1", "STORE", "10.0.0.1", "CT", heard.RELEASED, "", True, False))
    teller.start()
    wait_until(lambda: heard.listeners(settings), "the listener was heard")
    told = figures(watched(**NEAR))
    teller.stop()
    process = (("host", "scanner-side"), ("pid", "17"))
    assert told["openrem_listeners",] == 1
    assert told["openrem_spool_files", *process] == 12 and told["openrem_store_full", *process] == 1
    assert told["openrem_spool_free_bytes", *process] == 5_000_000
    assert told["openrem_store_associations_open", *process, ("port", "CT")] == 3
    assert told["openrem_store_objects_total", ("outcome", "kept")] == 1
    assert told["openrem_store_associations_total", ("outcome", "released")] == 1


def test_what_is_away_is_told_and_the_rest_is_there(watched):
    told = figures(watched(**NEAR, redis_url=f"redis://127.0.0.1:{free_port()}"))
    assert (told["openrem_queue_up",], told["openrem_database_up",]) == (0, 1)
    assert told["openrem_disk_free_bytes", ("folder", "instance")] > 0
    app = watched(**NEAR)
    with app.app_context():
        db.drop_all()
    told = figures(app)
    assert (told["openrem_queue_up",], told["openrem_database_up",]) == (1, 0)


@pytest.mark.parametrize("queue_name", [INGEST, EXPORT])
def test_what_processes_count_comes_together(settings, watched, tmp_path, queue_name):
    app = watched(**NEAR)
    with program(replace(settings, **NEAR), "worker.py", queue_name, output=tmp_path / "worker.log"):
        enqueue(settings, queue_name, "tests.example_jobs.write", str(tmp_path / "trace"))
        done = ("openrem_queue_jobs_total", ("outcome", "done"), ("queue", queue_name))
        told = wait_until(lambda: (told := figures(app)).get(done) and told, "the worker told of its job")
    assert told[done] == 1 and told["openrem_workers", ("queue", queue_name)] == 1


def test_nothing_is_counted_where_nobody_may_ask(watched, settings):
    apart = f"{settings.redis_url}?db=1"  # the other tests' processes may tell late
    app = watched(redis_url=apart)
    Visitor(app).get("/")
    counts.counts(app.config["SETTINGS"]).tell()
    with connect(apart) as redis:
        assert not redis.keys(f"{counts.KEY}*")


def test_whatever_a_label_says_is_read_back_as_it_is():
    family = Family("of_words", GAUGE, 'a "help"\nin lines \\')
    family.add(0.1, word='a "quote", a \\ and\na line')
    (read,) = parse(written([family]))
    assert (read.samples[0].labels, read.samples[0].value) == ({"word": 'a "quote", a \\ and\na line'}, 0.1)

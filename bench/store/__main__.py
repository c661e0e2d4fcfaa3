"""`make bench-store`: how fast objects come in over the network, beside DCMTK's own storage SCP."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from app import create_app, queue
from app.extensions import db
from app.settings import Settings, load
from bench.store import peers, report
from bench.store.probe import Probe
from bench.store.watch import Watch
from bench.walk import slower, told_walk_ms
from bench.web import archive, server
from tests import servers
from tests.processes import program
from tests.servers import wait_until

WAYS = {"as it comes": peers.AS_IT_COMES, "with TCP_NODELAY=1": peers.AT_ONCE}


def main() -> None:
    """Measure, print it beside the goals, and write it as JSON where a path is given."""
    options = _options()
    if not peers.is_here():
        sys.exit(peers.ABSENT)
    figures: dict = {"associations": options.associations, "walk_ms": told_walk_ms()}
    goals = report.Goals.here(slower(figures["walk_ms"]))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = _settings(stack, folder)
        app = create_app(settings)
        with app.app_context():
            db.create_all()
            archive.make(db.engine, options.studies)
        figures["rounds"] = _beside_storescp(settings, folder, options, goals)
        if options.objects:
            figures |= _with_everything(app, settings, folder, options, goals)
        with app.app_context():
            db.engine.dispose()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-store", description="How fast objects come in.")
    parser.add_argument("--objects", type=int, default=50_000, help="of the long run; 0 leaves it out")
    parser.add_argument("--associations", type=int, default=8, help="at the same time")
    parser.add_argument("--rounds", type=int, default=5, help="of listener and storescp in turn")
    parser.add_argument("--each", type=int, default=250, help="objects that each association sends in a round")
    parser.add_argument("--studies", type=int, default=100_000, help="in the database, for the CT list")
    parser.add_argument("--workers", type=int, default=1, help="that read objects meanwhile, in the long run")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


def _settings(stack: ExitStack, folder: Path) -> Settings:
    ports = {"STORE_PORT": str(servers.free_port()), "WEB_PORT": str(servers.free_port())}
    return load(
        {
            "INSTANCE": str(folder / "instance"),
            "REDIS_URL": stack.enter_context(servers.redis()).url,
            "DATABASE_URL": stack.enter_context(servers.fresh_postgres()),
            "STORE_HOST": "127.0.0.1",
            **ports,
        }
    )


@contextmanager
def _listener(settings: Settings, folder: Path) -> Iterator[int]:
    """The process of our listener meanwhile."""
    output = folder / "scp.log"
    with program(settings, "scp.py", output=output) as process:
        wait_until(lambda: "listening as" in output.read_text(), "the listener listens", 60)
        yield process.pid
        process.terminate()
        process.wait(timeout=30)


def _beside_storescp(settings: Settings, folder: Path, options: argparse.Namespace, goals: report.Goals) -> list[dict]:
    """Objects a second of storescp and of ours in turn, without the rest of the system, in each way to send."""
    folders = peers.write_reports(folder / "short", options.associations, options.each)
    size = next(folders[0].iterdir()).stat().st_size
    number = options.associations * options.each
    print(f"{options.associations} associations of storescu, reports of {size / 1000:.1f} kB, {number} in a round")
    run = folder / "short-run"
    apart = replace(settings, instance=run, media_root=run, spool=run / "spool")
    told = []
    for way, environment in WAYS.items():
        theirs, ours = [], []
        for _ in range(options.rounds):
            with peers.storescp(folder / "storescp", environment) as port:
                theirs.append(number / peers.send(port, folders, environment))
            with _listener(apart, folder):
                ours.append(number / peers.send(settings.store_port, folders, environment))
        told.append(report.of_rounds(way, theirs, ours, goals))
    queue.connect(settings.redis_url).flushall()  # nobody shall read these
    return told


def _with_everything(app, settings: Settings, folder: Path, options: argparse.Namespace, goals: report.Goals) -> dict:
    """The long run, with web server, database, queue and workers beside it."""
    each = max(1, options.objects // options.associations)
    folders = peers.write_reports(folder / "long", options.associations, each)
    _, cookie = server.signed_in(app)
    with ExitStack() as stack:
        stack.enter_context(server.running(settings, folder))
        for number in range(options.workers):
            said = folder / f"worker{number}.log"
            stack.enter_context(program(settings, "worker.py", "ingest", output=said))
            wait_until(lambda said=said: "waiting for work" in said.read_text(), "the worker waits for work", 60)
        listener = stack.enter_context(_listener(settings, folder))
        watch, probe = Watch(listener, settings, cookie), Probe(settings.store_port)
        watch.start()
        probe.start()
        seconds = peers.send(settings.store_port, folders)
        milliseconds = probe.stop()
        watch.stop()
        waiting = len(list(settings.spool.glob("*.dcm")))
    return report.of_long_run(each * options.associations, seconds, milliseconds, watch, waiting, goals)


if __name__ == "__main__":
    main()

"""`make bench-store`: how fast objects come in over the network, beside DCMTK's own storage SCP."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from app import create_app, queue
from app.extensions import db
from app.settings import Settings, load
from bench.store import peers
from bench.store.probe import Probe, share
from bench.store.watch import Watch
from bench.web import archive, server
from tests import servers
from tests.processes import program
from tests.servers import wait_until

A_SECOND, OF_STORESCP, P99_MS, LIST_MS = 150, 0.8, 250, 300
GROWTH_MB = 20  # of the listener, from a tenth of the objects to all of them: what Python's heap may do by itself


def main() -> None:
    """Measure, print it beside the goals, and write it as JSON where a path is given."""
    options = _options()
    if not peers.is_here():
        sys.exit(peers.ABSENT)
    figures: dict = {"associations": options.associations}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = _settings(stack, folder)
        app = create_app(settings)
        with app.app_context():
            db.create_all()
            archive.make(db.engine, options.studies)
        figures |= _beside_storescp(settings, folder, options)
        if options.objects:
            figures |= _with_everything(app, settings, folder, options)
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


def _beside_storescp(settings: Settings, folder: Path, options: argparse.Namespace) -> dict:
    """Objects a second of storescp and of ours in turn, without the rest of the system; the medians."""
    folders = peers.write_reports(folder / "short", options.associations, options.each)
    size = next(folders[0].iterdir()).stat().st_size
    number = options.associations * options.each
    print(f"{options.associations} associations of storescu, reports of {size / 1000:.1f} kB, {number} in a round")
    theirs, ours = [], []
    for _ in range(options.rounds):
        with peers.storescp(folder / "storescp") as port:
            theirs.append(number / peers.send(port, folders))
        run = folder / "short-run"
        with _listener(replace(settings, instance=run, media_root=run, spool=run / "spool"), folder):
            ours.append(number / peers.send(settings.store_port, folders))
    queue.connect(settings.redis_url).flushall()  # nobody shall read these
    figures = {"storescp_per_second": median(theirs), "listener_per_second": median(ours)}
    ratio = median(our / their for our, their in zip(ours, theirs, strict=True))  # of neighbours: machines get busy
    print(f"storescp --fork, nothing synced:   {median(theirs):7.0f}/s  ({_all(theirs)})")
    print(f"our listener, everything synced:   {median(ours):7.0f}/s  ({_all(ours)}; goal ≥{A_SECOND})")
    print(f"ours / storescp:                   {ratio:7.2f}    (goal ≥{OF_STORESCP})", flush=True)
    return figures | {"ratio": ratio, "size": size}


def _with_everything(app, settings: Settings, folder: Path, options: argparse.Namespace) -> dict:
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
    return _report(each * options.associations, seconds, milliseconds, watch, waiting)


def _report(number: int, seconds: float, milliseconds: list[float], watch: Watch, waiting: int) -> dict:
    early, last = watch.megabytes[len(watch.megabytes) // 10], watch.megabytes[-1]
    figures = {
        "objects": number,
        "seconds": seconds,
        "per_second": number / seconds,
        "p50_ms": share(milliseconds, 0.5),
        "p99_ms": share(milliseconds, 0.99),
        "most_ms": share(milliseconds, 1),
        "early_mb": early,
        "last_mb": last,
        "list_ms": median(watch.list_ms),
        "list_p95_ms": share(sorted(watch.list_ms), 0.95),
        "waiting": waiting,
    }
    print(f"\n{number} objects with web server, PostgreSQL, queue and workers: {seconds:.0f} s")
    print(f"objects a second:                  {figures['per_second']:7.0f}    (goal ≥{A_SECOND})")
    print(f"answer, median / p99 / slowest:    {figures['p50_ms']:.0f} / {figures['p99_ms']:.0f} / "
          f"{figures['most_ms']:.0f} ms of {len(milliseconds)} (goal p99 <{P99_MS} ms)")  # fmt: skip
    print(f"listener's memory:                 {early:7.0f} MB after a tenth, {last:.0f} MB at the end "
          f"(goal ≤{GROWTH_MB} MB more)")  # fmt: skip
    print(f"CT list, median / p95:             {figures['list_ms']:.0f} / {figures['list_p95_ms']:.0f} ms "
          f"of {len(watch.list_ms)} (goal <{LIST_MS} ms)")  # fmt: skip
    print(f"objects that still wait for a worker: {waiting}")
    return figures


def _all(rates: list[float]) -> str:
    return ", ".join(f"{rate:.0f}" for rate in rates)


if __name__ == "__main__":
    main()

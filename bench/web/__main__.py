"""`make bench-web`: how long pages take with a million studies in PostgreSQL, and with a tenth of them in SQLite."""

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.extensions import db
from app.settings import Settings, load
from bench.walk import slower, told_walk_ms
from bench.web import archive, server
from bench.web.load import ABSENT, PAUSE_MS, click, errors_or_slow
from bench.web.pages import OTHERS, PAGES
from bench.web.report import heading, line, missed_by, of_clicks
from tests import servers


def main() -> None:
    """Measure what was asked for, print it, and write it as JSON where a path is given."""
    options = _options()
    walk = told_walk_ms()
    figures: dict = {"walk_ms": walk}
    sizes = {"postgresql": options.studies, "sqlite": options.studies // 10}
    for kind in options.databases.split(","):
        figures[kind] = _measure(kind, sizes[kind], options, slower(walk))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))
    if options.strict and any(one["missed"] for one in figures.values() if isinstance(one, dict)):
        sys.exit("Some figures are beyond their goals.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-web", description="How long pages take, and what they cost.")
    parser.add_argument("--studies", type=int, default=1_000_000, help="in PostgreSQL; a tenth of them in SQLite")
    parser.add_argument("--databases", default="postgresql,sqlite", help="which of the two, with a comma between")
    parser.add_argument("--postgresql", help="address of an empty database, or of one that this filled before")
    parser.add_argument("--times", type=int, default=30, help="how often each page is fetched")
    parser.add_argument("--seconds", type=int, default=20, help="of clicking; 0 leaves it out")
    parser.add_argument("--strict", action="store_true", help="fail where a goal is missed")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


def _measure(kind: str, studies: int, options: argparse.Namespace, slower: float) -> dict:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        given = {"INSTANCE": str(folder), "REDIS_URL": stack.enter_context(servers.redis()).url,
                 "WEB_PORT": str(servers.free_port())}  # fmt: skip
        if kind == "postgresql":
            given["DATABASE_URL"] = options.postgresql or stack.enter_context(servers.fresh_postgres())
        app = create_app(load(given))
        with app.app_context():
            _fill(kind, studies)
        client, cookie = server.signed_in(app)
        stack.enter_context(server.running(app.config["SETTINGS"], folder))
        pages = _pages(app, client, cookie, options.times, slower)
        clicks = _clicks(app.config["SETTINGS"], cookie, options.seconds, slower)
        with app.app_context():
            db.engine.dispose()
    missed = [one["name"] for one in (*pages, *clicks) if one["missed"]]
    return {"studies": studies, "pages": pages, "clicks": clicks, "missed": missed}


def _fill(kind: str, studies: int) -> None:
    there = archive.size(db.engine)
    if not there:
        begun = time.perf_counter()
        db.create_all()
        archive.make(db.engine, studies)
        there = studies
        print(f"\n{kind}: {studies:,} studies made in {time.perf_counter() - begun:.0f} s")
    print(f"\n{kind} with {there:,} studies", heading(), sep="\n", flush=True)


def _pages(app: Flask, client: FlaskClient, cookie: str, times: int, slower: float) -> list[dict]:
    found = []
    for page in (*PAGES, *OTHERS):
        figures = server.measure(app, client, cookie, page, times)
        found.append(figures | {"missed": missed_by(page, figures, slower)})
        print(line(found[-1], slower), flush=True)
    return found


def _clicks(settings: Settings, cookie: str, seconds: int, slower: float) -> list[dict]:
    """With pauses as busy people make them, which has a goal; and without, which has none but errors."""
    found = []
    for pause in (PAUSE_MS, 0) if seconds else ():
        figures = click(settings, cookie, seconds, pause)
        if figures is None:
            print(ABSENT)
            break
        found.append(figures | {"missed": errors_or_slow(figures, slower)})
        print(of_clicks(figures, slower), flush=True)
    return found


if __name__ == "__main__":
    main()

"""One import in a process of its own, as a worker does it: prints what it took as JSON."""

import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy import event

from app import create_app
from app.extensions import db
from app.jobs import sizes
from app.models import Job
from app.settings import load
from app.sizes.plan import guessed
from app.sizes.table import Table


def main() -> None:
    """Import what the arguments name: kind of identifier, whether to overwrite, the table, the database, a folder."""
    kind, overwrites, path, url, folder = sys.argv[1:]
    with create_app(load({"INSTANCE": folder, "DATABASE_URL": url, "REDIS_URL": "unix:///nowhere"})).app_context():
        statements = []
        event.listen(db.engine, "before_cursor_execute", lambda *_: statements.append(1))
        begun = time.perf_counter()
        table = Table.of(Path(path))
        plan = replace(guessed(table, [kind]), kind=kind, identifier=0, overwrite=overwrites == "1")
        job_id = sizes.import_here(table, plan, lambda result: None, lambda done, total: None)
        seconds = time.perf_counter() - begun
        job = db.session.get_one(Job, job_id)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told = {"seconds": seconds, "peak_mb": peak, "statements": len(statements), "counts": job.query["counts"]}
        print(json.dumps(told))


if __name__ == "__main__":
    main()

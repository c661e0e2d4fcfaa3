"""One export in a process of its own, so that its memory is its own: prints what it took as JSON."""

import json
import resource
import sys
import time
from pathlib import Path

from sqlalchemy import event

from app import create_app
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.extensions import db
from app.queries.selection import Selection
from app.settings import load
from app.transactions import one_moment


def main() -> None:
    """Write the export that the arguments name: its kind, the file, how many studies, the database, a folder."""
    name, file, studies, url, folder = sys.argv[1:]
    with create_app(load({"INSTANCE": folder, "DATABASE_URL": url})).app_context():
        print(json.dumps(_measured(KINDS[name], Path(file), int(studies))))


def _measured(kind, file: Path, studies: int) -> dict:
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *_: statements.append(1))
    selection = Selection.from_args(kind.modality, {})
    begun, worked = time.perf_counter(), time.process_time()
    with one_moment() as connection:
        wanted = selection.ordered().limit(studies)
        order = Order(file, connection, wanted, studies, lambda done: None)
        events = order.events()
        kind.write(order)
    return {
        "kind": kind.name,
        "studies": studies,
        "events": events,
        "seconds": time.perf_counter() - begun,
        "processor_seconds": time.process_time() - worked,
        "statements": len(statements),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "file_mb": file.stat().st_size / 1e6,
    }


if __name__ == "__main__":
    main()

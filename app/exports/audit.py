"""Audit entries as CSV, a piece at a time."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from sqlalchemy import Connection

from app.exports.cells import Cell
from app.exports.csv_file import text
from app.models import AuditEntry
from app.queries.audit import Acts

AT_A_TIME = 1000  # rows
HEADINGS = {
    "id": "Number",
    "at": "At (UTC)",
    "username": "Who",
    "remote_address": "From",
    "action": "Action",
    "what": "What",
    "outcome": "Outcome",
    "details": "Details",
    "previous": "Digest of the entry before",
    "digest": "Digest",
}


def pieces(connection: Connection, acts: Acts) -> Iterator[str]:
    """The file of the entries that match, newest first."""
    yield "\ufeff" + _written([list(HEADINGS.values())])  # the byte order mark tells Excel that this is UTF-8
    rows = acts.select.with_only_columns(*(AuditEntry.__table__.c[name] for name in HEADINGS))
    with connection.execute(rows, execution_options={"yield_per": AT_A_TIME}) as found:
        for some in found.partitions():
            yield _written([[text(_cell(value)) for value in row] for row in some])


def _cell(value: Any) -> Cell:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _written(rows: list[list[str]]) -> str:
    file = StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()

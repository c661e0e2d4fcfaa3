"""Audit entries as CSV, a piece at a time."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from app.exports import csv_file
from app.exports.cells import Cell
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
    rows = acts.select.with_only_columns(*(AuditEntry.__table__.c[name] for name in HEADINGS))
    with connection.execute(rows, execution_options={"yield_per": AT_A_TIME}) as found:
        pages = ([[_cell(value) for value in row] for row in some] for some in found.partitions())
        yield from csv_file.pieces(list(HEADINGS.values()), pages)


def _cell(value: Any) -> Cell:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value

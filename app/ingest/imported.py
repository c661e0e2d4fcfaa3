"""Heights and weights that somebody imported from a table, beside those that a study's objects tell."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from app.models import Study

SIZES = ("patient_size", "patient_weight")


def combined(told: float | None, imported: Mapping[str, Any] | None) -> float | None:
    """What a study shows, in whatever order they came: an import fills a gap, or was asked to overwrite."""
    if imported is not None and (told is None or imported["overwrites"]):
        return imported["value"]
    return told


def with_imported(connection: Connection, study_id: int, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The study's changed columns, where its objects tell another size, and an import one too."""
    sizes = [name for name in SIZES if name in changed]
    if not sizes:
        return dict(changed)
    imported = connection.scalar(select(Study.imported).where(Study.id == study_id)) or {}
    return {**changed, **{name: combined(changed[name], imported.get(name)) for name in sizes}}

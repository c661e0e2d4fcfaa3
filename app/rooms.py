"""What administrators change about rooms."""

from sqlalchemy import func, update

from app.extensions import db
from app.models import Equipment, Study
from app.models.equipment import SORTABLE

LONGEST_NAME = 255  # characters


def rename(id: int, display_name: str) -> None:
    """Give the room a name; runs in the caller's transaction."""
    db.session.execute(update(Equipment).where(Equipment.id == id).values(display_name=display_name))


def set_modality(id: int, modality: str | None) -> int:
    """Sort the room's studies under the modality, or with None each as its own objects say, now and from now on.

    Gives how many stored studies changed their place; runs in the caller's transaction.
    """
    db.session.execute(update(Equipment).where(Equipment.id == id).values(modality=modality))
    found = func.coalesce(Study.modality_found, Study.modality)
    wanted = found if modality is None else modality
    moved = update(Study).where(Study.equipment_id == id, found.in_(SORTABLE), Study.modality != wanted)
    moved = moved.values(modality=wanted, modality_found=found).execution_options(synchronize_session=False)
    return db.session.connection().execute(moved).rowcount

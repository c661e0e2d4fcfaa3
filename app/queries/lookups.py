"""Names, codes and rooms by their ids."""

from collections.abc import Iterable

from sqlalchemy import select

from app.extensions import db
from app.models import Equipment, Name


def room_name(id: int) -> str | None:
    """What people call the room."""
    return db.session.scalar(select(Equipment.display_name).where(Equipment.id == id))


def names(ids: Iterable[int | None]) -> dict[int, str]:
    """The texts of these names, in one statement."""
    wanted = {id for id in ids if id is not None}
    return {id: text for id, text in db.session.execute(select(Name.id, Name.text).where(Name.id.in_(wanted)))}

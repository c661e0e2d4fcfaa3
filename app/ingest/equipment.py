"""Whose room is this? A device is found by what identifies it, software versions excepted."""

from hashlib import sha256

from sqlalchemy import Connection, select

from app.ingest.insert import insert_new
from app.models import Equipment
from app.models.equipment import IDENTIFYING


def equipment_id(connection: Connection, values: dict[str, object]) -> int | None:
    """The room's id, made where it is new; None where the object says nothing about its device."""
    told = [str(values.get(name) or "").strip() for name in IDENTIFYING]
    if not any(told):
        return None
    identity = sha256("\0".join(told).lower().encode()).hexdigest()
    found = select(Equipment.id).where(Equipment.identity == identity)
    known = connection.scalar(found)
    if known is None:
        row = {name: values.get(name) for name in IDENTIFYING}
        row |= {"identity": identity, "display_name": _display_name(values)}
        insert_new(connection, Equipment.__table__, [row])
        known = connection.scalar(found)
    return known


def _display_name(values: dict[str, object]) -> str:
    """What people would call the room until they say otherwise."""
    known = [values.get("institution"), values.get("station_name") or values.get("model_name")]
    return " ".join(str(part) for part in known if part)[:255] or str(values.get("manufacturer") or "Unnamed")

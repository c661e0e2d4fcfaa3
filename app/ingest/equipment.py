"""Whose room is this? A device is found by what identifies it, software versions excepted."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, Date, Engine, bindparam, case, exists, func, literal, select, true

from app.database import INSERTS
from app.ingest.insert import insert_new
from app.models import Equipment, EquipmentVersion
from app.models.equipment import CHANGING, IDENTIFYING, MOST_UIDS, OF_STUDY, SORTABLE
from app.transactions import changing

FOUND = select(Equipment.id, Equipment.modality).where(Equipment.identity == bindparam("identity"))
ENOUGH = ("station_name", "serial_number", "gantry_id")  # without any of these many devices of a kind look the same
LONGEST_VERSION = 255  # characters

_noted: WeakKeyDictionary[Engine, set[tuple]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Room:
    """The device that an object comes from, and what an administrator set for it."""

    id: int
    modality: str | None

    def sorts(self, found: str) -> str:
        """The modality of a study whose objects say this one: the setting tells fluoroscopy and radiography apart."""
        return self.modality if self.modality and found in SORTABLE else found


def room(connection: Connection, values: dict[str, object]) -> Room | None:
    """The room, made where it is new; None where the object says nothing about its device.

    A `device_uid` among the values, as device_uid() gives it, tells devices apart where nothing better does.
    """
    told = [_plain(values.get(name)) for name in IDENTIFYING]
    if not any(values.get(name) for name in ENOUGH):
        uid = str(values.get("device_uid") or "")
        told += [uid] if uid and uid != OF_STUDY else []
    if not any(told):
        return None
    identity = sha256("\0".join(told).encode()).hexdigest()
    known = connection.execute(FOUND, {"identity": identity}).first()
    if known is None:
        row = {name: values.get(name) for name in IDENTIFYING}
        row |= {"identity": identity, "display_name": _display_name(values)}
        insert_new(connection, Equipment.__table__, [row])
        known = connection.execute(FOUND, {"identity": identity}).one()
    return Room(*known)


def device_uid(written: Iterable[str | None], study_instance_uid: str, sop_instance_uid: str) -> str | None:
    """The first of the written UIDs that can be a device's own; OF_STUDY where there are but UIDs of the object.

    Some devices make theirs from the study's, longer or shorter by a few components, anew each time.
    """
    there = [uid.strip(" \0") for uid in written if uid]
    objects = (study_instance_uid, sop_instance_uid)
    own = [uid for uid in there if _is_uid(uid) and not any(_is_within(uid, one) for one in objects)]
    if own:
        return own[0]
    return OF_STUDY if there else None


def note_version_once(
    engine: Engine,
    equipment_id: int,
    software_versions: str | None,
    device_observer_uid: str | None,
    study_date: date | None,
) -> None:
    """Note it, unless this process has noted the same of the same day already."""
    told = (equipment_id, software_versions, device_observer_uid, study_date)
    noted = _noted.setdefault(engine, set())
    if told not in noted:
        with changing(engine) as connection:
            note_version(connection, *told)
        noted.add(told)


def note_version(
    connection: Connection,
    equipment_id: int,
    software_versions: str | None,
    device_observer_uid: str | None,
    study_date: date | None,
) -> None:
    """Note that a study of that day tells of this software and this UID, as device_uid() gives it. One statement.

    A device that has had many UIDs gets no new row for each: they share one.
    """
    table = EquipmentVersion.__table__
    software = " ".join((software_versions or "").split())[:LONGEST_VERSION]
    day = literal(study_date, Date)
    row = select(literal(equipment_id), literal(software), _told_uid(equipment_id, software, device_observer_uid or ""))
    names = ["equipment_id", "software_versions", "device_observer_uid", "first_seen", "last_seen"]
    # SQLite takes the ON of “ON CONFLICT” for a join where no WHERE stands before it.
    insert = INSERTS[connection.dialect.name](table).from_select(names, row.add_columns(day, day).where(true()))
    earlier, later = insert.excluded.first_seen, insert.excluded.last_seen
    first, last = table.c.first_seen, table.c.last_seen
    seen: dict[str, Any] = {
        "first_seen": case((first <= earlier, first), else_=func.coalesce(earlier, first)),
        "last_seen": case((last >= later, last), else_=func.coalesce(later, last)),
    }
    connection.execute(insert.on_conflict_do_update(index_elements=names[:3], set_=seen))


def _told_uid(equipment_id: int, software: str, uid: str) -> ColumnElement[str]:
    """The UID itself, unless it is one too many."""
    of_device = (EquipmentVersion.equipment_id == equipment_id) & (EquipmentVersion.software_versions == software)
    is_known = exists().where(of_device, EquipmentVersion.device_observer_uid == uid)
    count = select(func.count()).select_from(EquipmentVersion).where(of_device).scalar_subquery()
    return case((is_known, literal(uid)), (count < MOST_UIDS, literal(uid)), else_=literal(CHANGING))


def _plain(value: object) -> str:
    """The text as it is compared: capitals, spaces and ways to write an accent make no difference."""
    return " ".join(unicodedata.normalize("NFKC", str(value or "")).split()).casefold()


def _is_uid(text: str) -> bool:
    parts = text.split(".")
    return len(text) <= 64 and len(parts) > 2 and all(part.isascii() and part.isdigit() for part in parts)


def _is_within(uid: str, other: str) -> bool:
    """Whether they are the same, or one is the other with components added."""
    return uid == other or uid.startswith(f"{other}.") or other.startswith(f"{uid}.")


def _display_name(values: dict[str, object]) -> str:
    """What people would call the room until they say otherwise."""
    known = [values.get("institution"), values.get("station_name") or values.get("model_name")]
    return " ".join(str(part) for part in known if part)[:255] or str(values.get("manufacturer") or "Unnamed")[:255]

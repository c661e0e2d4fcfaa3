"""Whose room is it: what tells devices apart, and what is noted of them."""

from datetime import date

import pytest
from sqlalchemy import event, func, select

from app.extensions import db
from app.ingest.equipment import Room, device_uid, note_version, room
from app.models import Equipment, EquipmentVersion
from app.models.equipment import CHANGING, MOST_UIDS, OF_STUDY

DEVICE = {"institution": "Hospital", "manufacturer": "Maker", "model_name": "Model", "station_name": "ROOM1"}
STUDY, OBJECT = "1.2.3.4.5", "1.2.3.9.1"


def equipment_id(connection, values):
    """The id of the room, where there is one."""
    found = room(connection, values)
    return found.id if found else None


@pytest.fixture
def connection(database):
    with db.engine.connect().execution_options(write=True) as connection, connection.begin():
        yield connection


@pytest.mark.usefixtures("database_url")
def test_a_room_is_the_same_whatever_its_capitals_and_spaces(connection):
    first = equipment_id(connection, DEVICE)
    again = {"institution": " HOSPITAL", "manufacturer": "maker\t", "model_name": "Model", "station_name": "Room1 "}
    assert equipment_id(connection, again) == first
    assert equipment_id(connection, DEVICE | {"station_name": "ROOM 1"}) != first
    assert equipment_id(connection, {"software_versions": "7"}) is None


def test_a_room_is_the_same_however_its_accents_are_written(connection):
    composed, decomposed = "Universit\u00e4t", "Universita\u0308t"
    ids = {equipment_id(connection, DEVICE | {"institution": name}) for name in (composed, decomposed)}
    assert len(ids) == 1


def test_a_uid_tells_devices_apart_where_nothing_better_does(connection):
    kind = DEVICE | {"station_name": None}
    first, second = (equipment_id(connection, kind | {"device_uid": uid}) for uid in ("1.2.840.1", "1.2.840.2"))
    assert first != second
    named = {equipment_id(connection, DEVICE | {"device_uid": uid}) for uid in ("1.2.840.1", "1.2.840.2", None)}
    assert len(named) == 1, "a device with a name is the same though its UID changes"
    unsure = {equipment_id(connection, kind | {"device_uid": uid}) for uid in (OF_STUDY, None)}
    assert len(unsure) == 1 and unsure.isdisjoint({first, second})


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ((None, ""), None),
        (("1.2.840.7",), "1.2.840.7"),
        (("1.2.840.7\0",), "1.2.840.7"),
        ((STUDY,), OF_STUDY),
        ((f"{STUDY}.1",), OF_STUDY),
        (("1.2.3.4",), OF_STUDY),
        ((OBJECT,), OF_STUDY),
        (("1.2.3.45.5",), "1.2.3.45.5"),
        (("not a UID",), OF_STUDY),
        ((STUDY, "1.2.840.7"), "1.2.840.7"),
    ],
)
def test_a_uid_that_is_made_from_the_study_is_no_devices(written, told):
    assert device_uid(written, STUDY, OBJECT) == told


def test_a_setting_sorts_fluoroscopy_and_radiography_and_nothing_else():
    assert [Room(1, "RF").sorts(found) for found in ("RF", "DX", "CT", "MG")] == ["RF", "RF", "CT", "MG"]
    assert [Room(1, None).sorts(found) for found in ("RF", "DX")] == ["RF", "DX"]


def test_the_setting_comes_with_the_room(connection):
    id = equipment_id(connection, DEVICE)
    connection.execute(Equipment.__table__.update().values(modality="DX"))
    assert room(connection, DEVICE) == Room(id, "DX")


def versions(connection) -> list[tuple]:
    noted = select(
        EquipmentVersion.software_versions,
        EquipmentVersion.device_observer_uid,
        EquipmentVersion.first_seen,
        EquipmentVersion.last_seen,
    )
    return [tuple(row) for row in connection.execute(noted.order_by(EquipmentVersion.id))]


@pytest.mark.usefixtures("database_url")
def test_versions_are_noted_from_the_first_study_to_the_last_in_whatever_order_they_come(connection):
    id = equipment_id(connection, DEVICE)
    for day in (date(2024, 5, 2), None, date(2024, 5, 1), date(2024, 5, 3), date(2024, 5, 2)):
        note_version(connection, id, "VA1", "1.2.840.7", day)
    note_version(connection, id, " VA2\n", None, None)
    note_version(connection, id, "VA2", None, date(2024, 6, 1))
    assert versions(connection) == [
        ("VA1", "1.2.840.7", date(2024, 5, 1), date(2024, 5, 3)),
        ("VA2", "", date(2024, 6, 1), date(2024, 6, 1)),
    ]


@pytest.mark.usefixtures("database_url")
def test_a_device_with_a_new_uid_for_every_study_does_not_fill_the_table(connection):
    id = equipment_id(connection, DEVICE)
    for number in range(30):
        note_version(connection, id, "VA1", f"1.2.840.{number}", date(2024, 5, 1))
    note_version(connection, id, "VA1", "1.2.840.3", date(2024, 5, 9))
    found = versions(connection)
    assert len(found) == MOST_UIDS + 1
    assert found[3] == ("VA1", "1.2.840.3", date(2024, 5, 1), date(2024, 5, 9))
    assert found[-1] == ("VA1", CHANGING, date(2024, 5, 1), date(2024, 5, 1))


def test_noting_a_version_takes_one_statement(connection):
    id = equipment_id(connection, DEVICE)
    statements = []
    event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
    note_version(connection, id, "VA1" * 200, "1.2.840.7", None)
    assert len(statements) == 1
    assert connection.scalar(select(func.count()).select_from(EquipmentVersion)) == 1

"""What administrators change about rooms."""

import pytest

from app import rooms
from app.extensions import db
from app.models import Equipment, Study
from app.transactions import writing
from tests.factories import uid


@pytest.fixture
def room(database):
    """A room with a study of each modality, and another room."""
    with writing():
        ids = []
        for name in ("first", "second"):
            equipment = Equipment(identity=name, display_name=name)
            db.session.add(equipment)
            db.session.flush()
            ids.append(equipment.id)
            for modality, found in (("RF", "RF"), ("DX", "DX"), ("CT", "CT"), ("DX", None)):
                values = {"modality": modality, "modality_found": found, "equipment_id": equipment.id}
                db.session.add(Study(study_instance_uid=uid(), number_of_events=0, problem_count=0, **values))
    return ids[0]


def of(room_id):
    studies = db.session.execute(
        db.select(Study.modality).where(Study.equipment_id == room_id).order_by(Study.id)
    ).scalars()
    return list(studies)


@pytest.mark.usefixtures("database_url")
def test_a_setting_sorts_what_is_stored_at_once_and_automatic_brings_it_back(room):
    with writing():
        assert rooms.set_modality(room, "RF") == 2
    assert of(room) == ["RF", "RF", "CT", "RF"]
    with writing():
        assert rooms.set_modality(room, "DX") == 3
    assert of(room) == ["DX", "DX", "CT", "DX"]
    with writing():
        assert rooms.set_modality(room, None) == 1
    assert of(room) == ["RF", "DX", "CT", "DX"]
    assert of(room + 1) == ["RF", "DX", "CT", "DX"], "another room keeps its own"

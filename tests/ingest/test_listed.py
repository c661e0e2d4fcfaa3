"""What lists show of a study and search in it is worked out when it is stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dicom.concept import Concept
from app.extensions import db
from app.ingest.listed import listed
from app.ingest.receive import receive
from app.models import Name, Study
from tests.factories import ct_report, report_file, uid

SPIRAL, LOCALIZER = Concept("116152004", "SCT"), Concept("113805", "DCM")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("SCHÄDEL nativ", "schadel nativ"),
        ("Fuß", "fuss"),
        ("École", "ecole"),
        ("Ørsted, Łódź, Đakovo", "orsted, lodz, dakovo"),
        ("ГОЛОВА Ёж", "голова еж"),
        ("Ångström Æ", "angstrom ae"),
        ("Οὐρανός", "ουρανοσ"),
        ("頭部", "頭部"),
    ],
)
def test_searches_see_neither_case_nor_accents(text, folded):
    assert Name.fold(text) == folded


@given(st.text())
def test_what_is_folded_stays_as_it_is(text):
    assert Name.fold(Name.fold(text)) == Name.fold(text)


def test_a_study_is_called_by_its_description_else_its_procedure_and_its_protocols_stand_by_name_once_each():
    events = {
        "ct_event": [{"acquisition_protocol": "Thorax"}, {"acquisition_protocol": "abdomen"}, {}],
        "projection_event": [{"acquisition_protocol": "Thorax"}],
        "administration": [{"agent": Concept("1", "X", "FDG"), "agent_text": "fdg"}, {"agent_text": "Other\nwords"}],
    }
    told = listed({"procedure": "CT thorax", "requested_procedure": "CT"}, events)
    assert told["title"] == "CT thorax"
    assert told["protocols"] == "abdomen\nThorax"
    assert told["agents"] == "FDG\nOther words"
    assert set(listed({}, {}).values()) == {None}


def test_events_of_a_ct_study_are_counted_by_their_type_and_those_of_others_are_not():
    told = listed({}, {"ct_event": [{"acquisition_type": SPIRAL}, {"acquisition_type": SPIRAL}, {}]})
    assert {name: count for name, count in told.items() if name.endswith("events")} == {
        "spiral_events": 2, "sequenced_events": 0, "localizer_events": 0, "stationary_events": 0, "free_events": 0,
    }  # fmt: skip
    assert listed({}, {"projection_event": [{}]})["spiral_events"] is None


def test_a_second_object_adds_to_what_lists_show(database):
    study_uid = uid()
    for protocol, kind, header in [
        ("Thorax", SPIRAL, {}),
        ("Scout", LOCALIZER, {"StudyDescription": "CT Übersicht"}),
    ]:
        report = ct_report({"acquisition_protocol": protocol, "acquisition_type": kind})
        assert receive(report_file(report, StudyInstanceUID=study_uid, **header)).result == "imported"
    study = db.session.query(Study).one()
    assert db.session.get(Name, study.protocols).text == "Scout\nThorax"
    assert db.session.get(Name, study.title).folded == "ct ubersicht"
    assert (study.spiral_events, study.localizer_events, study.free_events) == (1, 1, 0)

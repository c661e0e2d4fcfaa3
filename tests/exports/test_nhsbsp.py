"""The dose survey of the UK breast screening programme."""

import csv
import io
import zipfile

import pytest

from app.dicom.concept import Concept
from app.exports.kinds import KINDS
from app.exports.options import BadOption, answered
from app.exports.order import Order
from app.ingest.receive import receive
from app.queries.filters import BadParameter
from app.queries.selection import Selection
from app.transactions import one_moment
from tests.factories import PROJECTION, REPORT, header, report_file, row_of, uid

KIND = KINDS["mg-nhsbsp"]
LEFT, RIGHT = Concept("7771000", "SCT", "Left"), Concept("24028007", "SCT", "Right")
CC, MLO = Concept("399162004", "SCT", "cranio-caudal"), Concept("399368009", "SCT", "medio-lateral oblique")
STATIONARY = Concept("113611", "DCM", "Stationary Acquisition")
ROTATIONAL = Concept("113613", "DCM", "Rotational Acquisition")
RHODIUM, SILVER = Concept("59801003", "SCT", "Rhodium"), Concept("41967008", "SCT", "Silver")
BREAST = Concept("76752008", "SCT", "Breast")
GROUP = "2.25.4711"


def view(side=LEFT, shown=CC, **more):
    """An exposure of a breast."""
    return {
        "irradiation_event_uid": uid(), "irradiation_event_type": STATIONARY, "image_view": shown,
        "anatomical_structure": BREAST, "laterality": side, "acquisition_protocol": "ROUTINE", "kvp": [29.0],
        "average_glandular_dose": 1.5,
    } | more  # fmt: skip


def store(*events, **changes):
    """Stores a mammography study of these exposures."""
    report = row_of(REPORT, {"procedure_reported": PROJECTION, "projection_event": list(events)})
    assert receive(report_file(report, **({"Modality": "MG"} | header() | changes))).result == "imported"


@pytest.fixture
def survey(database, tmp_path):
    """Writes the survey of all studies; gives its tables by their names, and the notes."""

    def export(**given):
        path, selection = tmp_path / "files" / "survey.zip", Selection.from_args("mg", {"sort": "date"})
        path.parent.mkdir(exist_ok=True)
        with one_moment() as connection:
            options = answered(KIND.options, given)
            order = Order(path, connection, selection.ordered(), 3, lambda done: None, options=options)
            KIND.write(order)
        with zipfile.ZipFile(path) as pack:
            texts = {name: pack.read(name).decode("utf-8-sig") for name in pack.namelist()}
        assert sorted(path.parent.iterdir()) == [path], "something was left behind"
        return {name: list(csv.DictReader(io.StringIO(text))) for name, text in texts.items()}, order.notes

    return export


@pytest.mark.usefixtures("database_url")
def test_a_patient_has_the_same_number_in_both_files(survey):
    store(view(), StudyTime="090000")
    store(view(irradiation_event_type=ROTATIONAL, acquisition_protocol="3D"), StudyTime="100000")
    store(view(), view(RIGHT, irradiation_event_type=ROTATIONAL), StudyTime="110000")
    tables, notes = survey(survey="12")
    flat, tomosynthesis = tables["nhsbsp-12-2d.csv"], tables["nhsbsp-12-tomosynthesis.csv"]
    assert [row["Patient number"] for row in flat] == ["1", "3"]
    assert [row["Patient number"] for row in tomosynthesis] == ["2", "3"]
    assert {row["Survey number"] for row in flat} == {"12"}
    assert {row["Survey number"] for row in tomosynthesis} == {"13"}, "the programme takes it as a survey of its own"
    assert notes == []


def test_repeated_views_are_told_apart(survey):
    views = [view(), view(shown=MLO), view(), view(RIGHT, MLO), view()]
    store(*[one | {"started_at": None} for one in views])
    tables, _ = survey()
    assert [row["View code"] for row in tables["nhsbsp-1-2d.csv"]] == ["LCC", "LOB", "LCC2", "ROB", "LCC3"]


def test_what_is_no_screening_exposure_is_left_out_and_counted(survey):
    protocols = ["Scout L", "POSTCLIP", "prefire", "Biopsy 2", "postfire", "STEREO", "Specimen", "artefact test"]
    store(*[view(acquisition_protocol=name) for name in protocols], StudyTime="090000")
    store(view(), view(laterality=None, anatomical_structure=None), StudyTime="100000")
    tables, notes = survey()
    (row,) = tables["nhsbsp-1-2d.csv"]
    assert row["Patient number"] == "1", "a patient with nothing to tell has no number"
    left_out = {row["Left out because"]: row["Exposures"] for row in tables["nhsbsp-1-left-out.csv"]}
    assert left_out["no side or no view is told"] == "1" and left_out["called biopsy"] == "1"
    assert notes == ["Exposures left out: 9; left-out.csv says why."]


def test_the_words_that_leave_out_can_be_changed(survey):
    store(view(acquisition_protocol="Stereo"), view(acquisition_protocol="Research"))
    tables, _ = survey(without="research")
    assert len(tables["nhsbsp-1-2d.csv"]) == 1
    tables, _ = survey(without="")
    assert len(tables["nhsbsp-1-2d.csv"]) == 2


def test_of_several_pulses_the_largest_has_the_voltage_and_all_have_the_charge(survey):
    filters = [{"material": SILVER}, {"material": SILVER}]
    store(view(
        kvp=[34.1, 33.99], tube_current=[2.0, 30.0], pulse_width=[50.0, 500.0], anode_target_material=RHODIUM,
        xray_filters=filters, compression_thickness=46.1,
    ))  # fmt: skip
    (row,) = survey()[0]["nhsbsp-1-2d.csv"]
    told = {name: row[name] for name in ("kV", "Anode", "Filter", "Thickness", "mAs", "Age")}
    assert told == {
        "kV": "33.99", "Anode": "Rh", "Filter": "Ag", "Thickness": "46.1", "mAs": "15.1", "Age": "50",
    }  # fmt: skip


def test_a_survey_number_that_is_none_is_refused():
    with pytest.raises(BadOption, match="takes a number from 1"):
        answered(KIND.options, {"survey": "one"})
    with pytest.raises(BadParameter, match="colour"):
        answered(KIND.options, {"colour": "red"})

"""The writer: where items stand, and in whose words."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread

from app.dicom.concept import Concept
from app.dicom.content import Item, tree
from app.dicom.dialects import CANON_XA, CURRENT, GE_CT, GE_XA, SIEMENS_ARTIS, SIEMENS_CT
from app.dicom.reader import walk
from app.dicom.writer import content, moment, number, row_of
from tests.factories import REPORT, ct_report, fluoroscopy_report, report_file

SUPINE, RECUMBENT = Concept("40199007", "SCT", "supine"), Concept("102538003", "SCT", "recumbent")
ORIENTATION, ORIENTATION_MODIFIER = "113743", "113744"


def places(root: Item, code: str) -> list[list[str]]:
    """The codes of the items above each item of this code, from the root."""
    found = []

    def look(item: Item, above: list[str]) -> None:
        if item.concept.value == code:
            found.append(above)
        for child in item.children:
            look(child, [*above, item.concept.value])

    look(root, [])
    return found


def written_item(root: Item, code: str) -> Item:
    """The first item of this code."""
    return next(item for item in walk(root) if item.concept.value == code)


def test_containers_of_the_standard_stand_between_an_event_and_its_items():
    event = {"exposure_time": 5.0, "comment": "x", "ct_source": [{"kvp": 120.0}]}
    report = content(ct_report(event, event))
    assert places(report, "113824") == [["113701", "113819", "113822"]] * 2
    assert places(report, "113733") == [["113701", "113819", "113822", "113831"]] * 2
    assert places(report, "113838") == [["113701", "113819", "113829"]] * 2
    assert places(report, "121106") == [["113701", "113819"]] * 2
    assert len(places(report, "113822")) == 2


def test_a_value_stands_below_what_it_qualifies():
    event = {"patient_orientation": RECUMBENT, "patient_orientation_modifier": SUPINE}
    assert places(content(fluoroscopy_report(event)), ORIENTATION_MODIFIER)[0][-1] == ORIENTATION


def test_a_value_that_qualifies_nothing_is_refused():
    with pytest.raises(ValueError, match="Patient Orientation”, which is missing"):
        content(fluoroscopy_report({"patient_orientation_modifier": SUPINE}))


def test_canon_writes_modifiers_beside_what_they_modify():
    event = {"patient_orientation": RECUMBENT, "patient_orientation_modifier": SUPINE}
    report = content(fluoroscopy_report(event), CANON_XA)
    assert places(report, ORIENTATION_MODIFIER) == places(report, ORIENTATION)


def test_a_part_with_a_value_of_its_own_is_an_item_with_children():
    person = {"name": "Doe^Jane", "role_in_procedure": Concept("113850", "DCM", "Irradiation Authorizing")}
    item = written_item(content(row_of(REPORT, {"persons": [person]})), "113870")
    assert (item.value_type, item.value) == ("PNAME", "Doe^Jane")
    assert [child.concept.value for child in item.children] == ["113875"]


@pytest.mark.parametrize(
    ("dialect", "value", "unit"),
    [(CURRENT, "0.000123", "Gy.m2"), (SIEMENS_ARTIS, "0.000123", "Gym2"), (CANON_XA, "12.3", "dGy.cm2")],
    ids=lambda case: getattr(case, "name", case),
)
def test_a_number_is_written_in_the_unit_of_the_device(dialect, value, unit):
    item = written_item(content(fluoroscopy_report({"dap": 0.000123}), dialect), "122130")
    assert (item.value, item.unit) == (value, unit)


def test_old_devices_write_retired_codes():
    report = content(ct_report({}), SIEMENS_CT)
    assert written_item(report, "121058").value == Concept("P5-08000", "SRT")
    assert written_item(report, "113838").unit == "mGycm"


def test_siemens_artis_writes_the_superseded_code_of_the_exposure_time():
    report = content(fluoroscopy_report({"exposure_time": 20.0, "exposure": [9000.0]}), SIEMENS_ARTIS)
    assert places(report, "113735") and not places(report, "113824")
    assert written_item(report, "113736").unit == "uAs"


def test_a_reference_point_is_text_or_code_as_the_device_has_it():
    report = fluoroscopy_report({"reference_point_definition": "15cm from Isocenter toward Source"})
    assert written_item(content(report, GE_XA), "113780").value_type == "TEXT"
    assert written_item(content(report, CANON_XA), "113780").value == Concept("113860", "DCM")


def test_what_a_device_never_says_is_left_out():
    report = content(ct_report({"acquisition_protocol": "Thorax"}, intent=Concept("261004008", "SCT")), GE_CT)
    assert not places(report, "125203") and not places(report, "363703001")


def test_long_codes_and_meanings_go_where_there_is_room():
    private = Concept("1" * 30, "99TEST", "long " * 20)
    dataset = dcmread(report_file(ct_report(procedure_reported=private)))
    code = dataset.ContentSequence[0].ConceptCodeSequence[0]
    assert (code.LongCodeValue, len(code.CodeMeaning)) == ("1" * 30, 64)
    assert written_item(tree(dataset), "121058").value == private


@given(st.floats(-1e12, 1e12), st.sampled_from(["Gy.m2", "dGy.cm2", "Gym2"]))
def test_a_number_fits_into_a_decimal_string_and_keeps_nine_digits(value, unit):
    text = number(value, "Gy.m2", unit)
    assert len(text) <= 16
    exact = Decimal(repr(value)) * (1 if unit != "dGy.cm2" else 100_000)
    assert abs(Decimal(text) - exact) <= abs(exact) * Decimal("1e-8")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5), "20260102030405"),
        (datetime(2026, 1, 2, 3, 4, 5, 600), "20260102030405.000600"),
        (datetime(2026, 1, 2, tzinfo=UTC), "20260102000000+0000"),
        (datetime(2026, 1, 2, tzinfo=timezone(-timedelta(hours=3, minutes=30))), "20260102000000-0330"),
    ],
    ids=["plain", "microseconds", "UTC", "behind"],
)
def test_moments_keep_their_zone(value, text):
    assert moment(value) == text


def test_the_template_follows_from_the_procedure():
    templates = [
        dcmread(report_file(report({}))).ContentTemplateSequence[0] for report in (fluoroscopy_report, ct_report)
    ]
    assert [template.TemplateIdentifier for template in templates] == ["10001", "10011"]

"""Items in the wrong place, and codes with a wrong digit, land where they belong."""

import pytest

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.quirks import mend
from app.dicom.quirks.content import CT_EVENT, PROJECTION_EVENT
from app.dicom.reader import read
from tests.factories import REPORT

TITLE = Concept("113701", "DCM", "X-Ray Radiation Dose Report")
ACCUMULATED = Concept("113702", "DCM", "Accumulated X-Ray Dose Data")
ALERT = Concept("113900", "DCM", "Dose Check Alert Details")
LEFT = Concept("7771000", "SCT", "Left")


def dicom(value, kind="CONTAINER", told=None, *children, unit=""):
    return Item(Concept(value, "DCM", ""), kind, told, unit, children=list(children))


def reading_of(*children):
    """What the reader makes of a report with these items, mended."""
    return read(mend(Item(TITLE, "CONTAINER", children=list(children))), REPORT)


def event(*items, kind=PROJECTION_EVENT):
    return Item(kind, "CONTAINER", children=list(items))


def the_event(reading):
    assert (reading.problems, reading.unread) == ([], {})
    return next(rows[0] for name, rows in reading.row.parts.items() if name.endswith("_event"))


@pytest.mark.parametrize("holder", ["123014 DCM", "91723000 SCT"])
def test_laterality_is_read_below_the_region_and_below_the_structure(holder):
    laterality = Item(Concept("272741003", "SCT"), "CODE", LEFT)
    breast = Concept("76752008", "SCT", "Breast")
    row = the_event(reading_of(event(Item(Concept(*holder.split()), "CODE", breast, children=[laterality]))))
    assert row.values["laterality"] == LEFT


def test_laterality_beside_what_it_qualifies_is_read_too():
    row = the_event(reading_of(event(Item(Concept("272741003", "SCT"), "CODE", LEFT))))
    assert row.values["laterality"] == LEFT


def test_an_anode_and_a_filter_with_a_wrong_digit_are_what_they_are():
    tungsten, strip = Concept("26194003", "SCT", "Tungsten"), Concept("111650", "DCM", "Strip filter")
    filters = dicom("113771", "CONTAINER", None, dicom("113772", "CODE", strip))
    row = the_event(reading_of(event(dicom("113632", "CODE", tungsten), filters)))
    assert row.values["anode_target_material"] == tungsten
    assert row.parts["xray_filters"][0].values["type"].value == "113650"


def test_role_and_number_of_a_person_beside_the_name_are_the_persons():
    role = Concept("113850", "DCM", "Irradiation Authorizing")
    alert = Item(ALERT, "CONTAINER")
    alert.children = [dicom("113870", "PNAME", "Curie^Marie"), dicom("113875", "CODE", role),
                      dicom("113871", "TEXT", "17"), dicom("113870", "PNAME", "Joliot^Irene")]  # fmt: skip
    row = the_event(reading_of(event(alert, kind=CT_EVENT)))
    persons = row.parts["dose_check_alert"][0].parts["persons"]
    assert [sorted(person.values) for person in persons] == [["identifier", "name", "role_in_procedure"], ["name"]]


@pytest.mark.parametrize("place", [TITLE, ACCUMULATED])
def test_name_and_maker_of_a_device_beside_its_role_are_the_devices(place):
    items = [dicom("113876", "CODE", Concept("113859", "DCM")), dicom("113878", "TEXT", "Maker"),
             dicom("113880", "TEXT", "4711")]  # fmt: skip
    reading = reading_of(*items) if place == TITLE else reading_of(Item(ACCUMULATED, "CONTAINER", children=items))
    row = reading.row if place == TITLE else reading.row.parts["projection_accumulated"][0]
    assert reading.unread == {}
    assert row.parts["devices"][0].values.items() >= {"manufacturer": "Maker", "serial_number": "4711"}.items()


def test_who_observed_is_told_apart_from_what_observed_in_any_order():
    kinds = [dicom("121005", "CODE", Concept(code, "DCM")) for code in ("121006", "121007")]
    told = [dicom("121013", "TEXT", "ROOM1"), dicom("121008", "PNAME", "Curie^Marie"), dicom("121012", "TEXT", "1.2.3")]
    reading = reading_of(*kinds, *told)
    assert (reading.problems, reading.unread) == ([], {})
    assert reading.row.values["device_observer_name"] == "ROOM1"
    assert reading.row.values["device_observer_uid"] == "1.2.3"
    assert reading.row.values["person_observer_name"] == "Curie^Marie"


def test_technique_without_its_container_is_of_the_one_source_and_the_one_filter():
    technique = dicom("113822", "CONTAINER", None, dicom("113733", "NUM", "120", unit="kV"),
                      dicom("113833", "NUM", "300", unit="mA"))  # fmt: skip
    row = the_event(reading_of(event(technique, kind=CT_EVENT)))
    assert row.parts["ct_source"][0].values == {"kvp": 120, "maximum_tube_current": 300}
    copper = Concept("66925006", "SCT", "Copper")
    row = the_event(reading_of(event(dicom("113757", "CODE", copper), dicom("113733", "NUM", "70", unit="kV"))))
    assert row.parts["xray_filters"][0].values == {"material": copper}
    assert row.values["kvp"] == [70]


def test_items_that_repeat_without_their_container_stay_unread_because_nobody_knows_which_belong_together():
    twice = [dicom("113758", "NUM", thickness, unit="mm") for thickness in ("0.1", "0.2")]
    reading = reading_of(event(*twice))
    assert list(reading.unread.values()) == [["0.1 mm", "0.2 mm"]]


def test_a_reference_point_is_read_as_text_and_as_a_code():
    point = Concept("113860", "DCM", "15cm from Isocenter toward Source")
    assert the_event(reading_of(event(dicom("113780", "CODE", point)))).values == {
        "reference_point_definition": "15cm from Isocenter toward Source"
    }
    assert the_event(reading_of(event(dicom("113780", "TEXT", "15cm below BeamIsocenter")))).values


def test_acquisitions_that_were_repeated_or_rejected_are_told_since_2024():
    yes, motion = Concept("373066001", "SCT", "Yes"), Concept("128553", "DCM", "Patient motion")
    rejected = dicom("130503", "CODE", yes, dicom("130504", "CODE", motion))
    row = the_event(reading_of(event(dicom("128551", "CODE", yes), rejected)))
    assert row.values == {
        "is_repeated_acquisition": yes, "is_rejected_acquisition": yes, "reason_for_rejecting_acquisition": motion,
    }  # fmt: skip


def test_the_diameter_of_a_patient_in_water_has_its_own_method_and_images():
    method, own = Concept("113987", "DCM", "AAPM 220"), Concept("113984", "DCM", "From Localizer")
    diameter = dicom("113980", "NUM", "281", Item(Concept("370129005", "SCT"), "CODE", own),
                     dicom("113985", "UIDREF", "1.2.3"), unit="mm")  # fmt: skip
    estimate = dicom("113930", "NUM", "12.5", Item(Concept("370129005", "SCT"), "CODE", method, children=[diameter]),
                     unit="mGy")  # fmt: skip
    (told,) = the_event(reading_of(event(estimate, kind=CT_EVENT))).parts["size_specific_dose"]
    assert told.values == {
        "size_specific_dose": 12.5, "measurement_method": method, "water_equivalent_diameter": 281,
        "water_equivalent_diameter_method": own, "water_equivalent_diameter_images": ["1.2.3"],
    }  # fmt: skip


def test_dose_length_products_of_each_phantom_stand_beside_the_total():
    head = Concept("113690", "DCM", "IEC Head Dosimetry Phantom")
    sub_total = dicom("130745", "NUM", "300", dicom("113835", "CODE", head), unit="mGy.cm")
    total = dicom("113811", "CONTAINER", None, dicom("113813", "NUM", "700", unit="mGy.cm"), sub_total)
    reading = reading_of(total)
    (row,) = reading.row.parts["ct_accumulated"]
    assert (reading.unread, row.values) == ({}, {"dlp_total": 700})
    assert row.parts["dlp_sub_totals"][0].values == {"dlp": 300, "ctdiw_phantom_type": head}


def test_the_force_that_compresses_a_breast_is_read_from_reports_too():
    assert the_event(reading_of(event(dicom("111647", "NUM", "98", unit="N")))).values == {"compression_force": 98}

"""What devices tell in items and comments of their own lands where the standard, or we, have a place for it."""

import pytest

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.quirks import mend, siemens_comment_xml
from app.dicom.quirks.content import COMMENT, CT_EVENT, PROJECTION_EVENT
from app.dicom.reader import read
from tests.factories import REPORT

TITLE = Concept("113701", "DCM", "X-Ray Radiation Dose Report")
SCENE = (
    '<FluoroData><SceneName SRData="FL - Ang"/><Dose SRData=" "/><CurrentTimeProduct SRData="9.586082"/>'
    '<iiDiameter SRData="220"/><SceneTime SRData="3"/><NumOfFrames SRData="24"/></FluoroData>'
)


def reading_of(*children):
    """What the reader makes of a report with these items, mended."""
    return read(mend(Item(TITLE, "CONTAINER", children=list(children))), REPORT)


def event(*items, kind=PROJECTION_EVENT):
    return Item(kind, "CONTAINER", children=list(items))


def philips(code, value, unit="mm"):
    return Item(Concept(code, "99PHI-IXR-XPER", ""), "NUM" if unit else "TEXT", value, unit)


def the_event(reading):
    assert (reading.problems, reading.unread) == ([], {})
    return next(rows[0].values for rows in reading.row.parts.values())


def test_the_private_table_height_of_philips_is_the_table_height():
    assert the_event(reading_of(event(philips("021", "905"))))["table_height_position"] == 905


def test_the_private_source_to_detector_of_philips_fills_in_for_the_standard_one_and_never_replaces_it():
    sid = Item(Concept("113750", "DCM", ""), "NUM", "1000", "mm")
    alone = the_event(reading_of(event(philips("018", "1194"))))
    both = the_event(reading_of(event(philips("018", "1194"), sid)))
    assert (alone["distance_source_to_detector"], alone["distance_source_to_detector_at_end"]) == (1194, 1194)
    assert (both["distance_source_to_detector"], both["distance_source_to_detector_at_end"]) == (1000, 1194)


def test_shutters_and_wedges_of_philips_have_columns_and_a_field_of_no_size_is_unknown():
    inside = Item(Concept("005", "99PHI-IXR-XPER", "Wedges and Shutters"), "CONTAINER")
    inside.children = [philips("007", "9.5"), philips("010", "54.5"), philips("011", "78")]
    values = the_event(reading_of(event(inside, philips("024", "0"), philips("030", "Low", ""))))
    assert values == {"shutter_left": 9.5, "wedge_distances": [54.5, 78.0], "fluoro_flavour": "Low"}


def test_a_scene_in_a_comment_gives_field_of_view_frames_and_exposure():
    values = the_event(reading_of(event(Item(COMMENT, "TEXT", SCENE))))
    assert values["intensifier_size"] == 220
    assert values["scene_time"] == 3
    assert values["number_of_frames"] == 24
    assert values["exposure"] == [pytest.approx(9586.082)]  # mA·s there, µA·s in the column
    assert "average_glandular_dose" not in values


def test_what_an_event_says_itself_is_not_taken_from_its_comment():
    told = Item(Concept("113736", "DCM", ""), "NUM", "9586", "uA.s")
    assert the_event(reading_of(event(told, Item(COMMENT, "TEXT", SCENE))))["exposure"] == [9586]


@pytest.mark.parametrize(
    "position, modifier, relationship",
    [
        ("HFS ", "40199007", "102540008"),
        ("FFP", "1240000", "102541007"),
        ("HFDR", "102535000", "102540008"),
        ("FFDL", "102536004", "102541007"),
    ],
)
def test_a_position_in_the_root_comment_says_how_the_patient_lies(position, modifier, relationship):
    comment = f'<Root><PatientPosition><Position SRData="{position}"/></PatientPosition></Root>'
    values = the_event(reading_of(Item(COMMENT, "TEXT", comment), event()))
    assert values["patient_orientation"].value == "102538003"
    assert values["patient_orientation_modifier"].value == modifier
    assert values["patient_table_relationship"].value == relationship


@pytest.mark.parametrize("position", ["", "XYZ", "LFP", "HF"])
def test_a_position_that_is_none_says_nothing(position):
    comment = f'<Root><Position SRData="{position}"/></Root>'
    assert the_event(reading_of(Item(COMMENT, "TEXT", comment), event())) == {}


@pytest.mark.parametrize(
    "comment",
    [
        '<FluoroData><iiDiameter SRData="22',
        '<!DOCTYPE x [<!ENTITY a "&b;&b;">]><FluoroData><iiDiameter SRData=&a;/></FluoroData>',
        '<FluoroData><iiDiameter SRData="220"/>' + " " * siemens_comment_xml.LONGEST,
        '<iiDiameter SRData="<iiDiameter SRData="',
    ],
    ids=["cut short", "entities", "too long", "nested"],
)
def test_a_broken_or_hostile_comment_says_nothing_and_harms_nobody(comment):
    assert the_event(reading_of(event(Item(COMMENT, "TEXT", comment)))) == {"comment": comment}


def test_the_comment_of_a_ct_event_gives_region_size_and_tin_filter():
    comment = (
        "Internal technical scan parameters: Organ Characteristic = Thorax, Body Size = Adult, Body Region = Body, "
        "X-ray Modulation Type = XYZ_EC, Sn Filter (Tube A) = no, Sn Filter (Tube B) = yes"
    )
    values = the_event(reading_of(event(Item(COMMENT, "TEXT", comment), kind=CT_EVENT)))
    assert values == {
        "comment": comment,
        "organ_characteristic": "Thorax",
        "body_size": "Adult",
        "body_region": "Body",
        "xray_modulation_type": "XYZ_EC",
        "tin_filters": ["A: no", "B: yes"],
    }


def test_the_number_of_images_that_canon_counts_as_text_is_a_number():
    count = Item(Concept("99TOST000A-0005", "99TOSHIBA-TMSC", ""), "TEXT", "1668")
    assert reading_of(count).row.values["total_number_of_images"] == 1668

"""Each fault of a device is mended, and only there."""

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.quirks import detector_data_label, mend, radiation_summary, technique_in_comment
from app.dicom.quirks.content import COMMENT, CT_EVENT

REPORT = Concept("113701", "DCM", "X-Ray Radiation Dose Report")
TECHNIQUE = "Internal technical scan parameters: Body Size = Adult, X-ray Modulation Type = XYZ_EC, Sn Filter = no"


def event(*items):
    """A report with one CT event of these items."""
    return Item(REPORT, "CONTAINER", children=[Item(CT_EVENT, "CONTAINER", children=list(items))])


def modulations(root):
    """What the report's event says of its modulation."""
    return [item.value for item in root.children[0].children if item.concept == technique_in_comment.MODULATION]


def test_the_modulation_in_a_comment_gets_an_item_of_its_own():
    assert modulations(mend(event(Item(COMMENT, "TEXT", TECHNIQUE)))) == ["XYZ_EC"]


def test_a_modulation_that_has_an_item_is_not_told_twice():
    told = Item(technique_in_comment.MODULATION, "TEXT", "NONE")
    assert modulations(mend(event(told, Item(COMMENT, "TEXT", TECHNIQUE)))) == ["NONE"]


def test_other_comments_say_nothing_of_modulation():
    assert modulations(mend(event(Item(COMMENT, "TEXT", "patient moved")))) == []


def test_the_label_of_detector_data_is_corrected_in_the_root_only():
    yes = Concept("373066001", "SCT", "Yes")
    below = Item(detector_data_label.WRONG, "CODE", yes)
    root = mend(
        Item(REPORT, "CONTAINER", children=[Item(detector_data_label.WRONG, "CODE", yes), *event(below).children])
    )
    assert root.children[0].concept == detector_data_label.RIGHT
    assert root.children[1].children[0].concept == detector_data_label.WRONG


def test_a_radiation_summary_becomes_a_dose_report_and_loses_nothing():
    private = {value: Concept(value, "99SMS_RADSUM", "") for value in ("C-202", "C-204", "C-206", "C-299")}
    items = [Item(concept, "NUM", value) for value, concept in private.items()]
    root = mend(Item(radiation_summary.TITLE, "CONTAINER", children=items))
    accumulated = next(item for item in root.children if item.concept == radiation_summary.ACCUMULATED)
    assert root.concept == REPORT
    assert [item.value for item in accumulated.children[1:]] == ["C-202", "C-204"]
    assert [item.value for item in root.children[2:]] == ["C-206", "C-299"]

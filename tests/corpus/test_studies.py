"""Troubles with structure, totals and identity, whoever makes them."""

import pytest
from pydicom.uid import BasicTextSRStorage, ComprehensiveSRStorage, EnhancedSRStorage

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.dialects import Dialect
from tests.corpus.made import changed, drop, find, mammography_report
from tests.factories import ct_report, fluoroscopy_report, uid

PLANES = [Concept(code, "DCM") for code in ("113620", "113621")]
HEAD, BODY = Concept("113690", "DCM", "IEC Head"), Concept("113691", "DCM", "IEC Body")
LOCALISER = Concept("113805", "DCM", "Constant Angle Acquisition")
SPIRAL = Concept("116152004", "SCT", "Spiral Acquisition")
STATIONARY = Concept("113611", "DCM", "Stationary Acquisition")


def test_two_planes_are_kept_apart_and_added_up_once(imported):
    """Biplane rooms: one accumulation a plane."""
    planes = [
        {"acquisition_plane": plane, "dap_total": dap, "total_fluoro_time": 30.0}
        for plane, dap in zip(PLANES, (3e-6, 1e-6), strict=True)
    ]
    events = [{"acquisition_plane": plane, "dap": dap} for plane, dap in zip(PLANES, (3e-6, 1e-6), strict=True)]
    result = imported(fluoroscopy_report(*events, projection_accumulated=planes))
    assert (result.study["dap_total"], result.study["fluoro_time_total"]) == (4e-6, 60.0)
    assert [row["dap_total"] for row in result.report["projection_accumulated"]] == [3e-6, 1e-6]


def test_two_accumulations_or_none_are_no_trouble(imported):
    halves = [{"dap_total": 1e-6}, {"dap_total": 2e-6}]
    assert imported(fluoroscopy_report({"dap": 3e-6}, projection_accumulated=halves)).study["dap_total"] == 3e-6
    none = drop(changed(fluoroscopy_report({"dap": 3e-6})), "113702")
    assert imported(none).study["dap_total"] == 3e-6


def test_phantoms_that_differ_stay_with_their_doses(imported):
    """A total that mixes doses to 16 and to 32 cm phantoms: each event says its own."""
    result = imported(ct_report({"ctdiw_phantom_type": HEAD}, {"ctdiw_phantom_type": BODY}))
    assert [event["ctdiw_phantom_type"] for event in result.events] == ["113690", "113691"]


def test_a_dose_without_its_phantom_is_kept_and_no_phantom_is_made_up(imported):
    event = imported(ct_report({"mean_ctdivol": 5.0})).event
    assert event["mean_ctdivol"] == 5.0
    assert "ctdiw_phantom_type" not in event


def test_localisers_are_told_apart_by_type(imported):
    result = imported(ct_report({"acquisition_type": LOCALISER, "dlp": 1.0}, {"acquisition_type": SPIRAL}))
    assert [event["acquisition_type"] for event in result.events] == ["113805", "116152004"]


@pytest.mark.parametrize("written, unit", [("2.5", "min"), ("150", "s"), ("150000", "ms")])
def test_a_fluoroscopy_time_in_any_unit_is_seconds(imported, written, unit):
    root = changed(fluoroscopy_report({}))
    time = find(root, "113730")
    time.value, time.unit = written, unit
    assert imported(root).study["fluoro_time_total"] == 150.0


@pytest.mark.parametrize("written, unit", [("9.5", "mA.s"), ("9500", "uA.s"), ("9500", "uAs"), ("9500", "µAs")])
def test_an_exposure_in_any_unit_is_microampere_seconds(imported, written, unit):
    root = changed(fluoroscopy_report({"exposure": [1.0]}))
    exposure = find(root, "113736")
    exposure.value, exposure.unit = written, unit
    assert imported(root).event["exposure"] == [9500.0]


def test_exposure_time_and_irradiation_duration_are_two_things(imported):
    event = imported(fluoroscopy_report({"exposure_time": 100.8, "irradiation_duration": 3.2})).event
    assert (event["exposure_time"], event["irradiation_duration"]) == (100.8, 3.2)


def test_pulses_that_are_not_counted_are_not_made_up(imported):
    """Duration times rate is no count: nobody knows which of them are rounded."""
    assert "number_of_pulses" not in imported(fluoroscopy_report({"pulse_rate": 7.5})).event


def test_frames_that_are_not_counted_are_missing(imported):
    totals = {"dap_total": 1e-6}
    event = {"irradiation_event_type": STATIONARY}
    result = imported(fluoroscopy_report(event, projection_accumulated=[totals]))
    assert result.study["modality"] == "DX"
    assert "total_number_of_radiographic_frames" not in result.report["projection_accumulated"][0]


@pytest.mark.parametrize("left, right", [("80248007", "73056007"), ("7771000", "24028007")])
def test_doses_of_both_breasts_are_kept_apart(imported, left, right):
    """Laterality of the accumulated dose as a breast, or as a side."""
    told = {1.1: left, 1.3: right}
    doses = [{"average_glandular_dose": dose, "laterality": Concept(code, "SCT")} for dose, code in told.items()]
    result = imported(mammography_report({}, projection_accumulated=[{"accumulated_agd": doses}]))
    stored = result.report["projection_accumulated"][0]["accumulated_agd"]
    assert {one["average_glandular_dose"]: one["laterality"] for one in stored} == told
    assert (result.study["agd_left_total"], result.study["agd_right_total"]) == (1.1, 1.3)


def test_a_report_of_no_event_is_kept(imported):
    """The examination was broken off."""
    result = imported(ct_report())
    assert (result.outcome.result, result.events) == ("imported", [])
    assert result.study["dlp_total"] == 0


@pytest.mark.parametrize("sop_class", [EnhancedSRStorage, ComprehensiveSRStorage, BasicTextSRStorage])
def test_a_dose_report_of_a_wrong_class_is_a_dose_report(imported, sop_class):
    dialect = Dialect("another class", sop_class=sop_class)
    assert imported(ct_report({"dlp": 7.0}), dialect).event["dlp"] == 7.0


@pytest.mark.parametrize("modality", ["CT", "OT", "", "XA"])
def test_a_wrong_modality_in_the_header_makes_no_difference(imported, modality):
    assert imported(fluoroscopy_report({}), Modality=modality).study["modality"] == "RF"


def test_events_without_a_uid_are_events(imported):
    root = drop(changed(ct_report({"dlp": 1.0}, {"dlp": 2.0})), "113769")
    assert [event["dlp"] for event in imported(root).events] == [1.0, 2.0]


def test_events_that_share_a_uid_are_two_events(imported):
    result = imported(ct_report({"irradiation_event_uid": "1.2.3.99"}, {"irradiation_event_uid": "1.2.3.99"}))
    assert len(result.events) == 2


def test_two_studies_of_one_patient_stay_two(imported):
    """Canon: several studies of one visit."""
    first, second = imported(ct_report({"dlp": 1.0})), imported(ct_report({"dlp": 2.0}))
    assert first.outcome.study_instance_uid != second.outcome.study_instance_uid
    assert (first.study["dlp_total"], second.study["dlp_total"]) == (1.0, 2.0)


def test_the_same_object_again_changes_nothing(imported):
    report, uids = ct_report({"dlp": 1.0}), {"SOPInstanceUID": "1.2.3.4.5", "StudyInstanceUID": "1.2.3.4"}
    assert imported(report, **uids).outcome.result == "imported"
    assert imported(report, **uids).outcome.result == "duplicate"


def test_a_report_in_part_is_read_as_what_it_is(imported):
    """Completion flag PARTIAL stands on every finished report of some makers."""

    def spoil(dataset):
        dataset.CompletionFlag = "PARTIAL"

    assert imported(ct_report({"dlp": 7.0}), change=spoil).event["dlp"] == 7.0


def test_nothing_that_is_stored_names_the_patient(imported):
    result = imported(ct_report({"dlp": 7.0}), PatientName="Sklodowska^Marie", PatientID="4711-0815")
    assert "Sklodowska" not in str(result.told)
    assert "4711-0815" not in str(result.told)


def test_a_dose_report_under_another_title_is_read_and_told(imported):
    """Wrapped in a report of the examination, or titled by the maker: its content decides what it is."""
    own = changed(ct_report({"dlp": 7.0}))
    own.concept = Concept("1", "99MAKER", "Protocol")
    for root in (own, Item(Concept("126000", "DCM"), "CONTAINER", children=[changed(ct_report({"dlp": 7.0}))])):
        result = imported(root)
        assert (result.event["dlp"], result.study["dlp_total"]) == (7.0, 7.0)
        assert result.messages == ["is not the title of a dose report, though it is one"]


def test_a_report_of_something_else_is_no_dose_report(imported):
    root = Item(Concept("126000", "DCM"), "CONTAINER", children=[Item(Concept("121071", "DCM"), "TEXT", "No finding")])
    assert imported(root).outcome.result == "not a dose object"


@pytest.mark.parametrize("sop_class", ["1.2.826.0.1.3680043.2.1", "1.2.840.10008.5.1.4.1.1.7"])
def test_a_content_tree_of_any_class_is_a_report(imported, sop_class):
    """Makers store reports under classes of their own; one wrote them as secondary captures."""
    assert imported(ct_report({"dlp": 7.0}), Dialect("private", sop_class=sop_class)).event["dlp"] == 7.0


@pytest.mark.parametrize(
    ("changes", "differing"),
    [
        ({"PatientSex": "M"}, ["Patient's Sex (0010,0040)"]),
        ({"PatientAge": "005Y"}, ["Patient's Age (0010,1010)"]),
        ({"PatientAge": "051Y", "PatientSex": "O"}, []),
    ],
)
def test_objects_of_two_patients_in_one_study_are_told(imported, changes, differing):
    study = uid()
    imported(ct_report({}), StudyInstanceUID=study)
    result = imported(ct_report({}), StudyInstanceUID=study, **changes)
    assert [problem["path"] for problem in result.study["problems"]] == differing

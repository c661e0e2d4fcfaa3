"""Troubles that single makers' devices make, each in the smallest report that has it."""

import pytest

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.dialects import CANON_XA, GE_CT, GE_XA, SIEMENS_ARTIS, SIEMENS_CT
from tests.corpus.made import MAMMOGRAPHY, add, changed, drop, find, made, mammography_report
from tests.factories import CT, FLUOROSCOPY, PROJECTION, ct_report, fluoroscopy_report

STATIONARY = Concept("113611", "DCM", "Stationary Acquisition")
ROTATIONAL = Concept("113613", "DCM", "Rotational Acquisition")
LEFT = Concept("7771000", "SCT", "Left")


def event_of(root: Item) -> Item:
    return find(root, "113706")


def test_two_numbers_joined_by_a_slash_are_kept_as_written_and_harm_nothing_else(imported):
    """Canon with vHP: an illegal decimal string in a private container."""
    root = changed(ct_report({"dlp": 120.0}))
    parameters = add(find(root, "113819"), "99TOST000B", "CONTAINER", None, scheme="99TOSHIBA-TMSC")
    add(parameters, "121414", "NUM", "10.50/ 15.00", "1")
    result = imported(root)
    assert (result.event["standard_deviation"], result.event["dlp"]) == ("10.50/ 15.00", 120.0)


def test_several_numbers_in_one_are_never_one_number(imported):
    """The same in an item that takes one number only: a problem, no guess."""
    root = changed(ct_report({"pitch_factor": 1.0}))
    find(root, "113828").value = "0.8/ 1.2"
    result = imported(root)
    assert "pitch_factor" not in result.event
    assert result.messages == ["has several values where one belongs"]


def test_orientation_with_its_modifier_beside_it_and_no_station_name(imported):
    """Canon cath lab: what qualifies the orientation stands beside it; the header has no station."""
    supine = Concept("40199007", "SCT", "supine")
    event = {"patient_orientation": Concept("102538003", "SCT"), "patient_orientation_modifier": supine}
    result = imported(fluoroscopy_report(event), CANON_XA, StationName="")
    assert result.event["patient_orientation_modifier"] == "40199007"
    assert "station_name" not in result.told["equipment"]


def test_other_units_of_dose_area_product_and_of_dose_are_converted(imported):
    """Canon Ultimax-i: dGy·cm² and mGy."""
    result = imported(fluoroscopy_report({"dap": 1.323e-5, "dose_rp": 0.000384}), CANON_XA)
    assert (result.event["dap"], result.event["dose_rp"]) == (1.323e-5, 0.000384)
    assert result.study["dap_total"] == 1.323e-5


def test_a_rotation_keeps_both_of_its_ends(imported):
    """Canon Alphenix: start and end angles of a rotational acquisition."""
    angles = {"positioner_primary_angle": -100.0, "positioner_primary_end_angle": 100.0}
    result = imported(fluoroscopy_report({"irradiation_event_type": ROTATIONAL} | angles), CANON_XA)
    assert result.event.items() >= angles.items()


def test_no_dose_area_product_is_no_zero(imported):
    """Canon CXDI: no dose area product at all, or an empty one."""
    root = drop(changed(fluoroscopy_report({"kvp": [70.0]})), "122130")
    find(root, "113722").value = None
    result = imported(root)
    assert "dap" not in result.event
    assert "dap_total" not in result.study


def test_other_wordings_of_codes_make_no_difference(imported):
    """PixelMed and others: “procedure Reported”, “X-ray”, “DATE TIME STARTED”."""
    root = changed(ct_report({"dlp": 7.0}))
    for value in ("113819", "113838", "121058"):
        item = find(root, value)
        item.concept = Concept(value, "DCM", item.concept.meaning.upper())
    assert imported(root).event["dlp"] == 7.0


def test_a_wrong_meaning_of_the_right_code_is_the_code(imported):
    """Siemens Intevo: the tube current is called “mA”."""
    root = changed(ct_report({"ct_source": [{"tube_current": 25.0}]}))
    find(root, "113734").concept = Concept("113734", "DCM", "mA")
    assert imported(root).event["sources"][0]["tube_current"] == 25.0


def test_position_and_field_that_stand_in_xml_only_are_read(imported):
    """Siemens Artis: patient position and field of view in comments."""
    root = changed(fluoroscopy_report({"dap": 1e-6}), SIEMENS_ARTIS)
    add(root, "121106", "TEXT", '<Root><PatientPosition><Position SRData="HFS "/></PatientPosition></Root>')
    add(event_of(root), "121106", "TEXT", '<FluoroData><iiDiameter SRData="220"/></FluoroData>')
    event = imported(root, SIEMENS_ARTIS).event
    assert event["intensifier_size"] == 220
    assert event["patient_table_relationship"] == "102540008"


def test_a_summary_of_totals_is_a_study_of_fluoroscopy(imported):
    """Siemens Arcadis Varic: a private report, dose area product in Gy·cm²."""
    root = Item(Concept("C-10", "99SMS_RADSUM", "Radiation Summary Report"), "CONTAINER")
    add(root, "C-202", "NUM", "34.427", "s", scheme="99SMS_RADSUM")
    add(root, "C-204", "NUM", "0.2359", "Gy.cm^2", scheme="99SMS_RADSUM")
    result = imported(root)
    assert result.study["modality"] == "RF"
    assert (result.study["dap_total"], result.study["fluoro_time_total"]) == (2.359e-05, 34.427)


def test_two_tubes_are_two_sources_of_one_event(imported):
    """Siemens dual source CT."""
    tubes = [{"identification": "A", "kvp": 100.0}, {"identification": "B", "kvp": 140.0}]
    result = imported(ct_report({"ct_source": tubes}), SIEMENS_CT)
    assert [source["kvp"] for source in result.event["sources"]] == [100.0, 140.0]
    assert len(result.events) == 1


def test_private_geometry_fills_the_standards_columns(imported):
    """Philips Allura Xper: table height and source to detector in private items only."""
    root = changed(fluoroscopy_report({"dap": 1e-6}))
    for code, value in (("021", "905"), ("018", "1194"), ("003", "98")):
        add(event_of(root), code, "NUM", value, "1" if code == "003" else "mm", scheme="99PHI-IXR-XPER")
    event = imported(root).event
    assert event.items() >= {
        "table_height_position": 905, "distance_source_to_detector": 1194, "number_of_frames": 98,
    }.items()  # fmt: skip


def test_a_wrong_device_type_does_not_outweigh_what_was_done(imported):
    """Philips Azurion: the acquisition device type of a radiography system."""
    system = Concept("113958", "DCM", "Integrated Projection Radiography System")
    report = fluoroscopy_report({"irradiation_event_type": FLUOROSCOPY}, acquisition_device_type=system)
    assert imported(report).study["modality"] == "RF"


def test_items_that_a_template_demands_may_be_missing(imported):
    """Philips BigBore 4DCT: events without region, phantom, sources."""
    root = drop(changed(ct_report({"dlp": 7.0})), "113822", "113835", "123014", "113831", "113876", "121012")
    assert imported(root).event["dlp"] == 7.0


def test_any_value_type_and_meaning_is_read_by_code(imported):
    """GE OEC: UIDs as text, numbers as text, wordings of its own."""
    root = changed(fluoroscopy_report({"number_of_pulses": 8.0, "irradiation_event_uid": "1.2.3.4"}), GE_XA)
    uid, pulses = find(root, "113769"), find(root, "113768")
    uid.value_type, pulses.value_type, pulses.unit = "TEXT", "TEXT", ""
    event = imported(root, GE_XA).event
    assert (event["irradiation_event_uid"], event["number_of_pulses"]) == ("1.2.3.4", 8.0)


def test_a_report_that_names_no_template_is_read(imported):
    """GE OEC Elite MiniView and others."""

    def spoil(dataset):
        del dataset.ContentTemplateSequence

    assert imported(fluoroscopy_report({"dap": 1e-6}), change=spoil).event["dap"] == 1e-6


def test_a_report_that_names_a_wrong_template_is_what_its_content_is(imported):
    """Trust content, not labels."""

    def spoil(dataset):
        dataset.ContentTemplateSequence[0].TemplateIdentifier = "10011"

    assert imported(fluoroscopy_report({"dap": 1e-6}), change=spoil).study["modality"] == "RF"


def test_a_procedure_without_intent_is_read(imported):
    """GE: the mandatory child of Procedure reported is missing."""
    result = imported(ct_report(), GE_CT)
    assert result.report["procedure_reported"] == "77477000"
    assert "intent" not in result.report


def test_an_enhanced_report_of_something_else_is_no_dose_object(imported):
    """GE: other Enhanced SR objects are not dose reports."""
    other = Item(Concept("18748-4", "LN", "Diagnostic Imaging Report"), "CONTAINER")
    add(other, "121071", "TEXT", "no finding")
    assert imported(other, GE_CT).outcome.result == "not a dose object"


def test_breast_views_with_modifiers_and_strip_filters_are_read(imported):
    """Hologic: views of the screening programme, a wrong filter type, detector data under a wrong label."""
    view = {"image_view": Concept("399368009", "SCT", "medio-lateral oblique"), "laterality": LEFT}
    filters = [{"type": Concept("111650", "DCM", "Strip filter")}]
    event = {"anatomical_structure": Concept("76752008", "SCT", "Breast"), "xray_filters": filters}
    root = changed(mammography_report(event | view))
    add(root, "113745", "CODE", Concept("373066001", "SCT", "Yes"))
    result = imported(root)
    assert result.study["modality"] == "MG"
    assert result.event["xray_filters"][0]["type"] == "113650"
    assert result.report["detector_data_available"] == "373066001"


def test_tomosynthesis_among_plain_exposures_is_one_event_each(imported):
    """Giotto and GE Pristina: repeated numbers in one event, plain exposures beside it."""
    root = changed(mammography_report({"kvp": [28.0, 29.0, 29.0]}, {"kvp": [31.0]}))
    events = imported(root).events
    assert [event["kvp"] for event in events] == [[28.0, 29.0, 29.0], [31.0]]


def test_laterality_below_the_target_region_is_read(imported):
    """Giotto, Eurocolumbus, and everybody since CP-1676."""
    root = changed(mammography_report({"target_region": Concept("76752008", "SCT", "Breast")}))
    add(find(root, "123014"), "272741003", "CODE", LEFT, scheme="SCT")
    assert imported(root).event["laterality"] == "7771000"


def test_items_inside_containers_that_nobody_knows_are_found(imported):
    """Varian: another structure."""
    root = changed(fluoroscopy_report({"dap": 2e-6, "kvp": [70.0]}))
    wrapper = Item(Concept("XR", "99VMS", "Imaging"), "CONTAINER", children=event_of(root).children)
    event_of(root).children = [wrapper]
    assert imported(root).event.items() >= {"dap": 2e-6, "kvp": [70.0]}.items()


def test_a_person_beside_the_role_is_skipped_nowhere_and_costs_no_event(imported):
    """Spectrum Dynamics Veriton: an invalid person participant inside the dose check."""
    root = changed(ct_report({"dlp": 7.0, "dose_check_alert": [{"reason_for_proceeding": "needed"}]}))
    alert = find(root, "113900")
    person = add(alert, "113870", "PNAME", "Curie^Marie")
    person.value_type = "PNAME"
    add(alert, "113875", "CODE", Concept("113850", "DCM", "Irradiation Authorizing"))
    result = imported(root)
    (told,) = result.event["dose_check_alert"]
    assert told["persons"][0]["role_in_procedure"] == "113850"
    assert result.event["dlp"] == 7.0


@pytest.mark.parametrize("value", [None, "", "unknown"])
def test_a_calibration_without_a_date_is_a_calibration(imported, value):
    """Opera Swing: Calibration DateTime is empty."""
    accumulated = {"dap_total": 1e-4, "calibrations": [{"calibration_factor": 1.05}]}
    root = changed(fluoroscopy_report({"dap": 1e-4}, projection_accumulated=[accumulated]))
    add(find(root, "122505"), "113723", "DATETIME", value)
    (calibration,) = imported(root).report["projection_accumulated"][0]["calibrations"]
    assert calibration == {"calibration_factor": 1.05}


def test_without_totals_the_events_are_added_up(imported):
    """Ziehm: no accumulated data."""
    root = drop(changed(fluoroscopy_report({"dap": 1e-6}, {"dap": 2e-6})), "113702")
    assert imported(root).study["dap_total"] == 3e-6


def test_pulses_in_one_number_are_a_list_with_the_zero_that_it_begins_with(imported):
    """Eurocolumbus: kV, mA and pulse width of each pulse, joined by backslashes."""
    root = changed(fluoroscopy_report({"kvp": [85.0], "tube_current": [5.0]}))
    find(root, "113733").value = "0\\85\\85\\68"
    find(root, "113734").value = "0\\5.5\\5.5\\4"
    event = imported(root).event
    assert (event["kvp"], event["tube_current"]) == ([0, 85, 85, 68], [0, 5.5, 5.5, 4])


def test_fluoroscopies_whose_totals_are_all_of_acquisition_are_fluoroscopy(imported):
    """Eurocolumbus: fluoroscopic events, fluoro time zero."""
    totals = {"total_fluoro_time": 0.0, "total_acquisition_time": 9.687, "acquisition_dap_total": 9e-6}
    report = fluoroscopy_report({"dap": 9e-6}, projection_accumulated=[totals])
    assert imported(report).study["modality"] == "RF"


def test_one_code_stands_for_radiography_and_fluoroscopy_and_events_tell_which(imported):
    """Dual rooms: the same device sends both under one code."""
    still = fluoroscopy_report(STATIONARY_EVENT, projection_accumulated=[{"dap_total": 1e-6}])
    assert imported(still).study["modality"] == "DX"
    assert imported(fluoroscopy_report({})).study["modality"] == "RF"


STATIONARY_EVENT = {"irradiation_event_type": STATIONARY, "dap": 1e-6}


def test_an_alternative_procedure_code_of_the_same_meaning_is_known(imported):
    """SRT, SCT and SNM3 for one procedure."""
    for value, scheme in (("P5-08000", "SRT"), ("P5-08000", "SNM3"), (CT.value, "SCT")):
        root = changed(ct_report())
        find(root, "121058").value = Concept(value, scheme, "CT")
        assert imported(root).study["modality"] == "CT"
    root = changed(fluoroscopy_report({}))
    find(root, "121058").value = Concept("P5-40010", "SRT", "Mammography")
    assert imported(root).report["procedure_reported"] == MAMMOGRAPHY.value
    assert PROJECTION.value == "113704"


def test_a_report_made_of_a_performed_procedure_step_is_read(imported):
    """A proxy: names where values belong, no observer, the modality of the step."""
    root = drop(changed(ct_report({"dlp": 7.0})), "121005")
    assert imported(root, Modality="CT").event["dlp"] == 7.0


def test_a_file_is_made_at_all():
    assert made(ct_report()).read(132)[128:] == b"DICM"

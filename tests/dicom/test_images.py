"""Objects whose header carries the dose: what kind they are, and what is read from them."""

import pytest
from pydicom.uid import UID

from app.dicom.concept import Concept
from app.dicom.identify import NotADoseObject, open_object
from app.dicom.objects import read_object
from app.dicom.reader import IMAGE
from app.models import Report
from app.models.columns import layout_of
from tests import images
from tests.images import MAMMOGRAPHY, RADIOGRAPHY, dataset, file

REPORT = layout_of(Report)


def read(image, **how):
    """What the importer reads from the image, written as a file where it is none."""
    return read_object(open_object(image if hasattr(image, "read") else file(image, **how)), REPORT)


def event(reading):
    """The one event of the image."""
    (rows,) = [rows for table, rows in reading.row.parts.items() if table.endswith("_event")]
    (row,) = rows
    return row.as_json()


def refusal(image):
    """Why the image is no dose object."""
    with pytest.raises(NotADoseObject) as reason:
        read(image)
    return str(reason.value)


def test_a_mammogram_tells_its_exposure_in_the_columns_of_a_report():
    told = read(dataset(images.MG_PRESENTATION, **MAMMOGRAPHY))
    assert (told.kind, told.problems, told.unread) == (IMAGE, [], {})
    values = event(told)
    assert values["average_glandular_dose"] == 1.409  # mGy; the attribute is in dGy
    assert values["entrance_exposure_at_rp"] == 4.931
    assert (values["kvp"], values["exposure"], values["compression_force"]) == ([29.0], [53200.0], 80.0)
    assert (values["laterality"]["meaning"], values["image_view"]["meaning"]) == ("Left", "cranio-caudal")
    assert values["started_at"] == "2026-02-03T10:11:12"
    (one,) = values["xray_filters"]
    assert (one["material"]["meaning"], one["type"]["meaning"]) == ("Rhodium", "Strip filter")


@pytest.mark.parametrize(
    "sop_class",
    [
        images.CR, images.DX_PRESENTATION, images.DX_PROCESSING, images.XA, images.STORAGE + "1.3",
        images.STORAGE + "12.2",
    ],
    ids=lambda uid: UID(uid).name,
)  # fmt: skip
def test_an_x_ray_image_of_any_class_is_one_event(sop_class):
    values = event(read(dataset(sop_class, **RADIOGRAPHY)))
    assert (values["dap"], values["kvp"], values["exposure"]) == (1.25e-05, [81.0], [4000.0])
    assert values["started_at"] == "2026-02-03T10:11:12.500000+01:00"


def test_a_processed_copy_says_which_image_it_was_made_from():
    raw = dataset(images.MG_PROCESSING, **MAMMOGRAPHY)
    source = {"ReferencedSOPClassUID": raw.SOPClassUID, "ReferencedSOPInstanceUID": raw.SOPInstanceUID}
    shown = dataset(images.MG_PRESENTATION, **MAMMOGRAPHY, SourceImageSequence=[source])
    assert event(read(shown))["acquired_images"] == [shown.SOPInstanceUID, raw.SOPInstanceUID]
    assert event(read(raw))["acquired_images"] == [raw.SOPInstanceUID]


def test_an_image_of_several_exposures_says_which_images_it_was_made_from():
    sources = [{"ReferencedSOPInstanceUID": f"2.25.{number}"} for number in (1, 2)]
    stitched = dataset(images.DX_PRESENTATION, **RADIOGRAPHY, SourceImageSequence=sources)
    assert event(read(stitched))["acquired_images"] == [stitched.SOPInstanceUID, "2.25.1", "2.25.2"]


def test_a_secondary_capture_of_mammography_with_a_dose_is_an_exposure():
    """Tomosynthesis projections were stored so, with standard attributes that the sender did not know as unknown."""
    plain = {name: value for name, value in MAMMOGRAPHY.items() if name not in ("KVP", "OrganDose", "ExposureInuAs")}
    unknown = [(0x00180060, "UN", b"28"), (0x00181153, "UN", b"6000"), (0x00400316, "UN", b"0.0026")]
    values = event(read(images.with_raw(dataset(images.CAPTURE, **plain), *unknown)))
    assert (values["kvp"], values["exposure"], values["average_glandular_dose"]) == ([28.0], [6000.0], 0.26)


def test_tomosynthesis_stored_as_ct_images_is_mammography():
    image = dataset(images.CT, **MAMMOGRAPHY | {"Modality": "CT"}, PositionerType="MAMMOGRAPHIC")
    assert event(read(image))["average_glandular_dose"] == 1.409


def test_a_reason_is_given_for_every_image_that_says_nothing_of_dose():
    assert refusal(dataset(images.CAPTURE, Modality="OT")) == (
        "It is a secondary capture whose header says nothing about dose."
    )
    assert refusal(dataset(images.DX_PRESENTATION, Modality="DX", KVP="0", Exposure="")) == (
        "It is an X-ray image whose header says nothing about dose."
    )
    assert refusal(dataset(images.CT, Modality="CT", KVP="120")) == (
        "It is a CT Image Storage object; only dose reports, X-ray images and nuclear images are read."
    )
    assert "1.2.3.4" in refusal(dataset("1.2.3.4"))


def test_a_screenshot_with_settings_and_no_dose_is_no_exposure():
    assert "nothing about dose" in refusal(dataset(images.CAPTURE, Modality="DX", KVP="80", Exposure="4"))


def test_an_implicit_image_says_the_same():
    image = dataset(images.MG_PRESENTATION, **MAMMOGRAPHY)
    assert event(read(image, implicit=True)) == event(read(image))


def test_fluoroscopy_is_known_by_the_setting_of_the_tube():
    values = event(read(dataset(images.XA, **RADIOGRAPHY | {"Modality": "XA"}, RadiationSetting="SC")))
    assert values["irradiation_event_type"]["meaning"] == "Fluoroscopy"


BTO_ACQUISITION = {
    "KVP": "31", "ExposureInmAs": 60.0, "ExposureTimeInms": 2100.0, "XRayTubeCurrentInmA": 28.5, "OrganDose": "0.0182",
    "EntranceDoseInmGy": "7.4", "BodyPartThickness": "52", "CompressionForce": "91", "AnodeTargetMaterial": "TUNGSTEN",
    "FilterMaterial": "ALUMINUM",
}  # fmt: skip


def test_tomosynthesis_tells_the_dose_of_the_whole_acquisition():
    breast = Concept("76752008", "SCT", "Breast")
    shared = {"FrameAnatomySequence": [{"FrameLaterality": "R", "AnatomicRegionSequence": [images.code(breast)]}]}
    image = dataset(
        images.TOMOSYNTHESIS, Modality="MG", NumberOfFrames=52, AcquisitionDateTime="20260203101112",
        XRay3DAcquisitionSequence=[BTO_ACQUISITION], SharedFunctionalGroupsSequence=[shared],
    )  # fmt: skip
    told = read(image)
    values = event(told)
    assert (values["average_glandular_dose"], values["entrance_exposure_at_rp"]) == (1.82, 7.4)
    assert (values["kvp"], values["exposure"], values["exposure_time"]) == ([31.0], [60000.0], 2100.0)
    assert (values["laterality"]["meaning"], values["anatomical_structure"]["meaning"]) == ("Right", "Breast")
    assert (values["compression_force"], len(values["xray_filters"])) == (91.0, 1)
    assert (told.problems, told.unread) == ([], {})


def test_the_doses_of_several_acquisitions_in_one_image_add_up():
    image = dataset(images.TOMOSYNTHESIS, Modality="MG", XRay3DAcquisitionSequence=[
        BTO_ACQUISITION, BTO_ACQUISITION | {"OrganDose": "0.002", "KVP": "29"},
    ])  # fmt: skip
    values = event(read(image))
    assert (values["average_glandular_dose"], values["kvp"]) == (2.02, [31.0, 29.0])


def projections(*doses):
    """Breast projections whose frames have a dose each."""
    frames = [
        {
            "XRayAcquisitionDoseSequence": [{"OrganDose": dose, "ExposureInmAs": 4.0} if dose else {}],
            "PositionerPositionSequence": [{"PositionerPrimaryAngle": str(angle)}],
        }
        for angle, dose in enumerate(doses)
    ]
    return dataset(
        images.BREAST_PROJECTIONS, Modality="MG", KVP="29", PerFrameFunctionalGroupsSequence=frames,
        NumberOfFrames=len(frames),
    )  # fmt: skip


def test_the_doses_of_projections_add_up():
    told = read(projections("0.001", "0.0012", "0.0013"))
    values = event(told)
    assert values["average_glandular_dose"] == 0.35
    assert values["exposure"] == [4000.0]
    assert (values["positioner_primary_angle"], values["positioner_primary_end_angle"]) == (0.0, 2.0)
    assert told.problems == []


def test_a_dose_that_some_projections_do_not_tell_is_a_problem_and_no_sum():
    told = read(projections("0.001", "", "0.0013"))
    assert "average_glandular_dose" not in event(told)
    assert "is not told for all frames" in told.problems[0].message
    assert told.problems[0].value == "0.1, 0.13"


def test_slices_of_tomosynthesis_repeat_the_dose_and_do_not_add_to_it():
    frames = [{"XRayAcquisitionDoseSequence": [{"OrganDose": "0.018"}]}] * 40
    image = dataset(images.TOMOSYNTHESIS, Modality="MG", KVP="31", PerFrameFunctionalGroupsSequence=frames)
    assert event(read(image))["average_glandular_dose"] == 1.8


def test_an_enhanced_angiogram_tells_what_its_frames_have_in_common():
    shared = {
        "FrameAcquisitionSequence": [{"KVP": "75", "XRayTubeCurrentInmA": 400.0, "ExposureTimeInms": 6.0}],
        "XRayGeometrySequence": [{"DistanceSourceToDetector": "1050"}],
        "IrradiationEventIdentificationSequence": [{"IrradiationEventUID": "2.25.77"}],
    }
    image = dataset(
        images.ENHANCED_XA, Modality="XA", SharedFunctionalGroupsSequence=[shared], AcquisitionDuration=2.5,
        ImageAndFluoroscopyAreaDoseProduct="3.5",
    )  # fmt: skip
    values = event(read(image))
    assert (values["kvp"], values["tube_current"], values["dap"]) == ([75.0], [400.0], 3.5e-05)
    assert (values["irradiation_event_uid"], values["distance_source_to_detector"]) == ("2.25.77", 1050.0)
    assert values["irradiation_duration"] == 2.5


def test_an_image_of_two_irradiation_events_names_neither():
    frames = [
        {"IrradiationEventIdentificationSequence": [{"IrradiationEventUID": f"2.25.{number}"}]} for number in (1, 2)
    ]
    told = read(
        dataset(images.ENHANCED_XA, **RADIOGRAPHY | {"Modality": "XA"}, PerFrameFunctionalGroupsSequence=frames)
    )
    assert "irradiation_event_uid" not in event(told)
    assert told.problems[0].message == "differs from frame to frame"

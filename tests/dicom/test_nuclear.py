"""Radiopharmaceutical dose reports as devices write them, and the headers of nuclear medicine images."""

from datetime import datetime, timedelta, timezone
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    EnhancedPETImageStorage,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    RadiopharmaceuticalRadiationDoseSRStorage,
)

from app.dicom.concept import Concept
from app.dicom.identify import NotADoseObject
from app.dicom.nuclear import megabecquerels
from app.dicom.objects import read_object
from app.dicom.reader import IMAGE
from app.ingest.modality import modality
from tests.factories import FDG, FLUORINE, PET, REPORT, nuclear_report, report_file

INTRAVENOUS = Concept("47625008", "SCT", "Intravenous route")
CALIBRATOR = Concept("113541", "DCM", "Dose Calibrator")


def written(report, **header) -> Dataset:
    """The report after it has been a file."""
    return dcmread(BytesIO(report_file(report, **header).getvalue()))


def only(reading, table: str = "administration") -> dict:
    """The values of the one row of the table."""
    (row,) = reading.row.parts[table]
    return row.values


def items(dataset: Dataset, *path: str) -> list[Dataset]:
    """The items below the data set whose concepts have the codes of the path."""
    found = [item for item in dataset.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == path[0]]
    return [below for item in found for below in items(item, *path[1:])] if path[1:] else found


def rename(item: Dataset, value: str, scheme: str) -> None:
    """Give the item another concept name."""
    item.ConceptNameCodeSequence[0].CodeValue, item.ConceptNameCodeSequence[0].CodingSchemeDesignator = value, scheme


def test_a_report_of_radiopharmaceuticals_says_what_it_is():
    report = written(nuclear_report({}))
    assert report.SOPClassUID == RadiopharmaceuticalRadiationDoseSRStorage
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "10021"
    reading = read_object(report, REPORT)
    assert (reading.problems, reading.unread, modality(reading.row)) == ([], {}, "NM")


def test_an_item_without_a_concept_is_no_series_of_images():
    report = written(nuclear_report({}, comment="x"))
    del items(report, "121106")[0].ConceptNameCodeSequence
    reading = read_object(report, REPORT)
    assert "pet_series" not in reading.row.parts
    assert reading.unread == {"Radiopharmaceutical Radiation Dose Report › no concept": ["x"]}


def test_the_title_decides_and_not_the_class():
    report = written(nuclear_report({}), SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33")
    assert only(read_object(report, REPORT))["agent"] == FDG


def test_the_agent_may_be_a_text():
    values = {"agent": None, "agent_text": "Tc-99m Wundermittel", "radionuclide": None, "half_life": None}
    reading = read_object(written(nuclear_report(values)), REPORT)
    assert only(reading)["agent_text"] == "Tc-99m Wundermittel"
    assert reading.problems == []


@pytest.mark.parametrize("scheme", ["SRT", "SNM3", "99SDM"])
def test_retired_codes_of_any_name_are_brought_up_to_date(scheme):
    report = written(nuclear_report({}))
    (agent,) = items(report, "113502", "349358000")
    rename(agent, "F-61FDB", scheme)
    code = items(agent, "89457008")[0].ConceptCodeSequence[0]
    code.CodeValue, code.CodingSchemeDesignator = "C-111A1", scheme
    assert only(read_object(report, REPORT))["radionuclide"] == FLUORINE


def test_what_measured_the_activity_stays_with_its_measurement():
    device = {"device": CALIBRATOR, "observer_name": ["Curiementor"]}
    report = nuclear_report({
        "pre_administration_measured_activity": 300.0, "pre_administration_device": [device],
        "post_administration_measured_activity": 4.0,
        "post_administration_device": [device | {"observer_uid": ["1.2"]}],
    })  # fmt: skip
    (row,) = read_object(written(report), REPORT).row.parts["administration"]
    (before,), (after,) = row.parts["pre_administration_device"], row.parts["post_administration_device"]
    assert before.values == device
    assert after.values == device | {"observer_uid": ["1.2"]}


def test_a_device_written_beside_its_measurement_belongs_to_the_one_before_it():
    device = {"device": CALIBRATOR}
    report = written(
        nuclear_report({"pre_administration_measured_activity": 300.0, "pre_administration_device": [device],
                        "post_administration_measured_activity": 4.0})
    )  # fmt: skip
    (administration,) = items(report, "113502")
    (measured,) = items(administration, "113508")
    place = list(administration.ContentSequence).index(measured)
    administration.ContentSequence.insert(place + 1, measured.ContentSequence.pop())
    (row,) = read_object(report, REPORT).row.parts["administration"]
    assert row.parts.keys() == {"pre_administration_device"}


def test_height_comes_in_any_unit_of_length():
    report = written(nuclear_report({}, patient_characteristics=[{"height": 178.0}]))
    (height,) = items(report, "121118", "8302-2")
    measured = height.MeasuredValueSequence[0]
    measured.NumericValue, measured.MeasurementUnitsCodeSequence[0].CodeValue = "1.78", "m"
    assert only(read_object(report, REPORT), "patient_characteristics") == {"height": 178.0}


@pytest.mark.parametrize(("unit", "written_age"), [("a", "3"), ("mo", "36")])
def test_ages_are_in_years(unit, written_age):
    report = written(nuclear_report({}, patient_characteristics=[{"age": 3.0}]))
    measured = items(report, "121118", "121033")[0].MeasuredValueSequence[0]
    measured.NumericValue, measured.MeasurementUnitsCodeSequence[0].CodeValue = written_age, unit
    assert only(read_object(report, REPORT), "patient_characteristics") == {"age": 3.0}


def test_a_unit_of_another_quantity_is_a_problem():
    report = written(nuclear_report({}, patient_characteristics=[{"glucose": 5.5}]))
    measured = items(report, "121118", "14749-6")[0].MeasuredValueSequence[0]
    measured.NumericValue, measured.MeasurementUnitsCodeSequence[0].CodeValue = "99", "mg/dl"
    reading = read_object(report, REPORT)
    assert only(reading, "patient_characteristics") == {}
    assert "mmol/l is wanted" in reading.problems[0].message


def test_a_relationship_in_place_of_a_value_type_hides_no_code():
    report = written(nuclear_report({}, language=Concept("en", "RFC5646", "English")))
    items(report, "121049")[0].ValueType = "HAS CONCEPT MOD"
    items(report, "363589002")[0].ValueType = "HAS CONCEPT MOD"
    reading = read_object(report, REPORT)
    assert str(reading.row.values["language"]) == "English"
    assert reading.row.values["associated_procedure"] == PET


def test_the_observer_may_be_a_text_without_a_relationship():
    report = written(nuclear_report({}, person_observer_name="Curie"))
    (person,) = items(report, "121008")
    del person.RelationshipType, person.PersonName
    person.ValueType, person.TextValue = "TEXT", "Curie"
    reading = read_object(report, REPORT)
    assert (reading.row.values["person_observer_name"], reading.unread) == ("Curie", {})


def test_codes_of_dicom_under_the_name_of_another_scheme_are_dicoms():
    rate = {"rate": 90.0, "equivalent_meaning": Concept("33914-3", "LN", "GFR")}
    characteristics = {
        "body_mass_index": 24.0, "body_mass_index_equation": Concept("122265", "DCM", "BMI = Wt/Ht^2"),
        "glomerular_filtration_rate": [rate],
    }  # fmt: skip
    report = written(nuclear_report({}, patient_characteristics=[characteristics]))
    items(report, "121118", "60621009", "121420")[0].ConceptCodeSequence[0].CodingSchemeDesignator = "SRT"
    rename(items(report, "121118", "80274001", "121050")[0], "121050", "SCT")
    reading = read_object(report, REPORT)
    (row,) = reading.row.parts["patient_characteristics"]
    assert row.values["body_mass_index_equation"].scheme == "DCM"
    assert row.parts["glomerular_filtration_rate"][0].values == rate
    assert reading.unread == {}


def test_an_effective_dose_is_found_in_a_private_container():
    report = written(nuclear_report({"effective_dose": 7.486, "effective_dose_reference_authority_text": "ICRP 128"}))
    (administration,) = items(report, "113502")
    (dose,) = items(administration, "113839")
    container = Dataset()
    container.ValueType, container.RelationshipType, container.ContinuityOfContent = "CONTAINER", "CONTAINS", "SEPARATE"
    name = Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "220001", "99SHS", "Effective Dose Information"
    container.ConceptNameCodeSequence, container.ContentSequence = [name], [dose]
    administration.ContentSequence = [item for item in administration.ContentSequence if item is not dose]
    administration.ContentSequence.append(container)
    reading = read_object(report, REPORT)
    assert only(reading)["effective_dose"] == 7.486
    assert only(reading)["effective_dose_reference_authority_text"] == "ICRP 128"


def test_intent_beside_its_procedure_belongs_to_it():
    diagnostic = Concept("261004008", "SCT", "Diagnostic Intent")
    report = written(nuclear_report({}, associated_procedure_intent=diagnostic))
    (procedure,) = items(report, "363589002")
    report.ContentSequence.insert(1, procedure.ContentSequence.pop())
    assert read_object(report, REPORT).row.values["associated_procedure_intent"] == diagnostic


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """One code as a header has it."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def pet_image(sop_class=PositronEmissionTomographyImageStorage, administration=(), **header) -> Dataset:
    """The header of a PET image, with what differs from an ordinary one."""
    given = Dataset()
    ordinary = {
        "Radiopharmaceutical": "FDG", "RadionuclideTotalDose": "250000000", "RadionuclideHalfLife": "6586.2",
        "RadiopharmaceuticalStartTime": "093000", "RadionuclideCodeSequence": [code("C-111A1", "SRT", "F-18")],
    }  # fmt: skip
    for keyword, value in (ordinary | dict(administration)).items():
        setattr(given, keyword, value)
    image = Dataset()
    standard = {
        "SOPClassUID": sop_class, "SOPInstanceUID": "2.25.1", "StudyInstanceUID": "2.25.2", "Modality": "PT",
        "SeriesInstanceUID": "2.25.3", "StudyDate": "20260115", "SeriesDate": "20260115", "SeriesTime": "103000",
        "AcquisitionDate": "20260115", "AcquisitionTime": "103000", "Units": "BQML", "SeriesType": ["STATIC", "IMAGE"],
        "RadiopharmaceuticalInformationSequence": [given],
    }  # fmt: skip
    for keyword, value in (standard | header).items():
        setattr(image, keyword, value)
    return image


def test_a_pet_image_tells_of_its_administration_and_its_series():
    reading = read_object(pet_image(), REPORT)
    assert (reading.kind, reading.problems, reading.unread, modality(reading.row)) == (IMAGE, [], {}, "NM")
    assert only(reading) == {
        "agent_text": "FDG", "radionuclide": FLUORINE, "half_life": 6586.2, "administered_activity": 250.0,
        "started_at": datetime(2026, 1, 15, 9, 30),
    }  # fmt: skip
    assert only(reading, "pet_series") == {
        "series_instance_uid": "2.25.3", "started_at": datetime(2026, 1, 15, 10, 30), "units": "BQML",
        "series_type": ["STATIC", "IMAGE"],
    }  # fmt: skip


def test_images_of_one_series_read_alike():
    one = read_object(pet_image(), REPORT)
    other = {"AcquisitionDate": "20260116", "AcquisitionTime": "000100", "ImageIndex": 400, "SliceLocation": "8"}
    later = {
        "SOPInstanceUID": "2.25.9",
        "InstanceNumber": "400",
        "ActualFrameDuration": "90000",
        "FrameReferenceTime": 1,
    }
    assert read_object(pet_image(**other, **later), REPORT) == one


def test_enhanced_pet_images_are_read_too():
    assert only(read_object(pet_image(EnhancedPETImageStorage), REPORT))["administered_activity"] == 250.0


@pytest.mark.parametrize(
    ("told", "stored"),
    [(764, 764.0), (394_000_000, 394.0), (370_000, 0.37), (7400, 7400.0), (0, 0.0), (-1, None), (50_000, None),
     (1e11, None)],
)  # fmt: skip
def test_the_number_tells_the_unit_of_an_activity(told, stored):
    assert megabecquerels(told) == stored


@pytest.mark.parametrize(("told", "problems"), [("50000", 1), ("0", 0), ("-5", 1)])
def test_an_activity_that_can_not_be_is_not_stored(told, problems):
    reading = read_object(pet_image(administration={"Radiopharmaceutical": "?", "RadionuclideTotalDose": told}), REPORT)
    assert "administered_activity" not in only(reading)
    assert len(reading.problems) == problems


@pytest.mark.parametrize(
    ("told", "series", "started_at"),
    [
        ("233000", "003000", datetime(2026, 1, 14, 23, 30)),  # images after midnight
        ("103200", "103000", datetime(2026, 1, 15, 10, 32)),  # injected while the images are made
    ],
)
def test_a_time_without_a_day_is_before_the_images(told, series, started_at):
    image = pet_image(administration={"RadiopharmaceuticalStartTime": told}, SeriesTime=series, AcquisitionTime=series)
    assert only(read_object(image, REPORT))["started_at"] == started_at


def test_a_series_made_the_day_after_does_not_move_the_injection():
    image = pet_image(SeriesDate="20260116", SeriesTime="080000")
    assert only(read_object(image, REPORT))["started_at"] == datetime(2026, 1, 15, 9, 30)


def test_the_day_of_what_is_imaged_for_days_is_not_guessed():
    iodine = {"RadionuclideHalfLife": "693000", "RadionuclideCodeSequence": [code("C-114B1", "SRT", "I-131")]}
    reading = read_object(pet_image(administration=iodine), REPORT)
    assert "started_at" not in only(reading)
    assert list(reading.unread.values()) == [["093000"]]


def test_a_full_date_and_time_is_believed_and_gets_the_zone_of_the_image():
    given = {"RadiopharmaceuticalStartDateTime": "20260114220000"}
    image = pet_image(administration=given, TimezoneOffsetFromUTC="+0100")
    assert only(read_object(image, REPORT))["started_at"] == datetime(
        2026, 1, 14, 22, tzinfo=timezone(timedelta(hours=1))
    )


def test_several_dates_of_calibration_hurt_nobody():
    image = pet_image(DateOfLastCalibration=["20260101", "20260102"], TimeOfLastCalibration=["000000", "000000"])
    assert read_object(image, REPORT).problems == []


def test_two_isotopes_are_two_administrations():
    first, second = pet_image(), pet_image(administration={"Radiopharmaceutical": "Tc", "RadionuclideTotalDose": "700"})
    first.RadiopharmaceuticalInformationSequence.append(second.RadiopharmaceuticalInformationSequence[0])
    first.SOPClassUID, first.Modality = NuclearMedicineImageStorage, "NM"
    reading = read_object(first, REPORT)
    told = [row.values["administered_activity"] for row in reading.row.parts["administration"]]
    assert (told, "pet_series" in reading.row.parts) == ([250.0, 700.0], False)


def test_what_no_column_takes_of_an_administration_is_unread():
    image = pet_image(administration={"ContrastBolusVolume": "3"})
    assert list(read_object(image, REPORT).unread.values()) == [["3"]]


def test_an_image_without_an_administration_is_refused_with_the_reason():
    image = pet_image()
    del image.RadiopharmaceuticalInformationSequence
    with pytest.raises(NotADoseObject, match="a nuclear medicine image whose header says nothing about dose"):
        read_object(image, REPORT)

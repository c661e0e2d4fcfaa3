"""What is kept of an object reads the same and names nobody."""

from io import BytesIO

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from app.dicom.copying import encoded
from app.dicom.deidentify import keepable, restored
from app.dicom.document import to_bytes
from app.dicom.identify import NotADoseObject, open_object
from app.dicom.objects import read_object
from tests.conftest import DICOM_FOLDER
from tests.dicom.test_round_trip import rebuilt
from tests.factories import REPORT, ct_report, report_file

FILES = sorted(path.name for path in DICOM_FOLDER.glob("*.dcm"))


def kept_bytes(**header) -> bytes:
    """What is kept of a report with this header, as a DICOM file."""
    return restored(keepable(open_object(report_file(ct_report({}), **header)))).getvalue()


@pytest.mark.parametrize("name", FILES)
def test_what_is_kept_reads_as_the_object_did(dicom_folder, name):
    path = str(dicom_folder / name)
    try:
        first = read_object(open_object(path), REPORT)
    except NotADoseObject:
        pytest.skip("it says nothing about dose")
    again = read_object(open_object(restored(keepable(open_object(path)))), REPORT)
    assert (again.row, again.problems, again.unread) == (first.row, first.problems, first.unread)


def test_neither_name_nor_number_nor_birthday_of_the_patient_is_kept():
    kept = kept_bytes(
        PatientName="Grünewald^Adelheid", PatientID="4711-0815", PatientBirthDate="19610203",
        OtherPatientNames="Adele", IssuerOfPatientID="CITYHOSP", PatientComments="lives at the lake",
        StudyDescription="Thorax Grünewald Adelheid",
    )  # fmt: skip
    for word in ("Grünewald", "Adelheid", "4711-0815", "19610203", "Adele", "CITYHOSP", "lake"):
        assert word.encode() not in kept
    assert b"Thorax" in kept


def test_what_dose_needs_of_the_patient_is_kept():
    kept = dcmread(BytesIO(kept_bytes(PatientSex="F", PatientAge="050Y", PatientSize=1.7, PatientWeight=65)))
    assert (kept.PatientSex, kept.PatientAge, kept.PatientSize, kept.PatientWeight) == ("F", "050Y", 1.7, 65)


def test_a_subject_named_in_the_content_is_forgotten():
    # TID 1007: the report of some systems repeats the patient's name and number as content items.
    dataset = dcmread(report_file(ct_report({})))
    subject = dataset.ContentSequence[0].__class__()
    subject.RelationshipType, subject.ValueType = "HAS OBS CONTEXT", "PNAME"
    name = dataset.ConceptNameCodeSequence[0].__class__()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "121029", "DCM", "Subject Name"
    subject.ConceptNameCodeSequence, subject.PersonName = [name], "Smith^Winifred"
    dataset.ContentSequence.append(subject)
    kept = restored(keepable(open_object(BytesIO(to_bytes(dataset))))).getvalue()
    assert b"Winifred" not in kept
    assert b"121029" in kept


@pytest.mark.parametrize("name", FILES)
def test_pydicom_writes_the_same_elements(dicom_folder, name):
    dataset = open_object(str(dicom_folder / name))
    ours = dcmread(BytesIO(encoded(dataset, [dataset.get_item(tag) for tag in sorted(dataset.keys())])))
    dataset.file_meta.TransferSyntaxUID = ours.file_meta.TransferSyntaxUID
    by_pydicom = BytesIO()
    dcmwrite(by_pydicom, dataset, enforce_file_format=True)
    assert ours == dcmread(BytesIO(by_pydicom.getvalue()))


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_names_that_an_archive_corrected_are_forgotten(syntax):
    # Original Attributes Sequence: archives note in it what they have changed, the patient's former name among it.
    inner, original = Dataset(), Dataset()
    inner.PatientName, inner.PatientID = "Smith^Winifred", "4711-0815"
    original.ModifiedAttributesSequence = [inner]
    dataset = dcmread(report_file(ct_report({})))
    dataset.OriginalAttributesSequence = [original]
    again = rebuilt(dataset)
    again.file_meta = dataset.file_meta
    again.file_meta.TransferSyntaxUID = syntax
    file = BytesIO()
    dcmwrite(file, again, enforce_file_format=True)
    kept = restored(keepable(open_object(BytesIO(file.getvalue())))).getvalue()
    assert b"Winifred" not in kept and b"4711-0815" not in kept
    assert read_object(open_object(BytesIO(kept)), REPORT).row.parts["ct_event"]

"""What people type into texts about a patient whom the header names."""

import pytest
from pydicom import dcmread

from app.dicom.deidentify import keepable, restored
from app.dicom.identify import open_object
from app.dicom.objects import read_object
from app.dicom.scrub import MARK, scrubbed
from tests.factories import REPORT, ct_report, report_file

PATIENT = {
    "PatientName": "Kanarienvogel^Hansi", "PatientID": "CA-4711", "PatientBirthDate": "19500131",
    "PatientAddress": "Seeweg 17, Zell", "PatientTelephoneNumbers": "+41 79 555 0815",
}  # fmt: skip
TEXTS = [
    "KANARIENVOGEL, Hansi", "Hansi Kanarienvogel", "kanarienvogel^hansi", "id ca-4711!", "Seeweg 17 Zell",
    "(+41 79 555-0815)",
]  # fmt: skip
FREE = ["Mr Kanarienvogel moved", "hansi moved", "born 31.01.1950", "born 1950-01-31"]


def opened(report=None, **header):
    return open_object(report_file(report or ct_report({}), **(PATIENT | header)))


@pytest.mark.parametrize("text", TEXTS)
def test_who_the_patient_is_goes_from_every_text_and_leaves_a_mark(text):
    found = scrubbed(opened(ct_report({"acquisition_protocol": f"Thorax {text}"}), StudyDescription=f"Thorax {text}"))
    assert MARK in found.StudyDescription and text not in found.StudyDescription
    reading = read_object(found, REPORT)
    protocol = reading.row.parts["ct_event"][0].values["acquisition_protocol"]
    assert MARK in protocol and text not in protocol


@pytest.mark.parametrize("text", [*TEXTS, *FREE])
def test_of_a_comment_also_a_part_of_the_name_and_the_birthday(text):
    found = scrubbed(opened(ct_report({}, comment=f"Note: {text}."), ImageComments=f"Note: {text}."))
    assert found.ImageComments.startswith("Note: ") and MARK in found.ImageComments
    assert MARK in read_object(found, REPORT).row.values["comment"]
    kept = restored(keepable(found)).getvalue().lower()
    assert not [trace for trace in (b"kanarien", b"hansi", b"4711", b"0815", b"seeweg", b"19500131") if trace in kept]


@pytest.mark.parametrize(
    ("name", "character_set"),
    [
        ("Müller^Jürgen", "ISO_IR 100"), ("Ärlig^Åsa", "ISO_IR 192"), ("آدم^كوري", "ISO_IR 192"),
        ("Яблоков^Иван", "ISO_IR 144"), ("Яблоков^Иван", "ISO_IR 192"), ("王^小东", "GB18030"),
        ("Yamada^Tarou", ["", "ISO 2022 IR 87"]), ("ΠΑΠΑΣ^ΝΙΚΟΣ", "ISO_IR 126"), ("乤Tom^乗A", "GB18030"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("write", [str, str.upper, str.lower])
def test_who_the_patient_is_goes_in_whatever_letters(name, character_set, write):
    typed = " ".join(reversed(name.rpartition("=")[2].split("^")))
    texts = {"StudyDescription": write(f"for {typed}"), "ImageComments": write(f"{typed}: CT")}
    found = scrubbed(opened(PatientName=name, SpecificCharacterSet=character_set, **texts))
    for text in (found.StudyDescription, found.ImageComments):
        assert MARK in text and write(typed) not in text


def test_what_does_not_say_who_the_patient_is_stays():
    dataset = opened(PatientName="Head^Anna", PatientID="17", StudyDescription="Head 17", ProtocolName="Anna")
    found = scrubbed(dataset)
    assert (found.StudyDescription, found.ProtocolName) == ("Head 17", "Anna")
    plain = opened()
    assert scrubbed(plain) is plain


def test_the_accession_number_goes_where_it_is_not_kept():
    dataset = opened(AccessionNumber="AC-0815", StudyDescription="for AC-0815", ImageComments="AC-0815")
    assert "AC-0815" in scrubbed(dataset).StudyDescription
    found = scrubbed(dataset, number_too=True)
    assert "AC-0815" not in f"{found.StudyDescription} {found.ImageComments}"
    assert found.AccessionNumber == "AC-0815", "what is done with that is decided elsewhere"


def test_names_of_staff_are_as_the_site_wants_them():
    dataset = opened(OperatorsName="Doe^John", ImageComments="operator John Doe", PerformingPhysicianName="Roe^Jane")
    found = scrubbed(dataset, staff=lambda name: f"somebody {len(name)}")
    assert (found.OperatorsName, found.PerformingPhysicianName) == ("somebody 8", "somebody 8")
    assert found.ImageComments == f"operator {MARK}"


def test_the_object_itself_is_not_changed():
    file = report_file(ct_report({}), **PATIENT, ImageComments="Hansi Kanarienvogel")
    dataset = open_object(file)
    scrubbed(dataset)
    file.seek(0)
    assert dataset.ImageComments == dcmread(file).ImageComments

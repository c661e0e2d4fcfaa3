"""Codes are brought up to date, and to the scheme that they are of."""

import pytest
from pydicom.sr._snomed_dict import mapping

from app.dicom.concept import _meanings, fold
from app.dicom.snomed import is_identifier


@pytest.mark.parametrize(
    "written, scheme, code",
    [
        ("111642", "SRT", ("111642", "DCM")),
        ("121006", "SRT", ("121006", "DCM")),
        ("122265", "SRT", ("122265", "DCM")),
        ("121050", "SCT", ("121050", "DCM")),
        ("C-120F9", "DCM", ("12503006", "SCT")),
        ("77477000", "DCM", ("77477000", "SCT")),
        ("77477000", "SRT", ("77477000", "SCT")),
        ("P5-08001", "SCT", ("116152004", "SCT")),
    ],
)
def test_a_code_under_a_scheme_that_cannot_have_it_goes_to_the_one_that_has(written, scheme, code):
    concept = fold(written, scheme)
    assert (concept.value, concept.scheme) == code


@pytest.mark.parametrize("written", [("P5-08001", ""), ("P5-08001", "SNOMED-RT"), ("P5-08001", "99SDM")])
def test_a_retired_code_is_known_by_any_name_of_its_scheme(written):
    assert fold(*written) == fold("116152004", "SCT")


@pytest.mark.parametrize("written", ["DICOM", "dcm", "1.2.840.10008.2.16.4", ""])
def test_a_code_of_dicom_is_known_by_any_name_of_the_scheme(written):
    assert fold("113820", written) == fold("113820", "DCM")


@pytest.mark.parametrize("written", [("T-D400", "SRT"), ("12", ""), ("CT", ""), ("126000", "SCT"), ("018", "99PHI")])
def test_what_is_not_certain_stays_as_it_was_written(written):
    concept = fold(*written)
    assert (concept.value, concept.scheme) == written


@pytest.mark.parametrize("written", ["C-127F9", "C-12700"])
def test_copper_is_copper_by_every_code_that_the_standard_ever_had_for_it(written):
    assert fold(written, "SRT") == fold("66925006", "SCT")


def test_every_identifier_that_pydicom_knows_looks_like_one_and_no_code_of_dicom_is_lost_to_snomed():
    assert all(map(is_identifier, mapping["SCT"]))
    lost = [code for code in _meanings("DCM") if fold(code, "DCM").scheme != "DCM"]
    assert lost == ["113711", "113710"]  # filters of europium and niobium, which have codes of SNOMED since

"""Troubles with values, codes and encodings, whoever makes them."""

from io import BytesIO

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.dialects import Dialect
from tests.corpus.made import Imported, add, changed, drop, find, in_report, made, mammography_report, raw
from tests.factories import ct_report, fluoroscopy_report

LATIN = Dialect("Latin-1", character_set="ISO_IR 100")
NOT_STORED = "is outside of what is possible; it was not stored"


def ct_with(value: str, told: str | None, unit: str, code: str = "113838"):
    """A CT report whose item of the code says this."""
    root = changed(ct_report({"dlp": 100.0, "pitch_factor": 1.0}))
    item = find(root, code)
    item.value, item.unit = told, unit
    return root


@pytest.mark.parametrize(
    "written, unit, stored",
    [
        ("1.5", "dGy.cm2", 1.5e-5), ("1.5", "cGy.cm2", 1.5e-6), ("1.5", "Gy.cm2", 1.5e-4), ("1.5", "mGy.cm2", 1.5e-7),
        ("1.5", "uGy.m2", 1.5e-6), ("1.5", "µGy·m²", 1.5e-6), ("1.5", "Gy.cm^2", 1.5e-4), ("1.5", "Gym2", 1.5),
        ("1.5", "mGy.m2", 1.5e-3),
    ],
)  # fmt: skip
def test_a_dose_area_product_in_any_unit_is_converted(imported, written, unit, stored):
    """dGy·cm² and all its relatives."""
    root = changed(fluoroscopy_report({"dap": 1e-6}))
    find(find(root, "113706"), "122130").value, find(find(root, "113706"), "122130").unit = written, unit
    assert imported(root).event["dap"] == pytest.approx(stored, rel=1e-12)


@pytest.mark.parametrize("unit", ["", "furlong", "mGy", "MGY.CM"])
def test_a_number_of_no_unit_or_a_wrong_one_is_a_problem_and_not_stored(imported, unit):
    """Unit code missing, unknown, of another quantity, or in capitals that could mean mega."""
    result = imported(ct_with("113838", "100", unit))
    assert "dlp" not in result.event
    assert result.outcome.problems[0]["value"].startswith("100")


def test_an_empty_unit_sequence_is_a_missing_unit(imported):
    def spoil(dataset):
        in_report(dataset, "113838").MeasuredValueSequence[0].MeasurementUnitsCodeSequence = Sequence()

    assert "dlp" not in imported(ct_report({"dlp": 5.0}), change=spoil).event


def test_a_unit_that_has_its_code_in_the_meaning_only_is_known(imported):
    def spoil(dataset):
        code = in_report(dataset, "113838").MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0]
        code.CodeValue, code.CodeMeaning = "", "mGy.cm"

    assert imported(ct_report({"dlp": 5.0}), change=spoil).event["dlp"] == 5.0


def test_the_scheme_and_meaning_of_a_unit_make_no_difference(imported):
    """(mGy.cm, UCM, “free text”)."""

    def spoil(dataset):
        code = in_report(dataset, "113838").MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0]
        code.CodingSchemeDesignator, code.CodeMeaning = "UCM", "milli-gray times centimetre"

    assert imported(ct_report({"dlp": 5.0}), change=spoil).event["dlp"] == 5.0


@pytest.mark.parametrize("unit, stored", [("dGy", 137.3), ("mGy", 1.373), ("Gy", 1373.0)])
def test_a_glandular_dose_is_read_by_its_unit(imported, unit, stored):
    """dGy in reports before CP-1194, mGy after."""
    root = changed(mammography_report({"average_glandular_dose": 1.0}))
    item = find(root, "111631")
    item.value, item.unit = "1.373", unit
    result = imported(root)
    if stored > 1000:
        assert NOT_STORED in result.messages
    else:
        assert result.event["average_glandular_dose"] == stored


def test_units_of_ct_doses_are_minded_too(imported):
    assert imported(ct_with("113838", "0.1", "Gy.cm")).event["dlp"] == 100.0


@pytest.mark.parametrize("part", ["NumericValue", "MeasuredValueSequence", "MeasuredValueSequence[]"])
def test_a_number_that_is_empty_or_absent_is_missing(imported, part):
    def spoil(dataset):
        item = in_report(dataset, "113838")
        if part == "NumericValue":
            item.MeasuredValueSequence[0].NumericValue = None
        elif part.endswith("[]"):
            item.MeasuredValueSequence = Sequence()
        else:
            del item.MeasuredValueSequence

    result = imported(ct_report({"dlp": 5.0}), change=spoil)
    assert "dlp" not in result.event
    assert [message for message in result.messages if "may be damaged" not in message] == []


@pytest.mark.parametrize("written", ["unknown", "12 mm", "NaN", "inf", "1,5", "1_000", "--", "0x10"])
def test_text_in_a_number_is_a_problem_that_keeps_the_text(imported, written):
    """“unknown” in a filter's thickness, and a comma that could be a decimal sign or join two numbers."""
    result = imported(ct_with("113828", written, "{ratio}", "113828"))
    assert "pitch_factor" not in result.event
    assert result.outcome.problems[0]["value"].startswith(written)


def test_text_in_the_patients_size_is_a_problem(imported):
    result = imported(ct_report(), change=lambda dataset: raw(dataset, "PatientSize", b"unknown "))
    assert "patient_size" not in result.study
    assert result.messages == ["is not a number"]


@pytest.mark.parametrize(
    "keyword, written, name",
    [("PatientSize", b"17.5", "patient_size"), ("PatientWeight", b"9000", "patient_weight")],
)
def test_a_size_that_nobody_has_is_a_problem_and_not_stored(imported, keyword, written, name):
    result = imported(ct_report(), change=lambda dataset: raw(dataset, keyword, written))
    assert name not in result.study
    assert "can't be true of a person" in result.messages


@pytest.mark.parametrize("written", [b"0", b"0.0 ", b""])
def test_a_weight_of_nothing_is_not_known(imported, written):
    result = imported(ct_report(), change=lambda dataset: raw(dataset, "PatientWeight", written))
    assert "patient_weight" not in result.study
    assert result.messages == []


@pytest.mark.parametrize("written", ["100\0\0", "  100 ", "100.000", "1E2", "+100", "1.0e+002", "000100"])
def test_numbers_padded_or_spelled_oddly_are_numbers(imported, written):
    assert imported(ct_with("113838", written, "mGy.cm")).event["dlp"] == 100.0


def test_a_damaged_length_of_one_value_is_refused_and_nothing_is_half_stored(imported, corpus):
    """A wrong length can hide events: a dose that is too low and looks right."""
    whole = made(ct_report({"dlp": 5.0})).getvalue()
    assert Imported(BytesIO(whole[:-20])).outcome.result == "failed"
    assert Imported(BytesIO(whole)).outcome.result == "imported"


def test_a_filter_thinner_than_nothing_at_most_is_put_in_order(imported):
    filters = [{"thickness_minimum": 0.9, "thickness_maximum": 0.1}]
    told = imported(fluoroscopy_report({"xray_filters": filters})).event["xray_filters"]
    assert told == [{"thickness_minimum": 0.1, "thickness_maximum": 0.9}]


def test_a_filter_of_no_thickness_is_a_value(imported):
    filters = [{"thickness_minimum": 0.0, "thickness_maximum": 0.0}]
    told = imported(fluoroscopy_report({"xray_filters": filters})).event["xray_filters"]
    assert told == [{"thickness_minimum": 0.0, "thickness_maximum": 0.0}]


def test_repeated_items_and_joined_numbers_end_in_the_same_list(imported):
    """kV of each pulse as items or in one number."""
    joined = changed(fluoroscopy_report({"kvp": [70.0]}))
    find(joined, "113733").value = "70\\71.5\\72"
    listed = fluoroscopy_report({"kvp": [70.0, 71.5, 72.0]})
    assert imported(joined).event["kvp"] == imported(listed).event["kvp"] == [70.0, 71.5, 72.0]


def test_zero_is_a_value_and_missing_is_none(imported):
    event = imported(fluoroscopy_report({"dap": 0.0, "dose_rp": 0.0})).event
    assert (event["dap"], event["dose_rp"]) == (0.0, 0.0)
    assert "kvp" not in event


@pytest.mark.parametrize("digits", ["0.123456789012345", "123456789.1234567", "1.7976931348623157", "4.1E-06"])
def test_decimals_come_out_with_the_digits_that_went_in(imported, digits):
    """No rounding, no overflow of a decimal column."""
    assert imported(ct_with("113828", digits, "{ratio}", "113828")).event.get("pitch_factor") in (float(digits), None)
    root = changed(fluoroscopy_report({"table_height_position": 1.0}))
    find(root, "113753").value = digits
    assert imported(root).event["table_height_position"] == float(digits)


@pytest.mark.parametrize("dose", ["-1", "-0.0001"])
def test_a_negative_dose_is_a_problem_and_not_stored(imported, dose):
    result = imported(ct_with("113838", dose, "mGy.cm"))
    assert "dlp" not in result.event
    assert NOT_STORED in result.messages


def test_a_text_longer_than_its_kind_allows_is_kept_whole(imported):
    long = "Thorax " * 300
    assert imported(ct_report({"acquisition_protocol": long.strip()})).event["acquisition_protocol"] == long.strip()


@pytest.mark.parametrize("length", [17, 64, 128])
def test_a_long_code_is_kept_whole_wherever_it_stands(imported, length):
    """Code Value of more than 16 characters, in its own attribute or not."""
    code = Concept("C" * length, "99HOSPITAL", "Local region")
    assert imported(ct_report({"target_region": code})).event["target_region"] == "C" * length

    def spoil(dataset):
        item = in_report(dataset, "123014").ConceptCodeSequence[0]
        raw(item, "CodeValue", code.value.encode())

    report = ct_report({"target_region": Concept("1", "99HOSPITAL", "x")})
    assert imported(report, change=spoil).event["target_region"] == "C" * length


def test_one_code_with_two_meanings_is_one_code(imported):
    for meaning in ("Abdomen", "ABDOMEN, whole"):
        result = imported(ct_report({"target_region": Concept("0815", "99HOSPITAL", meaning)}))
        assert result.event["target_region"] == "0815"


@pytest.mark.parametrize("code", [("P5-08001", "SRT"), ("P5-08001", "SNM3"), ("116152004", "SCT"), ("P5-08001", "")])
def test_retired_and_current_codes_are_the_same(imported, code):
    root = changed(ct_report({"acquisition_type": Concept("116152004", "SCT", "Spiral")}))
    find(root, "113820").value = Concept(*code, "Spiral Acquisition")
    assert imported(root).event["acquisition_type"] == "116152004"


def test_a_code_that_was_cut_short_is_a_problem_and_not_mended(imported):
    """Philips Allura: T-D400 for the abdomen."""
    result = imported(ct_report({"target_region": Concept("T-D400", "SRT", "Abdomen")}))
    assert result.event["target_region"] == "T-D400"
    assert result.messages == ["is no code; perhaps T-D4000 was meant"]


def test_a_code_of_another_scheme_than_it_says_is_known(imported):
    """Eurocolumbus: (111642, SRT), (C-120F9, DCM)."""
    root = changed(fluoroscopy_report({"xray_grid": [Concept("111642", "SRT", "Focused grid")]}))
    filters = add(find(root, "113706"), "113771", "CONTAINER", None)
    add(filters, "113757", "CODE", Concept("C-120F9", "DCM", "Aluminum"))
    event = imported(root).event
    assert (event["xray_grid"], event["xray_filters"]) == (["111642"], [{"material": "12503006"}])


def test_an_acquisition_protocol_without_text_is_missing(imported):
    root = changed(ct_report({"dlp": 7.0}))
    add(find(root, "113819"), "125203", "TEXT", None)

    def spoil(dataset):
        del in_report(dataset, "125203").TextValue

    result = imported(root, change=spoil)
    assert result.event["dlp"] == 7.0
    assert "acquisition_protocol" not in result.event


def test_a_target_region_without_a_code_is_missing(imported):
    root = changed(ct_report({"dlp": 7.0}))
    add(find(root, "113819"), "123014", "CODE", None)
    result = imported(root)
    assert "target_region" not in result.event
    assert (result.messages, result.outcome.unread) == ([], {})


@pytest.mark.parametrize("keyword", ["RequestAttributesSequence", "ProcedureCodeSequence", "AnatomicRegionSequence"])
def test_an_empty_sequence_in_the_header_is_missing(imported, keyword):
    result = imported(ct_report(), change=lambda dataset: setattr(dataset, keyword, Sequence()))
    assert result.messages == []


@pytest.mark.parametrize("keyword", ["OperatorsName", "PerformingPhysicianName"])
def test_names_of_several_persons_do_no_harm(imported, keyword):
    result = imported(ct_report(), change=lambda dataset: raw(dataset, keyword, b"Curie^Marie\\Joliot^Irene"))
    assert result.outcome.result == "imported"


def test_a_person_without_a_name_is_missing(imported):
    root = changed(ct_report({"dlp": 7.0}))
    add(find(root, "113819"), "113870", "PNAME", None)

    def spoil(dataset):
        del in_report(dataset, "113870").PersonName

    assert imported(root, change=spoil).event["dlp"] == 7.0


@pytest.mark.parametrize("name", ["Größe", "胸部", "грудь", "صدر", "Θώρακας", "Klinik Žilina", "🩻"])
def test_names_in_every_script_are_kept(imported, name):
    result = imported(ct_report({"acquisition_protocol": name}), InstitutionName=name)
    assert result.event["acquisition_protocol"] == result.told["equipment"]["institution"] == name


def test_two_character_sets_in_one_object_are_both_read(imported):
    """Declared Latin-1: the hospital in Latin-1, the protocol in UTF-8."""

    def spoil(dataset):
        raw(dataset, "InstitutionName", "Universität".encode("latin-1"))
        raw(in_report(dataset, "125203"), "TextValue", "testæøå".encode())

    result = imported(ct_report({"acquisition_protocol": "x"}), LATIN, change=spoil)
    assert result.event["acquisition_protocol"] == "testæøå"
    assert result.told["equipment"]["institution"] == "Universität"


def test_text_that_switches_character_sets_is_read(corpus):
    r"""\ISO 2022 IR 87, and a degree sign in Latin-1."""

    japanese = Dialect("Japanese", character_set="\\ISO 2022 IR 87")
    written = made(ct_report({"acquisition_protocol": "5o"}), japanese, InstitutionName="0123456789").getvalue()
    spoiled = written.replace(b"0123456789", "山田".encode("iso2022_jp")).replace(b"5o", b"5\xb0")
    result = Imported(BytesIO(spoiled))
    assert result.told["equipment"]["institution"] == "山田"
    assert result.event["acquisition_protocol"] == "5°"


@pytest.mark.parametrize("declared", [b"ISO IR 192", b"UTF8", b"ISO_IR192", b"NONSENSE", b""])
def test_a_misspelt_character_set_is_understood_or_done_without(imported, declared):
    def spoil(dataset):
        raw(dataset, "SpecificCharacterSet", declared)
        raw(dataset, "InstitutionName", "Klinikum Köln".encode())

    result = imported(ct_report(), change=spoil)
    assert result.told["equipment"]["institution"] == "Klinikum Köln"


def test_attributes_that_nobody_knows_do_no_harm(imported):
    def spoil(dataset):
        dataset.add_new(0x00091001, "LO", "private")
        dataset.add_new(0x00187FFF, "UN", b"\1\2\3\4")

    assert imported(ct_report({"dlp": 7.0}), change=spoil).event["dlp"] == 7.0


@pytest.mark.parametrize(
    "comment",
    [
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><FluoroData><iiDiameter SRData="&c;"/></FluoroData>',
        '<FluoroData><iiDiameter SRData="22',
        '<FluoroData SRData="' * 2000,
    ],
)
def test_comments_in_broken_or_hostile_xml_are_kept_and_do_no_harm(imported, comment):
    root = changed(fluoroscopy_report({"dap": 1e-6}))
    add(find(root, "113706"), "121106", "TEXT", comment)
    event = imported(root).event
    assert event["comment"] == comment
    assert "intensifier_size" not in event


def test_a_sequence_of_unknown_type_is_read(imported):
    """VR UN where SQ belongs: from a sender that did not know the attribute."""
    written = made(ct_report({"dlp": 7.0})).getvalue()
    content = b"\x40\x00\x30\xa7SQ"
    place = written.index(content)
    spoiled = written[:place] + content[:4] + b"UN" + written[place + 6 :]
    assert Imported(BytesIO(spoiled)).outcome.result in ("imported", "failed")  # never half of it


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian], ids=lambda uid: uid.name
)
def test_every_transfer_syntax_is_read(imported, syntax, corpus):
    dataset = dcmread(made(ct_report({"dlp": 7.0})))
    [dataset[tag].value for tag in dataset.keys()]  # noqa: SIM118 (decoded, so that it is encoded anew)
    dataset.file_meta.TransferSyntaxUID = syntax
    file = BytesIO()
    dcmwrite(file, dataset, enforce_file_format=True)
    file.seek(0)
    assert Imported(file).event["dlp"] == 7.0


@pytest.mark.parametrize(
    "name", ['<script>alert("x")</script>', "=1+1", "@SUM(A1)", "Thorax + Abdomen & Becken", "a/b?c#d"]
)
def test_marks_of_html_and_of_formulas_are_text(imported, name):
    result = imported(ct_report({"acquisition_protocol": name}), StudyDescription=name)
    assert (result.event["acquisition_protocol"], result.study["description"]) == (name, name)


@pytest.mark.parametrize("name", ["", " ", "\0"])
def test_a_blank_name_is_missing(imported, name):
    root = changed(ct_report({"dlp": 7.0}))
    add(find(root, "113819"), "125203", "TEXT", name)
    result = imported(root, StudyDescription="")
    assert "acquisition_protocol" not in result.event
    assert "description" not in result.study


def test_a_code_with_a_meaning_only_is_a_problem(imported):
    """Spectrum Dynamics: (“”, SRT, “Other”)."""
    root = changed(ct_report({"dlp": 7.0}))
    add(find(root, "113819"), "123014", "CODE", None)

    def spoil(dataset):
        item = in_report(dataset, "123014")
        code = dcmread(made(ct_report())).ContentSequence[0].ConceptNameCodeSequence[0]
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "", "SRT", "Other"
        item.ConceptCodeSequence = Sequence([code])

    result = imported(root, change=spoil)
    assert result.messages == ["has a meaning but no code"]


def test_items_without_a_name_are_unread_and_not_lost(imported):
    root = changed(ct_report({"dlp": 7.0}))
    find(root, "113819").children.append(Item(None, "TEXT", "of what?"))
    result = imported(root)
    assert list(result.outcome.unread.values()) == [["of what?"]]


def test_items_of_a_private_scheme_that_nobody_knows_are_unread_and_not_lost(imported):
    root = drop(changed(ct_report({"dlp": 7.0})), "113835")
    add(find(root, "113819"), "X1", "NUM", "5", "mm", scheme="99MAKER")
    result = imported(root)
    assert list(result.outcome.unread.values()) == [["5 mm"]]


def test_a_name_where_the_value_belongs_is_the_name(imported):
    """Reports made of performed procedure steps: one item has its concept name under Concept Code Sequence."""

    def spoil(dataset):
        item = in_report(dataset, "125203")
        item.ConceptCodeSequence = item.ConceptNameCodeSequence
        del item.ConceptNameCodeSequence

    assert (
        imported(ct_report({"acquisition_protocol": "Thorax"}), change=spoil).event["acquisition_protocol"] == "Thorax"
    )

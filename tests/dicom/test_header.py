"""Values of header attributes: their units, where else they stand, and what devices write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.datadict import dictionary_VR, keyword_dict
from pydicom.sr import _concepts_dict as standard
from pydicom.tag import Tag

from app.dicom.attributes import PLACES, UNITS
from app.dicom.enumerated import ENUMERATED, WORDS
from app.dicom.header import Header
from app.dicom.header_values import last
from app.dicom.layout import Field, Layout
from app.dicom.units import QUANTITIES, canonical, convert
from app.dicom.unread import OF_ITEMS, RELEVANT
from app.models import Report, Study
from app.models.columns import layout_of
from app.models.parts import XRAY_FILTER
from tests import images
from tests.dicom.test_images import event, read
from tests.dicom.test_schema import FIELDS, LAYOUTS, claimed
from tests.images import RADIOGRAPHY, dataset, with_raw

EVENT = layout_of(Report).parts_by_name["projection_event"].layout


def attributes(place: str) -> set[str]:
    """Every attribute that the place names."""
    return set(place.replace("+", "/").split("/"))


def header(**values):
    return Header(dataset(images.CR, **values))


def raw_event(*elements, **values):
    """The event of a radiograph with elements that pydicom would not write."""
    return read(with_raw(dataset(images.CR, **RADIOGRAPHY | values), *elements))


def test_every_attribute_exists():
    tags = {field.tag for field in FIELDS.values() if field.tag}
    places = [place for tag in {*tags, *PLACES} for place in PLACES.get(tag, (tag,))]
    named = {*UNITS, *WORDS, *RELEVANT, *(one for place in places for one in attributes(place))}
    assert named - set(keyword_dict) == set()


@pytest.mark.parametrize("field", [field for field in FIELDS.values() if field.tag and field.kind == "number"])
def test_a_number_in_a_header_has_the_quantity_of_its_column(field):
    for place in PLACES.get(field.tag, (field.tag,)):
        unit = canonical(UNITS.get(last(place), "1"))
        assert QUANTITIES[unit] == QUANTITIES[field.unit], place


def test_every_code_for_a_word_is_in_the_standard_with_its_meaning():
    known = {
        (scheme, value, entry[0].casefold())
        for scheme, concepts in standard.concepts.items()
        for codes in concepts.values()
        for value, entry in codes.items()
    }
    codes = {code for table in ENUMERATED.values() for code in table.values()}
    assert {(code.scheme, code.value, code.meaning.casefold()) for code in codes} <= known


def test_words_belong_to_items_that_columns_claim():
    assert ENUMERATED.keys() <= {concept.value for layout in LAYOUTS.values() for concept in claimed(layout)}


def test_the_more_precise_attribute_is_kept():
    values = event(raw_event(Exposure="1", ExposureInuAs="1040", ExposureTime="7", ExposureTimeInuS="6500"))
    assert (values["exposure"], values["exposure_time"]) == ([1040.0], 6.5)


def test_a_precise_attribute_that_says_nothing_gives_way():
    values = event(raw_event(Exposure="4", ExposureInuAs="0", EntranceDose=1, EntranceDoseInmGy=""))
    assert values["exposure"] == [4000.0]
    assert values["entrance_exposure_at_rp"] == 100.0  # mGy; the attribute is in dGy


def test_attributes_that_contradict_each_other_are_a_problem():
    told = raw_event(Exposure="4", ExposureInuAs="40000")
    assert event(told)["exposure"] == [40000.0]
    assert [(one.path, one.value) for one in told.problems] == [("Exposure (0018,1152)", "4")]


def test_decimals_where_whole_numbers_belong_are_read():
    values = event(raw_event((0x00181150, "IS", b"161.3"), (0x00181152, "IS", b"40.196")))
    assert (values["exposure_time"], values["exposure"]) == (161.3, [40196.0])


def test_binary_numbers_are_read_with_the_digits_that_they_have():
    told = raw_event(
        (0x00181405, "US", b"\x6d\0"),
        (0x00181411, "FL", b"\x9a\x99\x99\x3e"),
        (0x0018115E, "FD", b"\0\0\0\0\0\0\xe8\x3f"),
    )
    values = event(told)
    assert (values["relative_xray_exposure"], values["exposure_index"]) == (109.0, 0.3)
    assert values["dap"] == 7.5e-06


@pytest.mark.parametrize("value", [b"\x01\x02\x03", b""])
def test_a_binary_number_of_a_wrong_length_costs_itself_only(value):
    told = raw_event((0x00400302, "US", value))
    assert event(told)["dap"] == 1.25e-05
    assert len(told.problems) == (1 if value else 0)


@pytest.mark.parametrize("text", [b"unknown", b"1,5", b"NaN", b"1e999"])
def test_what_is_no_number_is_a_problem_with_its_value(text):
    told = raw_event((0x00181110, "DS", text))
    assert "distance_source_to_detector" not in event(told)
    assert [(one.path, one.value) for one in told.problems] == [
        ("Distance Source to Detector (0018,1110)", text.decode())
    ]


@pytest.mark.parametrize("text", [b" 1150 ", b"1150\0", b"+1150", b"1150\\1150", b"1.15e3"])
def test_padding_and_repeating_do_no_harm(text):
    assert event(raw_event((0x00181110, "DS", text)))["distance_source_to_detector"] == 1150.0


def test_several_values_where_one_belongs_are_a_problem():
    told = raw_event((0x00181190, "DS", b"0.6\\1.2"))
    assert "focal_spot_size" not in event(told)
    assert told.problems[0].value == "0.6\\1.2"


def test_a_list_is_a_list():
    assert event(raw_event((0x00180060, "DS", b"70\\71.5\\70")))["kvp"] == [70.0, 71.5, 70.0]


def test_a_word_without_a_code_is_unread():
    told = raw_event(ImageLaterality="U", Grid=["RECIPROCATING", "FO"])
    assert {"laterality", "xray_grid"} & event(told).keys() == set()
    assert told.unread == {"Image Laterality (0020,0062)": ["U"], "Grid (0018,1166)": ["RECIPROCATING\\FO"]}


def test_words_become_the_codes_of_a_report():
    values = event(raw_event(PatientPosition="FFP", ViewPosition="LLO", Grid=["FIXED", "FOCUSED"], Laterality="B"))
    assert values["patient_table_relationship"]["meaning"] == "feet-first"
    assert values["patient_orientation_modifier"]["meaning"] == "prone"
    assert [grid["meaning"] for grid in values["xray_grid"]] == ["Fixed grid", "Focused grid"]
    assert values["laterality"]["meaning"] == "Bilateral"
    assert ("image_view" in values, values["view_position"]) == (False, "LLO")


def test_a_code_goes_before_a_word():
    oblique = images.code(images.Concept("R-10226", "SRT", "medio-lateral oblique"))
    oblique.ViewModifierCodeSequence = [images.code(images.Concept("R-102D6", "SNM3", "Magnification"))]
    values = event(raw_event(ViewCodeSequence=[oblique], ViewPosition="CC"))
    assert values["image_view"] == {"value": "399368009", "scheme": "SCT", "meaning": "medio-lateral oblique"}
    assert [modifier["value"] for modifier in values["image_view_modifiers"]] == ["399163009"]


def test_dates_and_times_make_a_moment_in_the_declared_zone():
    values = {name: value for name, value in RADIOGRAPHY.items() if name != "AcquisitionDateTime"}
    times = {"ContentDate": "20260203", "ContentTime": "101500", "TimezoneOffsetFromUTC": "-0330"}
    told = event(read(dataset(images.CR, **values, **times)))
    assert told["started_at"] == "2026-02-03T10:15:00-03:30"
    told = event(read(dataset(images.CR, **values, **times, AcquisitionDate="20260202", AcquisitionTime="235959.25")))
    assert told["started_at"] == "2026-02-02T23:59:59.250000-03:30"


def test_old_spellings_of_dates_and_times_are_read():
    values = {name: value for name, value in RADIOGRAPHY.items() if name != "AcquisitionDateTime"}
    told = with_raw(dataset(images.CR, **values), (0x00080022, "DA", b"2014.01.05"), (0x00080032, "TM", b"12:30:00"))
    assert event(read(told))["started_at"] == "2014-01-05T12:30:00"


def test_a_time_without_a_date_is_unread():
    values = {name: value for name, value in RADIOGRAPHY.items() if name != "AcquisitionDateTime"}
    told = read(dataset(images.CR, **values, AcquisitionTime="101112"))
    assert (event(told).get("started_at"), told.unread) == (None, {"Acquisition Time (0008,0032)": ["101112"]})


def test_what_could_matter_and_has_no_column_is_unread():
    told = raw_event(GridFocalDistance="1800", XRayTubeCurrent="")
    assert told.unread == {"Grid Focal Distance (0018,704C)": ["1800"]}


def filters(*elements, **values):
    """The filters of a radiograph, and the problems with them."""
    told = raw_event(*elements, **values)
    return event(told).get("xray_filters", []), [problem.message for problem in told.problems]


def test_filters_stand_abreast_in_their_attributes():
    rows, problems = filters(
        FilterMaterial=["COPPER", "ALUMINIUM"], FilterThicknessMinimum=["0.1", "1"], FilterType="FLAT",
        FilterThicknessMaximum=["0.1", "1"],
    )  # fmt: skip
    assert [(one["material"]["meaning"], one["thickness_minimum"]) for one in rows] == [
        ("Copper", 0.1),
        ("Aluminum", 1.0),
    ]
    assert {one["type"]["meaning"] for one in rows} == {"Flat filter"}
    assert problems == []


def test_a_comma_separates_filters_too():
    rows, problems = filters(
        (0x00187050, "CS", b"ALUMINUM,COPPER"), (0x00187052, "DS", b"1.06,0.206"), (0x00187054, "DS", b"0.94,0.194")
    )
    assert [(one["thickness_minimum"], one["thickness_maximum"]) for one in rows] == [(1.06, 0.94), (0.206, 0.194)]
    assert problems == []


def test_a_filter_without_thickness_and_one_of_zero_are_different():
    assert filters(FilterMaterial="COPPER")[0] == [{"material": rows_code("COPPER")}]
    assert filters(FilterMaterial="COPPER", FilterThicknessMinimum="0.00")[0][0]["thickness_minimum"] == 0.0


def rows_code(word):
    return ENUMERATED["113757"][word].as_json()


def test_one_thickness_for_two_filters_is_a_problem():
    rows, problems = filters(FilterMaterial=["COPPER", "ALUMINUM"], FilterThicknessMinimum="0.1")
    assert [one.keys() for one in rows] == [{"material"}, {"material"}]
    assert problems == ["has 1 values where there are 2"]


def test_an_unknown_material_is_a_problem_and_the_thickness_is_kept():
    rows, problems = filters(FilterMaterial="UNOBTAINIUM", FilterThicknessMinimum="0.1")
    assert (rows, problems) == ([{"thickness_minimum": 0.1}], ["is a word that has no code"])


def test_rows_are_the_items_of_a_sequence_where_a_layout_names_one():
    dose = Field("activity", "number", unit="1", tag="RelativeXRayExposure")
    layout = Layout("dose", None, (dose,), claims_tag="ExposureDoseSequence")
    rows, problems = header(ExposureDoseSequence=[{"RelativeXRayExposure": 1}, {"RelativeXRayExposure": 2}]).rows(
        layout
    )
    assert ([row.values for row in rows], problems) == ([{"activity": 1.0}, {"activity": 2.0}], [])
    assert header().rows(layout) == ([], [])


def test_a_private_attribute_is_found_by_its_creator_in_whatever_block():
    image = dataset(images.CR)
    image.private_block(0x0019, "SOMEBODY", create=True).add_new(0x29, "LO", "wrong")
    image.private_block(0x0019, "NNT", create=True).add_new(0x29, "OB", b"DAP=81,KERMA=11.16\0")
    assert Header(image).private(0x0019, "NNT", 0x29) == "DAP=81,KERMA=11.16"
    assert Header(image).private(0x0019, "NOBODY", 0x29) == ""


def test_a_damaged_sequence_costs_itself_and_is_told():
    image = dataset(images.CR, **RADIOGRAPHY)
    told = read(with_raw(image, (0x00082218, "SQ", b"\xfe\xff\x00\xe0\xff\xff\0\0\x08\0")))
    assert (event(told)["kvp"], told.unread) == ([81.0], {"Anatomic Region Sequence (0008,2218)": ["1 items"]})


@pytest.mark.parametrize(("kind", "value"), [("US", b"\7\0"), ("LO", b"BREAST"), ("UN", b"BREAST"), ("FD", b"\0" * 8)])
@pytest.mark.parametrize("tag", [0x00082218, 0x00540220, 0x00082112, 0x0018_9507, 0x5200_9230])
def test_what_is_called_a_sequence_and_is_none_costs_nothing_else(tag, kind, value):
    assert event(raw_event((tag, kind, value)))["kvp"] == [81.0]


def test_text_in_the_patients_size_is_a_problem_and_no_exception():
    image = with_raw(dataset(images.CR, **RADIOGRAPHY), (0x00101020, "DS", b"tall"))
    row, problems = Header(dcmread(image)).row(layout_of(Study))
    assert ("patient_size" in row.values, [problem.value for problem in problems]) == (False, ["tall"])


def test_filters_are_the_only_parts_that_stand_abreast():
    assert [layout.name for layout in LAYOUTS.values() if layout.abreast] == [XRAY_FILTER.name]


NUMBERS = [field for field in EVENT.fields if field.tag and field.kind == "number"]
# What stands in for something else, and is tested above.
WRITTEN = {field.name: PLACES.get(field.tag, (field.tag,))[0] for field in NUMBERS}
PRECISE = st.decimals(min_value="0.001", max_value="9999", places=3)


@given(st.fixed_dictionaries({}, optional={name: PRECISE for name in WRITTEN}))
def test_every_number_comes_back_in_the_unit_of_its_column(numbers):
    image = dataset(images.CR, **{name: value for name, value in RADIOGRAPHY.items() if name == "AcquisitionDateTime"})
    elements = [(int(Tag(WRITTEN[name])), "DS", str(value).encode()) for name, value in numbers.items()]
    row, problems = Header(dcmread(with_raw(image, *elements))).row(EVENT)
    assert problems == []
    for field in NUMBERS:
        if field.name in numbers:
            wanted = convert(numbers[field.name], UNITS.get(WRITTEN[field.name], "1"), field.unit)
            assert row.values[field.name] == ([wanted] if field.many else wanted)


WORDY = [keyword for keyword in RELEVANT if dictionary_VR(keyword) != "SQ" and keyword not in OF_ITEMS]
TEXTS = st.binary(min_size=1, max_size=12) | st.sampled_from(
    [b"1.5", b"0", b"L", b"1\\2", b"20260203", b"unknown", b"2,5"]
)


@given(st.dictionaries(st.sampled_from(WORDY), TEXTS, max_size=12), st.sampled_from(["UN", "DS", "LO", "US", "FD"]))
def test_whatever_stands_there_is_taken_or_told(values, kind):
    image = dataset(images.CR, **RADIOGRAPHY)
    reading = read(with_raw(image, *((int(Tag(keyword)), kind, value) for keyword, value in values.items())))
    written, row = Header(image), event(reading)
    told = {problem.path for problem in reading.problems} | reading.unread.keys()
    columns = {place for field in EVENT.fields if field.tag and field.name in row
               for place in PLACES.get(field.tag, (field.tag,))} | {"FilterMaterial", "FilterType",
               "FilterThicknessMinimum", "FilterThicknessMaximum", "AcquisitionDate+AcquisitionTime"}  # fmt: skip
    lost = {
        keyword for keyword in values
        if written.label(keyword) not in told and not any(keyword in attributes(place) for place in columns)
    }  # fmt: skip
    assert {keyword for keyword in lost if Header(dcmread(images.file(image))).at(keyword)} == set()

"""The long table: an event a row, with all that is stored, as CSV, workbook and Parquet."""

import csv
import json
from datetime import date, datetime, time

import pytest
from pyarrow import parquet
from python_calamine import CalamineWorkbook

from app.dicom.concept import Concept
from app.exports import parquet_file
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.exports.tidy import Tidy
from app.ingest.receive import receive
from app.models import CtEvent, Study
from app.queries.modalities import MODALITIES
from app.queries.selection import Selection
from app.transactions import one_moment
from tests.factories import ct_report, fluoroscopy_report, nuclear_report, report_file

SPIRAL = Concept("116152004", "SCT", "Spiral Acquisition")
LIVER = Concept("10200004", "SCT", "Liver")


@pytest.fixture
def exported(database, tmp_path):
    """Writes all studies as the kind; gives the file, and notes the order."""

    def export(kind, orders=None):
        path, kind = tmp_path / f"long{KINDS[kind].writer.suffix}", KINDS[kind]
        selection = Selection.from_args(kind.modality, {"sort": "date"})
        with one_moment() as connection:
            order = Order(path, connection, selection.ordered(), 2, lambda done: None, [("Made by", "somebody")])
            kind.write(order)
        (orders if orders is not None else []).append(order)
        return path

    return export


def table(modality) -> Tidy:
    """The long table of the modality."""
    return KINDS[f"{modality}-long-csv"].writer.table


@pytest.mark.parametrize("modality", MODALITIES)
def test_each_column_of_the_schema_has_its_own_name_and_says_what_it_is(modality):
    dictionary = table(modality).dictionary
    names = [one["name"] for one in dictionary]
    assert len(set(names)) == len(names)
    assert all(one["title"] and one["type"] for one in dictionary)
    stored = {column.name for column in Study.__table__.columns if "field" in column.info}
    assert stored <= set(names), "a column of the study is missing"


def test_the_dictionary_has_unit_template_and_concept():
    dictionary = {one["name"]: one for one in table("ct").dictionary}
    assert dictionary["dlp"] == {
        "name": "dlp", "title": "DLP", "type": "number", "unit": "mGy.cm", "tid": "10013", "concept": "DCM:113838",
        "attribute": "",
    }  # fmt: skip
    assert dictionary["source_2_kvp"]["unit"] == "kV"
    assert {column.name for column in CtEvent.__table__.columns if "part" in column.info} <= set(dictionary)


@pytest.mark.parametrize("modality", MODALITIES)
def test_nothing_in_it_tells_who_the_patient_is(modality):
    names = set(table(modality).headings)
    assert not [
        name for name in names if name.startswith("patient_") and name.endswith(("id", "key", "issuer", "name"))
    ]


@pytest.mark.usefixtures("database_url")
def test_an_event_is_a_row_with_its_study(exported):
    source = {"identification": "A", "kvp": 120.0}
    receive(report_file(ct_report({"dlp": 1.5, "acquisition_type": SPIRAL, "ct_source": [source]}, {"dlp": 2.5}),
                        StudyDescription="Ächz"))  # fmt: skip
    with exported("ct-long-csv").open(newline="", encoding="utf-8-sig") as file:
        first, second = csv.DictReader(file, strict=True)
    assert (first["dlp"], second["dlp"]) == ("1.5", "2.5") and first["dlp_total"] == second["dlp_total"] == "4"
    assert first["description"] == "Ächz" and first["patient_age"] == "50"
    assert first["acquisition_type"] == "Spiral Acquisition" and first["acquisition_type_code"] == "SCT:116152004"
    assert (first["source_1_kvp"], first["source_2_kvp"], second["source_1_kvp"]) == ("120", "", "")


@pytest.mark.usefixtures("database_url")
def test_parquet_has_types_lists_and_meanings(exported):
    started = datetime(2026, 1, 15, 10, 31)
    receive(report_file(fluoroscopy_report({"kvp": [70.0, 71.5], "started_at": started, "dap": 1e-4}), Modality="RF"))
    read = parquet.read_table(exported("rf-long-parquet"))
    (row,) = read.to_pylist()
    assert row["kvp"] == [70.0, 71.5] and row["started_at"] == started and row["dap"] == 1e-4
    assert row["study_date"] == date(2026, 1, 15) and row["study_time"] == time(10, 30) and row["nuclear"] is False
    told = {key.decode(): value.decode() for key, value in read.schema.field("dap").metadata.items()}
    assert told["unit"] == "Gy.m2" and told["concept"] == "DCM:122130" and told["title"] == "Dose Area Product"
    assert json.loads(read.schema.metadata[b"openrem"]) == {"Made by": "somebody"}


def test_parquet_is_written_in_groups_of_rows(exported, monkeypatch):
    monkeypatch.setattr(parquet_file, "ROWS", 2)
    monkeypatch.setattr("app.exports.tidy.EVENTS_AT_ONCE", 2)
    for hour in range(10, 15):
        receive(report_file(ct_report({"dlp": float(hour)}), StudyTime=f"{hour}0000"))
    file = parquet.ParquetFile(exported("ct-long-parquet"))
    assert file.num_row_groups == 3
    assert file.read().column("dlp").to_pylist() == [10.0, 11.0, 12.0, 13.0, 14.0]


def test_an_empty_selection_is_an_empty_table_with_all_columns(exported):
    read = parquet.read_table(exported("ct-long-parquet"))
    assert read.num_rows == 0 and read.column_names == table("ct").headings


def test_the_workbook_has_the_dictionary_and_the_same_rows(exported):
    receive(report_file(fluoroscopy_report({"kvp": [70.0, 71.5]}, {"kvp": [80.0]}), Modality="RF"))
    book = CalamineWorkbook.from_path(exported("rf-long-xlsx"))
    assert book.sheet_names == ["About", "Dictionary", "Data"]
    heading, *meanings = book.get_sheet_by_name("Dictionary").to_python()
    data_heading, first, second = book.get_sheet_by_name("Data").to_python(skip_empty_area=False)
    assert heading[:4] == ["name", "title", "type", "unit"] and [one[0] for one in meanings] == data_heading
    place = data_heading.index("kvp")
    assert (first[place], second[place]) == ("70 | 71.5", 80.0)
    assert first[data_heading.index("nuclear")] is False


def test_parts_that_repeat_are_json(exported):
    receive(report_file(nuclear_report({"organ_doses": [{"finding_site": LIVER, "organ_dose": 3.5}]})))
    orders = []
    with exported("nm-long-csv", orders).open(newline="", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file, strict=True)
    (organ,) = json.loads(row["organ_doses"])
    assert organ["organ_dose"] == 3.5 and organ["finding_site"]["meaning"] == "Liver"
    assert orders[0].companion["columns"] == table("nm").dictionary


def test_a_study_without_events_has_a_row_for_its_totals(exported):
    receive(report_file(ct_report(ct_accumulated=[{"dlp_total": 500.0}])))
    (row,) = parquet.read_table(exported("ct-long-parquet")).to_pylist()
    assert row["dlp_total"] == 500.0 and row["dlp"] is None

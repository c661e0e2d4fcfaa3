"""The nuclear medicine exports, where no real report reaches."""

import csv

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import event

from app.dicom.concept import Concept
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.extensions import db
from app.ingest.receive import receive
from app.queries.selection import Selection
from app.transactions import one_moment
from tests.factories import nuclear_report, report_file

LIVER, RIGHT = Concept("10200004", "SCT", "Liver"), Concept("24028007", "SCT", "Right")


@pytest.fixture
def exported(database, tmp_path):
    """Writes all studies as the kind and gives the file."""

    def export(kind):
        path = tmp_path / f"export{KINDS[kind].writer.suffix}"
        selection = Selection.from_args(KINDS[kind].modality, {"sort": "date"})
        with one_moment() as connection:
            KINDS[kind].write(Order(path, connection, selection.ordered(), 3, lambda done: None))
        return path

    return export


def rows_of(path):
    """The rows of a CSV file."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, restval=None, strict=True))


@pytest.mark.usefixtures("database_url")
def test_organ_doses_stand_side_by_side_in_the_order_of_the_report(exported):
    organs = [{"finding_site": LIVER, "organ_dose": float(dose)} for dose in range(12)]
    organs[10] |= {"laterality": RIGHT}
    receive(report_file(nuclear_report({"organ_doses": organs}), StudyTime="100000"))
    receive(report_file(nuclear_report({}), StudyTime="110000"))
    first, second = rows_of(exported("nm-csv"))
    assert [first[f"Organ Dose {n} (mGy)"] for n in range(1, 13)] == [str(dose) for dose in range(12)]
    assert first["Organ Laterality 11"] == "Right" and "Organ Laterality 10" not in first
    assert second["Organ Dose 1 (mGy)"] == ""


def test_further_administrations_stand_at_the_right(exported):
    receive(report_file(nuclear_report({"administered_activity": 100.0}, {"administered_activity": 300.0})))
    (row,) = rows_of(exported("nm-csv"))
    assert row["Administered activity (MBq)"] == "100"
    assert row["Administration 2 Administered activity (MBq)"] == "300"
    assert row["Administration 2 Radionuclide"] == "^18^Fluorine"


@pytest.mark.usefixtures("database_url")
def test_the_workbook_has_a_sheet_for_each_study_description(exported):
    for hour, description in (("10", "Bone"), ("11", "bone"), ("12", ""), ("13", "Bone")):
        receive(report_file(nuclear_report({}), StudyTime=f"{hour}0000", StudyDescription=description))
    book = CalamineWorkbook.from_path(exported("nm-xlsx"))
    assert sorted(book.sheet_names) == ["All data", "Bone", "No study description", "Summary", "bone (2)"]
    assert len(book.get_sheet_by_name("Bone").to_python()) == 3
    assert len(book.get_sheet_by_name("All data").to_python()) == 5


def test_statements_do_not_grow_with_the_studies(exported):
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    def counted(kind):
        statements.clear()
        exported(kind)
        return len([one for one in statements if one.startswith("SELECT")])

    receive(report_file(nuclear_report({}, {})))
    few = {kind: counted(kind) for kind in ("nm-csv", "nm-xlsx", "nm-long-csv")}
    for _ in range(20):
        receive(report_file(nuclear_report({}, {})))
    assert {kind: counted(kind) for kind in few} == few

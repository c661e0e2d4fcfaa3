"""The CT export where no real report reaches."""

import csv

import pytest
from sqlalchemy import event

from app.dicom.concept import Concept
from app.exports import records
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.extensions import db
from app.ingest.receive import receive
from app.queries.selection import Selection
from tests.factories import ct_report, report_file


@pytest.fixture
def exported(database, tmp_path):
    """Exports what the address asks for and gives the rows as dictionaries."""

    def export(**args):
        path = tmp_path / "ct.csv"
        selection = Selection.from_args("ct", args)
        with database.engine.connect() as connection:
            order = Order(path, connection, selection.ordered(), total=1, watch=lambda done: None)
            KINDS["ct-csv"].write(order)
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file, restval=None, strict=True))

    return export


@pytest.fixture
def store(database):
    """Stores a CT report of these events."""

    def receive_report(*events, **header):
        assert receive(report_file(ct_report(*events), **header)).result == "imported"

    return receive_report


def test_a_second_source_has_columns_where_some_study_has_one(exported, store):
    one, two = [{"identification": "A", "kvp": 120.0}], [{"identification": "A"}, {"identification": "B", "kvp": 80.0}]
    store({"ct_source": one}, {"ct_source": one}, StudyTime="100000")
    store({"ct_source": one}, {"ct_source": two}, StudyTime="110000")
    first, second = exported(sort="date")
    assert "E1 S2 name" not in first
    assert first["E2 S2 name"] == "" and second["E2 S2 name"] == "B" and second["E2 S2 kVp"] == "80"
    assert "E2 S2 mA" not in first, "no study has it"


def test_the_rows_are_those_of_the_filter_in_the_order_of_the_list(exported, store):
    for dlp in (100.0, 300.0, 200.0):
        store({"dlp": dlp})
    assert [row["DLP total (mGy.cm)"] for row in exported(dlp__min="150", sort="dlp")] == ["200", "300"]


@pytest.mark.parametrize("sort", ["room", "-room", "study", "age", "-date"])
def test_any_filter_and_any_order_can_be_exported(exported, store, sort):
    store({"acquisition_protocol": "Thorax"}, StationName="CT 1", StudyDescription="Chest")
    store({"acquisition_protocol": "Head"}, StationName="CT 2", StudyDescription="Skull")
    asked = {"name__has": "ct", "description__has": "e", "protocol__has": "thorax", "make__has": "maker", "room": "1"}
    assert [row["Station name"] for row in exported(sort=sort, **asked)] == ["CT 1"]


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("limit", ["EVENTS_AT_ONCE", "STUDIES_AT_ONCE"])
def test_studies_beyond_the_first_page_have_their_own_events(exported, store, monkeypatch, limit):
    monkeypatch.setattr(records, limit, 3)
    for number in range(7):
        store({"dlp": float(number)}, {"dlp": number + 0.5})
    rows = exported(sort="dlp")
    assert [row["E1 DLP"] for row in rows] == [str(number) for number in range(7)]
    assert all(float(row["E2 DLP"]) == float(row["E1 DLP"]) + 0.5 for row in rows)


def test_a_page_of_studies_costs_a_handful_of_statements(database, exported, store):
    for _ in range(20):
        store({}, {})
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    exported()
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 6


def test_a_dose_check_is_told_in_sentences(exported, store):
    yes, no = (Concept("373066001", "SCT", "Yes"), Concept("373067005", "SCT", "No"))
    store({
        "dose_check_notification": [{
            "dlp_configured": yes, "ctdivol_configured": no, "dlp_value": 800.0, "dlp_forward_estimate": 912.5,
            "reason_for_proceeding": "large patient",
        }],
    })  # fmt: skip
    assert exported()[0]["E1 Dose check details"] == (
        "Dose Check Notifications: DLP notification is configured at 800 mGy.cm "
        "with a forward estimate of 912.5 mGy.cm. Reason for proceeding: large patient."
    )

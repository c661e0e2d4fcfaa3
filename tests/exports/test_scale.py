"""Very many protocols, and studies wider than a sheet: neither file handles nor memory run out."""

import re
import resource
from itertools import cycle
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select, update

from app.exports import ct
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.exports.xlsx_file import COLUMNS
from app.extensions import db
from app.models import CtEvent, Name, Report, Study
from app.queries.selection import Selection
from app.transactions import one_moment, writing
from tests.exports.each import store

HANDLES = 120  # that the process may have open at once
MEMORY = 200_000_000  # bytes that it may need more
CLEAR = Path("/proc/self/clear_refs")  # of Linux


@pytest.fixture
def with_protocols(database):
    """Stores so many studies, and gives them as many events more, each with a protocol of its own."""

    def add(number, of_studies=1):
        for _ in range(of_studies):
            store("ct")
        with writing():
            studies = db.session.execute(select(Study.id, Report.id).join(Report)).all()
            texts = [f"Protocol {place:05}" for place in range(number)]
            names = [{"text": text, "folded": Name.fold(text), "digest": Name.digest_of(text)} for text in texts]
            ids = db.session.scalars(insert(Name).returning(Name.id, sort_by_parameter_order=True), names).all()
            rows = [
                {"study_id": study, "report_id": report, "number": place, "key": f"1.2.{name}", "dlp": 1.5}
                | {"irradiation_event_uid": f"1.2.{name}", "acquisition_protocol": name}
                for place, (name, (study, report)) in enumerate(zip(ids, cycle(studies), strict=False), start=2)
            ]
            db.session.execute(insert(CtEvent), rows)
            db.session.execute(update(Study).values(number_of_events=number // of_studies + 1))

    return add


@pytest.fixture
def few_handles():
    """The process may open few files at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (HANDLES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def workbook(tmp_path):
    """Writes the workbook of all CT studies; opens it."""

    def write():
        with one_moment() as connection:
            order = Order(tmp_path / "book", connection, Selection.from_args("ct", {}).ordered(), 1, lambda done: None)
            KINDS["ct-xlsx"].write(order)
        return CalamineWorkbook.from_path(tmp_path / "book")

    return write


def memory(what):
    """How many bytes the process has now (VmRSS), or had at most (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+) kB", status)[1]) * 1024


@pytest.mark.usefixtures("few_handles")
def test_five_thousand_protocols_are_five_thousand_sheets(with_protocols, workbook):
    with_protocols(5000, of_studies=50)
    if CLEAR.exists():
        CLEAR.write_text("5")  # forget how much memory it had at most
        before = memory("VmRSS")
    book = workbook()
    if CLEAR.exists():
        assert memory("VmHWM") - before < MEMORY
    assert len(book.sheet_names) == 5003
    (row,) = book.get_sheet_by_name("Protocol 04999").to_python()[1:]
    assert "Protocol 04999" in row and 1.5 in row


@pytest.mark.usefixtures("database_url")
def test_protocols_beyond_the_first_page_have_their_sheets(with_protocols, workbook, monkeypatch):
    monkeypatch.setattr("app.exports.workbook.EVENTS_AT_ONCE", 3)
    monkeypatch.setattr("app.exports.records.STUDIES_AT_ONCE", 2)
    with_protocols(10, of_studies=5)
    sheets = [name for name in workbook().sheet_names if name.startswith("Protocol ")]
    assert sheets == [f"Protocol {number:05}" for number in range(10)]


def test_a_study_wider_than_a_sheet_goes_on_on_the_next_beside_what_it_is(with_protocols, workbook):
    with_protocols(800)
    book = workbook()
    first, second = (book.get_sheet_by_name(name).to_python() for name in ("All data", "All data (2)"))
    assert len(first[0]) == COLUMNS == 16_384
    assert {f"E{number} DLP (mGy.cm)" for number in range(1, 802)} <= {*first[0], *second[0]}
    keys = len(ct.STUDY.columns)
    assert first[0][:keys] == second[0][:keys] and first[1][:keys] == second[1][:keys]
    assert "All data (3)" not in book.sheet_names

"""The administrators' page of who has done what."""

import csv
from datetime import datetime, timedelta
from io import StringIO

import pytest

from app import audit
from app.extensions import db
from app.models import AuditEntry
from app.queries.audit import PAGE_SIZE
from app.transactions import writing
from tests.web.checks import text_of

MOST_STATEMENTS = 12  # of the page, with whatever the frame asks


@pytest.fixture
def person(visitor):
    """An administrator, of whose sign-in nothing is told."""
    return visitor("admin")


def write(app, number=1, **values):
    """Records so many acts."""
    with app.app_context(), writing():
        for place in range(number):
            told = {"action": audit.EXPORT, "what": f"act {place}", "username": "owner"} | values
            audit.record(told.pop("action"), told.pop("what"), **told)


def sentences(tree):
    """What the page says was done."""
    return [text_of(one) for one in tree.iter("summary") if "act " in text_of(one) or "studies" in text_of(one)]


def test_the_newest_entries_are_first(app, person):
    write(app, 3)
    assert sentences(person.get_page("/audit/"))[:3] == ["Export act 2", "Export act 1", "Export act 0"]


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("who=boss", ["b"]),
        ("action=delete+studies", ["a"]),
        ("outcome=refused", ["c"]),
        ("text=needle", ["d"]),
        ("text=1.2.3", ["a"]),
        ("text=%25", []),
        ("who=boss&outcome=refused", []),
        ("from={today}&until={today}&who=boss", ["b"]),
        ("until={yesterday}", []),
        ("from={tomorrow}", []),
    ],
)
def test_filters_find_what_they_say(app, person, query, found):
    write(app, what="act a", action=audit.DELETE_STUDIES, details={"studies": ["1.2.3"]})
    write(app, what="act b", username="boss")
    write(app, what="act c", outcome=audit.REFUSED)
    write(app, what="act d", details={"query": {"name": "Needle"}})
    today = datetime.now().date()
    days = {"today": today, "yesterday": today - timedelta(days=1), "tomorrow": today + timedelta(days=1)}
    tree = person.get_page("/audit/?" + query.format(**days))
    assert sorted(one[-1] for one in sentences(tree)) == found


def test_pages_follow_one_another_without_gap_or_repetition(app, person):
    write(app, 2 * PAGE_SIZE + 10)
    path, seen = "/audit/?who=owner", []
    while path:
        tree = person.get_page(path)
        seen += sentences(tree)
        path = next((one.get("href") for one in tree.iter("a") if text_of(one) == "Older"), None)
    assert seen == [f"Export act {place}" for place in reversed(range(2 * PAGE_SIZE + 10))]
    newer = next(one.get("href") for one in tree.iter("a") if text_of(one) == "Newer")
    assert sentences(person.get_page(newer)) == seen[PAGE_SIZE : 2 * PAGE_SIZE]


@pytest.mark.parametrize(
    "query",
    ["colour=red", "from=yesterday", "until=0001-01-01", "before=0", "before=x", "before=99999",
     "after=99999999999999", "before=1&after=1", "text=" + "x" * 201],
)  # fmt: skip
def test_what_is_not_understood_is_told(person, query):
    assert person.get(f"/audit/?{query}").status_code == 400


def test_what_somebody_typed_stays_text(app, person):
    write(app, what="act <script>alert(1)</script>", username="<b>bold</b>", details={"<i>": ["<u>"]})
    assert "<script>alert" not in person.get("/audit/").text
    person.get_page("/audit/")


def test_the_file_has_what_the_filters_find_and_nothing_that_a_spreadsheet_computes(app, person):
    write(app, what="=1+1", username="+owner", details={"studies": ["1.2.3"]})
    write(app, what="other")
    answer = person.get("/audit/entries.csv?who=%2Bowner")
    heading, row = csv.reader(StringIO(answer.text.removeprefix("\ufeff"), newline=""))
    told = dict(zip(heading, row, strict=True))
    assert (told["Who"], told["What"], told["Details"]) == ("'+owner", "'=1+1", '{"studies": ["1.2.3"]}')
    assert "attachment" in answer.headers["Content-Disposition"]


def test_taking_the_file_is_an_entry_itself(app, person):
    person.get("/audit/entries.csv")
    with app.app_context():
        newest = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (newest.action, newest.username) == (audit.EXPORT_AUDIT, "adminer")


def test_the_page_asks_the_database_little_however_many_entries_there_are(app, person):
    write(app, 3 * PAGE_SIZE)
    with person.counted() as statements:
        person.get("/audit/?who=owner&text=act&before=100")
    assert len(statements) <= MOST_STATEMENTS, "\n".join(statements)

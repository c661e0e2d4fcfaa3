"""One page of a list, and what it says when there is nothing on it."""

from datetime import date

import pytest
from sqlalchemy import event

from app.extensions import db
from app.queries.listing import counted, listing, tightest
from app.queries.selection import Selection
from tests.queries.archive import Kept, keep


@pytest.fixture
def sixty(rooms):
    """Sixty CT studies of which the later have the higher DLP, and one mammogram."""
    studies = [Kept({"study_date": date(2024, 1, 1 + n // 3), "dlp_total": float(n)}, rooms[0]) for n in range(60)]
    keep(db.session, [Kept({"modality": "MG"})])
    return keep(db.session, studies)


def page(**query):
    return listing(Selection.from_args("ct", query))


def test_the_pages_together_are_the_list(sixty):
    pages = [page(page=str(number)) for number in (1, 2, 3)]
    assert [study.id for one in pages for study in one.studies] == [study.id for study in reversed(sixty)]
    assert [(one.first, one.last, one.count, one.pages) for one in pages] == [
        (1, 25, 60, 3),
        (26, 50, 60, 3),
        (51, 60, 60, 3),
    ]


def test_a_page_beyond_the_last_is_the_last(sixty):
    assert page(page="99").selection.query == {"page": "3"}
    assert page(page="99", dlp__min="1000").selection.query == {"dlp__min": "1000"}


def test_the_list_knows_how_many_there_are_without_filters(sixty):
    found = page(dlp__min="50")
    assert (found.count, found.total) == (10, 60)
    assert found.words == "CT studies, DLP at least 50 mGy·cm"
    assert listing(Selection.from_args("mg", {})).words == "mammography studies"


def test_links_lead_to_the_first_the_last_and_the_nearby_pages(sixty):
    keep(db.session, [Kept({}) for _ in range(200)])
    assert page(page="6").nearby == [1, None, 4, 5, 6, 7, 8, None, 11]
    assert page().nearby == [1, 2, 3, None, 11]
    assert page(page="11").nearby == [1, None, 9, 10, 11]
    assert page(dlp__min="1000").nearby == [1]


def test_only_page_sizes_that_make_a_difference_are_offered(sixty):
    assert page().sizes == [25, 50, 100]
    assert page(dlp__min="59").sizes == [25]
    assert page(dlp__min="59", size="500").sizes == [25, 500]


def test_a_bar_is_a_share_of_the_highest_dose_on_the_page(sixty):
    found = page(dlp__min="30")
    assert [round(found.share(study)) for study in found.studies[:2]] == [100, 98]
    assert page(dlp__max="0").share(found.studies[0]) == 0


def test_a_study_is_called_by_its_description_else_by_its_procedure(rooms):
    texts = {"description": "a", "procedure": "b", "requested_procedure": "c"}
    called = [texts, texts | {"description": None}, {"requested_procedure": "c"}, {}]
    keep(db.session, [Kept(values) for values in called])
    found = page()
    assert [found.titles[study.id] for study in reversed(found.studies)] == ["a", "b", "c", None]
    assert list(page(sort="study").titles.values()) == ["a", "b", "c", None]
    assert len(page(sort="room").studies) == 4


def test_the_protocols_of_a_study_come_by_name_and_once_each(rooms):
    (study,) = keep(db.session, [Kept({}, protocols=["Scout", "Head", None, "Scout", "angio"])])
    assert page().protocols == {study.id: ["angio", "Head", "Scout"]}


def test_the_tightest_filter_is_the_one_that_hides_the_most(sixty):
    selection = Selection.from_args("ct", {"dlp__min": "10", "dlp__max": "5", "date__from": "2024-01-02"})
    condition, count = tightest(selection)
    assert (condition.parameter, count) == ("dlp__max", 50)
    assert listing(selection.without(condition)).count == count


def test_no_single_filter_is_to_blame_where_dropping_it_shows_nothing(sixty):
    assert tightest(Selection.from_args("ct", {"dlp__min": "99", "ctdivol__min": "1"})) is None
    assert tightest(Selection.from_args("ct", {})) is None


@pytest.fixture
def few_counted(monkeypatch):
    """A list that counts no further than twenty studies."""
    monkeypatch.setattr("app.queries.listing.COUNTED", 20)


def test_more_than_some_thousands_are_counted_only_when_somebody_asks(sixty, few_counted):
    found = page(dlp__min="10")
    assert (found.count, found.is_counted, found.total) == (20, False, 60)
    assert counted(found.selection) == 50
    assert (page(dlp__min="40").count, page(dlp__min="40").is_counted) == (20, True)
    assert (page().count, page().is_counted) == (60, True)  # what the frame knows anyway


def test_pages_beyond_what_is_counted_can_be_turned_to_the_end(sixty, few_counted):
    pages = [page(dlp__min="5", page=str(number)) for number in (1, 2, 3)]
    assert [study.id for one in pages for study in one.studies] == [study.id for study in reversed(sixty[5:])]
    assert [one.nearby for one in pages] == [[1, 2], [1, 2, 3], [1, 2, 3]]
    assert page(dlp__min="5", page="99").selection.page == 3
    assert page(dlp__min="5", page="99").count == 55


@pytest.mark.parametrize("sort", ["dlp", "-dlp", "date", "-date", "study", "-room"])
def test_what_misses_the_value_that_a_list_is_sorted_by_comes_last_whether_many_match_or_few(sixty, monkeypatch, sort):
    keep(db.session, [Kept({"number_of_events": 1}) for _ in range(30)])
    few = [study.id for number in range(1, 5) for study in page(sort=sort, page=str(number), events__min="0").studies]
    monkeypatch.setattr("app.queries.listing.COUNTED", 20)
    many = [study.id for number in range(1, 5) for study in page(sort=sort, page=str(number), events__min="0").studies]
    assert len(few) == 90 and many == few


def test_a_list_asks_two_statements_and_one_more_where_many_match(sixty, monkeypatch):
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    listing(Selection.from_args("ct", {}), 60)
    assert len(statements) == 2
    statements.clear()
    listing(Selection.from_args("ct", {"dlp__min": "1"}), 60)
    assert len(statements) == 2
    statements.clear()
    monkeypatch.setattr("app.queries.listing.COUNTED", 20)
    listing(Selection.from_args("ct", {"dlp__min": "1"}), 60)
    assert len(statements) == 3

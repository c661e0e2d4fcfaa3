"""What went wrong, in words."""

import logging

import pytest
from flask import abort

from app.web.access import public
from tests.web.checks import check_page, text_of
from tests.web.visitor import HTMX


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "There is nothing at this address."),
        ("/study/1.2.3", 404, "no study with this UID"),
        ("/ct/?colour=red", 400, "colour"),
        ("/ct/?dlp__min=much", 400, "DLP from is “much”"),
        ("/sign-out", 405, "does not take"),
    ],
)
def test_errors_are_sound_pages_in_plain_words(get_page, path, status, words):
    assert words in text_of(get_page(path, status, part=False).find(".//main"))


def test_a_bad_parameter_can_be_dropped_and_the_others_are_kept(get_page):
    page = get_page("/ct/?colour=red&dlp__min=5&sort=-dlp", 400, part=False)
    (on,) = [one for one in page.iter("a") if text_of(one) == "Go on without it"]
    assert on.get("href") == "/ct/?dlp__min=5&sort=-dlp"
    get_page(on.get("href"))


def test_a_part_gets_the_sentence_alone_in_the_place_for_messages(visitor):
    answer = visitor("view").get("/ct/?colour=red", headers=HTMX)
    assert answer.status_code == 400
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "<html" not in answer.text and "colour" in answer.text


def test_who_may_not_is_told_so(visitor):
    answer = visitor("view").get("/exports/")
    assert answer.status_code == 403
    assert "Your roles do not include this." in text_of(check_page(answer.text))


@pytest.mark.parametrize("status", [413, 422])
def test_the_sentence_of_the_view_is_shown_where_it_has_one(app, visitor, status):
    app.add_url_rule("/long", "long", public(lambda: abort(status, "This one is 3 GB; 1 GB is the most.")))
    answer = visitor().get("/long")
    assert answer.status_code == status
    assert "This one is 3 GB" in text_of(check_page(answer.text))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_our_own_mistakes_are_admitted_and_logged_but_not_shown(app, visitor, caplog, headers):
    app.add_url_rule("/broken", "broken", public(lambda: 1 / 0))
    with caplog.at_level(logging.ERROR):
        answer = visitor().get("/broken", headers=headers)
    assert answer.status_code == 500
    assert "It was our mistake" in answer.text and "ZeroDivision" not in answer.text
    assert "ZeroDivisionError" in caplog.text
    if not headers:
        check_page(answer.text)


def test_a_broken_database_gets_its_page_too(app, visitor, monkeypatch):
    """The page of an error must not ask the database, which may be the error."""
    person = visitor("view")
    monkeypatch.setattr("app.extensions.db.session.scalar", lambda *_: 1 / 0)
    answer = person.get("/")
    assert answer.status_code == 500
    assert "It was our mistake" in answer.text


@pytest.mark.parametrize("number", [2**31, 2**63, 10**400])
def test_a_number_that_no_database_takes_is_nowhere(visitor, number):
    boss = visitor("admin")
    for address in ("/rooms/{}", "/filters/{}", "/quarantine/{}/file"):
        assert boss.get(address.format(number)).status_code == 404
    assert boss.post(f"/filters/{number}/delete").status_code == 404


def test_a_parameter_that_is_longer_than_anything_is_refused(visitor):
    answer = visitor("view").get("/ct/?protocol__has=" + "a" * 60_000)
    assert answer.status_code == 400
    assert "protocol__has is longer than anything that is stored." in answer.text


def test_a_nul_is_refused_before_a_database_sees_it(visitor):
    boss = visitor("admin")
    assert boss.get("/study/%00").status_code == 404
    for address in ("/search?accession=a%00", "/delete?study=1&study=a%00", "/quarantine/?reason=a%00"):
        assert boss.get(address).status_code == 400
    assert boss.post("/delete", {"study": ["1.2", "a\0"]}).status_code == 400
    assert visitor(None).post("/login", data={"username": "ad\0min", "password": "x"}).status_code in (400, 404)

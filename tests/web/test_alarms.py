"""Alarms on the first page."""

from app.extensions import db
from app.jobs.clock import now
from app.models import Alarm
from app.transactions import writing
from tests.web.checks import text_of


def test_administrators_see_alarms_on_the_first_page_and_nobody_else_does(app, visitor, study):
    study()
    with app.app_context(), writing():
        db.session.add(Alarm(kind="disk", key="x", words="Only 7 MB are free.", found_at=now(), begun_at=now()))
        over = {"found_at": now(), "begun_at": now(), "ended_at": now()}
        db.session.add(Alarm(kind="disk", key="y", words="It was full.", **over))
    page = text_of(visitor("admin").get_page("/"))
    assert "Only 7 MB are free." in page and "It was full." not in page
    assert "Only 7 MB are free." not in text_of(visitor("view").get_page("/"))

"""When a room is silent for longer than usual."""

from datetime import datetime, timedelta

import pytest

from app.extensions import db
from app.models import Equipment, Report, Study
from app.operations.silence import silences, usual_pause, working_days
from app.transactions import writing
from tests.factories import uid

MONDAY = datetime(2026, 1, 5)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def by_day(days, hours=range(8, 17), weekdays=range(5)):
    """A study each of these hours, on these weekdays."""
    every = [MONDAY + DAY * day + HOUR * hour for day in range(days) for hour in hours]
    return [moment for moment in every if moment.weekday() in weekdays]


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        (MONDAY, MONDAY + DAY, 1),
        (MONDAY + 8 * HOUR, MONDAY + 20 * HOUR, 0.5),
        (MONDAY + 4 * DAY, MONDAY + 7 * DAY, 1),  # from Friday to Monday
        (MONDAY + 5 * DAY, MONDAY + 6 * DAY + 12 * HOUR, 0),  # within a weekend
        (MONDAY, MONDAY + 14 * DAY, 10),
        (MONDAY + DAY, MONDAY, 0),
    ],
)
def test_weekends_do_not_count(begin, end, days):
    assert working_days(begin, end) == pytest.approx(days)


def test_what_is_usual_is_the_pause_that_nearly_all_others_do_not_exceed():
    assert usual_pause(by_day(28, hours=range(8, 18, 1))) == pytest.approx(15 / 24)  # a night is one pause in ten
    assert usual_pause(by_day(28, hours=range(0, 24))) == pytest.approx(1 / 24)
    assert usual_pause(by_day(210, hours=[9], weekdays=[0])) == pytest.approx(5)


def test_nothing_is_usual_of_a_room_that_sent_little_or_not_for_long():
    assert usual_pause(by_day(19, hours=[9])) is None
    assert usual_pause([MONDAY + HOUR * number / 10 for number in range(100)]) is None


@pytest.fixture
def room(database):
    """Stores a room's studies, which arrived so much later."""
    offset = datetime.now().astimezone().utcoffset()

    def store(name, moments, late=timedelta()):
        with writing():
            room = Equipment(display_name=name, identity=name)
            db.session.add(room)
            db.session.flush()
            for moment in moments:
                study = Study(study_instance_uid=uid(), modality="CT", equipment_id=room.id, study_at=moment)
                db.session.add(study)
                db.session.flush()
                db.session.add(report(study, moment + late - offset))

    return store


def report(study, received):
    told = {"sop_instance_uid": uid(), "digest": uid(), "body": "", "read_by": "", "event_count": 1}
    return Report(study_id=study.id, received_at=received, items=1, unread_count=0, problems=[], unread={}, **told)


def silent(now, least=1):
    return {one.name for one in silences(now, least)}


@pytest.mark.usefixtures("database_url")
def test_each_room_is_waited_for_as_long_as_it_usually_is_silent(room):
    room("busy", by_day(25))
    room("on Mondays", by_day(25 * 7, hours=range(8, 17), weekdays=[0]))
    room("new", by_day(3))
    room("gone", [moment - 200 * DAY for moment in by_day(25)])
    last = MONDAY + 24 * DAY + 16 * HOUR  # a Thursday, as are those of the busy room
    assert silent(last + DAY) == set()
    assert silent(last + 4 * DAY) == set()  # a weekend lies between
    assert silent(last + 5 * DAY) == {"busy"}
    assert silent(last + 5 * DAY, least=10) == set()


def test_a_room_that_sends_late_is_waited_for_longer(room):
    moments = by_day(25)
    room("at once", moments)
    room("on Fridays", moments, late=4 * DAY)
    last = max(moments)
    assert silent(last + 5 * DAY) == {"at once"}
    assert silent(last + 14 * DAY) == {"at once", "on Fridays"}

"""Looks again and again whether there is something to raise the alarm about, and tells once when it begins and ends.

Whoever looks, does so for all; the database remembers what was found and told.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, cast

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.jobs.clock import now
from app.models import Alarm, AlarmWatch
from app.operations import machines, mail
from app.operations.conditions import Condition, found
from app.settings import ALARM_KINDS, ROOMS, Settings
from app.transactions import writing

LOOK = timedelta(seconds=60)  # between two looks, whoever looks
LOOK_AT_ROOMS = timedelta(minutes=30)
SURE = 2  # looks in a row that it takes: what passes by itself is no alarm
SURE_OF_ROOMS = 1
THE_ONE = 1  # the only row of AlarmWatch
LAST_TODAY = "\nThere will be no more mails today; the first page shows administrators what goes on.\n"

log = logging.getLogger(__name__)


def look(settings: Settings) -> bool:
    """Look, remember and tell, unless somebody did a moment ago. Gives whether we did."""
    machines.tell(settings)  # each of its own: whoever has the turn sees no other's
    kinds = _our_turn()
    if kinds is None:
        return False
    keys = [alarm.key for alarm in unfinished() if alarm.begun_at]
    conditions, looked = found(settings, kinds, keys)
    _remember(conditions, looked)
    if settings.mails:
        _tell(settings)
    return True


def open_now() -> Sequence[Alarm]:
    """The alarms that are not over, the oldest first."""
    return [alarm for alarm in unfinished() if alarm.begun_at]


def unfinished() -> Sequence[Alarm]:
    """The same, with what one look alone has found."""
    return db.session.scalars(select(Alarm).where(Alarm.ended_at.is_(None)).order_by(Alarm.found_at, Alarm.id)).all()


def mail_error() -> str:
    """Why the last mail could not be sent; empty where it was."""
    return db.session.scalar(select(AlarmWatch.mail_error).where(AlarmWatch.id == THE_ONE)) or ""


def _our_turn() -> set[str] | None:
    """The kinds that it is time to look at; none where somebody looks already."""
    if db.session.get(AlarmWatch, THE_ONE) is None:
        _begin()
    due = update(AlarmWatch).where(AlarmWatch.id == THE_ONE)
    with writing():
        ours = due.where(AlarmWatch.looked_at.is_(None) | (AlarmWatch.looked_at < now() - LOOK))
        if not _changed(ours.values(looked_at=now())):
            return None
        rooms = due.where(AlarmWatch.rooms_looked_at.is_(None) | (AlarmWatch.rooms_looked_at < now() - LOOK_AT_ROOMS))
        is_time = _changed(rooms.values(rooms_looked_at=now()))
    return set(ALARM_KINDS) if is_time else set(ALARM_KINDS) - {ROOMS}


def _changed(statement: Update) -> bool:
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount > 0


def _begin() -> None:
    try:
        with writing():
            db.session.add(AlarmWatch(id=THE_ONE, mails=0))
    except IntegrityError:
        pass  # somebody was quicker


def _remember(conditions: Iterable[Condition], looked: Collection[str]) -> None:
    by_key = {(one.kind, one.key): one for one in conditions}
    with writing():
        for alarm in unfinished():
            held = by_key.pop((alarm.kind, alarm.key), None)
            if held:
                alarm.words, alarm.looks, alarm.missed = held.words, alarm.looks + 1, 0
            elif alarm.kind in looked:
                _miss(alarm)
            _become_sure(alarm)
        for new in by_key.values():
            alarm = Alarm(kind=new.kind, key=new.key, words=new.words, looks=1, missed=0, found_at=now())
            db.session.add(alarm)
            _become_sure(alarm)


def _miss(alarm: Alarm) -> None:
    alarm.missed += 1
    if alarm.begun_at is None:
        db.session.delete(alarm)
    elif alarm.missed >= _sure(alarm.kind):
        alarm.ended_at = now()
        log.info("over: %s", alarm.words)


def _become_sure(alarm: Alarm) -> None:
    if alarm.begun_at is None and alarm.missed == 0 and alarm.looks >= _sure(alarm.kind):
        alarm.begun_at = alarm.found_at
        log.warning("alarm: %s", alarm.words)


def _sure(kind: str) -> int:
    return SURE_OF_ROOMS if kind == ROOMS else SURE


def _tell(settings: Settings) -> None:
    """Mail what nobody has heard of yet; what can't be mailed now has its turn at the next look."""
    begun = select(Alarm).where(Alarm.begun_at.is_not(None), Alarm.ended_at.is_(None), Alarm.told_at.is_(None))
    over = select(Alarm).where(Alarm.ended_at.is_not(None), Alarm.told_at.is_not(None), Alarm.end_told_at.is_(None))
    try:
        for alarms, column in ((begun, Alarm.told_at), (over, Alarm.end_told_at)):
            rows = db.session.scalars(alarms.order_by(Alarm.kind, Alarm.id)).all()
            letters = [_letter(list(some)) for _, some in groupby(rows, key=_together)]
            db.session.rollback()  # returns the connection: mail servers may be slow
            for letter in letters:
                _send(settings, *letter, column)
    except mail.NotSent as error:
        log.warning("%s", error)
        _note_error(str(error))


def _together(alarm: Alarm) -> tuple[str, int]:
    """A mail for each alarm, but one for all rooms that fall silent at once: on a holiday it would be many."""
    return alarm.kind, 0 if alarm.kind == ROOMS else alarm.id


def _letter(alarms: Sequence[Alarm]) -> tuple[list[int], str, str]:
    """The alarms' numbers, a subject, and what to say of them."""
    first, more = alarms[0].words.rstrip("."), len(alarms) - 1
    subject = f"{first[:120]}{f' (and {more} more)' if more else ''}"
    over = alarms[0].ended_at is not None
    lines = [f"{alarm.words}\n  {_when(alarm)}\n" for alarm in alarms]
    return [alarm.id for alarm in alarms], f"over: {subject}" if over else subject, "\n".join(lines)


def _when(alarm: Alarm) -> str:
    began = f"{alarm.begun_at:%Y-%m-%d %H:%M} UTC"
    return f"from {began} to {alarm.ended_at:%Y-%m-%d %H:%M} UTC" if alarm.ended_at else f"since {began}"


def _send(settings: Settings, ids: Sequence[int], subject: str, text: str, column) -> None:
    left = _left_today(settings)
    if left < 1:
        return
    mail.send(settings, subject, text + (LAST_TODAY if left == 1 else ""))
    with writing():
        db.session.execute(update(Alarm).where(Alarm.id.in_(ids)).values({column: now()}))
        watch = db.session.get_one(AlarmWatch, THE_ONE)
        watch.day, watch.mails, watch.mail_error = now().date(), settings.alarm_mails - left + 1, None


def _left_today(settings: Settings) -> int:
    """How many mails may be sent today."""
    watch = db.session.get_one(AlarmWatch, THE_ONE)
    sent = watch.mails if watch.day == now().date() else 0
    db.session.rollback()
    return settings.alarm_mails - sent


def _note_error(words: str) -> None:
    with writing():
        db.session.execute(update(AlarmWatch).where(AlarmWatch.id == THE_ONE).values(mail_error=words))


def drop_old(before: datetime) -> None:
    """Forget alarms that ended before that."""
    with writing():
        db.session.query(Alarm).where(Alarm.ended_at < before).delete()

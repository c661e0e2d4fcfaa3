"""Whom a change would keep out, before it is made; what listeners told, put in order."""

import time
from dataclasses import replace

import pytest

from app.heard import ABORTED, KEPT, REJECTED, RELEASED, Association, Heartbeat, LastObject
from app.listening import Endpoint, Sender, Store
from app.models import StoreSender
from app.reception.lockout import lockouts
from app.reception.seen import Drawing, Seen, senders

MAIN = Endpoint("Main", "OURS", port=104)
BEFORE = Store(1, (MAIN,))


def association(title="CT1", address="10.1.0.1", called="OURS", outcome=RELEASED, reason="", began=1.0):
    return Association(began, 1.0, title, called, address, "Main", outcome, reason, known=False, tls=False)


def seen(*associations, last=(), free_mb=9000):
    beat = Heartbeat("dose1", 1, 0.0, 0.0, 1, (), "", free_mb, 500, False, 0, 0)
    return Seen(True, (beat,), associations, (), last, ())


def changed(**changes):
    return replace(BEFORE, listeners=(replace(MAIN, **changes),))


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (replace(BEFORE, only_known=True), "No sender is known"),
        (replace(BEFORE, only_known=True, senders=(Sender("CT1", active=False),)), "No sender is known"),
        (replace(BEFORE, only_known=True, senders=(Sender("MG1"),)), "CT1 at 10.1.0.1 sent lately"),
        (replace(BEFORE, only_known=True, senders=(Sender("CT1"),)), ""),
        (replace(BEFORE, only_known=True, senders=(Sender("", "10.1.0.0/16"),)), ""),
        (replace(BEFORE, listeners=(Endpoint("Main", "OURS", port=105),)), "Nothing listens on port 104"),
        (replace(BEFORE, listeners=(MAIN, Endpoint("Second", "OURS", port=105))), ""),
        (changed(active=False), "Every listener would be switched off"),
        (
            replace(BEFORE, listeners=(replace(MAIN, active=False), Endpoint("Second", "OURS", port=105))),
            "Nothing listens on port 104 until it is switched on again.",
        ),
        (replace(BEFORE, listeners=(MAIN, Endpoint("Second", "OURS", port=105, active=False))), ""),
        (changed(name="Other"), ""),
        (changed(ae_title="NEW"), ""),
        (changed(check_called=True), ""),
        (changed(check_called=True, ae_title="NEW"), "lately called us OURS"),
        (changed(tls=True, certificate="c"), "would take TLS only"),
        (
            changed(tls=True, certificate="c", client_certificates=True, authorities="a"),
            "Senders without a certificate",
        ),
        (replace(BEFORE, least_free_mb=10_000), "On dose1 9,000 MB are free"),
        (replace(BEFORE, least_free_mb=8_000), ""),
    ],
)
def test_a_change_that_keeps_somebody_out_is_told_and_others_are_not(after, told):
    found = lockouts(BEFORE, after, seen(association()))
    assert told in " ".join(found) if told else not found


def test_a_sender_that_is_refused_already_is_no_reason_to_ask():
    before = replace(BEFORE, only_known=True, senders=(Sender("MG1"), Sender("MG2")))
    assert not lockouts(before, replace(before, senders=(Sender("MG1"),)), seen(association()))


def test_of_many_senders_some_are_named():
    told = seen(*(association(f"CT{number}") for number in range(9)))
    (sentence,) = lockouts(BEFORE, replace(BEFORE, only_known=True, senders=(Sender("MG"),)), told)
    assert "CT4 at 10.1.0.1 and 4 more sent lately" in sentence


def test_known_senders_come_first_and_each_has_its_last_object_and_refusal():
    known = StoreSender(name="West", ae_title="CT1", address="10.1.0.0/16")
    told = seen(
        association(began=30.0, outcome=REJECTED, reason="busy"),
        association("XA1", began=20.0, outcome=ABORTED, reason="hung up"),
        association(began=10.0),
        last=[
            LastObject("CT1", "10.1.0.1", 11.0),
            LastObject("CT1", "10.1.0.2", 12.0),
            LastObject("MG1", "10.9.0.1", 5.0),
        ],
    )
    first, second, third = senders([known], told)
    assert (first.known, first.last, first.tried, first.refused) == (known, 12.0, 30.0, "busy")
    assert (second.ae_title, second.last, second.tried, second.refused) == ("XA1", None, 20.0, "")
    assert (third.ae_title, third.known, third.last) == ("MG1", None, 5.0) and third.silent_since


def test_a_sender_heard_lately_is_not_silent():
    (row,) = senders([], seen(last=(LastObject("CT1", "10.1.0.1", time.time() - 86400),)))
    assert row.silent_since is None


def test_the_drawing_has_a_bar_for_each_hour_with_objects_and_says_itself_in_words():
    drawing = Drawing([(0.0, {}), (3600.0, {KEPT: 30}), (7200.0, {KEPT: 15, "disk full": 15})])
    assert drawing.kept == "M11 60V0h8V60zM21 60V30h8V60z"
    assert drawing.refused == "M21 30V0h8V30z"
    assert drawing.words.startswith("60 objects in the last 3 hours, 15 of them refused; at most 30 in an hour, 30")
    assert Drawing([(0.0, {})]).kept == "" and Drawing([]).highest == 0

"""Dear figures are remembered for a while, cheap ones never, and nobody waits where an old one will do."""

import time

import pytest
from flask import Response

from app import remembered as module
from app.remembered import forget, remembered


class Figure:
    """Counts how often it is worked out, which takes as long as it is told."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.times = 0

    def __call__(self):
        time.sleep(self.seconds)
        self.times += 1
        return {"times": self.times}


@pytest.fixture
def dear(app, monkeypatch):
    """A figure that takes long enough to be remembered, and has been twice, in an application context."""
    monkeypatch.setattr(module, "DEAR_SECONDS", 0.005)
    figure = Figure(0.006)
    with app.app_context():
        remembered("dear", figure)
        remembered("dear", figure)
        yield figure


def grow_old(monkeypatch, seconds):
    now = time.time() + seconds
    monkeypatch.setattr(module.time, "time", lambda: now)


def test_what_is_quickly_worked_out_is_never_old(app):
    figure = Figure(0)
    with app.app_context():
        assert [remembered("cheap", figure)["times"] for _ in range(4)] == [1, 2, 3, 4]


def test_what_is_dear_twice_is_remembered(dear):
    assert [remembered("dear", dear)["times"] for _ in range(3)] == [2, 2, 2]
    assert remembered("another", lambda: 5) == 5


@pytest.mark.parametrize("nothing", [[], {"ct": 0, "rf": 0}])
def test_that_there_is_nothing_yet_is_never_remembered(app, dear, nothing):
    """Or the first page would go on waiting for the first object after it came."""

    def slow(figure):
        time.sleep(0.006)
        return figure

    assert [remembered("first", lambda: slow(nothing)) for _ in range(3)] == [nothing] * 3
    assert remembered("first", lambda: slow({"ct": 1})) == {"ct": 1}


def test_an_old_figure_is_told_once_more_and_worked_out_anew_when_the_answer_is_sent(app, dear, monkeypatch):
    grow_old(monkeypatch, 2)  # good for some 1.2 s, told for some 12 s
    with app.test_request_context():
        app.preprocess_request()
        assert remembered("dear", dear)["times"] == 2
        assert remembered("dear", dear)["times"] == 2
        response = app.process_response(Response())
        assert dear.times == 2
        response.close()
        assert dear.times == 3
        assert remembered("dear", dear)["times"] == 3


def test_a_figure_that_nobody_asked_for_in_a_long_time_is_waited_for(dear, monkeypatch):
    grow_old(monkeypatch, 60)
    assert remembered("dear", dear)["times"] == 3


def test_what_somebody_changed_is_forgotten_even_while_it_is_worked_out(dear):
    forget()
    assert remembered("dear", dear)["times"] == 3

    def slow():
        forget()
        return dear()

    remembered("dear", slow)
    assert remembered("dear", dear)["times"] == 5


def test_without_redis_everything_is_worked_out_and_the_server_is_not_asked_again_at_once(dear, monkeypatch):
    asked = []

    def away(address):
        asked.append(address)
        raise module.queue.QueueAway

    monkeypatch.setattr(module.queue, "shared_connection", away)
    monkeypatch.setattr(module.queue, "_away_until", {})
    assert [remembered("dear", dear)["times"] for _ in range(3)] == [3, 4, 5]
    assert len(asked) == 1
    forget()


def test_a_figure_is_the_same_whether_it_was_remembered_or_not(app):
    with app.app_context():
        assert remembered("rows", lambda: [(1, "a")]) == [[1, "a"]]

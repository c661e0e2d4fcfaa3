"""The chain of audit entries: nobody changes, takes away or adds one without being noticed."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app import audit
from app.extensions import db
from app.models import AuditEntry, AuditHead, User
from app.trail import guard, kept
from app.trail.verify import verdict
from app.transactions import changing, one_moment, writing
from tests.processes import program

TABLE, HEAD = AuditEntry.__table__, AuditHead.__table__
WRITERS, EACH = 8, 25
both = pytest.mark.usefixtures("database_url")


def act(number=1):
    """Writes so many entries, each in a transaction of its own."""
    for place in range(number):
        with writing():
            audit.record(audit.EXPORT, f"export {place}", username="owner", details={"number": place, "share": 0.1})


def found(settings):
    """What the verification says."""
    db.session.rollback()
    with one_moment() as connection:
        return verdict(connection, settings)


def told():
    """What was written down, in order."""
    return db.session.scalars(select(AuditEntry.what).order_by(AuditEntry.id)).all()


def unguard():
    """Takes the guard away, as somebody can to whom the database belongs."""
    with changing(db.engine) as connection:
        for name, table, *_ in (*guard.REFUSED, *guard.TRUNCATED):
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
            else:
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))


def by_hand(*statements):
    """Does what only somebody does who goes around us."""
    with changing(db.engine) as connection:
        for statement in statements:
            connection.execute(statement)


@both
def test_entries_carry_the_digest_of_the_one_before(database, settings):
    act(3)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.id for entry in entries] == [1, 2, 3]
    assert [entry.previous for entry in entries[1:]] == [entry.digest for entry in entries[:-1]]
    assert found(settings).words == ["The chain is whole: 3 entries, none changed, taken away or added."]


def test_an_empty_chain_is_whole(database, settings):
    assert found(settings).whole


@both
def test_an_act_of_several_entries_keeps_them_in_order(database, settings):
    with writing():
        for place in range(3):
            audit.record(audit.EXPORT, f"export {place}")
    assert db.session.scalars(select(AuditEntry.what).order_by(AuditEntry.id)).all() == [
        "export 0",
        "export 1",
        "export 2",
    ]
    assert found(settings).whole


@both
def test_what_a_savepoint_undoes_is_not_written_down_and_the_rest_is(database, settings):
    with writing():
        audit.record(audit.EXPORT, "before")
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            audit.record(audit.EXPORT, "within")
            with db.session.begin_nested():
                audit.record(audit.EXPORT, "deep within")
            raise ZeroDivisionError
        with db.session.begin_nested():
            audit.record(audit.EXPORT, "after")
    assert told() == ["before", "after"]
    assert found(settings).whole


def test_an_act_that_fails_at_its_end_leaves_no_entry_for_the_next_one(database):
    act()
    with pytest.raises(DBAPIError), writing():
        audit.record(audit.EXPORT, "fails")
        db.session.add(User(username=None, password_hash="none"))
    act()
    assert told() == ["export 0", "export 0"]


@both
@pytest.mark.parametrize("typed", ["a\0b", "a\ud800b", "é\u2028😀", "x" * 5000])
def test_what_people_type_can_always_be_written_down(database, settings, typed):
    with writing():
        audit.record(audit.EXPORT, typed, username=typed, details={"typed": typed})
    assert found(settings).whole


@both
@pytest.mark.parametrize("statement", [
    update(TABLE).values(what="nothing"), delete(TABLE), delete(HEAD), update(HEAD).values(number=0),
    update(TABLE).where(TABLE.c.id == 2).values(id=7),
])  # fmt: skip
def test_the_database_refuses_to_change_entries(database, settings, statement):
    act(2)
    with pytest.raises(DBAPIError, match="never changed or deleted"):
        by_hand(statement)
    assert found(settings).whole


@both
def test_postgresql_refuses_to_empty_the_table(database, settings):
    act(2)
    if db.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="never changed or deleted"):
            by_hand(text("TRUNCATE audit_entry"))
    assert found(settings).entries == 2


CHANGED = {
    "at": lambda value: value + timedelta(microseconds=1),
    "username": lambda value: None,
    "remote_address": lambda value: "192.0.2.1",
    "action": lambda value: "upload files",
    "what": lambda value: value + " ",
    "outcome": lambda value: "refused",
    "details": lambda value: value | {"number": 99},
    "previous": lambda value: value[::-1],
    "digest": lambda value: value[::-1],
    "id": lambda value: 1000,
}


@both
@pytest.mark.parametrize("column", [column.name for column in TABLE.columns])
def test_a_change_of_any_column_is_found(database, settings, column):
    act(5)
    unguard()
    before = db.session.scalar(select(TABLE.c[column]).where(TABLE.c.id == 3))
    by_hand(update(TABLE).where(TABLE.c.id == 3).values({column: CHANGED[column](before)}))
    verdict = found(settings)
    assert not verdict.whole and verdict.entries == 2
    assert verdict.words[0].startswith("The chain is broken. Entry 3 ")
    assert "run flask db upgrade" in verdict.words[-1]


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=70)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
OTHERS = {"at": st.datetimes(datetime(2000, 1, 1)), "details": st.dictionaries(WORDS, WORDS | NUMBERS | st.none())}


@given(st.integers(1, 5), st.sampled_from([column for column in CHANGED if column != "id"]), st.data())
@examples(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_value_in_any_field_of_any_entry_is_found(database, settings, place, column, data):
    if not found(settings).entries:
        act(5)
        unguard()
    before = db.session.scalar(select(TABLE.c[column]).where(TABLE.c.id == place))
    other = OTHERS.get(column, WORDS.map(lambda words: words[: TABLE.c[column].type.length]))
    after = data.draw(other.filter(lambda value: value != before))
    by_hand(update(TABLE).where(TABLE.c.id == place).values({column: after}))
    assert (found(settings).whole, found(settings).entries) == (False, place - 1)
    by_hand(update(TABLE).where(TABLE.c.id == place).values({column: before}))
    assert found(settings).whole


@both
@pytest.mark.parametrize(
    ("gone", "fault"),
    [
        ([1], "Entry 1 was taken away."),
        ([2, 3], "Entries 2 to 3 were taken away."),
        ([5], "The end was cut: 5 entries"),
    ],
)
def test_an_entry_that_was_taken_away_is_missed(database, settings, gone, fault):
    act(5)
    unguard()
    by_hand(delete(TABLE).where(TABLE.c.id.in_(gone)))
    assert fault in found(settings).words[0]


def forged(entry, **values):
    """An entry as somebody makes it who does not have the key."""
    return insert(TABLE).values(entry._asdict() | {"previous": entry.digest, "digest": "f" * 64} | values)


@pytest.mark.parametrize(
    ("number", "fault"), [(4, "Entry 4 was changed, or added"), (0, "Entry 0 was added"), (9, "Entries 4 to 8")]
)
def test_an_entry_that_was_added_is_found(database, settings, number, fault):
    act(3)
    last = db.session.execute(select(*TABLE.columns).where(TABLE.c.id == 3)).one()
    by_hand(forged(last, id=number))
    assert fault in found(settings).words[0]


def test_a_cut_is_found_though_the_head_was_taken_back_too(database, settings):
    act(2)
    old = db.session.execute(select(*HEAD.columns)).one()
    act(2)
    unguard()
    by_hand(delete(TABLE).where(TABLE.c.id > 2), update(HEAD).values(old._asdict()))
    assert "4 entries were written, the last that is there is 2" in found(settings).words[0]


def test_a_head_that_somebody_else_made_is_noticed_where_no_file_remembers(database, settings):
    act(4)
    unguard()
    kept.forget(settings)
    third = db.session.execute(select(TABLE.c.id, TABLE.c.digest).where(TABLE.c.id == 3)).one()
    by_hand(delete(TABLE).where(TABLE.c.id > 3), update(HEAD).values(number=third.id, digest=third.digest))
    assert "The head of the chain was changed" in found(settings).words[0]
    by_hand(delete(HEAD))
    assert "The head of the chain was taken away" in found(settings).words[0]


def test_a_chain_that_was_written_anew_with_another_key_is_noticed(database, settings, app):
    act(3)
    app.config["SETTINGS"] = replace(settings, audit_secret="another one")
    assert "Entry 1 was changed" in found(app.config["SETTINGS"]).words[0]


def test_the_guard_comes_back_with_the_next_migration(database):
    unguard()
    with changing(db.engine) as connection:
        assert guard.missing(connection)
        guard.set_up(connection)
        assert not guard.missing(connection)


def test_a_folder_that_cannot_be_written_stops_nobody(database, settings, caplog):
    (settings.instance / "audit_head").mkdir()
    act()
    assert db.session.scalar(select(AuditEntry.id)) == 1
    assert "could not be written" in caplog.text


@both
def test_many_who_write_at_once_make_one_chain(database, settings, tmp_path):
    with ExitStack() as stack:
        logs = [tmp_path / f"{number}.log" for number in range(WRITERS)]
        words = [("-m", "tests.trail_acts", f"writer{number}", str(EACH)) for number in range(WRITERS)]
        started = [program(settings, *one, output=log) for one, log in zip(words, logs, strict=True)]
        for process, log in [(stack.enter_context(one), log) for one, log in zip(started, logs, strict=True)]:
            assert process.wait(120) == 0, log.read_text()
    verdict = found(settings)
    assert (verdict.whole, verdict.entries) == (True, WRITERS * EACH)
    for number in range(WRITERS):
        own = select(AuditEntry.details).where(AuditEntry.username == f"writer{number}").order_by(AuditEntry.id)
        assert [details["number"] for details in db.session.scalars(own)] == list(range(EACH))
    assert kept.known(settings)[0] == WRITERS * EACH


@both
def test_a_long_act_keeps_nobody_waiting_who_does_something_else(app, settings):
    """On SQLite one act waits for another anyway; the head alone must not be held before the end."""
    with app.app_context(), writing():
        audit.record(audit.EXPORT, "long")
        if db.engine.dialect.name == "postgresql":
            with app.app_context():
                act()
    with app.app_context():
        assert told()[-1] == "long" and found(settings).whole

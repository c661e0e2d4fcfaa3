"""Names and codes by their ids: found or made before an object's own transaction, remembered per database."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select, tuple_

from app.dicom.concept import Concept
from app.ingest.insert import insert_new
from app.models import Code, Name

_known: WeakKeyDictionary[Engine, dict[str | Concept, int]] = WeakKeyDictionary()


def ids(engine: Engine, wanted: set[str | Concept]) -> dict[str | Concept, int]:
    """The ids of these names and codes. They are never deleted, so that what is remembered stays true.

    They are committed at once: two workers that meet the same new name must not wait for each other's objects.
    """
    known = _known.setdefault(engine, {})
    missing = [one for one in wanted if one not in known]
    if missing:
        _names(engine, known, [one for one in missing if isinstance(one, str)])
        _codes(engine, known, [one for one in missing if isinstance(one, Concept)])
    return known


def _names(engine: Engine, known: dict, texts: list[str]) -> None:
    rows = {Name.digest_of(text): text for text in texts}
    found = select(Name.text, Name.id).where(Name.digest.in_(rows))
    new = {text: {"digest": digest, "text": text} for digest, text in rows.items()}
    _learn(engine, known, Name, new, lambda connection: dict(connection.execute(found).all()))


def _codes(engine: Engine, known: dict, concepts: list[Concept]) -> None:
    keys = [(concept.scheme, concept.value) for concept in concepts]
    found = select(Code.value, Code.scheme, Code.id).where(tuple_(Code.scheme, Code.value).in_(keys))
    new = {concept: concept.as_json() for concept in concepts}
    _learn(engine, known, Code, new, lambda connection: {Concept(*key): id for *key, id in connection.execute(found)})


def _learn(engine: Engine, known: dict, table, rows: dict, find: Callable[[Connection], dict]) -> None:
    """Remember the ids of the rows, and make those that are not there; only what is committed is remembered.

    Rows are made in one order everywhere, so that workers that make the same ones wait for each other once.
    """
    if not rows:
        return
    with engine.connect() as connection:
        known.update(find(connection))
    new = sorted((row for key, row in rows.items() if key not in known), key=str)
    if new:
        with engine.connect().execution_options(write=True) as connection, connection.begin():
            insert_new(connection, table.__table__, new)
            learned = find(connection)
        known.update(learned)

"""Names and codes by their ids: found or made before an object's own transaction, remembered per database."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select, tuple_, update

from app.dicom.concept import Concept
from app.ingest.insert import insert_new
from app.models import Code, Name
from app.transactions import changing

_known: WeakKeyDictionary[Engine, dict[str | Concept, int]] = WeakKeyDictionary()
_meanings: WeakKeyDictionary[Engine, dict[Concept, str]] = WeakKeyDictionary()


Find = Callable[[Connection], dict[str | Concept, int]]


def ids(engine: Engine, wanted: set[str | Concept]) -> dict[str | Concept, int]:
    """The ids of these names and codes. What is remembered of names may be out of date: see anew.

    They are committed at once: two workers that meet the same new name must not wait for each other's objects.
    """
    known = _known.setdefault(engine, {})
    for table, rows, find in _missing(engine, known, wanted):
        _learn(engine, known, table, rows, find)
    meanings = _meanings.get(engine, {})
    better = [one for one in wanted if isinstance(one, Concept) and _wording(one.meaning) < _wording(meanings[one])]
    if better:
        _reword(engine, known, better)
    return known


def anew(engine: Engine, wanted: set[str | Concept]) -> dict[str | Concept, int]:
    """The same, with nothing remembered: a name was deleted that nothing referred to."""
    _known.pop(engine, None)
    return ids(engine, wanted)


def ids_within(connection: Connection, wanted: set[str | Concept]) -> dict[str | Concept, int]:
    """The same inside the transaction of an object: what others told is known, and no second one may write now."""
    known = _known.setdefault(connection.engine, {})
    for table, rows, find in _missing(connection.engine, known, wanted):
        found = find(connection)
        new = [row for key, row in rows.items() if key not in found]
        if new:
            insert_new(connection, table.__table__, new)
            found = find(connection)
        known = known | found  # a copy: only what is committed is remembered
    return known


def _missing(engine: Engine, known: Mapping, wanted: set[str | Concept]) -> Iterator[tuple[Any, dict, Find]]:
    """What is not remembered: for each of both tables the rows that it should have, and how to find their ids."""
    missing = [one for one in wanted if one not in known]
    texts = [one for one in missing if isinstance(one, str)]
    concepts = [one for one in missing if isinstance(one, Concept)]
    if texts:
        yield Name, *_names(texts)
    if concepts:
        yield Code, *_codes(engine, concepts)


def _names(texts: list[str]) -> tuple[dict, Find]:
    rows = {Name.digest_of(text): text for text in texts}
    found = select(Name.text, Name.id).where(Name.digest.in_(rows))
    new = {text: {"digest": digest, "text": text, "folded": Name.fold(text)} for digest, text in rows.items()}
    return new, lambda connection: dict(connection.execute(found).all())


def _codes(engine: Engine, concepts: list[Concept]) -> tuple[dict, Find]:
    keys = [(concept.scheme, concept.value) for concept in concepts]
    found = select(Code.value, Code.scheme, Code.meaning, Code.id).where(tuple_(Code.scheme, Code.value).in_(keys))

    def find(connection: Connection) -> dict[str | Concept, int]:
        codes: dict[str | Concept, int] = {Concept(*told): id for *told, id in connection.execute(found)}
        _meanings.setdefault(engine, {}).update({code: code.meaning for code in codes if isinstance(code, Concept)})
        return codes

    return {concept: concept.as_json() for concept in concepts}, find


def _reword(engine: Engine, known: dict, concepts: list[Concept]) -> None:
    """Give codes the best of the wordings that came with them, so that it does not matter which came first."""
    with changing(engine) as connection:
        for concept in sorted(concepts, key=lambda concept: known[concept]):
            this = Code.id == known[concept]
            stored = connection.execute(select(Code.meaning).where(this).with_for_update()).scalar_one()
            best = min(stored, concept.meaning, key=_wording)
            if best != stored:
                connection.execute(update(Code).where(this).values(meaning=best))
            _meanings[engine][concept] = best


def _wording(meaning: str) -> tuple[bool, bool, bool, str]:
    """Words before none, a sentence before shouting; otherwise any order does that is always the same."""
    return (not meaning, meaning.isupper(), meaning.islower(), meaning)


def _learn(engine: Engine, known: dict, table: Any, rows: dict, find: Find) -> None:
    """Remember the ids of the rows, and make those that are not there; only what is committed is remembered.

    Rows are made in one order everywhere, so that workers that make the same ones wait for each other once.
    """
    with engine.connect() as connection:
        known.update(find(connection))
    new = sorted((row for key, row in rows.items() if key not in known), key=str)
    if new:
        with changing(engine) as connection:
            insert_new(connection, table.__table__, new)
            learned = find(connection)
        known.update(learned)

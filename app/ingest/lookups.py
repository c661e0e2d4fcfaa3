"""Names and codes by their ids: found or made before an object's own transaction, remembered per database."""

from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select, tuple_

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
    if not texts:
        return
    rows = {Name.digest_of(text): text for text in texts}
    found = select(Name.text, Name.id).where(Name.digest.in_(rows))
    with engine.connect() as connection:
        known.update(connection.execute(found).all())
    new = [{"digest": digest, "text": text} for digest, text in rows.items() if text not in known]
    if new:
        with engine.connect().execution_options(write=True) as connection, connection.begin():
            insert_new(connection, Name.__table__, new)
            known.update(connection.execute(found).all())


def _codes(engine: Engine, known: dict, concepts: list[Concept]) -> None:
    if not concepts:
        return
    keys = [(concept.scheme, concept.value) for concept in concepts]
    found = select(Code.value, Code.scheme, Code.id).where(tuple_(Code.scheme, Code.value).in_(keys))

    def learn(connection) -> None:
        known.update((Concept(value, scheme), id) for value, scheme, id in connection.execute(found))

    with engine.connect() as connection:
        learn(connection)
    new = [concept.as_json() for concept in concepts if concept not in known]
    if new:
        with engine.connect().execution_options(write=True) as connection, connection.begin():
            insert_new(connection, Code.__table__, new)
            learn(connection)

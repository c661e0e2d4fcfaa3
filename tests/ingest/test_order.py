"""What is stored does not depend on the order in which objects came, nor on how many workers read them at once."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pytest
from sqlalchemy import select, true

from app.dicom.concept import Concept
from app.extensions import db
from app.ingest import lookups
from app.ingest.receive import IMPORTED, receive
from app.models import Code, Equipment, Name, Original, Report, Study
from tests.factories import ct_report, report_file, uid

ORDERS = 20


def rows_of(model, *, without=()):
    """The model's rows as mappings, without what only tells when they were made."""
    left_out = {"id", "received_at", *without}
    columns = [column for column in model.__table__.columns if column.key not in left_out]
    return [dict(row) for row in db.session.execute(select(*columns)).mappings()]


def everything():
    """All rows, ids replaced by what they stand for."""
    names = dict(db.session.execute(select(Name.id, Name.text)).all())
    codes = {code.id: (code.scheme, code.value, code.meaning) for code in db.session.scalars(select(Code))}
    rooms = dict(db.session.execute(select(Equipment.id, Equipment.identity)).all())
    studies = dict(db.session.execute(select(Study.id, Study.study_instance_uid)).all())
    bodies = dict(db.session.execute(select(Report.id, Report.body)).all())
    known = {"name": names, "code": codes, "equipment": rooms, "study": studies, "report": bodies}
    told = {}
    for mapper in db.Model.registry.mappers:
        table = mapper.local_table
        if mapper.class_ is Original:
            continue
        meant = {key.parent.key: key.column.table.name for key in table.foreign_keys}
        parents = {name for name, target in meant.items() if target not in known and target != "user"}
        left_out = {"id", "received_at", *parents}
        columns = [column for column in table.columns if column.key not in left_out]
        # What a study's protocols were together between two of its objects is a name that nobody has in the end.
        whole = Name.text.not_like("%\n%") | Name.id.in_(select(Study.protocols)) if mapper.class_ is Name else true()
        told[table.name] = sorted(
            repr([known[meant[name]].get(value) if name in meant and meant[name] in known else value
                  for name, value in row.items()])
            for row in db.session.execute(select(*columns).where(whole)).mappings()
        )  # fmt: skip
    return told


@pytest.fixture(scope="module")
def objects(dicom_folder):
    """Every real object there is."""
    return sorted(dicom_folder.glob("*.dcm"))


def stored_in_order(app, paths):
    """What is stored once these have been imported one after another."""
    with app.app_context():
        db.drop_all()
        db.create_all()
        for path in paths:
            receive(str(path))
        return everything()


def differing(one, other):
    """Where two states of the database differ, for a failing test to say."""
    return {
        name: [sorted(set(one[name]) - set(other[name]))[:2], sorted(set(other[name]) - set(one[name]))[:2]]
        for name in one
        if one[name] != other[name]
    }


def test_twenty_random_orders_give_the_same_rows(app, objects, forget_lookups):
    first = stored_in_order(app, objects)
    assert first["study"]
    for seed in range(ORDERS):
        forget_lookups()
        shuffled = random.Random(seed).sample(objects, len(objects))
        assert differing(first, stored_in_order(app, shuffled)) == {}, f"order {seed}"


def test_four_workers_at_once_give_the_same_rows(database_url, app, objects, forget_lookups):
    first = stored_in_order(app, objects)
    forget_lookups()
    with app.app_context():
        db.drop_all()
        db.create_all()

    def work(path):
        with app.app_context():
            return receive(str(path)).result

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, random.Random(0).sample(objects, len(objects))))
    with app.app_context():
        assert differing(first, everything()) == {}


def test_names_and_codes_that_another_worker_told_do_not_make_a_worker_wait_for_itself(database_url, app):
    # One worker remembers a code's first wording; another has met a better one since, and other names, in this study.
    study, place = uid(), Concept("1", "99TEST", "CHEST")
    with app.app_context():
        receive(report_file(ct_report({"target_region": place})))
        caches = (lookups._known, lookups._meanings)
        ours = [dict(cache[db.engine]) for cache in caches]
        lookups._known.clear()
        event = {"irradiation_event_uid": uid()}
        better = event | {"target_region": Concept("1", "99TEST", "Chest"), "acquisition_protocol": "Thorax"}
        receive(report_file(ct_report(better), StudyInstanceUID=study))
        for cache, known in zip(caches, ours, strict=True):
            cache[db.engine] = known
        later = report_file(ct_report(event), StudyInstanceUID=study, ContentTime=time(23, 0))
        assert receive(later).result == IMPORTED
        assert db.session.scalar(select(Code.meaning).where(Code.scheme == "99TEST")) == "Chest"

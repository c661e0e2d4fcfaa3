"""Whose a study is, where a site keeps what tells patients apart."""

from itertools import permutations

import pytest
from sqlalchemy import delete, select

from app.extensions import db
from app.identity import HASHED, STORED, Identity
from app.ingest import receive as receiving
from app.ingest.receive import DUPLICATE, IMPORTED, receive
from app.ingest.reread import reread
from app.models import Report, Study
from app.queries.patients import same_patient
from tests.factories import ct_report, report_file, uid

HASHING = Identity(HASHED, "a secret of this site")


def stored(identity=HASHING, **header):
    """The study of a report with this header."""
    header = {"StudyInstanceUID": uid()} | header
    db.session.rollback()  # what follows must not be of before
    assert receive(report_file(ct_report({}), **header), identity=identity).result == IMPORTED
    return db.session.scalar(select(Study).where(Study.study_instance_uid == header["StudyInstanceUID"]))


def others(study):
    return set(db.session.scalars(select(Study.study_instance_uid).where(same_patient(study))))


@pytest.mark.usefixtures("database", "database_url")
def test_studies_of_one_patient_find_each_other():
    first, second = stored(PatientID="12-34"), stored(PatientID="1234")
    stored(PatientID="4321")
    assert others(first) == {second.study_instance_uid}
    assert same_patient(stored(PatientID="")) is None


@pytest.mark.usefixtures("database")
def test_one_number_of_two_hospitals_is_two_patients():
    city, lake = stored(PatientID="1", IssuerOfPatientID="CITY"), stored(PatientID="1", IssuerOfPatientID="LAKE")
    unsaid = stored(PatientID="1")
    assert others(city) == {unsaid.study_instance_uid}
    assert others(unsaid) == {city.study_instance_uid, lake.study_instance_uid}


@pytest.mark.usefixtures("database")
def test_objects_that_tell_of_several_patients_tell_of_the_same_one_in_any_order():
    told = [{"PatientID": "1"}, {"PatientID": "2", "IssuerOfPatientID": "CITY"}, {"PatientID": ""}, {"PatientID": "3"}]
    found = set()
    columns = (Study.patient_key, Study.patient_issuer)
    for order in permutations(told):
        study_uid = uid()
        for header in order:
            receive(report_file(ct_report({}), StudyInstanceUID=study_uid, **header), identity=HASHING)
        found.add(db.session.execute(select(*columns).where(Study.study_instance_uid == study_uid)).one())
        db.session.rollback()
    assert found == {(HASHING.key("2"), HASHING.columns("2", "CITY")["patient_issuer"])}


@pytest.mark.usefixtures("database")
def test_a_study_that_is_deleted_while_its_object_comes_again_is_nobodys(monkeypatch):
    file = report_file(ct_report({}), PatientID="12-34")
    receive(file, identity=HASHING)

    def deleted_before(work):
        with db.engine.connect().execution_options(write=True) as connection, connection.begin():
            connection.execute(delete(Study))
        return in_transaction(work)

    file.seek(0)
    real_store, in_transaction = receiving.store, receiving.in_transaction

    def store(*args):
        monkeypatch.setattr(receiving, "in_transaction", deleted_before)
        return real_store(*args)

    monkeypatch.setattr(receiving, "store", store)
    assert receive(file, identity=HASHING).result == DUPLICATE


@pytest.mark.usefixtures("database", "database_url")
def test_an_object_that_comes_again_tells_whose_it_is_where_nobody_had_asked():
    file = report_file(ct_report({}), PatientID="12-34")
    assert receive(file).result == IMPORTED
    study = db.session.scalar(select(Study))
    assert study.patient_key is None
    db.session.rollback()
    for identity in (HASHING, Identity(STORED, HASHING.secret)):
        file.seek(0)
        assert receive(file, identity=identity).result == DUPLICATE
    db.session.refresh(study)
    assert (study.patient_key, study.patient_id) == (HASHING.key("1234"), "12-34")


@pytest.mark.usefixtures("database")
def test_reading_again_leaves_whose_it_is():
    study = stored(PatientID="1")
    db.session.rollback()
    reread(db.session.scalar(select(Report.id)))
    db.session.refresh(study)
    assert study.patient_key == HASHING.key("1")


@pytest.mark.usefixtures("database")
def test_whose_it_is_does_not_make_an_object_another_one():
    file = report_file(ct_report({}), PatientID="1")
    receive(file)
    digests = set(db.session.scalars(select(Report.digest)))
    db.session.execute(delete(Study))
    db.session.commit()
    file.seek(0)
    receive(file, identity=HASHING)
    assert set(db.session.scalars(select(Report.digest))) == digests

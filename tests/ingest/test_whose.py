"""What a study keeps of its patient's name, birthday and accession number, as the site wants it."""

import zlib
from datetime import date

import pytest
from sqlalchemy import select

from app.extensions import db
from app.identity import HASHED, NONE, STORED, Identity
from app.ingest.receive import DUPLICATE, IMPORTED, receive
from app.ingest.reread import UNCHANGED, reread
from app.models import NameKey, Original, Report, Study
from tests.factories import ct_report, report_file, uid

PATIENT = {"PatientName": "Doe^Jane", "PatientBirthDate": "19500131", "AccessionNumber": "AC-17"}
ALL = Identity(STORED, "a secret", name=STORED, birth_date=STORED)
HASHES = Identity(HASHED, "a secret", name=HASHED, accession=HASHED)
NOTHING = Identity(NONE, "a secret", accession=NONE)


def arrived(identity, result=IMPORTED, **header):
    db.session.rollback()
    answer = receive(report_file(ct_report({}), **(PATIENT | header)), identity=identity)
    assert answer.result == result, answer.message
    return db.session.scalar(select(Study).where(Study.study_instance_uid == answer.study_instance_uid))


def keys():
    return set(db.session.scalars(select(NameKey.key)))


@pytest.mark.usefixtures("database", "database_url")
def test_by_default_nothing_but_the_accession_number_is_kept():
    study = arrived(Identity())
    assert (study.patient_name, study.patient_birth_date, study.accession_number) == (None, None, "AC-17")
    assert keys() == set()


@pytest.mark.usefixtures("database", "database_url")
def test_what_the_site_stores_is_stored():
    study = arrived(ALL)
    assert (study.patient_name, study.patient_birth_date) == ("Doe^Jane", date(1950, 1, 31))
    assert ALL.name_key("Doe") in keys()


@pytest.mark.usefixtures("database", "database_url")
def test_what_the_site_hashes_is_only_hashed():
    study = arrived(HASHES)
    assert (study.patient_name, study.patient_birth_date) == (None, None)
    assert study.accession_number == HASHES.hashed("ac17")
    assert keys() == {HASHES.name_key("Jane Doe")}
    original = db.session.scalar(select(Original))
    for held in (zlib.decompress(original.told), zlib.decompress(original.kept)):
        assert b"AC-17" not in held


@pytest.mark.usefixtures("database")
def test_an_accession_number_that_is_not_kept_is_nowhere():
    assert arrived(NOTHING).accession_number is None
    assert all(b"AC-17" not in zlib.decompress(held) for held in db.session.execute(
        select(Original.told, Original.kept)).one())  # fmt: skip


@pytest.mark.usefixtures("database", "database_url")
def test_reading_again_leaves_the_number_as_the_site_keeps_it():
    hashed = arrived(HASHES).accession_number
    db.session.rollback()
    assert reread(db.session.scalar(select(Report.id))).result == UNCHANGED
    db.session.rollback()
    assert db.session.scalar(select(Study.accession_number)) == hashed


@pytest.mark.usefixtures("database", "database_url")
@pytest.mark.parametrize("later", [HASHES, NOTHING, ALL])
def test_an_object_that_comes_again_is_known_whatever_the_site_keeps_by_then(later):
    header = {"StudyInstanceUID": uid(), "SOPInstanceUID": uid()}
    report = ct_report({})
    assert receive(report_file(report, **(PATIENT | header))).result == IMPORTED
    assert receive(report_file(report, **(PATIENT | header)), identity=later).result == DUPLICATE


@pytest.mark.usefixtures("database", "database_url")
def test_an_object_that_comes_again_brings_the_name_where_nobody_had_asked():
    header, report = {"StudyInstanceUID": uid(), "SOPInstanceUID": uid()}, ct_report({})
    for identity in (Identity(), HASHES, ALL, HASHES):
        receive(report_file(report, **(PATIENT | header)), identity=identity)
    assert db.session.scalar(select(Study.patient_name)) == "Doe^Jane"
    assert ALL.name_key("Doe") in keys(), "what was written is not lost to a hash"

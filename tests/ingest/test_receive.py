"""One object in, one outcome out, and nothing half done."""

import io
import random
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.ingest.receive import DUPLICATE, FAILED, IMPORTED, NOT_A_DOSE_OBJECT, receive
from app.models import Code, CtAccumulated, CtEvent, CtSource, Equipment, Name, ProjectionEvent, Report, Study
from tests.factories import ct_report, report_file

STORED = (Study, Report, CtAccumulated, CtEvent, CtSource, ProjectionEvent, Equipment, Name, Code)
FLASH = "CT-RDSR-Siemens_Flash-TAP-SS.dcm"
CUMULATIVE = [f"CT-RDSR-Siemens-Multi-{number}.dcm" for number in (1, 2, 3)]


def counts() -> dict[str, int]:
    """How many rows each table has."""
    return {table.__tablename__: db.session.scalar(select(func.count()).select_from(table)) for table in STORED}


def test_a_ct_report_becomes_a_study_with_its_events_and_total(database_url, database, dicom_folder):
    outcome = receive(str(dicom_folder / FLASH))
    study = db.session.scalars(select(Study)).one()
    assert outcome.result == IMPORTED
    assert (study.modality, study.number_of_events, study.dlp_total) == ("CT", 4, 724.52)
    assert [event.dlp for event in study.ct_events][-1] == 708.2
    assert study.patient_age == 67


def test_the_same_object_again_changes_nothing(database_url, database, dicom_folder):
    receive(str(dicom_folder / FLASH))
    before = counts()
    outcome = receive(str(dicom_folder / FLASH))
    assert outcome.result == DUPLICATE
    assert counts() == before


@pytest.mark.parametrize("order", list(permutations(CUMULATIVE)), ids=lambda order: "".join(name[-5] for name in order))
def test_cumulative_reports_are_one_study_in_whatever_order_they_arrive(database, dicom_folder, order):
    for name in order:
        assert receive(str(dicom_folder / name)).result == IMPORTED
    study = db.session.scalars(select(Study)).one()
    assert (study.number_of_events, study.dlp_total, study.dlp_event_sum) == (3, 236.09, 236.09)
    assert len(study.reports) == 3
    assert len(study.ct_events) == 3


def test_the_same_report_from_many_senders_at_once_is_stored_once(database_url, app, database, dicom_folder):
    content = (dicom_folder / FLASH).read_bytes()

    def send(_):
        with app.app_context():
            return receive(io.BytesIO(content)).result

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(send, range(8)))
    assert sorted(results) == [DUPLICATE] * 7 + [IMPORTED]
    assert counts()["ct_event"] == 4


def test_cumulative_reports_that_arrive_together_are_one_study(database_url, app, database, dicom_folder):
    def send(name):
        with app.app_context():
            return receive(str(dicom_folder / name)).result

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(send, CUMULATIVE)) == [IMPORTED] * 3
    assert (counts()["study"], counts()["report"], counts()["ct_event"]) == (1, 3, 3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "It is empty"),
        (b"These are the minutes of the meeting.\n" * 50, "not a DICOM file"),
        (bytes(128) + b"DICM", "no SOPInstanceUID"),
        (random.Random(1).randbytes(4000), "not a DICOM file"),
        (bytes(128) + b"DICM" + random.Random(1).randbytes(4000), ""),
    ],
    ids=["empty", "text", "only the preamble", "noise", "noise behind a preamble"],
)
def test_what_is_no_dicom_file_is_refused_in_words_and_changes_nothing(database, content, words):
    before = counts()
    outcome = receive(io.BytesIO(content))
    assert outcome.result == FAILED
    assert words in outcome.message
    assert counts() == before


def test_a_report_cut_short_anywhere_is_refused_and_changes_nothing(database, dicom_folder):
    # A report that lost its end reads well up to there: stored, it would be a dose that is too low.
    before = counts()
    for name in (FLASH, "NM-CT-RDSR-Siemens.dcm", "RF-RDSR-Siemens-Zee.dcm"):
        content = (dicom_folder / name).read_bytes()
        for length in random.Random(2).sample(range(len(content)), 60):
            assert receive(io.BytesIO(content[:length])).result == FAILED, f"{name} cut to {length} bytes"
    assert counts() == before


def test_a_sound_object_that_says_nothing_of_dose_is_told_from_one_politely(database, dicom_folder):
    before = counts()
    outcome = receive(str(dicom_folder / "ESR_non-dose.dcm"))
    assert outcome.result == NOT_A_DOSE_OBJECT
    assert outcome.message.startswith("It is a ")
    assert counts() == before


def test_a_failure_in_the_middle_leaves_nothing_behind(database_url, database, dicom_folder, monkeypatch):
    def fail(*_):
        raise RuntimeError("the power went off")

    monkeypatch.setattr("app.ingest.store.apply_events", fail)
    with pytest.raises(RuntimeError):
        receive(str(dicom_folder / FLASH))
    left = counts()
    assert (left["study"], left["report"], left["ct_event"], left["ct_source"]) == (0, 0, 0, 0)


def test_a_test_patient_is_marked_by_the_pattern_and_the_name_is_not_kept(database, dicom_folder):
    receive(str(dicom_folder / "CT-RDSR-ToshibaPixelMed.dcm"), {"name": ("phy", "test"), "ID": ()})
    assert db.session.scalars(select(Study)).one().test_patient == "phy"


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("Dual-RDSR-DX.dcm", "DX"),
        ("Dual-RDSR-RF.dcm", "RF"),
        ("DX-RDSR-Canon_CXDI.dcm", "DX"),
        ("DX-RDSR-Carestream_DRXEvolution.dcm", "DX"),
        ("RF-RDSR-GE-OECEliteMiniView.dcm", "RF"),
        ("RF-ESR-Siemens-Varic.dcm", "RF"),
        ("MG-RDSR-Hologic_2D.dcm", "MG"),
        ("NM-CT-RDSR-Siemens.dcm", "CT"),
    ],
)
def test_modality_follows_what_was_done_not_the_label(database, dicom_folder, name, modality):
    receive(str(dicom_folder / name))
    assert db.session.scalars(select(Study.modality)).one() == modality


def test_whatever_bytes_of_a_report_are_damaged_the_importer_answers_in_words(database, dicom_folder):
    # Errors of the DICOM library are for the importer to understand; its words may quote patients.
    chance = random.Random(3)
    contents = [(dicom_folder / name).read_bytes() for name in (FLASH, "RF-RDSR-GE-OECEliteMiniView.dcm")]
    for _ in range(150):
        content = bytearray(chance.choice(contents))
        for _ in range(chance.choice((1, 3, 30))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        outcome = receive(io.BytesIO(content))
        assert outcome.result in (IMPORTED, DUPLICATE, NOT_A_DOSE_OBJECT, FAILED)
        assert outcome.message.endswith(".")


def test_an_object_sent_again_is_a_duplicate_whatever_the_patterns_for_test_patients_are_by_then(database):
    content = report_file(ct_report({}), PatientName="Physics^QA").getvalue()
    assert receive(io.BytesIO(content), {"name": ("phy", "qa")}).result == "imported"
    assert receive(io.BytesIO(content), {"name": ("qa",)}).result == "duplicate"


def test_every_real_object_is_imported_but_the_report_that_is_not_of_dose(database, dicom_folder):
    results = {path.name: receive(str(path)).result for path in sorted(dicom_folder.glob("*.dcm"))}
    assert results.pop("ESR_non-dose.dcm") == NOT_A_DOSE_OBJECT
    assert len(results) >= 45 and set(results.values()) == {IMPORTED}

"""The objects of a study: what each is, which say the same, and all that is wrong with them."""

from datetime import date, time

import pytest
from pydicom.uid import UID
from sqlalchemy import event

from app.dicom.concept import Concept
from app.extensions import db
from app.ingest.receive import receive
from app.models import Report
from app.queries.objects import accumulated, collapsed, elsewhere, study_objects, study_problems
from app.queries.sop_classes import STORAGE, WORDS, in_words
from app.queries.study import everything, load
from app.queries.tiles import tiles
from tests.factories import ct_report, fluoroscopy_report, nuclear_report, report_file, uid
from tests.images import MAMMOGRAPHY, MG_PRESENTATION, MG_PROCESSING, PET, dataset, file

INJECTION = {"RadiopharmaceuticalInformationSequence": [{"RadionuclideTotalDose": 2.5e8, "Radiopharmaceutical": "FDG"}]}
PLANE_A, PLANE_B = Concept("113620", "DCM", "Plane A"), Concept("113621", "DCM", "Plane B")
HEAD = Concept("113690", "DCM", "IEC Head Dosimetry Phantom")
BODY = Concept("113691", "DCM", "IEC Body Dosimetry Phantom")


def keep(*files):
    """Stores the files."""
    for one in files:
        answer = receive(one)
        assert answer.result == "imported", answer.message
    db.session.rollback()  # what was read before they came is old


def slices(study_uid: str, count: int, **header):
    """PET images of one series."""
    described = {"Modality": "PT", "Units": "BQML", "SeriesInstanceUID": "2.25.5"} | INJECTION | header
    return [file(dataset(PET, study_uid, ContentTime=f"1011{number:02}", **described)) for number in range(count)]


def mammogram(study_uid: str, sop_class: str, **header):
    return file(dataset(sop_class, study_uid, **(MAMMOGRAPHY | header)))


def shown(study_uid):
    return {tile.title: (tile.value, tile.note) for _, some in tiles(load(study_uid)) for tile in some}


def test_every_class_that_has_words_is_one_of_the_standard():
    for suffix, words in WORDS.items():
        assert UID(STORAGE + suffix).name.split()[0] != STORAGE + suffix, f"{suffix}: {words}"
    assert in_words("1.2.3", "XC", "image") == "XC image"
    assert in_words(None, None, "image") == "image"
    assert in_words("1.2.3", "SR", "dose report") == "dose report"


@pytest.mark.usefixtures("database_url")
def test_objects_of_a_series_that_say_the_same_are_one_and_reports_come_first(database):
    study_uid = uid()
    keep(*slices(study_uid, 3), report_file(ct_report({}), StudyInstanceUID=study_uid))
    report, image = study_objects(load(study_uid))
    assert (report.kind, image.kind) == ("X-ray dose report", "PET image")
    assert (len(report.reports), len(image.reports)) == (1, 3)
    assert [one.content_time for one in (image.first, image.last)] == [time(10, 11, 0), time(10, 11, 2)]
    (series,) = accumulated(load(study_uid), [report, image])[1:]
    assert series.title == "PET series" and [told_by.place for told_by, _, _ in series.rows] == [2]


def test_objects_that_went_differently_are_not_one(database):
    study_uid = uid()
    keep(*slices(study_uid, 2))
    with db.session.begin():
        report = db.session.scalars(db.select(Report)).first()
        report.read_by = "0.0.1"
    assert [len(one.reports) for one in study_objects(load(study_uid))] == [1, 1]


@pytest.mark.usefixtures("database_url")
def test_a_thousand_slices_take_no_more_statements_than_one(database):
    study_uid = uid()
    keep(*slices(study_uid, 1))
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    load(study_uid)
    few = len(statements)
    db.session.rollback()
    first = db.session.scalars(db.select(Report)).one()
    told = {column.key: getattr(first, column.key) for column in Report.__table__.columns if column.key != "id"}
    again = [told | {"sop_instance_uid": uid(), "digest": f"{number}"} for number in range(999)]
    db.session.execute(db.insert(Report), again)
    db.session.commit()
    statements.clear()
    (one,) = study_objects(load(study_uid))
    assert (len(one.reports), len(statements)) == (1000, few)
    assert len(collapsed(everything(study_uid)["reports"])) == 1


def test_both_images_of_one_exposure_are_told_apart(database):
    study_uid = uid()
    keep(mammogram(study_uid, MG_PRESENTATION), mammogram(study_uid, MG_PROCESSING))
    kinds = {one.kind for one in study_objects(load(study_uid))}
    assert kinds == {"mammography image, for presentation", "mammography image, for processing"}


def test_problems_between_objects_come_first_and_repeated_ones_are_told_once(database):
    study_uid = uid()
    total = {"dlp_total": 500.0, "total_number_of_irradiation_events": 2.0}
    odd = {"dlp": 1000.0, "mean_ctdivol": 1.0, "scanning_length": 10.0}
    report = ct_report(odd, odd, {"dlp": 0.0}, ct_accumulated=[total])
    keep(report_file(report, StudyInstanceUID=study_uid, PatientSize=172))
    stored = load(study_uid)
    problems = study_problems(stored, study_objects(stored))
    assert problems[0].told_by is None and problems[0].path == "DLP total"
    assert {one.told_by and one.told_by.place for one in problems[1:]} == {1}
    assert sum(one.times for one in problems) == stored.study.problem_count
    assert len({(one.path, one.message, one.value) for one in problems}) == len(problems)


def test_an_object_that_another_replaces_keeps_its_problems_to_itself(database):
    study_uid, same = uid(), uid()
    for hour, height in ((10, 172), (11, 1.72)):
        header = {"SOPInstanceUID": same, "ContentTime": time(hour), "PatientSize": height}
        keep(report_file(ct_report({"dlp": 10.0 * hour}), StudyInstanceUID=study_uid, **header))
    stored = load(study_uid)
    older, newer = study_objects(stored)
    assert (older.is_latest, newer.is_latest) == (False, True)
    problems = study_problems(stored, [older, newer])
    assert [one.told_by for one in problems] == [None] and stored.study.problem_count == 1
    assert [one.path for one in older.problems] == ["Patient's Size (0010,1020)"]


@pytest.mark.parametrize("last", [0, 1])
def test_an_object_that_was_cut_short_on_its_way_does_not_replace_the_whole(database, last):
    study_uid, same = uid(), uid()
    events = [{"dlp": 10.0}, {"dlp": 20.0}, {"dlp": 30.0}]
    files = [report_file(ct_report(*some), StudyInstanceUID=study_uid, SOPInstanceUID=same) for some in (events, [{}])]
    keep(files[1 - last], files[last])
    stored = load(study_uid)
    assert (len(stored.events), stored.study.dlp_total) == (3, 60.0)
    told = {one.last.event_count: (one.is_latest, one.last.outcome) for one in study_objects(stored)}
    assert told == {
        3: (True, "counted"), 1: (False, "not counted: another object has its UID and later or fuller content"),
    }  # fmt: skip


@pytest.mark.usefixtures("database_url")
def test_the_same_object_in_two_studies_is_told_with_the_other_study(database):
    first, second, same = uid(), uid(), uid()
    for study_uid, day in ((first, date(2026, 1, 15)), (second, date(2026, 1, 16))):
        keep(report_file(ct_report({}), StudyInstanceUID=study_uid, SOPInstanceUID=same, StudyDate=day))
    (other,) = elsewhere(study_objects(load(first)))
    assert (other.study_instance_uid, other.study_date) == (second, date(2026, 1, 16))
    assert everything(first)["reports"][0]["also_in"] == [second]


def test_planes_are_those_of_all_reports_whichever_came_last(database):
    """The last report of a study may tell of one plane only, and of less than the whole study."""
    study_uid = uid()
    planes = [{"acquisition_plane": PLANE_A, "dap_total": 0.0002}, {"acquisition_plane": PLANE_B, "dap_total": 0.0001}]
    events = ({"acquisition_plane": PLANE_A, "dap": 0.0002}, {"acquisition_plane": PLANE_B, "dap": 0.0001})
    both = fluoroscopy_report(*events, projection_accumulated=planes)
    more = fluoroscopy_report(
        {"acquisition_plane": PLANE_A, "dap": 0.0004},
        projection_accumulated=[{"acquisition_plane": PLANE_A, "dap_total": 0.0005}],
    )
    keep(*(report_file(one, StudyInstanceUID=study_uid) for one in (both, more)))
    assert shown(study_uid)["DAP"] == ("800", "Plane A 700 (events 600), Plane B 100, the events add up to 700 cGy·cm²")


def test_phantoms_are_apart_where_they_are_mixed(database):
    study_uid = uid()
    mixed = ct_report({"dlp": 300.0, "ctdiw_phantom_type": HEAD}, {"dlp": 400.0, "ctdiw_phantom_type": BODY})
    keep(report_file(mixed, StudyInstanceUID=study_uid))
    assert shown(study_uid)["DLP"] == ("700", "16 cm head 300, 32 cm body 400")


def test_activity_by_weight_knows_the_weight_that_only_the_report_tells(database):
    study_uid = uid()
    report = nuclear_report({"administered_activity": 200.0}, patient_characteristics=[{"weight": 80.0}])
    keep(report_file(report, StudyInstanceUID=study_uid))
    assert shown(study_uid)["Activity by weight"] == ("2.50", "")


@pytest.mark.parametrize(
    ("sides", "titles"), [("LR", ["AGD, left breast", "AGD, right breast"]), ("", ["Highest AGD"])]
)
def test_each_breast_has_its_dose_and_without_sides_there_is_the_highest(database, sides, titles):
    study_uid = uid()
    for minute, side in enumerate(sides or " "):
        header = {"ImageLaterality": side.strip(), "AcquisitionTime": f"10{minute:02}00"}
        keep(mammogram(study_uid, MG_PRESENTATION, **header))
    told = shown(study_uid)
    assert [title for title in told if "AGD" in title] == titles
    assert told["Compression force"] == ("80", "")

"""What is one exposure and what are two, where UIDs tell nothing, or tell it wrongly."""

from datetime import date, datetime, time, timedelta
from itertools import permutations

import pytest
from sqlalchemy import delete, select

from app.extensions import db
from app.ingest.receive import receive
from app.models import Report, Study
from tests import images
from tests.corpus.made import changed, drop, made
from tests.factories import fluoroscopy_report

STUDY = "2.25.77"
TEN = datetime(2026, 2, 3, 10)
HEADER = {"StudyInstanceUID": STUDY, "StudyDate": date(2026, 2, 3), "ContentDate": date(2026, 2, 3)}


def image(seconds=0.0, **attributes):
    """A radiograph of that many seconds after ten."""
    moment = f"{TEN + timedelta(seconds=seconds):%Y%m%d%H%M%S.%f}"
    told = images.RADIOGRAPHY | {"AcquisitionDateTime": moment} | attributes
    return images.file(images.dataset(images.DX_PRESENTATION, STUDY, **told))


def report(hour, *seconds, uids=()):
    """A report of that hour with an event for each of these seconds after ten; without UIDs where none are given."""
    events = [{"started_at": TEN + timedelta(seconds=one)} for one in seconds]
    if uids:
        events = [event | {"irradiation_event_uid": uid} for event, uid in zip(events, uids, strict=True)]
    root = changed(fluoroscopy_report(*events))
    return made(root if uids else drop(root, "113769"), **HEADER, ContentTime=time(hour))


def stored(*files):
    """The study of the files, the same in whatever order they come."""
    told = []
    for order in permutations(files):
        for table in (Report, Study):
            db.session.execute(delete(table))
        db.session.commit()
        assert {receive(file).result for file in order} == {"imported"}
        for file in order:
            file.seek(0)
        db.session.rollback()
        study = db.session.scalars(select(Study)).one()
        told.append((study.number_of_events, study.dap_total, study.fluoro_time_total, study.problems))
    assert all(one == told[0] for one in told)
    return told[0]


@pytest.fixture(autouse=True)
def _database(database):
    """Every test stores studies."""


def test_a_cumulative_report_without_event_uids_counts_no_event_twice():
    events, dap, seconds, _ = stored(report(11, 0), report(12, 0, 20), report(13, 0, 20, 40))
    assert (events, dap, seconds) == (3, 3e-4, 60)


def test_a_continued_report_without_event_uids_is_added():
    assert stored(report(11, 0), report(12, 20))[:2] == (2, 2e-4)


def test_two_events_of_one_moment_in_a_report_are_two_in_a_cumulative_one_too():
    """Both planes of a biplane room, without UIDs."""
    assert stored(report(11, 0, 0), report(12, 0, 0, 9))[0] == 3


def test_a_report_sent_again_with_new_event_uids_is_told_to_count_twice():
    events, _, _, problems = stored(report(11, 0, uids=["2.25.1"]), report(12, 0, uids=["2.25.2"]))
    assert events == 2
    assert [(one["path"], one["value"]) for one in problems] == [("Irradiation Event UIDs", "2.25.1 and 2.25.2")]


def test_a_stitched_image_adds_no_dose_to_the_images_that_it_was_made_of():
    sources = [{"ReferencedSOPInstanceUID": uid} for uid in ("2.25.1", "2.25.2")]
    stitched = {"SourceImageSequence": sources, "ImageAndFluoroscopyAreaDoseProduct": "2.5"}
    files = [image(0, SOPInstanceUID="2.25.1"), image(4, SOPInstanceUID="2.25.2"), image(9, **stitched)]
    assert stored(*files)[:2] == (2, 2.5e-5)
    assert stored(files[2])[:2] == (1, 2.5e-5)


def test_exposures_a_second_apart_are_as_many_as_their_images():
    assert stored(image(0), image(1), image(2))[0] == 3


def test_images_of_one_exposure_are_one_event_however_their_times_are_cut():
    assert stored(image(0.0), image(0.6))[0] == 1


def test_images_of_both_planes_are_two_events():
    angles = [{"PositionerPrimaryAngle": angle, "PositionerSecondaryAngle": "0"} for angle in ("0", "90")]
    assert stored(*[image(0, **one) for one in angles])[0] == 2


def test_a_uid_that_every_exposure_has_is_believed_only_where_nothing_contradicts():
    """Some devices give all exposures of a study one Irradiation Event UID."""
    uid = {"IrradiationEventUID": "2.25.9"}
    assert stored(image(0, **uid), image(60, ImageAndFluoroscopyAreaDoseProduct="2", **uid))[0] == 2
    assert stored(image(0, ImageLaterality="L", **uid), image(0, ImageLaterality="R", **uid))[0] == 2
    assert stored(image(0, **uid), image(60, **uid))[0] == 1

"""What is one exposure and what are two, where UIDs tell nothing, or tell it wrongly."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations

import pytest
from sqlalchemy import delete, select

from app.dicom.concept import Concept
from app.extensions import db
from app.ingest import archive
from app.ingest.receive import receive
from app.models import Report, Study
from tests import images
from tests.corpus.made import changed, drop, made, mammography_report
from tests.factories import fluoroscopy_report

STUDY = "2.25.77"
TEN = datetime(2026, 2, 3, 10)
RUBIDIUM = Concept("79197006", "SCT", "^82^Rubidium")
HOUR = timedelta(hours=1)
EVENT = {"irradiation_event_uid": "2.25.9"}
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
        events = study.number_of_events + study.number_of_administrations
        told.append((events, study.dap_total, study.fluoro_time_total, study.problems))
    assert all(one == told[0] for one in told)
    return told[0]


def breast(seconds=0, sop_class=images.MG_PRESENTATION, **attributes):
    """A mammogram of the left breast of that many seconds after ten."""
    time = f"{TEN + timedelta(seconds=seconds):%H%M%S}"
    told = images.MAMMOGRAPHY | {"AcquisitionTime": time} | attributes
    return images.file(images.dataset(sop_class, STUDY, **told))


def nuclear(time, activity, half_life):
    """A PET image of what was injected at this time."""
    item = {
        "RadiopharmaceuticalStartTime": time, "RadionuclideTotalDose": activity, "RadionuclideHalfLife": half_life,
        "RadionuclideCodeSequence": RUBIDIUM,
    }  # fmt: skip
    series = {"Modality": "PT", "SeriesDate": "20260203", "SeriesTime": "110000"}
    return images.file(images.dataset(images.PET, STUDY, **series, RadiopharmaceuticalInformationSequence=[item]))


def dose_page(*scans):
    """A secondary capture that lists these scans of a CT, each by its series and CTDIvol."""
    items = [{"SeriesNumber": series, "CTDIvol": ctdivol, "ScanLength": "300"} for series, ctdivol in scans]
    total = f"TotalDLP={sum(30 * ctdivol for _, ctdivol in scans):g}"
    return images.file(
        images.dataset(images.CAPTURE, STUDY, Modality="CT", ExposureDoseSequence=items, CommentsOnRadiationDose=total)
    )


@pytest.fixture(autouse=True)
def _database(database_url, database):
    """Every test stores studies."""


def test_a_cumulative_report_without_event_uids_counts_no_event_twice():
    events, dap, seconds, _ = stored(report(11, 0), report(12, 0, 20), report(13, 0, 20, 40))
    assert (events, dap, seconds) == (3, 3e-4, 60)


def test_a_continued_report_without_event_uids_is_added():
    assert stored(report(11, 0), report(12, 20))[:2] == (2, 2e-4)


def test_reports_of_totals_only_add_up_if_they_are_of_two_devices():
    """Two mobile C-arms in one operation; and one that reports what it has so far."""
    files = [
        made(fluoroscopy_report(projection_accumulated=[{"dap_total": dap}]), **HEADER, ContentTime=time(hour), **room)
        for dap, hour, room in ((1e-4, 11, {}), (3e-4, 12, {}), (5e-4, 10, {"StationName": "ROOM2"}))
    ]
    assert stored(*files)[1] == 8e-4
    assert stored(*files[:2])[1] == 3e-4


def test_totals_that_nobody_can_tell_are_told_to_be_missing():
    reports = [report(11, 0, 20, uids=["2.25.1", "2.25.2"]), report(12, 20, 40, uids=["2.25.2", "2.25.3"])]
    events, dap, seconds, problems = stored(*reports)
    assert (events, dap, seconds, [problem["path"] for problem in problems]) == (3, 3e-4, None, ["Totals"])


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


def test_a_breast_in_the_report_is_a_side_in_the_image():
    left = Concept("80248007", "SCT", "Left breast")
    event = {"started_at": TEN, "anatomical_structure": left, "laterality": left, "average_glandular_dose": 1.409}
    root = mammography_report(event | {"kvp": [29.0]})
    events, _, _, problems = stored(made(root, **HEADER, ContentTime=time(11)), breast())
    assert (events, problems) == (1, [])
    assert db.session.scalars(select(Study)).one().projection_events[0].acquired_images


def test_an_image_made_of_a_tomosynthesis_is_no_exposure():
    synthetic = {"ImageType": ["DERIVED", "PRIMARY", "TOMO", "GENERATED_2D"]}
    assert stored(breast(sop_class=images.TOMOSYNTHESIS), breast(9, **synthetic))[0] == 1
    assert stored(breast(sop_class=images.TOMOSYNTHESIS), breast(9, ImageLaterality="R", **synthetic))[0] == 2
    assert stored(breast(9, **synthetic))[0] == 1


@pytest.mark.parametrize(
    ("time", "activity", "half_life", "administrations"),
    [
        ("100000", "1100", "76.4", 1),  # another series of the same
        ("101500", "1100", "76.4", 2),  # rest and stress
        ("102500", "1104", "7200", 2),
        ("100400", "1100", "7200", 1),  # typed twice
        ("100040", "1104", "7200", 1),  # measured twice
    ],
)
def test_images_of_rest_and_stress_tell_of_two_administrations(time, activity, half_life, administrations):
    images = (nuclear("100000", "1100", half_life), nuclear(time, activity, half_life))
    assert stored(*images)[0] == administrations


def test_of_a_series_that_says_the_same_one_image_is_looked_at_again():
    """A thousand images of a series are stored as fast as the first ones."""
    for _ in range(9):
        assert receive(nuclear("100000", "1100", "76.4")).result == "imported"
    study = db.session.scalars(select(Study)).one()
    with db.engine.connect() as connection:
        (alone,) = archive.load(connection, study.id).objects
        everyone = archive.load(connection, study.id, everything=True)
    assert len(everyone.objects) == len(study.reports) == 9
    assert [told.digest for told in everyone.distinct()] == [alone[1].digest]


def test_a_dose_page_that_repeats_another_counts_no_scan_twice():
    """A CT makes a new page after each scan, or one for each of them."""
    stored(dose_page((1, 5.0)), dose_page((1, 5.0), (2, 7.0)))
    study = db.session.scalars(select(Study)).one()
    assert (study.number_of_events, study.dlp_total) == (2, 360)
    stored(dose_page((1, 5.0)), dose_page((1, 7.0)), dose_page((2, 5.0)))
    study = db.session.scalars(select(Study)).one()
    assert (study.number_of_events, study.dlp_total) == (3, 510)


def test_many_images_that_a_report_does_not_have_are_one_short_problem():
    """The clock of the detector is an hour late: each image is told of, but not all of their UIDs."""
    files = [report(11, 0, uids=["2.25.1"]), *(image(3600 + second) for second in range(12))]
    assert {receive(file).result for file in files} == {"imported"}
    (problem,) = db.session.scalars(select(Study)).one().problems
    assert (problem["path"], problem["value"].count(";"), problem["value"][-6:]) == ("Images", 10, "2 more")


def test_two_reports_that_give_one_uid_to_two_events_are_told():
    events, _, _, problems = stored(
        made(fluoroscopy_report(EVENT | {"started_at": TEN}), **HEADER, ContentTime=time(11)),
        made(fluoroscopy_report(EVENT | {"started_at": TEN + HOUR, "dap": 3e-4}), **HEADER, ContentTime=time(12)),
    )
    assert (events, [problem["value"] for problem in problems]) == (1, ["2.25.9"])


def test_an_image_may_tell_the_dose_of_all_runs_so_far():
    root = fluoroscopy_report(EVENT | {"started_at": TEN})
    told = {"IrradiationEventUID": "2.25.9", "ImageAndFluoroscopyAreaDoseProduct": "99"}
    events, dap, _, problems = stored(made(root, **HEADER, ContentTime=time(11)), image(60, **told))
    assert (events, dap, problems) == (1, 1e-4, [])


def test_a_report_in_universal_time_is_of_the_images_in_local_time():
    root = fluoroscopy_report(EVENT | {"started_at": (TEN - HOUR).replace(tzinfo=UTC), "dap": 1.25e-5})
    files = made(root, **HEADER, ContentTime=time(11)), image(0, TimezoneOffsetFromUTC="+0100")
    events, _, _, problems = stored(*files)
    assert (events, problems) == (1, [])

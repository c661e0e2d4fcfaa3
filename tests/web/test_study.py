"""The page of one study: other studies of its patient, and what it is asked in its address."""

from dataclasses import replace
from datetime import date

import pytest

from app.ingest.receive import receive
from app.queries.explained import chapters
from app.queries.meanings import MEANINGS, TILES
from tests.factories import ct_report, fluoroscopy_report, report_file, uid
from tests.web.checks import text_of
from tests.web.visitor import HTMX

MOST_STATEMENTS = 8


@pytest.fixture
def identified(app, settings):
    """The site keeps hashes of patients' IDs."""
    app.config["SETTINGS"] = replace(settings, patient_id="hashed", patient_id_secret="a secret")
    return app


@pytest.fixture
def keep(identified):
    """Stores a report of the patient with this ID on that day; gives the UID of its study."""

    def store(report, patient_id, day=date(2026, 1, 15), **header):
        study_uid = uid()
        changes = {"StudyInstanceUID": study_uid, "PatientID": patient_id, "StudyDate": day} | header
        with identified.app_context():
            file = report_file(report, **changes)
            answer = receive(file, identity=identified.config["SETTINGS"].identity)
            assert answer.result == "imported", answer.message
        return study_uid

    return store


def related(page):
    return [text_of(row) for row in page.findall(".//table[@class='related']/tbody/tr")]


def test_other_studies_of_the_patient_are_told_of_all_modalities_within_some_weeks(get_page, keep):
    here = keep(ct_report({"dlp": 300.0}), "A 1")
    keep(ct_report({"dlp": 100.0}), "a1", date(2025, 11, 20), StudyDescription="Before")
    after = keep(fluoroscopy_report({"dap": 1e-4}), "A1", date(2026, 2, 1), StudyDescription="After")
    keep(ct_report({}), "A1", date(2020, 1, 1), StudyDescription="Long ago")
    keep(ct_report({}), "B2", StudyDescription="Somebody else")
    page = get_page(f"/study/{here}")
    assert related(page) == [
        "2025-11-20 10:30 -56 CT Before Hospital ROOM1 DLP 100 mGy·cm, CTDIvol max 5 mGy",
        "2026-02-01 10:30 +17 Fluoroscopy After Hospital ROOM1 "
        "DAP 100 cGy·cm², Dose at RP 5 mGy, Fluoroscopy time 60 s",
    ]
    links = [link.get("href") for link in page.find(".//table[@class='related']").iter("a")]
    assert links[1] == f"/study/{after}"
    assert [row.split()[0] for row in related(get_page(f"/study/{here}?weeks=4"))] == ["2026-02-01"]
    assert len(related(get_page(f"/study/{here}?weeks=520"))) == 3
    assert "There is none within 1 week before or after this one." in text_of(get_page(f"/study/{here}?weeks=1"))


def test_the_weeks_that_are_usual_are_a_setting_and_the_others_are_links(get_page, keep, identified):
    identified.config["SETTINGS"] = replace(identified.config["SETTINGS"], related_weeks=3)
    here = keep(ct_report({}), "A1")
    page = get_page(f"/study/{here}?events_sort=-dlp")
    offered = page.findall(".//p[@class='weeks']/a")
    assert [text_of(one) for one in offered] == ["1", "3", "4", "12", "26", "52", "all studies of the patient"]
    assert [one.get("aria-current") for one in offered][:3] == [None, "true", None]
    assert offered[0].get("href") == f"/study/{here}?events_sort=-dlp&weeks=1#related"


def test_only_the_part_that_changes_is_sent(visitor, keep):
    here, person = keep(ct_report({}), "A1"), visitor("view")
    part = person.get(f"/study/{here}?weeks=4", headers=HTMX | {"HX-Target": "related"}).text
    assert "<h1>" not in part and part.strip() in person.get(f"/study/{here}?weeks=4").text


@pytest.mark.parametrize("weeks", ["0", "-1", "many", "5201", "1" * 30])
def test_weeks_that_are_none_are_refused(visitor, study, weeks):
    answer = visitor("view").get(f"/study/{study()}?weeks={weeks}")
    assert answer.status_code == 400 and f"weeks is “{weeks}”; it takes a number from 1 to" in answer.text


def test_all_studies_of_a_patient_are_on_a_page_that_does_not_say_who_that_is(get_page, keep):
    here = keep(ct_report({"dlp": 300.0}), "SECRET-1")
    keep(fluoroscopy_report({}), "SECRET-1", date(2019, 2, 3))
    page = get_page(f"/study/{here}/patient")
    assert [row.split()[0] for row in related(page)] == ["2019-02-03", "2026-01-15"]
    assert "this study" in related(page)[1]
    assert "SECRET" not in text_of(page) and text_of(page.find(".//title")).startswith("Studies of one patient")
    titles = [text_of(one) for one in page.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[0].startswith("2019-02-03, Fluoroscopy study, DAP 100 cGy·cm²")


def test_where_nothing_tells_patients_apart_the_page_says_why(get_page, study, visitor):
    here = study()
    assert "this site keeps nothing of patients' IDs" in text_of(get_page(f"/study/{here}/patient"))
    assert "Other studies" not in text_of(get_page(f"/study/{here}"))
    assert visitor("view").get("/study/1.2.3/patient").status_code == 404


@pytest.mark.parametrize("report", [ct_report, fluoroscopy_report])
def test_a_study_with_related_ones_needs_few_statements(visitor, keep, report):
    person = visitor("admin")
    here = keep(report(*[{"acquisition_protocol": uid()} for _ in range(40)]), "A1")
    for number in range(5):
        keep(ct_report({}), "A1", date(2026, 1, 10 + number), StationName=f"R{number}")
    for query in ("", "?events_sort=-started_at", "?events_columns=all&weeks=52"):
        with person.counted() as statements:
            assert person.get(f"/study/{here}{query}").status_code == 200
        assert len([one for one in statements if not one.startswith("BEGIN")]) <= MOST_STATEMENTS


def test_each_quantity_explains_itself_where_it_stands_and_in_help(get_page, study):
    here = study({"mean_ctdivol": 5.0})
    page = get_page(f"/study/{here}?open=ct-1")
    told = [one.get("title") for one in (*page.iter("th"), *page.iter("dt")) if text_of(one).startswith("Mean CTDIvol")]
    assert len(told) == 2 and told[0] == told[1]
    for part in (
        "What the scanner put out over the scanned volume",
        "Unit: mGy.",
        "From: item 113830 DCM “Mean CTDIvol” of TID 10013; in images the attribute CTDIvol.",
        "Missing where the report, or the header of the image, leaves it out",
    ):
        assert part in told[0]
    (link,) = [one for one in page.iter("a") if text_of(one) == "What the columns mean"]
    assert link.get("href") == "/help/quantities#ct_event"
    chapter = get_page("/help/quantities").find(".//table[@class='meanings']")
    assert chapter is not None and "DLP totalmGy·cm" in text_of(chapter)


def test_every_meaning_is_of_a_quantity_that_is_stored():
    stored = {one.title for chapter in chapters() for one in chapter.quantities}
    assert MEANINGS.keys() <= stored
    assert set(TILES.values()) <= MEANINGS.keys()

"""The page of one study: its numbers, its events, and where they came from."""

import pytest

from app import __version__
from app.dicom.concept import Concept
from app.extensions import db
from app.ingest.receive import receive
from app.models import Report
from app.transactions import writing
from tests import images
from tests.factories import ct_report, fluoroscopy_report, nuclear_report, uid
from tests.web.checks import rows_of, text_of
from tests.web.visitor import HTMX

MOST_STATEMENTS = 9
MODALITIES = ("ct", "rf", "mg", "dx", "nm")
SVG = "{http://www.w3.org/2000/svg}"
SPIRAL = Concept("116152004", "SCT", "Spiral Acquisition")
BODY = Concept("113691", "DCM", "IEC Body Dosimetry Phantom")


def cells_of(page, heading):
    """What the table of events says below the heading, from above."""
    table = page.find(".//table[@class='opens events']")
    titles = [text_of(one).split(" m")[0] for one in table.findall("thead/tr/th")]
    place = titles.index(heading)
    return [text_of(row.findall("*")[place]) for row in table.findall("tbody/tr[1]")]


def test_events_are_sorted_by_any_column_and_those_without_a_value_come_last(get_page, keep):
    doses = [30.0, None, 120.5, 9.0, 30.0]
    study_uid = keep(ct_report(*({"mean_ctdivol": dose, "acquisition_protocol": f"P{dose}"} for dose in doses)))
    there = [(dose, place) for place, dose in enumerate(doses, start=1) if dose]
    for sort, expected in (("mean_ctdivol", sorted(there)), ("-mean_ctdivol", sorted(there, key=lambda it: -it[0]))):
        page = get_page(f"/study/{study_uid}?events_sort={sort}")
        assert [int(one) for one in cells_of(page, "#")] == [place for _, place in expected] + [2]
    assert cells_of(get_page(f"/study/{study_uid}?events_sort=acquisition_protocol"), "Acquisition Protocol") == [
        "P120.5", "P30.0", "P30.0", "P9.0", "PNone",
    ]  # fmt: skip
    headings = page.findall(".//table[@class='opens events']/thead/tr/th")
    assert [one.get("aria-sort") for one in headings].count("descending") == 1
    assert headings[2].find("a").get("href") == f"/study/{study_uid}?events_sort=mean_ctdivol"


def test_the_table_alone_is_sent_where_only_it_changes(visitor, keep):
    study_uid, person = keep(ct_report({}, {"dlp": 200.0})), visitor("view")
    part = person.get(f"/study/{study_uid}?events_sort=-dlp", headers=HTMX | {"HX-Target": "events"}).text
    assert "<h1>" not in part and part.strip() in person.get(f"/study/{study_uid}?events_sort=-dlp").text


def test_all_columns_are_all_that_some_event_fills(get_page, keep):
    alert = {"dlp_value": 1000.0, "reason_for_proceeding": "Needed"}
    event = {"exposure_time": 5.5, "dose_check_alert": [alert], "ct_source": [{"maximum_tube_current": 300.0}]}
    study_uid = keep(ct_report(event, {}))
    usual, every = (get_page(f"/study/{study_uid}{query}") for query in ("", "?events_columns=all"))
    assert "1000 mGy·cm" not in text_of(usual)
    assert cells_of(every, "Exposure Time s") == ["5.5", "–"]
    assert cells_of(every, "Maximum X-Ray Tube Current")[0] == "300"
    assert (
        cells_of(every, "Dose check alert (TID 10015)")[0]
        == "DLP Alert Value 1000 mGy·cm, Reason for Proceeding Needed"
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("events_sort=-kvp2", "events_sort is “-kvp2”; it takes one of number, started_at"),
        ("events_columns=some", "events_columns is “some”; it takes all."),
        ("open=ct-9", "The study has no event ct-9."),
        ("open=first", "The study has no event first."),
        ("colour=red", "There is no parameter “colour” for a study."),
    ],
)
def test_an_address_of_a_study_that_cannot_be_understood_is_refused(visitor, study, query, sentence):
    answer = visitor("view").get(f"/study/{study()}?{query}")
    assert answer.status_code == 400 and sentence in answer.text


@pytest.mark.parametrize("report", [ct_report, fluoroscopy_report])
def test_a_study_needs_few_statements_whatever_its_events_and_reports(visitor, keep, report):
    person = visitor("admin")
    events = [{"acquisition_protocol": uid()} for _ in range(40)]
    for reports in ([report({})], [report(*events), report(*events[:20]), report({})]):
        study_uid = keep(*reports)
        with person.counted() as statements:
            assert person.get(f"/study/{study_uid}").status_code == 200
        assert len(statements) <= MOST_STATEMENTS


def test_a_study_tells_what_when_where_who_and_the_numbers_that_matter(get_page, keep):
    study_uid = keep(
        ct_report({"dlp": 600.0, "mean_ctdivol": 12.1, "acquisition_type": SPIRAL, "ctdiw_phantom_type": BODY,
                   "acquisition_protocol": "Thorax routine", "scanning_length": 450.0}, {"dlp": 124.52}),
        StudyDescription="CT thorax", AccessionNumber="A1", PatientSize=1.86, PatientWeight=87,
    )  # fmt: skip
    page = get_page(f"/study/{study_uid}")
    assert text_of(page.find(".//h1")) == "CT thorax"
    assert "2026-01-15 10:30 Hospital ROOM1 acc. A1 F, 50 y, 1.86 m, 87 kg" in text_of(page)
    tiles = [text_of(tile) for tile in page.findall(".//dl[@class='tiles']/div")]
    assert tiles == [
        "DLP 724.52 mGy·cm", "Highest CTDIvol 12.1 mGy 32 cm body phantom", "Events 2 1 Spiral",
        "Longest scan 450 mm Thorax routine",
    ]  # fmt: skip
    assert len(list(page.iter(f"{SVG}a"))) == 2
    assert "DLP by event, mGy·cm 724.52 mGy·cm in all. Most: Event 1, Thorax routine, Spiral: 600 mGy·cm." in text_of(
        page
    )
    assert text_of(next(page.iter(f"{SVG}title"))) == "Event 1, Thorax routine, Spiral: 600 mGy·cm"


def test_every_event_opens_to_everything_that_is_stored_of_it(get_page, keep):
    parts = {
        "ct_source": [{"kvp": 120.0, "tube_current": 33.5}, {"kvp": 140.0}],
        "dose_check_alert": [{"dlp_value": 1000.0, "reason_for_proceeding": "Needed", "persons": [{"name": "Roe^R"}]}],
    }
    study_uid = keep(ct_report({"acquisition_protocol": "Head", "pitch_factor": 0.8} | parts))
    page = get_page(f"/study/{study_uid}?open=ct-1")
    (event,) = page.findall(".//table[@class='opens events']/tbody")
    told = text_of(event)
    assert text_of(get_page(f"/study/{study_uid}/events/ct-1").find(".//dl")) in told
    for wanted in (
        "120, 140",
        "Acquisition Protocol Head",
        "Pitch Factor 0.8",
        "KVP 120 kV",
        "X-Ray Tube Current 33.5 mA",
        "DLP Alert Value 1000 mGy·cm",
        "Reason for Proceeding Needed",
        "Person Name Roe^R",
    ):
        assert wanted in told
    assert event.find("tr/th/details/summary") is not None


def test_what_was_not_understood_stands_with_the_study(get_page, keep):
    study_uid = keep(ct_report(), PatientSize=172)
    page = get_page(f"/study/{study_uid}")
    cells = [text_of(cell) for cell in page.findall(".//details[@id='problems']//tbody/tr/td")]
    assert cells == ["Patient's Size (0010,1020)", "can't be true of a person", "172 m"]
    assert "1 problem" in text_of(page.find(".//details[@id='problems']/summary"))
    (row,) = rows_of(get_page("/ct/?problems=yes"))
    assert "1 problem" in row


def test_a_study_of_two_kinds_of_events_shows_both(get_page, keep):
    study_uid = keep(ct_report({}), fluoroscopy_report({}, {}))
    page = get_page(f"/study/{study_uid}")
    assert [len(table.findall("tbody")) for table in page.findall(".//table[@class='opens events']")] == [1, 2]


def test_every_object_is_listed_with_what_became_of_it(get_page, keep):
    event = {"irradiation_event_uid": uid()}
    study_uid = keep(ct_report(event), ct_report(event, {}))
    objects = get_page(f"/study/{study_uid}").findall(".//table[@class='opens objects']/tbody")
    assert [one.get("id") for one in objects] == ["object-1", "object-2"]
    outcomes = [text_of(cell) for one in objects for cell in one.findall("tr[1]/td")[4:]]
    assert outcomes[1:3] == ["none", "none"] and "counted" in outcomes
    for one in objects:
        assert "X-ray dose report 2.25." in text_of(one) and "2026-01-15 10:45:00" in text_of(one)
        assert __version__ in text_of(one) and one.find("tr/th/details/summary") is not None


def test_an_object_in_two_studies_is_a_warning_with_a_link(get_page, keep):
    same = uid()
    first, second = (keep(ct_report(), SOPInstanceUID=same) for _ in range(2))
    message = get_page(f"/study/{first}").find(".//div[@class='message warning']")
    assert "their dose is counted in each of the two" in text_of(message)
    assert [link.get("href") for link in message.iter("a")] == [f"/study/{second}"]


def test_a_study_of_images_has_no_empty_headings(app, get_page):
    with app.app_context():
        answer = receive(images.file(images.dataset(images.MG_PRESENTATION, uid(), **images.MAMMOGRAPHY)))
    page = get_page(f"/study/{answer.study_instance_uid}")
    headings = [text_of(one) for one in page.iter("h2")]
    assert headings == ["Events", "Objects", "Equipment"] and "80 N" in text_of(page)


def test_two_kinds_of_dose_each_have_their_numbers_and_either_list_leads_back(get_page, visitor, keep):
    study_uid = keep(ct_report({"dlp": 300.0}, {"dlp": 200.0}), nuclear_report({}, {}))
    headings = [text_of(one) for one in get_page(f"/study/{study_uid}").iter("h2")]
    assert headings[:2] == ["CT", "Nuclear medicine"]
    assert headings[2:4] == ["Events, CT", "Administrations, nuclear medicine"]
    answer = visitor("view").get(f"/study/{study_uid}", headers={"Referer": "http://site/nm/?activity__min=1"})
    assert '<p class="way"><a href="/nm/?activity__min=1">' in answer.text


def test_a_long_text_does_not_stand_in_a_column(get_page, keep):
    study_uid = keep(ct_report({"comment": "A comment. " * 9}, {"comment": "<xml/>" * 500}))
    page, after = (get_page(f"/study/{study_uid}?open=ct-{place}") for place in (1, 2))
    long = [text_of(one) for one in page.findall(".//div[@class='long']")]
    assert any(told.startswith("CommentA comment.") for told in (one.replace(" ", "", 1) for one in long))
    (folded,) = [one for one in after.findall(".//div[@class='long']/dd/details") if "xml" in text_of(one)]
    assert text_of(folded.find("summary")).startswith("3,000 characters: <xml/>")


def test_what_reading_again_has_changed_is_told(app, get_page, keep):
    study_uid = keep(ct_report())
    change = {"what": "DLP total", "before": None, "after": [{"value": "1", "scheme": "X", "meaning": "a code"}, 5.5]}
    with app.app_context(), writing():
        report = db.session.scalars(db.select(Report)).one()
        report.changes = [{"at": "2026-11-21 13:00", "from": "0.1", "to": "0.2", "changes": [change]}]
    (table,) = get_page(f"/study/{study_uid}").findall(".//table[@class='problems']")
    told = "Changed when it was read again at 2026-11-21 13:00, by version 0.2 after 0.1"
    assert text_of(table.find("caption")) == told
    assert [text_of(cell) for cell in table.findall("tbody/tr/td")] == ["DLP total", "–", "a code, 5.5"]


def test_every_real_report_has_its_page(app, get_page, dicom_folder):
    found = []
    with app.app_context():
        for path in sorted(dicom_folder.glob("*.dcm")):
            answer = receive(str(path), {"name": ("phy",)})
            if answer.result == "imported":
                found.append(answer.study_instance_uid)
    assert found
    for study_uid in found:
        words = text_of(get_page(f"/study/{study_uid}"))
        assert "None" not in words.replace("NONE", "")
    for modality in MODALITIES:
        get_page(f"/{modality}/")

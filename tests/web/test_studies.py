"""Lists of studies."""

from datetime import date

import pytest

from app.dicom.concept import Concept
from app.queries.columns import columns_of
from app.queries.modalities import MODALITIES as MODALITIES_BY_KEY
from tests.factories import ct_report, fluoroscopy_report, nuclear_report, uid
from tests.web.checks import check_page, rows_of, text_of
from tests.web.visitor import HTMX

MOST_STATEMENTS = 9
MODALITIES = ("ct", "rf", "mg", "dx", "nm")


def status_of(page):
    return text_of(page.find(".//section[@id='results']//p[@role='status']"))


@pytest.mark.parametrize("modality", MODALITIES)
def test_a_list_without_studies_says_what_would_fill_it(get_page, modality):
    page = get_page(f"/{modality}/")
    assert "They appear here as soon as a modality sends its dose report." in text_of(page)


def test_a_row_tells_when_where_what_and_how_much_and_is_one_link(get_page, study):
    event = {"acquisition_protocol": "Thorax routine", "dlp": 724.52, "mean_ctdivol": 12.1}
    study_uid = study(event, StudyDescription="CT thorax", AccessionNumber="A1", PatientAge="063Y", PatientSex="F")
    page = get_page("/ct/")
    assert rows_of(page) == [
        "2026-01-15 10:30 Hospital ROOM1 Maker Model CT thorax acc. A1 · Thorax routine 63 y F 1 724.5 12.1"
    ]
    (link,) = page.findall(".//table[@class='studies choosing']/tbody/tr//a")
    assert link.get("href") == f"/study/{study_uid}"
    headings = [text_of(one) for one in page.findall(".//table/thead/tr/th[@aria-sort]")]
    assert headings == ["Date", "Room", "Study", "Patient", "Events", "DLP mGy·cm", "CTDIvol max mGy"]


def test_fluoroscopy_has_its_own_columns_in_the_units_that_people_use(get_page, keep):
    keep(fluoroscopy_report({"dap": 0.000315, "dose_rp": 0.0127}))
    page = get_page("/rf/")
    headings = [text_of(one) for one in page.findall(".//table/thead/tr/th[@aria-sort]")]
    assert headings[4:] == ["Events", "DAP cGy·cm²", "Dose at RP mGy", "Fluoroscopy time s"]
    assert rows_of(page)[0].endswith(" 1 315.00 12.70 60")


def test_a_study_of_radiopharmaceuticals_tells_what_was_administered(get_page, keep):
    dose = {"finding_site": Concept("10200004", "SCT", "Liver"), "organ_dose": 4.5}
    administration = {"administered_activity": 250.5, "effective_dose": 4.75, "organ_doses": [dose]}
    study_uid = keep(nuclear_report(administration, patient_characteristics=[{"height": 178.0}]), PatientWeight=75)
    (row,) = rows_of(get_page("/nm/"))
    assert row.endswith("Fluorodeoxyglucose F¹⁸ 50 y F 1 250.5")
    assert len(rows_of(get_page("/nm/?agent__has=glucose&activity__min=250"))) == 1
    assert rows_of(get_page("/nm/?agent__has=technetium")) == []
    page = text_of(get_page(f"/study/{study_uid}?open=nm-1"))
    for told in ("Administered activity250.5 MBq", "3.34 MBq/kg", "Liver", "4.5 mGy", "4.75 mSv", "178 cm"):
        assert told.replace(" ", "") in page.replace(" ", "")


def test_a_study_of_x_rays_and_radiopharmaceuticals_is_in_both_lists(get_page, keep):
    study_uid = keep(ct_report({"dlp": 300.0}), nuclear_report({}))
    assert rows_of(get_page("/ct/"))[0].endswith("1 300.0 5.0")
    assert rows_of(get_page("/nm/"))[0].endswith("1 250.0")
    page = get_page(f"/study/{study_uid}")
    assert len(page.findall(".//table[@class='opens events']")) == 2
    assert "250MBq" in text_of(page).replace(" ", "")
    assert len(get_page("/").findall(".//table[@class='rooms']/tbody/tr")) == 2


def test_a_study_without_a_title_is_called_the_same_in_the_list_and_on_its_page(get_page, study):
    study_uid = study(StudyDescription="")
    (row,) = rows_of(get_page("/ct/"))
    assert " CT study " in row
    assert text_of(get_page(f"/study/{study_uid}").find(".//h1")) == "CT study"


def test_a_dose_says_its_unit_where_a_card_stands_for_a_row(get_page, study):
    study()
    cells = get_page("/ct/").findall(".//table[@class='studies choosing']/tbody/tr/td[@data-title]")
    assert [cell.get("data-title") for cell in cells] == ["Events", "DLP, mGy·cm", "CTDIvol max, mGy"]


def test_what_is_missing_is_a_dash_that_says_so(get_page, keep):
    keep(ct_report(), PatientAge="", StudyTime="", PatientName="Phantom^Phyllis")
    (row,) = rows_of(get_page("/ct/"))
    assert " – " in row and "None" not in row and "nan" not in row.lower()
    assert "test patient" in row


def test_the_page_says_its_filters_back_and_offers_to_remove_each(get_page, study):
    study({"dlp": 700.0}, StationName="WEST")
    study({"dlp": 100.0}, StationName="EAST")
    page = get_page("/ct/?dlp__min=500&station__has=west&sort=-dlp")
    assert status_of(page) == "1 of 2 CT studies, DLP at least 500 mGy·cm, station contains “west”"
    chips = page.find(".//div[@class='chips']")
    assert {text_of(link): link.get("href") for link in chips.iter("a") if "something else" not in text_of(link)} == {
        "DLP ≥ 500 mGy·cm (remove)×": "/ct/?station__has=west&sort=-dlp",
        "station: west (remove)×": "/ct/?dlp__min=500&sort=-dlp",
        "Turn into “not”": "/ct/?dlp__min=500&not.station__has=west&sort=-dlp",
        "Remove all": "/ct/?sort=-dlp",
    }
    fields = {one.get("name"): one.get("value") for one in page.find(".//form[@id='filters']").iter("input")}
    assert (fields["dlp__min"], fields["station__has"], fields["dlp__max"]) == ("500", "west", "")


def test_sorting_is_kept_by_the_form_though_the_heading_changed_it(get_page, study):
    study()
    results = get_page("/ct/?sort=-dlp&size=50").find(".//section[@id='results']")
    kept = {one.get("name"): one.get("value") for one in results.iter("input") if one.get("form") == "filters"}
    assert kept == {"sort": "-dlp", "size": "50"}


def test_headings_say_how_the_list_is_sorted_and_lead_to_the_other_ways(get_page, study):
    study()
    headings = get_page("/ct/?sort=-dlp&dlp__min=1").findall(".//table/thead/tr/th[@aria-sort]")
    assert [one.get("aria-sort") for one in headings] == ["none"] * 5 + ["descending", "none"]
    assert headings[5].find("a").get("href") == "/ct/?dlp__min=1&sort=dlp"
    assert headings[1].find("a").get("href") == "/ct/?dlp__min=1&sort=room"
    assert headings[0].find("a").get("href") == "/ct/?dlp__min=1"
    assert all(one.find("a").get("hx-get") == one.find("a").get("href") for one in headings)


def headings_of(page):
    return [text_of(one) for one in page.findall(".//table/thead/tr/th[@aria-sort]")]


def test_columns_are_chosen_for_now_and_for_next_time_and_a_copied_address_shows_them_to_others(visitor, study):
    study(AccessionNumber="A1")
    person, colleague = visitor("view"), visitor("export")
    page = person.get_page("/ct/?dlp__min=1")
    (form,) = [one for one in page.iter("form") if one.get("aria-label") == "Columns"]
    ticked = [one.get("value") for one in form.iter("input") if one.get("checked") is not None]
    assert ticked == ["date", "study", "room", "age", "events", "dlp", "ctdivol"]  # by subject
    answer = person.post(form.get("action"), {"columns": ["accession", "dlp", "date"]})
    assert (answer.status_code, answer.location) == (303, "/ct/?dlp__min=1&columns=date,accession,dlp")
    for somebody in (person, colleague):
        assert headings_of(somebody.get_page(answer.location)) == ["Date", "Accession number", "DLP mGy·cm"]
    assert person.get("/ct/").location == "/ct/?columns=date,accession,dlp"
    assert person.get("/ct/?dlp__min=1&sort=dlp").location == "/ct/?dlp__min=1&sort=dlp&columns=date,accession,dlp"
    assert person.get("/ct/?size=50").status_code == 200, "what somebody has copied is shown as it was"
    assert person.get("/ct/", headers=HTMX).status_code == 200
    assert colleague.get("/ct/").status_code == person.get("/rf/").status_code == 200
    answer = person.post("/ct/view?sort=dlp&columns=date,dlp", {"usual": "yes", "columns": "date"})
    assert answer.location == "/ct/?sort=dlp"
    assert person.get("/ct/").status_code == 200


def test_the_size_of_pages_is_remembered_for_all_lists(visitor, study):
    for _ in range(26):
        study()
    person = visitor("view")
    page = person.get_page("/ct/?page=2")
    (form,) = [one for one in page.iter("form") if one.get("class") == "sizes"]
    answer = person.post(form.get("action"), {"size": "50"})
    assert answer.location == "/ct/?size=50"
    assert len(rows_of(person.get_page("/ct/?size=50"))) == 26
    assert person.get("/mg/").location == "/mg/?size=50"
    assert person.post("/ct/view?size=50", {"size": "25"}).location == "/ct/"
    assert person.get("/ct/").status_code == 200
    answer = person.post("/ct/view", {"size": "7"})
    assert answer.status_code == 400 and "size is “7”" in answer.text


def test_a_list_sorted_by_a_column_that_is_not_there_is_a_list(get_page, study):
    study()
    assert len(rows_of(get_page("/ct/?sort=weight&columns=uid,dlp"))) == 1


def test_nothing_found_names_the_tightest_filter_and_offers_to_drop_it(get_page, study):
    study({"dlp": 100.0})
    page = get_page("/ct/?dlp__min=5000&age__min=1")
    assert "The tightest filter is DLP at least 5000 mGy·cm. Show the 1 study without it" in text_of(page)
    drop = next(one for one in page.iter("a") if "without it" in text_of(one))
    assert drop.get("href") == "/ct/?age__min=1"


def test_dates_the_wrong_way_round_are_told_and_can_be_exchanged(get_page, study):
    study()
    page = get_page("/ct/?date__from=2026-12-31&date__until=2026-01-01&sort=-dlp")
    assert "From is after until" in text_of(page) and "tightest" not in text_of(page)
    (exchange,) = [one for one in page.iter("a") if "Exchange" in text_of(one)]
    assert exchange.get("href") == "/ct/?date__from=2026-01-01&date__until=2026-12-31&sort=-dlp"
    assert "1 of 1" in status_of(get_page(exchange.get("href")))


def test_a_study_leads_back_to_the_list_that_one_came_from(visitor, study):
    study_uid, person = study({"dlp": 700.0}), visitor("view")
    for referrer, way in (
        ("http://site/ct/?dlp__min=500&page=1&sort=-dlp", "/ct/?dlp__min=500&amp;sort=-dlp"),
        ("http://site/ct/?colour=red", "/ct/"),
        ("http://site/rf/?dap__min=500", "/ct/"),
        ("", "/ct/"),
    ):
        answer = person.get(f"/study/{study_uid}", headers={"Referer": referrer})
        assert f'<p class="way"><a href="{way}">' in answer.text


def test_sorting_the_events_of_a_study_keeps_the_way_back(visitor, study):
    study_uid, person = study({"dlp": 700.0}), visitor("view")
    came = check_page(person.get(f"/study/{study_uid}", headers={"Referer": "http://site/ct/?dlp__min=500"}).text)
    (by_dose,) = [one.get("href") for one in came.iter("a") if text_of(one) == "DLP"]
    assert by_dose == f"/study/{study_uid}?events_sort=-dlp&back=/ct/?dlp__min%3D500"
    again = person.get_page(by_dose)
    assert again.find(".//p[@class='way']/a").get("href") == "/ct/?dlp__min=500"
    assert person.get(f"/study/{study_uid}?back=//elsewhere/").status_code == 400


def test_a_step_that_goes_on_is_not_another_to_go_back_over(visitor, study):
    study()
    answer = visitor("view").get("/ct/?dlp__min=1", headers=HTMX | {"X-Same-Step": "yes"})
    assert answer.headers["HX-Replace-Url"] == "/ct/?dlp__min=1"
    assert "HX-Push-Url" not in answer.headers


def test_the_empty_fields_of_a_form_do_not_stay_in_the_address(visitor, study):
    study()
    person = visitor("view")
    answer = person.get("/ct/?dlp__min=&description__has=+&sort=-date&dlp__max=5000&page=7")
    assert (answer.status_code, answer.location) == (302, "/ct/?dlp__max=5000")
    part = person.get("/ct/?dlp__min=&dlp__max=5000", headers=HTMX)
    assert (part.status_code, part.headers["HX-Push-Url"]) == (200, "/ct/?dlp__max=5000")


def test_an_answer_that_changes_nothing_is_no_step_to_go_back_over(visitor, study):
    study()
    person = visitor("view")
    for current, pushed in (("/ct/?dlp__min=1", "false"), ("/ct/", "/ct/?dlp__min=1")):
        answer = person.get("/ct/?dlp__min=1+&age__min=", headers=HTMX | {"HX-Current-URL": f"http://site{current}"})
        assert answer.headers["HX-Push-Url"] == pushed


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("dlp_min=5", "There is no parameter “dlp_min” for CT studies."),
        ("dlp__min=many", "DLP from is “many”; it takes a number such as 12.5."),
        ("date__from=yesterday", "From is “yesterday”; it takes a date such as 2024-12-31."),
        ("sort=patient", "sort is “patient”; it takes date, -date"),
        ("page=first", "page is “first”; it takes a number from 1."),
        ("size=7", "size is “7”; it takes 25, 50, 100, 250, 500."),
        ("room=77", "There is no room 77."),
        ("dlp__min=1&dlp__min=2", "DLP from is there twice; it takes one value."),
        ("description__has=%00", "description__has has a character"),
        ("<b>=1", "There is no parameter “&lt;b&gt;” for CT studies."),
    ],
)
def test_an_address_that_cannot_be_understood_is_refused_with_a_sentence_that_names_the_parameter(
    visitor, query, sentence
):
    person = visitor("view")
    for headers in ({}, HTMX):
        answer = person.get(f"/ct/?{query}", headers=headers)
        assert answer.status_code == 400
        assert sentence in answer.text


def test_a_modality_that_is_not_there_is_not_found(visitor):
    assert visitor("view").get("/xx/").status_code == 404
    assert visitor("view", "other").get("/study/1.2.3").status_code == 404


def test_only_who_may_export_sees_the_button_and_it_exports_what_the_list_shows(visitor, study):
    study()
    action = 'action="/exports/ct-csv?dlp__min=1&amp;sort=-dlp"'
    assert action in visitor("export").get("/ct/?dlp__min=1&sort=-dlp").text
    assert "/exports/" not in visitor("view").get("/ct/?dlp__min=1&sort=-dlp").text


QUERIES = (
    "",
    "?size=100&sort=study",
    "?description__has=2+!x&protocol__has=2&name__has=h&dlp__min=1&room=1&sort=-room",
    "?dlp__min=9999&age__min=1",
    f"?columns={','.join(columns_of(MODALITIES_BY_KEY['ct']))}&sort=-protocol",
)


def test_a_list_needs_few_statements_whatever_its_rows_and_filters(visitor, study, keep):
    person = visitor("admin")
    counts = {}
    for rows in (1, 30):
        for _ in range(rows):
            study({"acquisition_protocol": uid()}, StudyDescription=uid(), StationName=uid())
        for query in QUERIES:
            with person.counted() as statements:
                assert person.get(f"/ct/{query}").status_code == 200
            counts[rows, query] = len(statements)
    assert max(counts.values()) <= MOST_STATEMENTS, counts
    assert all(counts[1, query] == counts[30, query] for _, query in counts)


def test_a_study_without_a_date_says_so_and_is_listed_last(get_page, keep):
    study_uid = keep(ct_report(), StudyDate="")
    keep(ct_report(), StudyDate=date(1999, 1, 1))
    assert [row.split(" 10:30")[0] for row in rows_of(get_page("/ct/"))] == ["1999-01-01", "date unknown"]
    assert [row.split(" 10:30")[0] for row in rows_of(get_page("/ct/?sort=date"))] == ["1999-01-01", "date unknown"]
    page = text_of(get_page(f"/study/{study_uid}"))
    assert "date unknown 10:30" in page and "Study Date (0008,0020)" in page


def test_a_list_of_very_many_is_there_before_they_are_counted(get_page, visitor, study, monkeypatch):
    for _ in range(3):
        study({"dlp": 100.0})
    monkeypatch.setattr("app.queries.listing.COUNTED", 2)
    page = get_page("/ct/?dlp__min=50")
    assert status_of(page) == "more than 2 count them of 3 CT studies, DLP at least 50 mGy·cm"
    (link,) = page.findall(".//*[@id='how-many']/a")
    assert link.get("href") == link.get("hx-get") == "/ct/count?dlp__min=50"
    counted = get_page("/ct/count?dlp__min=50")
    assert "3 of 3 CT studies, DLP at least 50 mGy·cm" in text_of(counted)
    person = visitor("view")
    assert person.get("/ct/count?dlp__min=50", headers=HTMX).text == '<span id="how-many"><strong>3</strong></span>'
    assert person.get("/ct/count?dlp=50").status_code == 400

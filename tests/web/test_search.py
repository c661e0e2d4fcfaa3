"""The search box: what is typed finds the study, or says what was looked for."""

from dataclasses import replace

import pytest

from app.extensions import db
from app.ingest.receive import receive
from app.models import Study
from app.queries import search
from app.transactions import writing
from tests.factories import ct_report, report_file, uid
from tests.web.checks import check_page, text_of
from tests.web.visitor import HTMX

MOST_STATEMENTS = 8


@pytest.fixture
def keeps_ids(app, settings):
    """The site keeps hashes of patients' IDs."""
    app.config["SETTINGS"] = replace(settings, patient_id="hashed", patient_id_secret="a secret")


def find(person, typed):
    return person.post("/search", {"q": typed})


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("typed", ["ACC-0815", "acc-0815", " ACC-0815  ", "ACC-08", "acc"])
def test_an_accession_number_leads_to_its_study_whole_or_begun_in_any_case(visitor, study, typed):
    wanted = study(AccessionNumber="ACC-0815")
    study(AccessionNumber="ABC-0815")
    study(AccessionNumber="ACD")
    answer = find(visitor("view"), typed)
    assert (answer.status_code, answer.location) == (303, f"/study/{wanted}")


@pytest.mark.usefixtures("database_url")
def test_signs_that_databases_know_as_wildcards_are_signs_like_others(visitor, study):
    study(AccessionNumber="ACC1")
    wanted = study(AccessionNumber="A%C1")
    assert find(visitor("view"), "A%C").location == f"/study/{wanted}"
    assert find(visitor("view", "other"), "AC_1").status_code == 404


def test_a_whole_number_goes_before_those_that_begin_with_it(visitor, study):
    study(AccessionNumber="12345")
    wanted = study(AccessionNumber="1234")
    assert find(visitor("view"), "1234").location == f"/study/{wanted}"


def test_a_study_uid_leads_to_its_study(visitor, study):
    wanted = study()
    assert find(visitor("view"), f" {wanted} ").location == f"/study/{wanted}"


def test_several_studies_are_listed_across_modalities_with_an_address_to_keep(visitor, study):
    first, second = study(AccessionNumber="7001"), study(AccessionNumber="7002")
    person = visitor("view")
    answer = find(person, "700")
    assert (answer.status_code, answer.location) == (303, "/search?accession=700")
    page = person.get_page(answer.location)
    assert "2 studies have an accession number that is or begins with “700”" in text_of(page)
    assert [link.get("href") for link in page.iterfind(".//tbody//a")] == [f"/study/{second}", f"/study/{first}"]


def test_more_than_a_page_shows_says_so(visitor, study, monkeypatch):
    monkeypatch.setattr(search, "MOST_SHOWN", 2)
    for number in (7001, 7002, 7003):
        study(AccessionNumber=str(number))
    page = visitor("view").get_page("/search?accession=700")
    assert "More than 2 studies" in text_of(page)
    assert len(page.findall(".//tbody/tr")) == 2


@pytest.mark.parametrize("typed", ["4711", "70", "1.2.3.4", "Müller", "x" * 64])
def test_what_is_not_there_is_told_with_what_was_looked_for(visitor, study, typed):
    study(AccessionNumber="7001")
    answer = find(visitor("view"), typed)
    assert answer.status_code == 404
    page = check_page(answer.text)
    words = text_of(page)
    assert f"Nothing was found for “{typed}”" in words and "Accession number" in words and "Study Instance UID" in words
    assert typed not in text_of(page.find(".//title"))


@pytest.mark.parametrize("typed", ["", "   ", "x" * 65])
def test_nothing_and_far_too_much_are_not_searched_for(visitor, typed):
    answer = find(visitor("view"), typed)
    assert answer.status_code == 422
    assert ("longer than anything" in answer.text) == bool(typed.strip())


def test_the_page_itself_says_what_can_be_searched(get_page):
    assert "The search box above looks for" in text_of(get_page("/search"))


def test_a_parameter_that_is_not_known_is_named(get_page):
    assert "no parameter “patient”" in text_of(get_page("/search?patient=4711", 400, part=False))


@pytest.mark.usefixtures("keeps_ids")
@pytest.mark.parametrize("role", ["pid", "admin"])
def test_a_patient_id_is_found_by_right_however_it_is_written(visitor, identified, role):
    wanted = identified("AB-0012")
    answer = find(visitor(role), "ab0012")
    assert (answer.status_code, answer.location) == (303, f"/study/{wanted}")


@pytest.mark.usefixtures("keeps_ids")
def test_a_patient_with_several_studies_has_a_page(visitor, identified):
    identified("AB-0012")
    latest = identified("ab 0012")
    person = visitor("pid")
    assert find(person, "AB0012").location == f"/study/{latest}/patient"
    assert person.get(f"/study/{latest}/patient").status_code == 200


@pytest.mark.usefixtures("keeps_ids")
@pytest.mark.parametrize("role", ["view", "export"])
def test_without_the_right_a_patient_id_is_not_searched_for(visitor, identified, role):
    identified("AB-0012")
    answer = find(visitor(role), "AB-0012")
    assert answer.status_code == 404
    assert "your roles do not include this" in answer.text


def test_a_site_that_keeps_no_ids_says_so(visitor):
    assert "not on this site, which keeps none" in find(visitor("pid"), "4711").text


@pytest.mark.usefixtures("keeps_ids")
def test_one_id_of_two_hospitals_leaves_the_choice(visitor, identified):
    identified("4711", "CITY")
    identified("4711", "LAKE")
    page = check_page(find(visitor("pid"), "4711").text)
    assert "Several hospitals gave this ID" in text_of(page)
    assert len(page.findall(".//main//ul/li")) == 2


@pytest.mark.usefixtures("keeps_ids")
def test_what_is_both_an_accession_number_and_a_patient_id_is_shown_as_both(visitor, identified, study):
    identified("4711")
    study(AccessionNumber="4711")
    words = text_of(check_page(find(visitor("pid"), "4711").text))
    assert "1 study has an accession number" in words and "Patient with this ID" in words


@pytest.mark.usefixtures("keeps_ids")
def test_a_patient_id_gets_into_no_address_title_or_log(visitor, identified, caplog):
    identified("SECRET-17")
    identified("SECRET-17")
    person = visitor("pid")
    answer = find(person, "SECRET-17")
    assert "SECRET" not in str(answer.headers) and "SECRET" not in caplog.text
    missed = find(person, "SECRET-18")
    assert "SECRET" not in str(missed.headers) and "SECRET" not in caplog.text


def test_the_box_is_on_every_page_and_says_what_it_takes(visitor, get_page):
    field = get_page("/account/password").find(".//header//input[@type='search']")
    assert field.get("aria-label") == "Accession number, study UID, patient ID or name"
    plain = visitor("view").get_page("/").find(".//header//input[@type='search']")
    assert plain.get("aria-label") == "Accession number or study UID"


@pytest.mark.usefixtures("keeps_ids")
def test_a_study_that_does_not_say_who_gave_the_id_is_found_with_each_patient(visitor, identified):
    for issuer in ("CITY", "LAKE", ""):
        identified("4711", issuer)
    found = find(visitor("pid"), "4711").text
    assert found.count(">2 studies</a>") == 2


@pytest.mark.usefixtures("keeps_ids")
def test_searching_needs_few_statements(visitor, identified):
    for number in range(5):
        identified("4711", f"HOSPITAL {number}")
    person = visitor("pid")
    for typed in ("4711", "nothing", "1.2.3"):
        with person.counted() as statements:
            person.client.post("/search", data={"q": typed, "csrf_token": person._token()})
        print(typed, len(statements))
    with person.counted() as statements:
        person.get("/search?accession=47")
    assert len(statements) <= MOST_STATEMENTS


def test_a_part_is_as_good_as_the_whole(visitor):
    assert "The search box above" in visitor("view").get("/search", headers=HTMX).text


@pytest.fixture
def identified(app, study):
    """Stores a study of the patient with this ID; gives its UID."""

    def store(patient_id, issuer=""):
        wanted = study()
        with app.app_context(), writing():
            row = db.session.scalar(db.select(Study).where(Study.study_instance_uid == wanted))
            for name, value in app.config["SETTINGS"].identity.columns(patient_id, issuer).items():
                setattr(row, name, value)
        return wanted

    return store


@pytest.fixture
def received(app, settings):
    """Lets the site keep this of patients, and receive a report of one; gives the UID of its study."""

    def receive_one(keeps, **header):
        app.config["SETTINGS"] = replace(settings, patient_id_secret="secret", **keeps)
        study_uid = uid()
        header = {"StudyInstanceUID": study_uid, "PatientName": "Doe^Jane Mary", "AccessionNumber": "AC-4711"} | header
        with app.app_context():
            receive(report_file(ct_report({}), **header), identity=app.config["SETTINGS"].identity)
        return study_uid

    return receive_one


@pytest.mark.parametrize(("keeps", "typed"), [("hashed", "jane doe"), ("hashed", "DOE, JANE MARY"), ("stored", "doe")])
def test_a_name_is_found_by_right_as_people_type_it(visitor, received, keeps, typed):
    wanted = received({"patient_name": keeps})
    assert find(visitor("pid"), typed).location == f"/study/{wanted}"
    refused = find(visitor("export"), typed)
    assert refused.status_code == 404
    assert "Jane" not in refused.text.replace(typed, "")


def test_a_name_of_several_studies_is_shown_without_an_address_that_tells_it(visitor, received):
    for _ in range(2):
        received({"patient_name": "hashed"})
    answer = find(visitor("pid"), "Jane Doe")
    assert answer.status_code == 200
    assert "2</strong>\n  studies are of somebody who has it" in answer.text


@pytest.mark.parametrize("typed", ["AC-4711", "ac 4711"])
def test_a_hashed_accession_number_is_found_by_the_whole_of_it(visitor, received, typed):
    wanted = received({"accession_number": "hashed"})
    person = visitor("view")
    assert find(person, typed).location == f"/study/{wanted}"
    assert find(person, "AC-471").status_code == 404


def test_a_hashed_accession_number_stays_in_no_address(app, visitor, received):
    wanted = received({"accession_number": "hashed"})
    person, hashed = visitor("view"), app.config["SETTINGS"].identity.hashed("AC-4711")
    answer = person.get("/ct/?accession__has=AC-4711&sort=dlp")
    assert answer.status_code == 303
    assert answer.location == f"/ct/?accession__has={hashed.replace(':', '%3A')}&sort=dlp"
    page = person.client.get(answer.location, follow_redirects=True)
    assert wanted in page.text
    assert "4711" not in page.text
    received({"accession_number": "hashed"})
    several = find(person, "AC-4711")
    assert several.status_code == 200
    assert several.text.count(hashed) >= 2


def test_the_page_of_a_study_says_who_the_patient_is_to_whom_it_may(visitor, received):
    keeps = {"patient_name": "stored", "patient_id": "stored", "patient_birth_date": "stored"}
    wanted = received(keeps, PatientID="4712-A", PatientBirthDate="19500131")
    assert "Doe, Jane Mary, born 1950-01-31, ID 4712-A" in visitor("pid").get(f"/study/{wanted}").text
    for role in ("view", "export"):
        seen = visitor(role).get(f"/study/{wanted}").text
        assert not [trace for trace in ("Jane", "1950", "4712-A") if trace in seen]

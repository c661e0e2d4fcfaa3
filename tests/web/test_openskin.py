"""The file for openSkin on the page of a study: who may have it."""

from app.ingest.receive import receive
from tests.factories import ct_report, fluoroscopy_report, report_file

UID = "2.25.77"


def test_the_page_of_a_fluoroscopy_study_offers_it_to_those_who_may_export(app, visitor):
    with app.app_context():
        receive(report_file(fluoroscopy_report({}), StudyInstanceUID=UID))
    person, reader = visitor("export"), visitor("view")
    assert f"/study/{UID}/openskin.csv" in person.get(f"/study/{UID}").text
    assert "openskin" not in reader.get(f"/study/{UID}").text
    answer = person.get(f"/study/{UID}/openskin.csv")
    assert answer.mimetype == "text/csv" and answer.text.startswith(f"Anon,F,{UID},,")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_study_that_is_not_there_has_no_file(visitor):
    assert visitor("export").get("/study/1.2.3/openskin.csv").status_code == 404


def test_a_study_without_fluoroscopy_does_not_offer_it(app, visitor):
    with app.app_context():
        receive(report_file(ct_report({}), StudyInstanceUID=UID))
    person = visitor("export")
    assert "openskin" not in person.get(f"/study/{UID}").text
    assert person.get(f"/study/{UID}/openskin.csv").status_code == 404

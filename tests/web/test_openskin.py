"""The file for openSkin on the page of a study: who may have it."""

import pytest

from app import __version__, audit
from app.extensions import db
from app.ingest.receive import receive
from app.models import AuditEntry
from tests.factories import ct_report, fluoroscopy_report, report_file

UID = "2.25.77"


def test_the_page_of_a_fluoroscopy_study_offers_it_to_those_who_may_export(app, visitor):
    with app.app_context():
        receive(report_file(fluoroscopy_report({}), StudyInstanceUID=UID))
    person, reader = visitor("export"), visitor("view")
    assert f"/study/{UID}/openskin.csv" in person.get(f"/study/{UID}").text
    assert "openskin" not in reader.get(f"/study/{UID}").text
    answer = person.get(f"/study/{UID}/openskin.csv")
    assert f"filename=openskin-{UID}.csv" in answer.headers["Content-Disposition"], "two studies' files have two names"
    assert answer.mimetype == "text/csv" and answer.text.startswith(f"Anon,F,{UID},,")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_its_origin_can_be_kept_beside_it(app, visitor):
    with app.app_context():
        receive(report_file(fluoroscopy_report({}), StudyInstanceUID=UID))
    person = visitor("export")
    assert f"/study/{UID}/openskin.json" in person.get(f"/study/{UID}").text
    story = person.get(f"/study/{UID}/openskin.json").json
    told = {"made_by": "exporter", "made_with": f"OpenREM {__version__}", "export": "openSkin CSV", "studies": 1}
    assert story | told == story and UID in story["selection"] and story["made_at"].endswith("+00:00")
    assert person.get("/study/1.2.3/openskin.json").status_code == 404


def test_a_study_that_is_not_there_has_no_file(visitor):
    assert visitor("export").get("/study/1.2.3/openskin.csv").status_code == 404


def test_a_study_without_fluoroscopy_does_not_offer_it(app, visitor):
    with app.app_context():
        receive(report_file(ct_report({}), StudyInstanceUID=UID))
    person = visitor("export")
    assert "openskin" not in person.get(f"/study/{UID}").text
    assert person.get(f"/study/{UID}/openskin.csv").status_code == 404


@pytest.mark.usefixtures("database_url")
def test_who_had_it_is_written_down(app, visitor):
    with app.app_context():
        receive(report_file(fluoroscopy_report({}), StudyInstanceUID=UID))
    assert visitor("export").get(f"/study/{UID}/openskin.csv").status_code == 200
    with app.app_context():
        entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == audit.EXPORT)).one()
    assert (entry.action, entry.outcome, entry.username) == ("export", "done", "exporter")
    assert entry.what == "openSkin CSV: 1 fluoroscopy study" and entry.remote_address
    assert entry.details == {"kind": "openskin", "study": UID, "studies": 1}


def test_what_can_not_be_written_down_is_not_given(app, visitor, monkeypatch):
    with app.app_context():
        receive(report_file(fluoroscopy_report({}), StudyInstanceUID=UID))
    person = visitor("export")
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr(audit, "record", lambda *_args, **_options: 1 / 0)
    answer = person.get(f"/study/{UID}/openskin.csv")
    assert answer.status_code == 500 and UID not in answer.text


def test_a_file_that_there_is_not_is_not_written_down(app, visitor):
    visitor("export").get("/study/1.2.3/openskin.csv")
    with app.app_context():
        assert not db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == audit.EXPORT)).all()

"""People who visit, and a site with something to see."""

import pytest

from app.ingest.receive import receive
from tests.factories import ct_report, report_file, uid
from tests.web.visitor import Visitor, make_user


@pytest.fixture
def visitor(app):
    """Makes somebody with the role, signed in; with no role, somebody whom we do not know."""

    def visit(role=None, username=None):
        person = Visitor(app)
        if role:
            username = username or f"{role}er"
            make_user(app, username, role)
            assert person.sign_in(username).status_code == 303
        return person

    return visit


@pytest.fixture
def get_page(visitor):
    """Fetches a page as an administrator and looks closely at it."""
    return visitor("admin").get_page


@pytest.fixture
def study(app):
    """Stores a CT study with these events, in the room; gives its UID."""

    def store(*events, **header):
        study_uid = uid()
        file = report_file(ct_report(*(events or ({},))), **({"StudyInstanceUID": study_uid} | header))
        with app.app_context():
            assert receive(file).result == "imported"
        return study_uid

    return store


@pytest.fixture
def keep(app):
    """Stores reports as they came from a modality; gives the UID of their study."""

    def store(*reports, **header):
        study_uid = uid()
        with app.app_context():
            for report in reports:
                answer = receive(report_file(report, **({"StudyInstanceUID": study_uid} | header)), {"name": ("phy",)})
                assert answer.result == "imported", answer.message
        return study_uid

    return store

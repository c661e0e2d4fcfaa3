"""The record of who has done what."""

import pytest
from flask_login import login_user

from app import accounts, audit
from app.extensions import db
from app.models import AuditEntry
from app.transactions import writing


@pytest.mark.usefixtures("database_url")
def test_an_act_is_kept_with_who_did_it_and_from_where(app):
    with app.app_context():
        with writing():
            accounts.create("boss", "a password for tests", ["admingroup"])
        with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.7"}):
            login_user(accounts.find("boss"))
            with writing():
                audit.record(audit.DELETE_STUDIES, "1 study", details={"studies": 1})
        entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == audit.DELETE_STUDIES)).one()
        assert (entry.username, entry.remote_address, entry.outcome) == ("boss", "192.0.2.7", "done")
        assert (entry.action, entry.what, entry.details) == ("delete studies", "1 study", {"studies": 1})


def test_an_act_that_fails_leaves_no_entry(database):
    with pytest.raises(ZeroDivisionError), writing():
        audit.record(audit.DELETE_STUDIES, "1 study", username="boss")
        raise ZeroDivisionError
    assert not db.session.scalars(db.select(AuditEntry)).all()

"""Whatever can be posted is written down, or there is a reason why not; so is who looks at identified patients."""

from dataclasses import replace
from io import BytesIO

import pytest

from app import audit
from app.extensions import db
from app.jobs.ingest import ingest
from app.models import AuditEntry, Equipment, Refusal, Study
from app.queue import INGEST, enqueue_ingest, queue_of
from app.trail.verify import verdict
from app.transactions import one_moment, writing
from tests.web.test_access import a_job
from tests.web.test_sizes import form_of as columns_of
from tests.web.visitor import HTMX

UNAUDITED = {
    "studies.remember": "how one's own lists look",
    "deletion.confirm_chosen": "it asks only",
    "sizes.upload": "the table is kept until its columns are chosen; the import is an entry",
    "sizes.forget": "nothing of the table was imported",
}
# Sign-ins, users and passwords: the tests of these pages look for their entries.
OF_ACCOUNTS = ("account.", "users.")
TABLE = "Accession;Height (cm);Weight (kg)\r\nA1;175;70\r\n"


class Site:
    """Somebody who may everything, and a site with something to do it to."""

    def __init__(self, app, person, study, settings):
        self.app, self.person, self.settings, self.new_study = app, person, settings, study
        self.post = person.post

    def job(self, **values):
        """A job of the person."""
        return a_job(self.app, "adminer", **values)

    def refused(self):
        """The number of a refused object."""
        self.settings.spool.mkdir(parents=True, exist_ok=True)
        (self.settings.spool / "text.dcm").write_bytes(b"no DICOM")
        with self.app.app_context():
            ingest(str(self.settings.spool / "text.dcm"))
            return db.session.scalar(db.select(Refusal.id))

    def broken(self):
        """Keeps an object whose reading broke off."""
        self.settings.spool.mkdir(parents=True, exist_ok=True)
        (self.settings.spool / "broken.dcm").write_bytes(b"no DICOM")
        enqueue_ingest(self.settings, self.settings.spool / "broken.dcm")
        waiting = queue_of(self.settings, INGEST)
        waiting.failed_job_registry.add(waiting.jobs[0])

    def room(self):
        """The number of a room."""
        self.new_study()
        with self.app.app_context():
            return db.session.scalar(db.select(Equipment.id))

    def shared_filter(self):
        """The address of a filter that others see."""
        self.post("/ct/saved?dlp__min=1", {"name": "mine", "shared": "y"})
        return "/filters/1"

    def listener(self):
        """Adds a second listener."""
        return self.post("/store/listeners/new", LISTENER)

    def sender(self):
        """Allows a sender."""
        return self.post("/store/senders/allow", {"ae_title": "CT1"})

    def import_sizes(self):
        """Imports a table as the page proposes."""
        sent = {"table": (BytesIO(TABLE.encode()), "table.csv")}
        address = self.post("/sizes/", sent, **UPLOADED).location
        return self.post(address, columns_of(self.person.get_page(address)) | {"sure": "y"})

    def told(self, after=0):
        """What was written down, as (action, outcome)."""
        with self.app.app_context():
            entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id).offset(after))
            return [(entry.action, entry.outcome) for entry in entries]


LISTENER = {"name": "Second", "ae_title": "SECOND", "host": "127.0.0.1", "port": "2762", "associations": "5"}
LISTENER |= {"pdu_bytes": "16384", "acse_seconds": "5", "dimse_seconds": "5", "network_seconds": "5"}
UPLOADED = {"content_type": "multipart/form-data"}

# What is done at each address that takes a POST, and the action that is written down.
ACTS = {
    "search.find": (lambda site: site.post("/search", {"q": "4711"}), audit.SEARCH_PATIENT),
    "saved.save": (lambda site: site.shared_filter(), audit.SHARE_FILTER),
    "saved.change": (lambda site: site.post(site.shared_filter(), {"name": "other"}), audit.SHARE_FILTER),
    "saved.delete": (lambda site: site.post(f"{site.shared_filter()}/delete"), audit.SHARE_FILTER),
    "exports.create": (lambda site: site.post("/exports/ct-csv"), audit.EXPORT),
    "exports.delete": (
        lambda site: site.post("/exports/delete", {"job": site.job(result="exports/x.csv"), "sure": "y"}),
        audit.DELETE_EXPORT,
    ),
    "erasing.find": (lambda site: site.post("/privacy/erase", {"patient_id": "4711"}), audit.SEARCH_PATIENT),
    "erasing.erase": (
        lambda site: site.post("/privacy/erase/for-good", dict.fromkeys(("study", "shown"), site.new_study())),
        audit.ERASE_PATIENT,
    ),
    "privacy.apply": (lambda site: site.post("/privacy"), audit.CHANGE_IDENTIFIERS),
    "deletion.delete": (lambda site: site.post("/delete", {"study": site.new_study()}), audit.DELETE_STUDIES),
    "deletion.delete_all": (
        lambda site: (site.new_study(), site.post("/ct/delete", {"upto": "99", "number": "1"})),
        audit.DELETE_STUDIES,
    ),
    "jobs.stop": (lambda site: site.post(f"/jobs/{site.job(state='running')}/abort"), audit.STOP_JOB),
    "jobs.again": (lambda site: site.post(f"/jobs/{site.job()}/again"), audit.REPEAT_JOB),
    "jobs.read_again": (lambda site: (site.broken(), site.post("/jobs/readings/again")), audit.RETRY_OBJECTS),
    "jobs.dismiss": (
        lambda site: site.post(f"/jobs/{site.job(result='exports/x.csv')}/dismiss"),
        audit.DELETE_EXPORT,
    ),
    "uploads.create": (
        lambda site: site.post("/uploads/", {"files": (BytesIO(b"no DICOM"), "a.dcm")}, **UPLOADED),
        audit.UPLOAD_FILES,
    ),
    "quarantine.read_again": (lambda site: site.post(f"/quarantine/retry?id={site.refused()}"), audit.RETRY_OBJECTS),
    "quarantine.delete": (lambda site: site.post(f"/quarantine/delete?upto={site.refused()}"), audit.DELETE_OBJECTS),
    "rooms.change": (
        lambda site: site.post(f"/rooms/{site.room()}", {"display_name": "CT 1", "modality": "automatic"}),
        audit.CHANGE_ROOM,
    ),
    "sizes.create": (lambda site: site.import_sizes(), audit.IMPORT_SIZES),
    "store.policy": (lambda site: site.post("/store/policy", {"least_free_mb": "600"}), audit.CHANGE_POLICY),
    "store.echo": (
        lambda site: site.post("/store/echo", {"host": "127.0.0.1", "port": "9", "called": "A", "calling": "B"}),
        audit.ECHO,
    ),
    "listeners.create": (lambda site: site.listener(), audit.ADD_LISTENER),
    "listeners.change": (
        lambda site: (site.listener(), site.post("/store/listeners/2", LISTENER | {"name": "Third"})),
        audit.CHANGE_LISTENER,
    ),
    "listeners.remove": (lambda site: (site.listener(), site.post("/store/listeners/2/remove")), audit.REMOVE_LISTENER),
    "senders.create": (lambda site: site.post("/store/senders/new", {"ae_title": "CT1"}), audit.ADD_SENDER),
    "senders.allow": (lambda site: site.sender(), audit.ADD_SENDER),
    "senders.change": (
        lambda site: (site.sender(), site.post("/store/senders/1", {"ae_title": "CT2"})),
        audit.CHANGE_SENDER,
    ),
    "senders.remove": (lambda site: (site.sender(), site.post("/store/senders/1/remove")), audit.REMOVE_SENDER),
    "ignored.create": (lambda site: site.post("/store/ignored/", {"manufacturer": "A*"}), audit.ADD_RULE),
    "ignored.remove": (
        lambda site: (site.post("/store/ignored/", {"manufacturer": "A*"}), site.post("/store/ignored/1/remove")),
        audit.REMOVE_RULE,
    ),
}


@pytest.fixture
def site(app, visitor, study, settings):
    """The site keeps patients' IDs."""
    settings = app.config["SETTINGS"] = replace(settings, patient_id="stored", patient_id_secret="a secret")
    return Site(app, visitor("admin"), study, settings)


def test_every_post_is_written_down_or_has_a_reason(app):
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert {one for one in posts if not one.startswith(OF_ACCOUNTS)} == ACTS.keys() | UNAUDITED.keys()


@pytest.mark.parametrize("endpoint", ACTS)
def test_what_is_posted_is_written_down(site, endpoint):
    act, action = ACTS[endpoint]
    before = len(site.told())
    act(site)
    assert action in [told for told, _ in site.told(before)]


def test_a_search_for_a_patient_is_written_down_without_what_was_typed(app, site):
    site.post("/search", {"q": "Canary-4711"})
    with app.app_context():
        entry = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.details) == (audit.SEARCH_PATIENT, {"patients": 0})
        assert "4711" not in f"{entry.what} {entry.details}"


def test_a_search_by_accession_number_is_nobodys_business(site):
    site.new_study(AccessionNumber="ACC-1")
    site.post("/search", {"q": "ACC-1"})
    assert audit.SEARCH_PATIENT not in [action for action, _ in site.told()]


def identified(app, uid):
    """Gives the study a patient."""
    with app.app_context(), writing():
        db.session.scalar(db.select(Study).where(Study.study_instance_uid == uid)).patient_id = "Canary-4711"


@pytest.mark.parametrize(("role", "is_told"), [("pid", True), ("admin", True), ("view", False)])
def test_who_looks_at_a_study_whose_patient_is_named_is_written_down_once(app, visitor, study, role, is_told):
    person, uid = visitor(role), study()
    identified(app, uid)
    person.get(f"/study/{uid}")
    person.get(f"/study/{uid}", headers=HTMX | {"HX-Target": "events"})  # a part of what is open already
    with app.app_context():
        entries = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == audit.VIEW_PATIENT)).all()
        assert [(one.username, one.details) for one in entries] == [(f"{role}er", {"study": uid})] * is_told


def test_who_looks_at_a_study_of_nobody_is_not_written_down(visitor, study, app):
    person, uid = visitor("admin"), study()
    person.get(f"/study/{uid}")
    with app.app_context():
        assert audit.VIEW_PATIENT not in db.session.scalars(db.select(AuditEntry.action)).all()


def test_a_refused_object_that_is_taken_away_is_written_down(site):
    site.person.get(f"/quarantine/{site.refused()}/file")
    assert site.told()[-1] == (audit.DOWNLOAD_OBJECT, "done")


def test_after_all_that_the_chain_is_whole(app, site):
    for act, _ in ACTS.values():
        act(site)
    with app.app_context(), one_moment() as connection:
        found = verdict(connection, site.settings)
    assert found.whole and found.entries >= len(ACTS)

"""Who may see and do what: every view has a line here, and one without fails."""

import uuid

import pytest

from app.extensions import db
from app.jobs.clock import now
from app.models import Job, User
from app.transactions import writing
from tests.web.visitor import HTMX

ROLES = (None, "nothing", "view", "pid", "export", "export-pid", "sizes", "query", "admin")
EVERYBODY = frozenset(ROLES)
ONESELF = EVERYBODY - {None}  # about the own account
SIGNED_IN = ONESELF - {"nothing"}  # with a role, whichever
EXPORTERS = frozenset({"export", "export-pid", "admin"})
ADMINISTRATORS = frozenset({"admin"})
SIZERS = frozenset({"sizes", "admin"})

ALLOWED = {
    ("static", "GET"): EVERYBODY,
    ("health.alive", "GET"): EVERYBODY,
    ("health.working", "GET"): EVERYBODY,
    ("metrics.index", "GET"): EVERYBODY,  # nobody, but whom the settings name
    ("account.login", "GET"): EVERYBODY,
    ("account.login", "POST"): EVERYBODY,
    ("directory.begin", "GET"): EVERYBODY,
    ("directory.answer", "GET"): EVERYBODY,
    ("directory.signed_out", "GET"): EVERYBODY,
    ("account.logout", "POST"): ONESELF,
    ("account.show", "GET"): ONESELF,
    ("account.sign_out_everywhere", "POST"): ONESELF,
    ("account.password", "GET"): ONESELF,
    ("account.password", "POST"): ONESELF,
    ("account.theme", "POST"): ONESELF,
    ("audit.index", "GET"): ADMINISTRATORS,
    ("audit.download", "GET"): ADMINISTRATORS,
    ("home.index", "GET"): SIGNED_IN,
    ("search.index", "GET"): SIGNED_IN,
    ("search.find", "POST"): SIGNED_IN,
    ("studies.index", "GET"): SIGNED_IN,
    ("studies.count", "GET"): SIGNED_IN,
    ("filters.choose", "GET"): SIGNED_IN,
    ("filters.alternatives", "GET"): SIGNED_IN,
    ("saved.index", "GET"): SIGNED_IN,
    ("saved.save", "POST"): SIGNED_IN,
    ("saved.show", "GET"): SIGNED_IN,  # one's own, and what others share
    ("saved.change", "POST"): SIGNED_IN,  # one's own
    ("saved.delete", "POST"): SIGNED_IN,
    ("studies.detail", "GET"): SIGNED_IN,
    ("studies.event", "GET"): SIGNED_IN,
    ("studies.openskin", "GET"): EXPORTERS,
    ("studies.openskin_origin", "GET"): EXPORTERS,
    ("studies.remember", "POST"): SIGNED_IN,
    ("studies.patient", "GET"): SIGNED_IN,
    ("help.quantities", "GET"): SIGNED_IN,
    ("exports.index", "GET"): EXPORTERS,
    ("exports.unfinished", "GET"): EXPORTERS,
    ("exports.show", "GET"): EXPORTERS,
    ("exports.delete", "POST"): EXPORTERS,
    ("exports.ask", "GET"): EXPORTERS,
    ("exports.create", "POST"): EXPORTERS,
    ("exports.download", "GET"): EXPORTERS,
    ("exports.provenance", "GET"): EXPORTERS,
    ("deletion.confirm", "GET"): ADMINISTRATORS,
    ("deletion.confirm_chosen", "POST"): ADMINISTRATORS,
    ("deletion.delete", "POST"): ADMINISTRATORS,
    ("deletion.confirm_all", "GET"): ADMINISTRATORS,
    ("deletion.delete_all", "POST"): ADMINISTRATORS,
    ("jobs.index", "GET"): SIGNED_IN,
    ("jobs.sign", "GET"): SIGNED_IN,
    ("jobs.show", "GET"): SIGNED_IN,
    ("jobs.read_again", "POST"): ADMINISTRATORS,
    ("jobs.stop", "POST"): SIGNED_IN,
    ("jobs.again", "POST"): EXPORTERS,
    ("jobs.dismiss", "POST"): SIGNED_IN,
    ("uploads.create", "POST"): ADMINISTRATORS,
    ("store.index", "GET"): ADMINISTRATORS,
    ("store.policy", "GET"): ADMINISTRATORS,
    ("store.policy", "POST"): ADMINISTRATORS,
    ("store.ask", "GET"): ADMINISTRATORS,
    ("store.echo", "POST"): ADMINISTRATORS,
    ("listeners.create", "GET"): ADMINISTRATORS,
    ("listeners.create", "POST"): ADMINISTRATORS,
    ("listeners.change", "GET"): ADMINISTRATORS,
    ("listeners.change", "POST"): ADMINISTRATORS,
    ("listeners.confirm", "GET"): ADMINISTRATORS,
    ("listeners.remove", "POST"): ADMINISTRATORS,
    ("senders.create", "GET"): ADMINISTRATORS,
    ("senders.create", "POST"): ADMINISTRATORS,
    ("senders.allow", "POST"): ADMINISTRATORS,
    ("senders.change", "GET"): ADMINISTRATORS,
    ("senders.change", "POST"): ADMINISTRATORS,
    ("senders.confirm", "GET"): ADMINISTRATORS,
    ("senders.remove", "POST"): ADMINISTRATORS,
    ("ignored.index", "GET"): ADMINISTRATORS,
    ("ignored.create", "POST"): ADMINISTRATORS,
    ("ignored.remove", "POST"): ADMINISTRATORS,
    ("sizes.index", "GET"): SIZERS,
    ("sizes.upload", "POST"): SIZERS,
    ("sizes.choose", "GET"): SIZERS,
    ("sizes.create", "POST"): SIZERS,
    ("sizes.forget", "POST"): SIZERS,
    ("sizes.log", "GET"): SIZERS,
    ("sizes.rejected", "GET"): SIZERS,
    ("privacy.index", "GET"): ADMINISTRATORS,
    ("privacy.apply", "POST"): ADMINISTRATORS,
    ("erasing.index", "GET"): ADMINISTRATORS,
    ("erasing.find", "POST"): ADMINISTRATORS,
    ("erasing.erase", "POST"): ADMINISTRATORS,
    ("quarantine.index", "GET"): ADMINISTRATORS,
    ("quarantine.read_again", "POST"): ADMINISTRATORS,
    ("quarantine.confirm", "GET"): ADMINISTRATORS,
    ("quarantine.delete", "POST"): ADMINISTRATORS,
    ("quarantine.download", "GET"): ADMINISTRATORS,
    ("users.index", "GET"): ADMINISTRATORS,
    ("users.create", "GET"): ADMINISTRATORS,
    ("users.create", "POST"): ADMINISTRATORS,
    ("users.show", "GET"): ADMINISTRATORS,
    ("users.change_roles", "POST"): ADMINISTRATORS,
    ("users.confirm_disable", "GET"): ADMINISTRATORS,
    ("users.disable", "POST"): ADMINISTRATORS,
    ("users.enable", "POST"): ADMINISTRATORS,
    ("users.confirm_reset", "GET"): ADMINISTRATORS,
    ("users.reset_password", "POST"): ADMINISTRATORS,
    ("users.unlock", "POST"): ADMINISTRATORS,
    ("users.unlock_address", "POST"): ADMINISTRATORS,
    ("users.sign_out", "POST"): ADMINISTRATORS,
    ("rooms.index", "GET"): ADMINISTRATORS,
    ("rooms.show", "GET"): ADMINISTRATORS,
    ("rooms.change", "POST"): ADMINISTRATORS,
}
ENDS = {"account.logout", "account.sign_out_everywhere", "users.sign_out"}  # one's session


def views(app):
    """Each view with each method by which it can be called."""
    return {
        (rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def a_job(app, username, **values):
    """A finished export of that person."""
    with app.app_context(), writing():
        owner = db.session.scalar(db.select(User).where(User.username == username))
        job = Job(id=str(uuid.uuid4()), kind="ct-csv", owner=owner, title="CT studies", query={}, created_at=now())
        for name, value in ({"state": "failed", "message": "It failed.", "finished_at": now()} | values).items():
            setattr(job, name, value)
        db.session.add(job)
        return job.id


def test_every_view_has_a_line(app):
    assert views(app) == ALLOWED.keys()


@pytest.mark.parametrize("role", ROLES)
def test_views_let_in_whom_they_may_and_nobody_else(app, visitor, study, role):
    person = visitor(role)
    values = {
        "filename": "app.css",
        "modality": "ct",
        "uid": study(),
        "kind": "ct-csv",
        "id": "none",
        "name": "ct-1",
    } | {"batch": "none"}
    for endpoint, method in sorted(ALLOWED):
        if role:
            values["id"] = a_job(app, f"{role}er")
        if "<int:id>" in next(app.url_map.iter_rules(endpoint)).rule:
            values["id"] = 1
        path = path_of(app, endpoint, values)
        answer = person.get(path) if method == "GET" else person.post(path)
        allowed = role in ALLOWED[endpoint, method]
        assert allowed != is_refusal(answer), f"{method} {path} answers {answer.status} to {role}"
        if role and endpoint in ENDS:
            person.sign_in(f"{role}er")


def path_of(app, endpoint, values):
    rule = next(app.url_map.iter_rules(endpoint))
    with app.test_request_context():
        return app.url_for(endpoint, **{name: values[name] for name in rule.arguments})


def is_refusal(answer):
    asks_who_it_is = answer.status_code == 302 and answer.location.startswith("/sign-in")
    return asks_who_it_is or answer.status_code == 403


def test_who_is_not_signed_in_comes_back_to_the_page_after_signing_in(visitor, study):
    study()
    visitor("view")
    person = visitor()
    answer = person.get("/ct/?dlp__min=1")
    assert answer.location == "/sign-in?next=/ct/?dlp__min%3D1"
    answer = person.post(answer.location, {"username": "viewer", "password": "a password for tests"})
    assert answer.location == "/ct/?dlp__min=1"


ELSEWHERE = (
    "https://elsewhere.example/", "//elsewhere.example/", "///elsewhere.example", "https:elsewhere.example",
    "https:/elsewhere.example", "http://[", "//elsewhere.example@localhost/", "http://localhost/ct/", "ct/", ".", "?",
    "/\\elsewhere.example", "/\\/elsewhere.example", "\\\\elsewhere.example", " //elsewhere.example",
    "/\t/elsewhere.example", "/\r\nLocation: https://elsewhere.example", "/%09/elsewhere.example\n",
    "/\u2028/elsewhere.example", "/ct/../../elsewhere/", "/ct/%2e%2e/%2E%2e/elsewhere/",
    "javascript:alert(1)", "data:text/html,x",
)  # fmt: skip


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_signing_in_never_leads_to_another_site(visitor, elsewhere):
    visitor("view")
    person = visitor()
    form = {"username": "viewer", "password": "a password for tests"}
    assert person.post("/sign-in", form, query_string={"next": elsewhere}).location == "/"


def test_a_part_of_a_page_sends_the_whole_browser_to_the_sign_in(visitor):
    answer = visitor().get("/ct/", headers=HTMX | {"HX-Current-URL": "http://localhost/ct/?page=2"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/ct/?page%3D2"


@pytest.mark.parametrize("nowhere", ["http://[", "", "//elsewhere.example", "javascript:alert(1)", "https://[v1.x]/"])
def test_a_part_of_a_page_that_is_nowhere_leads_to_the_sign_in(visitor, nowhere):
    answer = visitor().get("/ct/", headers=HTMX | {"HX-Current-URL": nowhere})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] in ("/sign-in", "/sign-in?next=/")


@pytest.mark.parametrize("path", ["exports/{}/file", "jobs/{}", "jobs/{}/abort", "jobs/{}/again", "jobs/{}/dismiss"])
def test_a_job_of_somebody_else_is_not_there(app, visitor, path):
    visitor("export", "owner")
    job_id = a_job(app, "owner")
    person = visitor("export", "colleague")
    call = person.get if path.endswith(("{}", "file")) else person.post
    assert call(f"/{path.format(job_id)}").status_code == 404


def test_an_administrator_sees_the_exports_of_all(app, visitor):
    visitor("export", "owner")
    a_job(app, "owner")
    assert "by owner" in visitor("admin").get("/exports/").text


def test_a_form_without_its_token_is_refused(visitor):
    person = visitor("export")
    answer = person.client.post("/exports/ct-csv")
    assert answer.status_code == 400
    assert "open for too long" in answer.text


def test_a_form_that_is_sent_after_the_sign_in_was_lost_leads_to_the_sign_in(visitor):
    client = visitor().client
    assert client.post("/exports/ct-csv").location == "/sign-in"
    answer = client.post("/exports/ct-csv", headers=HTMX | {"HX-Current-URL": "http://localhost/ct/"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=/ct/")

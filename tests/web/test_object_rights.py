"""What belongs to one person is not there for others, by whichever address they ask for it."""

from io import BytesIO

import pytest

from app import accounts, queue
from app.extensions import db
from app.models import Job, SavedFilter
from app.models.job import SIZES
from app.transactions import writing
from tests.web.test_access import ALLOWED, a_job, path_of

# Views whose address names something that belongs to somebody; None: it belongs to all who may call the view.
OWNED = {
    "exports.show": "export",
    "exports.download": "export",
    "exports.provenance": "export",
    "jobs.show": "export",
    "jobs.stop": "export",
    "jobs.again": "export",
    "jobs.dismiss": "export",
    "saved.show": "filter",
    "saved.change": "filter",
    "saved.delete": "filter",
    "sizes.log": "sizes",
    "sizes.rejected": "sizes",
    "sizes.choose": "table",
    "sizes.create": "table",
    "sizes.forget": "table",
    "rooms.show": None,
    "rooms.change": None,
    "quarantine.download": None,
    "listeners.change": None,
    "listeners.confirm": None,
    "listeners.remove": None,
    "senders.change": None,
    "senders.confirm": None,
    "senders.remove": None,
    "ignored.remove": None,
    "users.show": None,
    "users.change_roles": None,
    "users.confirm_disable": None,
    "users.disable": None,
    "users.enable": None,
    "users.confirm_reset": None,
    "users.reset_password": None,
    "users.unlock": None,
    "users.sign_out": None,
}
OF_SOMEBODY = sorted((view, method) for view, method in ALLOWED if OWNED.get(view))


@pytest.fixture
def somebody(app, visitor, study, run_jobs):
    """Somebody with a finished export, a filter, an import of sizes and a table for one; gives their numbers, too."""
    study()
    person = visitor("export-pid", "owner")
    give(app, ["exportgroup", "pidgroup", "importsizegroup"])
    table = BytesIO(b"accession,height,weight\nA1,170,70\n"), "table.csv"
    batch = person.post("/sizes/", {"table": table}).location.rpartition("/")[2]
    person.post("/exports/ct-csv")
    run_jobs(queue.EXPORT)
    person.post("/ct/saved?dlp__min=1", {"name": "High"})
    with app.app_context():
        job, kept = db.session.scalars(db.select(Job)).one(), db.session.scalars(db.select(SavedFilter)).one()
        ids = {"export": job.id, "filter": kept.id, "table": batch}
    return person, ids | {"sizes": a_job(app, "owner", kind=SIZES)}


def call(person, app, view, method, ids):
    path = path_of(app, view, dict.fromkeys(("id", "batch"), ids[OWNED[view]]))
    return person.get(path) if method == "GET" else person.post(path, {"name": "Mine"})


def test_every_view_that_is_asked_for_one_thing_says_whose_it_is(app):
    by_id = {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments & {"id", "batch"}}
    assert by_id == OWNED.keys()


@pytest.mark.parametrize(
    ("kind", "role"),
    [("export", "export"), ("export", "export-pid"), ("filter", "view"), ("filter", "admin"), ("sizes", "sizes"),
     ("table", "sizes"), ("table", "admin")],
)  # fmt: skip
def test_what_belongs_to_somebody_else_is_not_there(app, visitor, somebody, role, kind):
    _, ids = somebody
    colleague = visitor(role, "colleague")
    for view, method in OF_SOMEBODY:
        if OWNED[view] == kind:
            assert call(colleague, app, view, method, ids).status_code == 404, view
    with app.app_context():
        assert db.session.get(Job, ids["export"]).state == "ready"
        assert db.session.get(SavedFilter, ids["filter"]).name == "High"


def test_its_owner_has_it_all_and_an_administrator_the_exports(app, visitor, somebody):
    owner, ids = somebody
    for person, kinds in ((visitor("admin", "colleague"), ["export"]), (owner, ["export", "filter", "table"])):
        for view, method in OF_SOMEBODY:
            if method == "GET" and OWNED[view] in kinds:
                assert call(person, app, view, method, ids).status_code in (200, 302), view


def test_the_history_deletes_own_exports_only(app, visitor, somebody):
    _, ids = somebody
    colleague = visitor("export", "colleague")
    colleague.post("/exports/delete", {"job": ids["export"], "sure": "yes"})
    with app.app_context():
        assert db.session.get(Job, ids["export"]) is not None


@pytest.mark.parametrize("view", ["exports.download", "exports.provenance"])
@pytest.mark.parametrize(("roles", "status"), [([], 403), (["viewgroup"], 403), (["exportgroup"], 200)])
def test_the_right_to_a_file_is_looked_up_when_it_is_fetched(app, somebody, view, roles, status):
    owner, ids = somebody
    assert call(owner, app, view, "GET", ids).status_code == 200
    give(app, roles)
    assert call(owner, app, view, "GET", ids).status_code == status


@pytest.mark.parametrize(("path", "role"), [("/study/{}/openskin.csv", "export"), ("/quarantine/1/file", "admin")])
def test_other_files_are_refused_as_soon_as_the_right_is_gone(app, visitor, study, path, role):
    person, address = visitor(role, "owner"), path.format(study())
    assert person.get(address).status_code != 403
    give(app, ["pidgroup"])
    assert person.get(address).status_code == 403


def test_who_is_disabled_fetches_nothing_any_more(app, somebody):
    owner, ids = somebody
    with app.app_context(), writing():
        accounts.disable(accounts.find("owner"))
    assert call(owner, app, "exports.download", "GET", ids).location.startswith("/sign-in")


def give(app, roles):
    """The owner has these roles from now on."""
    with app.app_context(), writing():
        accounts.find("owner").roles = roles

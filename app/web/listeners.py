"""The ports at which objects are received: added, changed, taken away."""

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, url_for

from app import audit
from app.extensions import db
from app.listening import Endpoint
from app.models import StoreListener
from app.reception import acts, configuration
from app.reception.acts import NotPossible
from app.reception.configuration import ENDPOINT
from app.web import store_forms
from app.web.access import needs
from app.web.pages import page
from app.web.store_forms import ListenerForm, Question

GROUPS = (
    ("", ("active", "name", "ae_title", "port", "host", "check_called"), False),
    ("TLS", ("tls", "certificate", "key", "authorities", "client_certificates"), True),
    ("Limits", ("associations", "pdu_bytes", "acse_seconds", "dimse_seconds", "network_seconds"), True),
)
NEW = Endpoint("", "STOREOPENREM", port=11112)
FOLLOW = "Saved. Listeners follow within seconds; below is what they say."

bp = Blueprint("listeners", __name__, url_prefix="/store/listeners")


@bp.route("/new", methods=["GET", "POST"])
@needs("admin")
def create():
    """One more port."""
    form, question = ListenerForm(obj=NEW), Question("New listener", url_for("store.index"), GROUPS, "Add listener")
    if not form.validate_on_submit():
        return store_forms.ask(question, form), 422 if form.errors else 200
    before, values = configuration.store(), _values(form)
    after = replace(before, listeners=(*before.listeners, Endpoint(**values)))
    return store_forms.settle(
        question, form, after, lambda: acts.add(StoreListener(**values), audit.ADD_LISTENER), FOLLOW
    )


@bp.route("/<int:id>", methods=["GET", "POST"])
@needs("admin")
def change(id):
    """One port, and the form that changes it."""
    row = _row(id)
    form, question = ListenerForm(obj=row), Question(f"Listener {row.name}", url_for("store.index"), GROUPS)
    if not form.validate_on_submit():
        return store_forms.ask(question, form), 422 if form.errors else 200
    before, values, name = configuration.store(), _values(form), row.name
    listeners = tuple(Endpoint(**values) if one.name == name else one for one in before.listeners)
    after = replace(before, listeners=listeners)
    return store_forms.settle(
        question, form, after, lambda: acts.change(StoreListener, id, audit.CHANGE_LISTENER, values), FOLLOW
    )


@bp.get("/<int:id>/remove")
@needs("admin")
def confirm(id):
    """Ask once, and say whom it would keep out."""
    row, before = _row(id), configuration.store()
    after = replace(before, listeners=tuple(one for one in before.listeners if one.name != row.name))
    what = f"listener {row.name}"
    return page("store/remove.html", "question", what=what, doubts=store_forms.doubts_about(after))


@bp.post("/<int:id>/remove")
@needs("admin")
def remove(id):
    """Take the port away."""
    name = _row(id).name
    try:
        acts.remove(StoreListener, id, audit.REMOVE_LISTENER)
        flash(f"The listener {name} is taken away. Associations that are open there may end.")
    except NotPossible:
        flash("One listener has to stay: without any, nothing that modalities send arrives.", "error")
    return redirect(url_for("store.index"), 303)


def _row(id: int) -> StoreListener:
    return db.session.get(StoreListener, id) or abort(404, "There is no such listener.")


def _values(form: ListenerForm) -> dict:
    return {name: form[name].data for name in ENDPOINT}

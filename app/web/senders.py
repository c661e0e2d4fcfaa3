"""Who may send: known senders added, changed, taken away; one click for somebody who has tried."""

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, request, url_for

from app import audit
from app.extensions import db
from app.listening import Sender, problems_of_sender
from app.models import StoreSender
from app.reception import acts, configuration
from app.web import store_forms
from app.web.access import needs
from app.web.pages import page
from app.web.store_forms import Question, SenderForm

FIELDS = ("active", "name", "ae_title", "address", "port")
GROUPS = (("", FIELDS, False),)

bp = Blueprint("senders", __name__, url_prefix="/store/senders")


@bp.route("/new", methods=["GET", "POST"])
@needs("admin")
def create():
    """One more who may send."""
    form, question = SenderForm(data={"active": True}), Question("New sender", _list(), GROUPS, "Add sender")
    if not form.validate_on_submit():
        return store_forms.ask(question, form), 422 if form.errors else 200
    before, values = configuration.store(), _values(form)
    after = replace(before, senders=(*before.senders, configuration.as_sender(StoreSender(**values))))
    return store_forms.settle(
        question, form, after, lambda: acts.add(StoreSender(**values), audit.ADD_SENDER), "The sender is known now."
    )


@bp.post("/allow")
@needs("admin")
def allow():
    """Know somebody who has tried to send, as it called itself and from where it came."""
    sender = Sender(request.form.get("ae_title", "").strip(), request.form.get("address", "").strip())
    wrong = next(problems_of_sender(sender), None)
    if wrong or sender == Sender():
        abort(400, wrong or "It was not said who is meant.")
    pair = sender.ae_title, sender.address
    known = next((one for one in configuration.senders() if (one.ae_title, one.address) == pair), None)
    if known is None:
        acts.add(StoreSender(ae_title=sender.ae_title, address=sender.address), audit.ADD_SENDER)
    elif not known.active:
        acts.change(StoreSender, known.id, audit.CHANGE_SENDER, {"active": True})
    flash(f"{sender.ae_title or 'Whoever sends'} at {sender.address or 'any address'} is known now.")
    return redirect(_list(), 303)


@bp.route("/<int:id>", methods=["GET", "POST"])
@needs("admin")
def change(id):
    """One sender, and the form that changes it."""
    row = _row(id)
    form = SenderForm(obj=row)
    question = Question(f"Sender {row.name or row.ae_title or row.address}", _list(), GROUPS)
    if not form.validate_on_submit():
        return store_forms.ask(question, form), 422 if form.errors else 200
    values, was = _values(form), configuration.as_sender(row)
    before = configuration.store()
    now = configuration.as_sender(StoreSender(**values))
    after = replace(before, senders=tuple(now if one == was else one for one in before.senders))
    return store_forms.settle(
        question, form, after, lambda: acts.change(StoreSender, id, audit.CHANGE_SENDER, values), "Saved."
    )


@bp.get("/<int:id>/remove")
@needs("admin")
def confirm(id):
    """Ask once, and say whom it would keep out."""
    row, before = _row(id), configuration.store()
    was = configuration.as_sender(row)
    after = replace(before, senders=tuple(one for one in before.senders if one != was))
    what = f"sender {row.name or row.ae_title or row.address}"
    return page("store/remove.html", "question", what=what, doubts=store_forms.doubts_about(after))


@bp.post("/<int:id>/remove")
@needs("admin")
def remove(id):
    """Forget the sender."""
    row = _row(id)
    name = row.name or row.ae_title or row.address
    acts.remove(StoreSender, id, audit.REMOVE_SENDER)
    flash(f"The sender {name} is not known any more.")
    return redirect(_list(), 303)


def _row(id: int) -> StoreSender:
    return db.session.get(StoreSender, id) or abort(404, "There is no such sender.")


def _list() -> str:
    return url_for("store.index", _anchor="senders")


def _values(form: SenderForm) -> dict:
    return {name: form[name].data for name in FIELDS}

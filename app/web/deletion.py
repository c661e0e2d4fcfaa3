"""Deleting studies: some that were chosen at once, all of a selection by a job; it asks first and says what goes."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_login import current_user

from app.extensions import db
from app.jobs import deletion
from app.models import Study
from app.queries import deletion as queries
from app.queries.modalities import MODALITIES
from app.queries.selection import Selection
from app.queries.view import SIZES
from app.queries.whole import whole
from app.web.access import needs, safe_path
from app.web.pages import page

bp = Blueprint("deletion", __name__)

ALL_OF = f"/<any({', '.join(MODALITIES)}):modality>/delete"


@bp.get("/delete")
@needs("admin")
def confirm():
    """What goes with one study, asked from its page."""
    return _ask(request.args)


@bp.post("/delete/chosen")
@needs("admin")
def confirm_chosen():
    """What goes with several, which would be too many for an address."""
    return _ask(request.form)


@bp.post("/delete")
@needs("admin")
def delete():
    """Delete the studies that the question named."""
    count = deletion.delete_chosen(_uids(request.form))
    flash(f"{count:,} {'study is' if count == 1 else 'studies are'} deleted.")
    return redirect(_back(request.form), 303)


@bp.get(ALL_OF)
@needs("admin")
def confirm_all(modality):
    """What goes with all studies that match the address."""
    selection = Selection.from_args(modality, request.args)
    return _ask_all(selection, queries.extent(selection.studies()))


@bp.post(ALL_OF)
@needs("admin")
def delete_all(modality):
    """Have all that match deleted by a worker, where the person has typed how many these are."""
    selection, upto = Selection.from_args(modality, request.args), whole(request.form.get("upto", ""), least=0)
    if upto is None:
        abort(400, "It was not said up to which study to delete. Go back to the list and begin there.")
    extent = queries.extent(selection.studies().where(Study.id <= upto))
    typed = "".join(request.form.get("number", "").replace(",", "").split())
    if typed != str(extent.studies):
        return _ask_all(selection, extent, f"Type {extent.studies:,} to delete so many."), 422
    job_id = deletion.request(selection, upto, _list_of(selection), current_user.id)
    return redirect(url_for("jobs.show", id=job_id), 303)


def _ask(given):
    """The question about chosen studies."""
    uids = _uids(given)
    back = _back(given)
    studies = db.session.scalars(queries.chosen(uids)).all()
    return page(
        "deletion/chosen.html", "question", studies=studies, extent=queries.extent(queries.chosen(uids)), back=back
    )


def _ask_all(selection, extent, error=""):
    context = {"selection": selection, "extent": extent, "error": error, "back": _list_of(selection)}
    return page("deletion/all.html", "question", **context)


def _uids(given):
    """The studies that were chosen, no more than a list shows."""
    uids = list(dict.fromkeys(given.getlist("shown" if "all" in given else "study")))
    if len(uids) > SIZES[-1]:
        abort(400, f"These are more than {SIZES[-1]} studies. Delete all that match a filter instead.")
    return uids


def _back(given):
    """The list that the person came from."""
    return safe_path(given.get("back")) or url_for("home.index")


def _list_of(selection):
    return url_for("studies.index", modality=selection.modality.key, **selection.query)

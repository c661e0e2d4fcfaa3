"""Refused objects: look at them, read them again, take them away."""

from pathlib import PurePosixPath

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_login import current_user

from app import audit
from app.extensions import db
from app.jobs import housekeeping, quarantine, retry
from app.models import Refusal
from app.models.job import RETRY
from app.queries import jobs
from app.queries import quarantine as queries
from app.queries.quarantine import Refusals
from app.web.access import needs
from app.web.files import sent, there
from app.web.pages import page

bp = Blueprint("quarantine", __name__, url_prefix="/quarantine")


@bp.get("/")
@needs("admin")
def index():
    """The refused objects that match the address, and how reading them again goes."""
    housekeeping.settle()
    listing = queries.listing(Refusals.from_args(request.args, queries.OF_LISTS))
    return page("quarantine/index.html", "refused", listing=listing, job=jobs.latest(RETRY))


@bp.post("/retry")
@needs("admin")
def read_again():
    """Ask for the objects that match the address to be read again."""
    retry.request(Refusals.from_args(request.args), current_user.id)
    return _to_list()


@bp.get("/delete")
@needs("admin")
def confirm():
    """How much would be deleted."""
    refusals = Refusals.from_args(request.args)
    extent = queries.extent(refusals)
    return page("quarantine/delete.html", "question", refusals=refusals.but(upto=extent.newest), extent=extent)


@bp.post("/delete")
@needs("admin")
def delete():
    """Delete the objects that match the address; it says up to which number, so that no later one is among them."""
    refusals = Refusals.from_args(request.args)
    if not refusals.upto:
        abort(400, "It was not said up to which object to delete. Go back to the list and begin there.")
    count = quarantine.remove(quarantine.ids(refusals))
    flash(f"{count:,} refused {'object is' if count == 1 else 'objects are'} deleted.")
    return redirect(url_for(".index"), 303)


@bp.get("/<int:id>/file")
@needs("admin")
def download(id):
    """The object as it came, which names the patient."""
    refusal = db.get_or_404(Refusal, id)
    kept = there(refusal.file, "The file is not there any more.")
    details = {"object": refusal.sop_instance_uid, "study": refusal.study_instance_uid}
    audit.note(audit.DOWNLOAD_OBJECT, f"refused object {id}", details=details)
    return sent(kept, PurePosixPath(kept.key).name, "application/dicom")


def _to_list():
    """The list as it was filtered."""
    kept = {name: value for name, value in request.args.items() if name in ("result", "reason", "page")}
    return redirect(url_for(".index", **kept), 303)

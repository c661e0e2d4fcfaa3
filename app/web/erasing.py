"""Erasing a patient: who it is comes with a posted form, so that it stands in no address, job or log."""

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload

from app import audit
from app.extensions import db
from app.identity import LONGEST_NAME, NONE
from app.jobs import erasing
from app.jobs.erasing import Wanted
from app.models import Study
from app.queries.deletion import chosen
from app.web.access import needs
from app.web.pages import page

MOST = 500  # studies that are shown, and erased, at once

bp = Blueprint("erasing", __name__, url_prefix="/privacy/erase")


@bp.get("")
@needs("admin")
def index():
    """Whom to erase."""
    return _page(Wanted())


@bp.post("")
@needs("admin")
def find():
    """What there is of the patient."""
    wanted = _wanted()
    if wanted in (Wanted(), Wanted(issuer=wanted.issuer)):
        return _page(wanted, "Say whom: type one of these."), 422
    found = erasing.find(wanted)
    audit.note(audit.SEARCH_PATIENT, "a search for a patient to erase", details={"studies": len(found.studies)})
    if len(found.studies) > MOST:
        return _page(wanted, f"These are more than {MOST} studies; say it more exactly."), 422
    rooms = joinedload(Study.equipment)
    newest = chosen(found.studies).options(rooms).order_by(Study.study_date.desc().nulls_last(), Study.id.desc())
    return _page(wanted, found=found, studies=db.session.scalars(newest).all())


@bp.post("/for-good")
@needs("admin")
def erase():
    """Have a worker erase it: the studies that were ticked, and where these are all, whatever else is the patient's."""
    ticked, shown = request.form.getlist("study"), request.form.getlist("shown")
    if len(shown) > MOST or not set(ticked) <= set(shown):
        abort(400, "The page did not say which studies to erase. Go back and look for the patient again.")
    found = erasing.find(_wanted() if len(ticked) == len(shown) else Wanted(), ticked)
    if not found:
        abort(400, "Nothing was chosen that is still there. Go back and look for the patient again.")
    return redirect(url_for("jobs.show", id=erasing.request(found, current_user.id)), 303)


def _wanted() -> Wanted:
    names = ("patient_id", "issuer", "accession", "study", "name")
    return Wanted(**{name: request.form.get(name, "").strip()[:LONGEST_NAME] for name in names})


def _page(wanted, error="", **shown):
    identity = current_app.config["SETTINGS"].identity
    fields = (  # what can be looked for on this site
        ("patient_id", "Patient ID", identity.keeps != NONE),
        ("issuer", "Who issued it, if known", identity.keeps != NONE),
        ("name", "Name", identity.name != NONE),
        ("accession", "Accession number", identity.accession != NONE),
        ("study", "Study Instance UID", True),
    )
    asked = [(name, title, getattr(wanted, name)) for name, title, is_known in fields if is_known]
    return page("privacy/erase.html", "patient", asked=asked, error=error, **shown)

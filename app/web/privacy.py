"""What is kept of who patients are: as it is set, as it is stored, and a job that brings the two together."""

from flask import Blueprint, current_app, redirect, url_for
from flask_login import current_user

from app.jobs import identifiers
from app.remembered import remembered
from app.web.access import needs
from app.web.pages import page

bp = Blueprint("privacy", __name__, url_prefix="/privacy")

SETTINGS = (
    ("PATIENT_ID", "patient_id", "Patient ID"),
    ("PATIENT_NAME", "patient_name", "Patient’s name"),
    ("PATIENT_BIRTH_DATE", "patient_birth_date", "Date of birth"),
    ("ACCESSION_NUMBER", "accession_number", "Accession number"),
    ("STAFF_NAMES", "staff_names", "Names of physicians and operators"),
)


@bp.get("")
@needs("admin")
def index():
    """What is set, what is stored, and what is more than was set."""
    settings = current_app.config["SETTINGS"]
    kept = [(variable, title, getattr(settings, name)) for variable, name, title in SETTINGS]
    counts = remembered(f"kept of patients {[value for *_, value in kept]}", _counts)
    return page("privacy/index.html", "kept", kept=kept, **counts)


def _counts():
    return {"stored": identifiers.stored(), "too_much": identifiers.too_much()}


@bp.post("")
@needs("admin")
def apply():
    """Have what is stored brought to what is set, by a worker."""
    return redirect(url_for("jobs.show", id=identifiers.request(current_user.id)), 303)

"""Exports: what was asked for, how far it is, and the files."""

from pathlib import Path

from flask import Blueprint, abort, current_app, redirect, request, send_file, url_for
from flask_login import current_user

from app.exports.kinds import KINDS, Kind
from app.exports.options import BadOption, answered
from app.exports.place import download_name, provenance_of
from app.extensions import db
from app.jobs import control, housekeeping
from app.models import Job
from app.queries import jobs
from app.queries.selection import Selection
from app.web.access import needs
from app.web.pages import page

bp = Blueprint("exports", __name__, url_prefix="/exports")


@bp.get("/")
@needs("export")
def index():
    """The exports that are the person's business."""
    housekeeping.settle()
    return page("exports/index.html", "exports", jobs=db.session.scalars(jobs.exports(current_user)).all())


@bp.get("/unfinished")
@needs("export")
def unfinished():
    """How many are not finished; the bar asks again and again while there are some."""
    return page("exports/unfinished.html", "count")


OF_KIND = "/<any({kinds}):kind>".format(kinds=", ".join(f'"{name}"' for name in KINDS))


@bp.get(OF_KIND)
@needs("export")
def ask(kind):
    """What the export wants to know beside the selection."""
    return _ask(KINDS[kind])


@bp.post(OF_KIND)
@needs("export")
def create(kind):
    """Ask for an export of the selection that the address has, with what was answered."""
    wanted = KINDS[kind]
    selection = Selection.from_args(wanted.modality, request.args)
    try:
        answers = answered(wanted.options, {key: value for key, value in request.form.items() if key != "csrf_token"})
    except BadOption as wrong:
        return _ask(wanted, wrong), 422
    control.request(wanted, selection, current_user.id, answers)
    return redirect(url_for("exports.index"), 303)


def _ask(kind: Kind, wrong: BadOption | None = None):
    selection = Selection.from_args(kind.modality, request.args)
    return page("exports/ask.html", "form", kind=kind, selection=selection, wrong=wrong, given=request.form)


@bp.get("/<id>/file")
@needs("export")
def download(id):
    """The file; the right to it is looked up now, whoever had the address before."""
    job = _own(id)
    return send_file(_file(job), as_attachment=True, download_name=download_name(job))


@bp.get("/<id>/provenance")
@needs("export")
def provenance(id):
    """Who made the file, when, from which selection, with which version: to be kept beside it."""
    job = _own(id)
    name = str(provenance_of(Path(download_name(job))))
    return send_file(provenance_of(_file(job)), mimetype="application/json", as_attachment=True, download_name=name)


def _file(job: Job) -> Path:
    """The file of a job that is ready."""
    file = current_app.config["SETTINGS"].media_root / (job.result or "")
    if job.state != "ready" or not file.is_file():
        abort(404, "The file is not there any more. The export can be made again.")
    return file


def _own(id: str) -> Job:
    """The job, where it is the person's business; what is not is not there."""
    return db.first_or_404(jobs.exports(current_user).where(Job.id == id))

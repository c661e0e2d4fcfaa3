"""Exports: what was asked for, how far it is, and the files."""

from datetime import timedelta
from pathlib import Path

from flask import Blueprint, abort, current_app, redirect, request, send_file, url_for
from flask_login import current_user

from app.exports.kinds import KINDS
from app.exports.place import download_name, provenance_of
from app.extensions import db
from app.jobs import control, housekeeping
from app.jobs.clock import now
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
    return page("exports/index.html", "exports", jobs=db.session.scalars(jobs.visible(current_user)).all())


@bp.get("/unfinished")
@needs("export")
def unfinished():
    """How many are not finished; the bar asks again and again while there are some."""
    return page("exports/unfinished.html", "count")


@bp.get("/<id>")
@needs("export")
def show(id):
    """One export, as far as it is; pages ask for it again and again while it is made."""
    housekeeping.settle()
    return page("exports/show.html", "export", job=_own(id))


@bp.post("/<any({kinds}):kind>".format(kinds=", ".join(f'"{name}"' for name in KINDS)))
@needs("export")
def create(kind):
    """Ask for an export of the selection that the address has."""
    wanted = KINDS[kind]
    control.request(wanted, Selection.from_args(wanted.modality, request.args), current_user.id)
    return _to_list()


@bp.post("/<id>/abort")
@needs("export")
def stop(id):
    """Stop it; nothing is lost that could not be made again."""
    control.abort(_own(id))
    return _to_list()


@bp.post("/<id>/again")
@needs("export")
def retry(id):
    """Make again what failed or was aborted."""
    control.retry(_own(id))
    return _to_list()


@bp.post("/<id>/delete")
@needs("export")
def delete(id):
    """Take it away with its file."""
    control.discard(_own(id))
    return _to_list()


@bp.get("/<id>/file")
@needs("export")
def download(id):
    """The file; the right to it is looked up now, whoever had the address before."""
    job = _own(id)
    return send_file(_file(job), mimetype="text/csv", as_attachment=True, download_name=download_name(job))


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


@bp.app_template_filter()
def time_left(job):
    """How long the export will take at the pace it has had, in words; nothing while that is not known."""
    if not (job.done and job.total and job.started_at):
        return ""
    seconds = (now() - job.started_at) / timedelta(seconds=1) * (job.total - job.done) / job.done
    if seconds < 1:
        return "almost done"
    return f"about {seconds / 60:.0f} min left" if seconds >= 90 else f"about {seconds:.0f} s left"


def _own(id: str) -> Job:
    """The job, where it is the person's business; what is not is not there."""
    return db.first_or_404(jobs.visible(current_user).where(Job.id == id))


def _to_list():
    return redirect(url_for("exports.index"), 303)

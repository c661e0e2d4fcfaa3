"""Exports: what was asked for, how far it is, and the files."""

from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user

from app import audit
from app.exports.kinds import KINDS, Kind
from app.exports.options import BadOption, answered
from app.exports.place import download_name, provenance_of
from app.extensions import db
from app.jobs import control, housekeeping
from app.jobs.clock import now
from app.models import Job
from app.queries import history, jobs
from app.queries.filters import BadParameter
from app.queries.selection import Selection
from app.queries.whole import whole
from app.web.access import needs
from app.web.files import sent, there
from app.web.formats import day, utc
from app.web.pages import page

LOST = "The file is not there any more. The export can be made again."

bp = Blueprint("exports", __name__, url_prefix="/exports")


@bp.get("/")
@needs("export")
def index():
    """The exports that are the person's business."""
    housekeeping.settle()
    for name in request.args.keys() - {"page"}:
        raise BadParameter(f"There is no filter “{name}” here.", name)
    return page("exports/index.html", "exports", shown=history.history(current_user, _page()))


@bp.get("/of/<id>")
@needs("export")
def show(id):
    """One of them, as far as it is; its row asks for itself while there is something to wait for."""
    housekeeping.settle()
    return page("exports/show.html", "row", job=_own(id))


@bp.post("/delete")
@needs("export")
def delete():
    """Delete those that were chosen, or all that have ended, once somebody is sure."""
    going = history.going(current_user, request.form.getlist("job"), _ended_by())
    if "sure" not in request.form:
        return page("exports/delete.html", "question", going=going)
    count = sum(control.discard(job) for job in going.jobs())
    flash(f"{count:,} {'export is' if count == 1 else 'exports are'} deleted.")
    return redirect(url_for(".index"), 303)


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
    return _ask(_permitted(KINDS[kind]))


@bp.post(OF_KIND)
@needs("export")
def create(kind):
    """Ask for an export of the selection that the address has, with what was answered."""
    wanted = _permitted(KINDS[kind])
    selection = Selection.from_args(wanted.modality, request.args)
    try:
        answers = answered(wanted.options, {key: value for key, value in request.form.items() if key != "csrf_token"})
    except BadOption as wrong:
        return _ask(wanted, wrong), 422
    control.request(wanted, selection, current_user.id, answers)
    return redirect(url_for("exports.index"), 303)


def may_identify() -> bool:
    """Whether the person may have who patients are, and the site keeps any of it."""
    return current_user.may("pid") and current_app.config["SETTINGS"].identifies


def _permitted(kind: Kind) -> Kind:
    """The kind, where the person may have what it tells."""
    if kind.identified and not may_identify():
        abort(403)
    return kind


def _ask(kind: Kind, wrong: BadOption | None = None):
    selection = Selection.from_args(kind.modality, request.args)
    return page("exports/ask.html", "form", kind=kind, selection=selection, wrong=wrong, given=request.form)


@bp.get("/<id>/file")
@needs("export")
def download(id):
    """The file; the right to it is looked up now, whoever had the address before."""
    job = _own(id)
    if not may_have(job):
        abort(403)
    kept, name = there(_file(job), LOST), download_name(job)
    what, details = job.title, {"job": job.id, "kind": job.kind, "query": job.query, "studies": job.done}
    audit.note(audit.DOWNLOAD, what, details=details)
    return sent(kept, name)


@bp.get("/<id>/provenance")
@needs("export")
def provenance(id):
    """Who made the file, when, from which selection, with which version: to be kept beside it."""
    job = _own(id)
    name = str(provenance_of(Path(download_name(job))))
    return sent(there(provenance_of(Path(_file(job))).as_posix(), LOST), name, "application/json")


@bp.app_template_filter()
def export_title(job: Job) -> str:
    """What kind of file it is."""
    return KINDS[job.kind].title if job.kind in KINDS else job.kind


@bp.app_template_filter()
def took(job: Job) -> str:
    """How long it was made, in words; nothing where it was not made, or is not done."""
    if job.state != "ready" or not (job.started_at and job.finished_at):
        return ""
    seconds = (job.finished_at - job.started_at) / timedelta(seconds=1)
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.0f} s" if seconds >= 1 else "under 1 s"


@bp.app_template_filter()
def kept_until(job: Job) -> str:
    """The day on which it is deleted; nothing where the site keeps exports for ever, or it has not ended."""
    days = current_app.config["SETTINGS"].keep_exports_days
    return day(utc(job.finished_at + timedelta(days=days)).date()) if days and job.finished and job.finished_at else ""


@bp.app_template_filter()
def pace(job: Job) -> str:
    """How many it does in a second."""
    seconds = (now() - job.started_at) / timedelta(seconds=1) if job.started_at else 0
    return f"{job.done / seconds:,.0f} a second" if seconds >= 1 and job.done > seconds else ""


def _page() -> int:
    given = whole(request.args.get("page", "1"))
    if given is None:
        raise BadParameter("The page is a number from 1.", "page")
    return given


def _ended_by() -> datetime | None:
    """Until when exports are meant that have ended; none where some were chosen."""
    if request.form.get("what") != "finished":
        return None
    try:
        given = request.form.get("ended_by")
        return datetime.fromisoformat(given).replace(tzinfo=None) if given else now()
    except ValueError:
        abort(400, "It was not said which exports to delete. Go back and begin there.")


def _file(job: Job) -> str:
    """The key of the file of a job that is ready."""
    return job.result if job.state == "ready" and job.result else abort(404, LOST)


def _own(id: str) -> Job:
    """The job, where it is the person's business; what is not is not there."""
    return db.first_or_404(jobs.exports(current_user).where(Job.id == id))


def may_have(job: Job) -> bool:
    """Whether the person may have what the file of the job tells: who asked for it may have lost the right since."""
    return job.kind not in KINDS or not KINDS[job.kind].identified or may_identify()

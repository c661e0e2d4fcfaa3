"""Jobs: what workers do for people, how far that is, and what came of it."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user

from app import queue
from app.extensions import db
from app.jobs import arrivals, control, housekeeping, readings
from app.jobs.clock import now
from app.jobs.kinds import kind_of
from app.models import Job
from app.models.job import RETRY, SIZES, UPLOAD
from app.operations import queues
from app.operations.overdue import failures
from app.queries import job_list, jobs, uploads
from app.web.access import needs
from app.web.exports import may_have
from app.web.pages import page

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

LISTED_ON = {
    RETRY: "quarantine.index",
    SIZES: "sizes.index",
}  # kinds that are followed on another page, beside what they change


@bp.get("/")
def index():
    """What is going on, and what came of what was asked for; for administrators everybody's, and who works on it."""
    housekeeping.settle()
    is_admin = current_user.may("admin")
    shown = job_list.listing(current_user, request.args)
    part = "work" if is_admin and request.headers.get("HX-Target") == "work" else "jobs"
    return page("jobs/index.html", part, listing=shown, work=_work() if is_admin else None, is_admin=is_admin)


@bp.post("/readings/again")
@needs("admin")
def read_again():
    """Ask for the objects whose reading broke off to be read again."""
    try:
        count = readings.read_again(current_app.config["SETTINGS"])
    except queue.QueueAway:
        abort(503, control.QUEUE_AWAY)
    flash(f"{count:,} object{'' if count == 1 else 's'} will be read again.")
    return redirect(url_for(".index"), 303)


def _work() -> dict[str, Any]:
    """The queues, the workers, and what broke off; nothing where the queue's server does not answer."""
    settings = current_app.config["SETTINGS"]
    told = queue.answer(
        settings.redis_url,
        lambda: (queues.extents(settings), queues.workers(settings), *readings.broken(settings), failures(settings)),
    )
    return dict(zip(("queues", "workers", "broken_count", "broken", "untidy"), told, strict=True)) if told else {}


@bp.get("/sign")
def sign():
    """What the queue is doing; the bar asks again and again while there is something."""
    return page("jobs/sign.html", "sign")


@bp.get("/<id>")
def show(id):
    """One job, as far as it is; pages ask for it again and again while there is something to wait for."""
    housekeeping.settle()
    job = _own(id)
    has_files = job.kind == UPLOAD and current_user.may(kind_of(job).right)  # by their names; these may name patients
    verdicts = uploads.verdicts(job.query["batch"], request.args) if has_files else None
    days = current_app.config["SETTINGS"].keep_uploads_days
    part = "files" if request.headers.get("HX-Target") == "files" else "progress"
    response = page("jobs/show.html", part, job=job, verdicts=verdicts, keep_uploads_days=days)
    if job.finished and job.kind in LISTED_ON:
        response.headers["HX-Refresh"] = "true"  # the page around it shows what has changed
    return response


@bp.post("/<id>/abort")
def stop(id):
    """Stop it; nothing is lost that could not be done again."""
    job = _own(id)
    listed_on = _listed_on(job)
    control.abort(job)
    return redirect(listed_on or url_for("jobs.show", id=id), 303)


@bp.post("/<id>/again")
def again(id):
    """Do again what failed or was aborted, by the right that it needs today."""
    job = _own(id)
    if not current_user.may(kind_of(job).right) or not may_have(job):
        abort(403)
    if not job.repeatable:
        abort(400, "What it was made from is not kept. Ask for it anew.")
    listed_on, again_id = _listed_on(job), control.retry(job)
    return redirect(listed_on or url_for("jobs.show", id=again_id), 303)


@bp.post("/<id>/dismiss")
def dismiss(id):
    """Take it away, with its file where it made one."""
    job = _own(id)
    listed_on, batch = _listed_on(job), job.query.get("batch") if job.kind == UPLOAD else None
    if control.discard(job) and batch:
        arrivals.forget(batch)
    return redirect(listed_on or url_for("jobs.index"), 303)


@bp.app_template_filter()
def time_left(job):
    """How long the job will take at the pace it has had, in words; nothing while that is not known."""
    if not (job.done and job.total and job.started_at):
        return ""
    seconds = (now() - job.started_at) / timedelta(seconds=1) * (job.total - job.done) / job.done
    if seconds < 1:
        return "almost done"
    return f"about {seconds / 60:.0f} min left" if seconds >= 90 else f"about {seconds:.0f} s left"


@bp.app_template_filter()
def of_another(job):
    """Whether somebody else asked for it: who stops the work of others is asked once."""
    return job.owner_id != current_user.id


def _own(id: str) -> Job:
    """The job, where it is the person's business; what is not is not there."""
    return db.first_or_404(jobs.visible(current_user).where(Job.id == id))


def _listed_on(job: Job) -> str | None:
    """The other page that lists such jobs."""
    endpoint = "exports.index" if job.makes_file else LISTED_ON.get(job.kind)
    return url_for(endpoint) if endpoint else None

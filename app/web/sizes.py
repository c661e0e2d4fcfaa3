"""Heights and weights from a table: upload it, say which column is what, follow the import, see what came of it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user

from app import audit
from app.extensions import db
from app.identity import NONE
from app.jobs import arrivals, batches, housekeeping, sizes
from app.models import Job, Study
from app.models.job import SIZES
from app.models.user import PID
from app.models.user import SIZES as SIZES_RIGHT
from app.queries import jobs
from app.queries.filters import BadParameter
from app.queries.whole import whole
from app.sizes import place
from app.sizes.identifiers import ACCESSION, IDENTIFIERS, PATIENT, UID, keeps
from app.sizes.measures import MEASURES, Measure
from app.sizes.plan import MOST_DAYS, ORDERS, Plan, doubts, guessed
from app.sizes.table import NotATable, Row, Table
from app.web.access import needs
from app.web.files import sent, there
from app.web.pages import page
from app.web.uploads import keep

SHOWN = 10  # rows of the table
MOST_LISTED = 100
NAME = "sizes.csv"  # of every table: what people call theirs may name a patient
NO_FILE = "No table was chosen. Choose a CSV file first."
GONE = "This table is not here any more: it was imported, or nobody chose its columns for a day. Upload it again."

bp = Blueprint("sizes", __name__, url_prefix="/sizes")


@dataclass(frozen=True)
class Waiting:
    """A table whose columns are to be chosen."""

    batch: str
    table: Table

    @property
    def rows(self) -> Sequence[Row]:
        """The first rows."""
        return self.table.beginning(SHOWN)


@bp.get("/")
@needs(SIZES_RIGHT)
def index():
    """The imports that are the person's business, and where a table is uploaded."""
    housekeeping.settle()
    found = jobs.visible(current_user).where(Job.kind == SIZES).limit(MOST_LISTED)
    return page("sizes/index.html", "imports", jobs=db.session.scalars(found).all(), settings=_settings())


@bp.post("/")
@needs(SIZES_RIGHT)
def upload():
    """Keep the table until its columns are chosen."""
    file = request.files.get("table")
    if file is None or not file.filename:
        flash(NO_FILE, "error")
        return redirect(url_for(".index"), 303)
    batch, owner_id = arrivals.new_batch(), current_user.id
    keep(batch, owner_id, [(NAME, file.save)], SIZES)
    try:
        with sizes.table_of(batch):
            pass
    except NotATable as reason:
        batches.forget(batch)
        flash(str(reason), "error")
        return redirect(url_for(".index"), 303)
    return redirect(url_for(".choose", batch=batch), 303)


@bp.get("/new/<batch>")
@needs(SIZES_RIGHT)
def choose(batch):
    """The first rows of the table, and which column is likely what."""
    with _waiting(batch) as waiting:
        return _ask(waiting, guessed(waiting.table, _kinds()))


@bp.post("/new/<batch>")
@needs(SIZES_RIGHT)
def create(batch):
    """Have the table imported as was chosen, unless something speaks against that."""
    with _waiting(batch) as waiting:
        try:
            plan = _chosen(waiting.table)
        except BadParameter as wrong:
            return _ask(waiting, guessed(waiting.table, _kinds()), wrong=wrong), 422
        found = [] if "sure" in request.form else doubts(waiting.table, plan)
        if found:
            return _ask(waiting, plan, doubted=found), 422
    sizes.request(batch, plan, current_user.id)
    return redirect(url_for(".index"), 303)


@bp.post("/new/<batch>/forget")
@needs(SIZES_RIGHT)
def forget(batch):
    """Take the table away again."""
    with _waiting(batch) as waiting:
        batches.forget(waiting.batch)
    flash("The table is deleted. Nothing of it was imported.")
    return redirect(url_for(".index"), 303)


@bp.get("/<id>/log")
@needs(SIZES_RIGHT)
def log(id):
    """What became of each row."""
    return _download(_own(id), place.log_of, "text/plain")


@bp.get("/<id>/rejected")
@needs(SIZES_RIGHT)
def rejected(id):
    """The rows that were rejected, with the reasons."""
    return _download(_own(id), place.rejected_of, "text/csv")


@dataclass(frozen=True)
class Told:
    """Where sizes that a study shows came from."""

    words: str
    at: datetime
    id: str  # of the import
    record: bool  # whether that is still kept, and the person's business


@bp.app_template_filter()
def imported_sizes(study: Study) -> list[Told]:
    """Where the height and weight of the study came from that no object of it told."""
    shown: dict[tuple[str, str], list[str]] = {}
    for measure in MEASURES:
        told = (study.imported or {}).get(measure.column)
        if told and told["value"] == getattr(study, measure.column):
            shown.setdefault((told["import"], told["at"]), []).append(measure.name)
    own = jobs.visible(current_user).where(Job.kind == SIZES, Job.id.in_([id for id, _ in shown]))
    there = {job.id for job in db.session.scalars(own)} if shown and current_user.may(SIZES_RIGHT) else set()
    return [Told(" and ".join(names), datetime.fromisoformat(at), id, id in there) for (id, at), names in shown.items()]


def _settings():
    return current_app.config["SETTINGS"]


def _own(id: str) -> Job:
    """The import, where it is the person's business; what is not is not there."""
    return db.first_or_404(jobs.visible(current_user).where(Job.id == id, Job.kind == SIZES))


def _download(job: Job, path_of, mimetype: str):
    file = path_of(Path(place.key_of(job.id)))
    kept = there(file.as_posix(), "This file is not there.") if job.finished else abort(404, "This file is not there.")
    name = f"sizes-{job.created_at:%Y-%m-%d-%H%M}-{file.name}"
    audit.note(audit.DOWNLOAD_SIZES, job.title, details={"job": job.id, "file": file.name})
    return sent(kept, name, mimetype)


@contextmanager
def _waiting(batch: str) -> Iterator[Waiting]:
    if not arrivals.is_batch(batch, current_user.id, SIZES):
        abort(404, GONE)
    with ExitStack() as stack:
        try:
            table = stack.enter_context(sizes.table_of(batch))
        except NotATable as reason:
            abort(404 if str(reason) == sizes.GONE else 400, GONE if str(reason) == sizes.GONE else str(reason))
        yield Waiting(batch, table)


def _kinds() -> list[str]:
    """The identifiers that the person may use: a patient's where the site keeps any."""
    kept = [kind for kind in (ACCESSION, UID, PATIENT) if keeps(kind, _settings()) != NONE]
    return [kind for kind in kept if kind != PATIENT or current_user.may(PID)]


def _ask(waiting: Waiting, plan: Plan, wrong: BadParameter | None = None, doubted: Sequence[str] = ()):
    return page(
        "sizes/choose.html",
        "form",
        waiting=waiting,
        plan=plan,
        chosen=request.form if request.form else _as_form(plan),
        wrong=wrong,
        doubted=doubted,
        measures=MEASURES,
        kinds={kind: IDENTIFIERS[kind].title for kind in _kinds()},
        most_days=MOST_DAYS,
    )


def _as_form(plan: Plan) -> dict[str, str]:
    """The plan as the form would send it; what is not chosen, or not wanted, is nothing."""
    return {name: "" if value is None or value is False else str(value) for name, value in asdict(plan).items()}


def _chosen(table: Table) -> Plan:
    """What the form says. Raises BadParameter."""
    kind = _one_of("kind", _kinds(), "Say what the identifier is.")
    columns: dict[str, Any] = {name: _column(name, table) for name in ("identifier", "height", "weight", "date")}
    if columns["identifier"] is None:
        raise BadParameter("Choose the column of the identifier.", "identifier")
    if columns["height"] is None and columns["weight"] is None:
        raise BadParameter("Choose the column of the height, of the weight, or both.", "height")
    if kind != PATIENT:
        columns["date"] = None
    elif columns["date"] is None:
        raise BadParameter("A patient's ID needs the column of a date beside it.", "date")
    chosen = [column for column in columns.values() if column is not None]
    if len(set(chosen)) < len(chosen):
        raise BadParameter("One column is chosen for two things.", "identifier")
    units: dict[str, Any] = {f"{one.name}_unit": _unit(one) for one in MEASURES}
    return Plan(kind, **columns, **units, order=_order(kind), days=_days(kind), overwrite="overwrite" in request.form)


def _one_of(field: str, choices: Sequence[str], sentence: str) -> str:
    given = request.form.get(field, "")
    if given not in choices:
        raise BadParameter(sentence, field)
    return given


def _unit(measure: Measure) -> str:
    return _one_of(f"{measure.name}_unit", [unit.name for unit in measure.units], "Choose a unit.")


def _column(field: str, table: Table) -> int | None:
    given = request.form.get(field, "")
    column = whole(given, least=0, most=len(table.headings) - 1)
    if given and column is None:
        raise BadParameter("Choose one of the table's columns.", field)
    return column


def _order(kind: str) -> str:
    return _one_of("order", ORDERS, "Say how dates are written.") if kind == PATIENT else ORDERS[0]


def _days(kind: str) -> int:
    if kind != PATIENT:
        return 0
    days = whole(request.form.get("days", ""), least=0, most=MOST_DAYS)
    if days is None:
        raise BadParameter(f"The days between are a number from 0 to {MOST_DAYS}.", "days")
    return days

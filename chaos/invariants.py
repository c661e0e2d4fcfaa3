"""What has to hold afterwards, whatever was broken."""

import csv
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app import create_app, storage
from app.exports.kinds import KINDS
from app.exports.place import found
from app.extensions import db
from app.ingest.receive import receive
from app.jobs import housekeeping
from app.models import CtEvent, Job, ProjectionEvent, Refusal, Report, Study
from app.models.job import FINISHED
from app.settings import load
from app.trail.verify import verdict
from app.transactions import one_moment
from chaos.ledger import Ledger
from chaos.objects import Made
from chaos.site import Site

SETTLE_SECONDS = 300  # until nothing waits any more, however busy the machine is
FIGURES = (
    "modality", "number_of_events", "dlp_total", "dlp_event_sum", "ctdivol_maximum", "dap_total", "dap_event_sum",
    "dose_rp_total", "dose_rp_event_sum", "fluoro_time_total", "spiral_events", "problem_count",
)  # fmt: skip


class HasFolder(Protocol):
    """What has a folder for what it needs."""

    folder: Path


@dataclass
class Verdict:
    """How many of what there are, and what is wrong."""

    stored: int = 0
    quarantined: int = 0
    lost: int = 0
    twice: int = 0
    exports: dict[str, int] = field(default_factory=dict)  # by state
    settled_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def judge(site: Site, ledger: Ledger) -> Verdict:
    """Wait until all is quiet, then look at everything; the processes still run."""
    found_out = Verdict()
    with site.app.app_context():
        found_out.settled_seconds = _settle(site, found_out)
        objects(ledger, found_out)
        studies(site, ledger, found_out)
        _exports(site, found_out)
        with one_moment() as connection:
            chain = verdict(connection, site.settings)
        found_out.wrong += [] if chain.whole and not chain.unguarded else chain.words
        db.session.remove()
    return found_out


def _settle(site: Site, found_out: Verdict) -> float:
    begun = time.monotonic()
    unfinished = select(func.count()).where(Job.state.not_in(FINISHED))
    while time.monotonic() - begun < SETTLE_SECONDS:
        housekeeping.settle()
        db.session.rollback()
        if not list(_left(site.settings.spool)) and not db.session.scalar(unfinished):
            return time.monotonic() - begun
        time.sleep(0.5)
    found_out.wrong += [f"left in the spool: {path.name}" for path in _left(site.settings.spool)]
    if jobs := db.session.scalar(unfinished):
        found_out.wrong.append(f"{jobs} jobs do not end")
    return float("inf")


def _left(spool: Path) -> Iterator[Path]:
    """What lies in the spool, but for what was cut short on its way in, which goes after an hour."""
    return (path for path in spool.iterdir() if path.is_file() and path.suffix != ".part")


def objects(ledger: Ledger, found_out: Verdict) -> None:
    """Each object that was answered with success is stored once, or refused with a reason; none is there twice."""
    db.session.rollback()
    reports = Counter(db.session.scalars(select(Report.sop_instance_uid)))
    studies = Counter(db.session.scalars(select(Study.study_instance_uid)))
    refusals = dict(db.session.execute(select(Refusal.sop_instance_uid, Refusal.reason)).all())
    for sop, made in ledger.sent.items():
        stored, refused = reports[sop], sop in refusals
        found_out.stored += stored > 0
        found_out.quarantined += refused
        if sop in ledger.answered and not stored and not refused:
            found_out.lost += 1
            found_out.wrong.append(f"lost: {sop} ({made.state})")
        if stored > 1 or studies[made.study] > 1 or (stored and refused):
            found_out.twice += 1
            found_out.wrong.append(f"twice: {sop}: {stored} stored, {studies[made.study]} studies, refused: {refused}")
        if refused and not refusals[sop]:
            found_out.wrong.append(f"refused without a reason: {sop}")
        if studies[made.study] and not stored:
            found_out.wrong.append(f"a study without its object: {made.study}")


def studies(site: HasFolder, ledger: Ledger, found_out: Verdict) -> None:
    """No study is half: each is as a quiet import of the same object has it."""
    stored = dict(_figures())
    objects = [made for made in ledger.sent.values() if made.study in stored]
    expected = _quietly(site.folder / "quiet", objects)
    for made in objects:
        if stored[made.study] != expected.get(made.study):
            found_out.wrong.append(f"half: {made.study}: {stored[made.study]}, not {expected.get(made.study)}")


def _quietly(folder: Path, objects: list[Made]) -> dict[str, tuple]:
    """What an import says of them where nothing disturbs it."""
    app = create_app(load({"INSTANCE": str(folder)}))
    with app.app_context():
        db.create_all()
        for made in objects:
            receive(str(made.path))
        figures = dict(_figures())
        db.session.remove()
        db.engine.dispose()
    return figures


def _figures() -> Iterator[tuple[str, tuple]]:
    """What each study says of itself, and how many events it has."""
    ct, projection = (
        select(func.count()).where(kind.study_id == Study.id).correlate(Study).scalar_subquery()
        for kind in (CtEvent, ProjectionEvent)
    )
    columns = [getattr(Study, name) for name in FIGURES]
    for uid, *figures in db.session.execute(select(Study.study_instance_uid, *columns, ct, projection)):
        yield uid, tuple(round(value, 9) if isinstance(value, float) else value for value in figures)


def _exports(site: Site, found_out: Verdict) -> None:
    """A finished export has as many studies as it says; one that failed has no file, and no file is without its job."""
    media_root = site.settings.media_root
    exports = db.session.scalars(select(Job).where(Job.kind.in_(KINDS))).all()
    ready = {job.id[:8] for job in exports if job.state == "ready"}
    found_out.exports = dict(Counter(job.state for job in exports))
    for job in exports:
        if job.state == "ready":
            found_out.wrong += [f"export {job.id}: {fault}" for fault in _faults_of(media_root / job.result, job)]
    for one in found(storage.of(site.settings)):
        if one.id not in ready:
            found_out.wrong.append(f"a file of an export that did not end well: {one.path.name}")


def _faults_of(file: Path, job: Job) -> Iterator[str]:
    told = json.loads(file.with_suffix(".json").read_text()) if file.exists() else {}
    if not told:
        yield "it is ready and there is no file"
    elif file.stat().st_size != job.size or told["studies"] != job.done:
        yield f"{file.stat().st_size} bytes, not {job.size}; {told['studies']} studies, not {job.done}"
    elif (there := _rows(file)) != job.done:
        yield f"{there} studies are in the file, not {job.done}"


def _rows(file: Path) -> int:
    """How many studies the file has."""
    if file.suffix == ".csv":
        with open(file, newline="", encoding="utf-8-sig") as lines:
            return sum(1 for _ in csv.reader(lines)) - 1
    with CalamineWorkbook.from_path(file) as book:
        sheet = next(name for name in book.sheet_names if name.startswith("All"))
        return len(book.get_sheet_by_name(sheet).to_python()) - 1

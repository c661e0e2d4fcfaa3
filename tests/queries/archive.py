"""Studies as plain dictionaries, kept in the database and found again by plain Python."""

from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import count, zip_longest
from types import SimpleNamespace

from app.ingest.listed import listed
from app.ingest.rows import NAMES
from app.models import Administration, Code, CtEvent, Name, ProjectionEvent, Report, Study

EVENTS = {"CT": CtEvent, "RF": ProjectionEvent, "MG": ProjectionEvent, "DX": ProjectionEvent, "NM": Administration}
PROTOCOLS = dict.fromkeys(("RF", "MG", "DX"), ("projection_event", "acquisition_protocol")) | {
    "CT": ("ct_event", "acquisition_protocol"), "NM": ("administration", "agent_text"),
}  # fmt: skip
NAMED = ("description", "procedure", "requested_procedure", "performing_physician", "operator")
CODED = ("image_view", "laterality")

_numbers = count(1)


@dataclass
class Kept:
    """One study as the test knows it: texts instead of ids, its room and its protocols (or agents) beside it."""

    values: dict
    room: SimpleNamespace | None = None
    protocols: list[str | None] = field(default_factory=list)
    events: list[dict] = field(default_factory=list)  # what else is kept of the events that have these protocols
    id: int = 0

    def __getitem__(self, name):
        return self.study_at if name == "study_at" else self.values.get(name)

    @property
    def study_at(self):
        """What lists sort by: studies without a time are the first of their day."""
        day = self.values.get("study_date")
        return day and datetime.combine(day, self.values.get("study_time") or time())

    @property
    def all_events(self) -> list[dict]:
        """Each event with its protocol."""
        return [{"protocol": one} | more for one, more in zip_longest(self.protocols, self.events, fillvalue={})]


def keep(session, studies: list[Kept]) -> list[Kept]:
    """The same studies, stored, with the ids that they got."""
    names = {}
    for study in studies:
        shared = [study.values.get(name) for name in NAMED] + study.protocols
        for text in {one for one in [*shared, *_listed(study).values()] if isinstance(one, str)} - names.keys():
            names[text] = Name(text=text, digest=Name.digest_of(text), folded=Name.fold(text))
    coded = {text for study in studies for one in study.events for name in CODED if (text := one.get(name))}
    codes = {text: Code(scheme="99TEST", value=text, meaning=text) for text in coded}
    session.add_all([*names.values(), *codes.values()])
    session.flush()
    ids = {text: name.id for text, name in names.items()}
    for study in studies:
        _keep(session, study, ids, {text: code.id for text, code in codes.items()})
    return studies


def _listed(study: Kept) -> dict:
    """What the importer would keep for lists."""
    table, column = PROTOCOLS[study.values.get("modality", "CT")]
    events = [{column: one["protocol"], "acquisition_type": one.get("type")} for one in study.all_events]
    return listed(study.values, {table: events})


def _keep(session, study: Kept, ids: dict, codes: dict) -> None:
    number = next(_numbers)
    told = study.values | _listed(study)
    values = {name: ids.get(value) if name in NAMES else value for name, value in told.items()}
    values = {"modality": "CT", "number_of_events": len(study.protocols), "problem_count": 0} | values
    values["nuclear"] = values["modality"] == "NM"
    row = Study(study_instance_uid=f"2.25.{number}", equipment_id=study.room and study.room.id, **values)
    report = Report(
        sop_instance_uid=f"2.25.1.{number}", study=row, read_by="test", event_count=len(study.protocols), items=0,
        digest=f"{number}", body=f"{number}",
        unread_count=0, problems=[], unread={},
    )  # fmt: skip
    session.add_all([row, report])
    session.flush()
    study.id = row.id
    event = EVENTS[row.modality]

    def told(protocol: str | None = None, **more) -> dict:
        called = {"agent_text": protocol} if event is Administration else {"acquisition_protocol": ids.get(protocol)}
        kept = {name: codes.get(value) if name in CODED else value for name, value in more.items()}
        return called | {name: value for name, value in kept.items() if name in event.__table__.columns}

    session.add_all(
        event(
            study_id=row.id,
            report_id=report.id,
            number=place,
            key=f"{place}",
            **told(**one),
        )
        for place, one in enumerate(study.all_events, start=1)
    )
    session.flush()


def forget(session) -> None:
    """Nothing is kept any more: only rooms were committed."""
    session.rollback()

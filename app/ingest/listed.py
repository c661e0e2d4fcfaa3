"""What lists show and search of a study, worked out when it is stored: its title, protocols, agents, CT events."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any

from app.dicom.concept import Concept

CALLED = ("description", "procedure", "requested_procedure")  # the first of these that is there is the title
TYPES = {
    "spiral_events": {Concept("116152004", "SCT", "Spiral Acquisition")},
    "sequenced_events": {Concept("113804", "DCM", "Sequenced Acquisition")},
    "localizer_events": {Concept("113805", "DCM", "Constant Angle Acquisition")},
    # CID 10013 and CID 10002 have a code each.
    "stationary_events": {Concept(code, "DCM", "Stationary Acquisition") for code in ("113806", "113611")},
    "free_events": {Concept("113807", "DCM", "Free Acquisition")},
}
NAMED = ("title", "protocols", "agents")


def listed(study: Mapping[str, Any], events: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, Any]:
    """The study's columns for lists, names as text; `events` are the values of its events by table."""
    ct, projection = list(events.get("ct_event", ())), events.get("projection_event", ())
    types = [event.get("acquisition_type") for event in ct]
    day, clock = study.get("study_date"), study.get("study_time")
    return {
        "study_at": datetime.combine(day, clock or time()) if day else None,  # studies without a time are a day's first
        "title": next((study[name] for name in CALLED if study.get(name)), None),
        "protocols": _joined(event.get("acquisition_protocol") for event in (*ct, *projection)),
        "agents": _joined(event.get("agent") or event.get("agent_text") for event in events.get("administration", ())),
        **{name: sum(one in meant for one in types) if ct else None for name, meant in TYPES.items()},
    }


def listed_names(study: Mapping[str, Any], events: Mapping[str, Iterable[Mapping[str, Any]]]) -> set[str]:
    """Those of the columns that are shared names."""
    told = listed(study, events)
    return {told[name] for name in NAMED if told[name]}


def _joined(texts: Iterable[Any]) -> str | None:
    """The distinct texts on a line each."""
    distinct = {str(text).replace("\n", " ") for text in texts if text}
    return "\n".join(sorted(distinct, key=lambda text: (text.casefold(), text))) or None

"""The dose check of a CT event (TID 10015) in sentences, as spreadsheets have always had it."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.exports.cells import Cell
from app.exports.columns import Lookups
from app.exports.csv_file import text

Details = Mapping[str, Any]

YES = "373066001"  # SCT
AUTHORIZING = "113850"  # DCM, Irradiation Authorizing
QUANTITIES = (("DLP", "dlp", "mGy.cm"), ("CTDIvol", "ctdivol", "mGy"))
ALERT = ("Dose Check Alerts:", "alert", "accumulated forward estimate")
NOTIFICATION = ("Dose Check Notifications:", "notification", "forward estimate")


def dose_check(lookups: Lookups, alerts: list[Details] | None, notifications: list[Details] | None) -> Cell:
    """What was configured, what was foreseen and who let it pass; nothing where nothing was configured."""
    told = [*_told(ALERT, alerts or []), *_told(NOTIFICATION, notifications or [])]
    return " ".join(told) or None


def _told(words: tuple[str, str, str], details: list[Details]) -> Iterator[str]:
    title, kind, estimate = words
    sentences = [sentence for one in details for sentence in _sentences(kind, estimate, one)]
    if sentences:
        yield title
        yield from sentences


def _sentences(kind: str, estimate: str, details: Details) -> Iterator[str]:
    for title, name, unit in QUANTITIES:
        if details.get(f"{name}_configured", {}).get("value") == YES:
            at = _amount("at", details.get(f"{name}_value"), unit)
            article = "an" if estimate.startswith("a") else "a"
            foreseen = _amount(f"with {article} {estimate} of", details.get(f"{name}_forward_estimate"), unit)
            yield f"{title} {kind} is configured{at}{foreseen or f' with no {estimate} recorded'}."
    if reason := details.get("reason_for_proceeding"):
        yield f"Reason for proceeding: {reason}."
    for person in details.get("persons", []):
        if person.get("role_in_procedure", {}).get("value") == AUTHORIZING and person.get("name"):
            yield f"Person authorizing irradiation: {person['name']}."


def _amount(words: str, value: float | None, unit: str) -> str:
    return "" if value is None else f" {words} {text(value)} {unit}"

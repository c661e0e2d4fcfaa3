"""What a report says that contradicts itself.

Values that contradict each other are kept, since nobody knows which of them is wrong, and a problem says what
contradicts what. Nothing here looks at a clock.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime

from app.dicom.concept import Concept, fold
from app.dicom.layout import Row
from app.dicom.reader import REPORT, Problem, Reading
from app.ingest.possible import impossible_dates, impossible_values, rows, swapped_limits

FLUOROSCOPY = Concept("44491008", "SCT", "Fluoroscopy")
PREPARED = "pre_administration_measured_activity"
DAYS_OF_A_STUDY = 2  # studies go on over midnight, and dates of studies are those of the order sometimes


def contradictions(reading: Reading, study: dict, received: date) -> list[Problem]:
    """What in the reading and its study can't be, or contradicts something else; what can't be is taken out."""
    report = reading.row
    problems = [*impossible_values(report), *swapped_limits(report), *_dates(report, study, received)]
    if not study.get("study_date"):
        problems.append(Problem("Study Date (0008,0020)", "is missing"))
    for find in (_truncated_codes, _of_irradiation, _of_ct, _of_projection, _of_administrations):
        problems += find(report)
    return problems + (list(_uncounted(report)) if reading.kind == REPORT else [])


def _dates(report: Row, study: dict, received: date) -> Iterator[Problem]:
    yield from impossible_dates(study, received)
    for row in rows(report):
        yield from impossible_dates(row.values, received)
    studied = study.get("study_date")
    events = [event for name in ("ct_event", "projection_event") for event in report.parts.get(name, [])]
    apart = [event for event in events if studied and _days_apart(event, studied) > DAYS_OF_A_STUDY]
    yield from _tell(apart, lambda event: (
        "DateTime Started", f"is not near the study's date, {studied}", f"{event.values['started_at']:%Y-%m-%d}",
    ))  # fmt: skip


def _days_apart(event: Row, studied: date) -> int:
    started = event.values.get("started_at")
    return abs((started.date() - studied).days) if started else 0


def _truncated_codes(report: Row) -> Iterator[Problem]:
    """Codes that are none, but would be with one more zero: devices cut T-D4000 to T-D400."""
    found = {value for row in rows(report) for value in row.values.values() if isinstance(value, Concept)}
    for code in sorted((code for code in found if code.scheme == "SRT"), key=lambda code: code.value):
        meant = fold(code.value + "0", "SRT")
        if meant.scheme == "SCT":
            yield Problem(code.meaning or "code", f"is no code; perhaps {code.value}0 was meant", str(code.value))


def _of_irradiation(report: Row) -> Iterator[Problem]:
    start, end = report.values.get("start_of_irradiation"), report.values.get("end_of_irradiation")
    if start and end and (seconds_between(start, end) or 0) < 0:
        yield Problem("End of X-Ray Irradiation", "is before its start", f"{start:%Y-%m-%d %X}, {end:%Y-%m-%d %X}")


def seconds_between(start: datetime, end: datetime) -> float | None:
    """The seconds from start to end; None where only one of them tells its zone."""
    return None if (start.tzinfo is None) != (end.tzinfo is None) else (end - start).total_seconds()


def _uncounted(report: Row) -> Iterator[Problem]:
    """Events that the report counts and does not have: it was cut short, or they are not understood."""
    accumulated, events = report.parts.get("ct_accumulated", []), report.parts.get("ct_event", [])
    counted = max((_value(row, "total_number_of_irradiation_events") for row in accumulated), default=0)
    if counted > len(events):
        message = "is more than the events that are there"
        yield Problem("Total Number of Irradiation Events", message, f"{counted:g}; {len(events)}")


def _of_ct(report: Row) -> Iterator[Problem]:
    events = report.parts.get("ct_event", [])
    start, end = report.values.get("start_of_irradiation"), report.values.get("end_of_irradiation")
    window = (seconds_between(start, end) or 0) if start and end else 0
    if window > 0:
        # Of the last event some tell the start only, so that the window may lack its length.
        longer = _those(events, lambda event: _value(event, "exposure_time") > 2 * window + 60)
        message = f"is longer than the whole irradiation, {window:g} s"
        yield from _tell(longer, lambda event: ("Exposure Time", message, f"{_value(event, 'exposure_time'):g} s"))
    differing = _those(events, _dlp_differs)
    message = "is more than twice, or less than half of Mean CTDIvol × Scanning Length"
    yield from _tell(differing, lambda event: ("DLP", message, _dlp_told(event)))


def _dlp_told(event: Row) -> str:
    dlp, ctdivol, length = (event.values[name] for name in ("dlp", "mean_ctdivol", "scanning_length"))
    return f"{dlp:g} mGy.cm; {ctdivol:g} mGy × {length:g} mm"


def _dlp_differs(event: Row) -> bool:
    dlp, ctdivol, length = (_value(event, name) for name in ("dlp", "mean_ctdivol", "scanning_length"))
    product = ctdivol * length / 10
    return bool(dlp and product) and not 0.5 <= dlp / product <= 2


def _of_projection(report: Row) -> Iterator[Problem]:
    events = report.parts.get("projection_event", [])
    longer = _those(events, lambda event: _value(event, "irradiation_duration") > 2 * _pulsing(event) + 2 > 2)
    yield from _tell(longer, lambda event: (
        "Irradiation Duration", f"is longer than its pulses take, {_pulsing(event):.3g} s",
        f"{_value(event, 'irradiation_duration'):g} s",
    ))  # fmt: skip
    total = sum(_value(row, "total_fluoro_time") for row in report.parts.get("projection_accumulated", []))
    fluoroscopy = [event for event in events if event.values.get("irradiation_event_type") == FLUOROSCOPY]
    told = sum(_value(event, "irradiation_duration") for event in fluoroscopy)
    if total and told > 1.5 * total + 5:
        yield Problem(
            "Total Fluoro Time", "is less than the durations of the fluoroscopies together", f"{total:g} s; {told:g} s"
        )


def _of_administrations(report: Row) -> Iterator[Problem]:
    events = report.parts.get("administration", [])
    reversed_times = _those(events, lambda event: _lasts(event) < 0)
    yield from _tell(reversed_times, lambda event: (
        "Radiopharmaceutical Stop DateTime", "is before the start",
        f"{event.values['started_at']:%X}, {event.values['stopped_at']:%X}",
    ))  # fmt: skip
    more = _those(events, lambda event: _value(event, "administered_activity") > 1.1 * _value(event, PREPARED) > 0)
    yield from _tell(more, lambda event: (
        "Administered activity", "is more than was measured before it was administered",
        f"{_value(event, 'administered_activity'):g} MBq; {_value(event, PREPARED):g} MBq",
    ))  # fmt: skip


def _lasts(event: Row) -> float:
    """The seconds that the administration took, as far as its times tell."""
    start, stop = event.values.get("started_at"), event.values.get("stopped_at")
    return (seconds_between(start, stop) or 0) if start and stop else 0


def _pulsing(event: Row) -> float:
    """The seconds that the event's pulses take at their rate."""
    rate = _value(event, "pulse_rate")
    return _value(event, "number_of_pulses") / rate if rate else 0


def _value(row: Row, name: str) -> float:
    return row.values.get(name) or 0


def _those(events: list[Row], wrong: Callable[[Row], bool]) -> list[Row]:
    return [event for event in events if wrong(event)]


def _tell(events: list[Row], told: Callable[[Row], tuple[str, str, str]]) -> Iterator[Problem]:
    """One problem for all events that have it, with the first of them as the example."""
    if events:
        path, message, value = told(events[0])
        yield Problem(path, message, f"{value} ({len(events)} events)" if len(events) > 1 else value)

"""What no report can truthfully say: negative doses, a million volts, filters thinner than nothing, dates to come.

Such a value is taken out of its row, and a problem tells it. One that is merely more than usual stays, with a problem.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.dicom.concept import Concept
from app.dicom.layout import Row
from app.dicom.reader import Problem

DISCOVERY = date(1895, 11, 8)  # of X-rays
NOBODYS_DAYS = {date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31)}  # what systems write that know none
CLOCKS_DIFFER = timedelta(days=2)  # between time zones, and a little
LIMIT = "is outside of what is possible; it was not stored"
SWAPPED = "the minimum was larger than the maximum; they were swapped"


@dataclass(frozen=True)
class Range:
    """What a quantity can be at all, and what it is unless something is very unusual."""

    possible: tuple[float, float]
    usual: tuple[float, float]


def _range(highest: float, usual: float | None = None) -> Range:
    return Range((0, highest), (0, highest if usual is None else usual))


ANY = 1e12
RANGES = {
    # Doses: some ten times the highest that examinations ever gave are unusual, a thousand times are not possible.
    "mean_ctdivol": _range(1e5, 2000), "dlp": _range(1e6, 30_000), "dlp_total": _range(1e7, 60_000),
    "dap": _range(10, 0.3), "dose_rp": _range(100, 10), "dap_total": _range(100, 1), "dose_rp_total": _range(1000, 30),
    "fluoro_dap_total": _range(100, 1), "acquisition_dap_total": _range(100, 1),
    "fluoro_dose_rp_total": _range(1000, 30), "acquisition_dose_rp_total": _range(1000, 30),
    "average_glandular_dose": _range(1000, 50), "entrance_exposure_at_rp": _range(1e5, 1000),
    # Technique: a zero stands in pulses that were not fired.
    "kvp": _range(200), "tube_current": _range(5000), "maximum_tube_current": _range(5000),
    "average_tube_current": _range(5000), "exposure": _range(ANY), "pulse_width": _range(ANY),
    "exposure_time": _range(ANY), "exposure_time_per_rotation": _range(ANY), "irradiation_duration": _range(ANY),
    "total_fluoro_time": _range(ANY), "total_acquisition_time": _range(ANY), "number_of_pulses": _range(ANY),
    "pulse_rate": _range(ANY), "pitch_factor": _range(20), "half_value_layer": _range(50),
    # Geometry: positions and angles may be negative, lengths may not.
    "scanning_length": _range(5000), "nominal_total_collimation_width": _range(1000),
    "nominal_single_collimation_width": _range(1000), "collimated_field_area": _range(4),
    "collimated_field_height": _range(3000), "collimated_field_width": _range(3000),
    "distance_source_to_detector": _range(10_000), "distance_source_to_isocenter": _range(10_000),
    "distance_source_to_reference_point": _range(10_000), "compression_thickness": _range(500),
    "patient_equivalent_thickness": _range(1000), "focal_spot_size": _range(10),
    "thickness_minimum": _range(500), "thickness_maximum": _range(500),
    "distance_source_to_patient": _range(10_000), "distance_source_to_entrance": _range(10_000),
    # Nobody bears more; what compresses is built for 300 N at the most (IEC 60601-2-45).
    "compression_force": _range(400), "magnification_factor": _range(20),
    # Radiopharmaceuticals: therapies give some GBq. Of the patient, 2.72 m and 635 kg are the records.
    "administered_activity": _range(1e5, 12_000), "pre_administration_measured_activity": _range(1e5, 12_000),
    "post_administration_measured_activity": _range(1e5, 12_000), "half_life": _range(ANY), "volume": _range(5000),
    "positron_fraction": _range(1), "estimated_extravasation_activity": _range(100), "organ_dose": _range(ANY),
    "effective_dose": _range(10_000, 500), "height": _range(280), "weight": _range(650), "age": _range(130),
    "body_surface_area": _range(10), "body_mass_index": _range(300), "glucose": _range(200),
}  # fmt: skip
# But for the zero of a pulse that was not fired, and of what is not known; distances are in mm, and not in dm.
LOWEST = {"kvp": 10, "distance_source_to_detector": 100, "distance_source_to_patient": 50, "magnification_factor": 0.5,
          "height": 10, "weight": 0.2}  # fmt: skip
MAMMOGRAPHY_KVP = (15, 60)
MAMMOGRAPHY = Concept("71651007", "SCT", "Mammography")


def rows(row: Row) -> Iterator[Row]:
    """The row and all rows below it."""
    yield row
    for below in row.parts.values():
        for one in below:
            yield from rows(one)


def placed(row: Row, path: str = "") -> Iterator[tuple[str, Row]]:
    """The row and all rows below it, each with the path to it: “CT Acquisition 2 › ”."""
    yield path, row
    for below in row.parts.values():
        for number, one in enumerate(below, start=1):
            place = f" {number}" if len(below) > 1 else ""
            yield from placed(one, f"{path}{one.layout.claims or one.layout.name}{place} › ")


def impossible_values(report: Row) -> Iterator[Problem]:
    """Take out of the report what can't be; tell that, and what is more than usual."""
    is_mammography = report.values.get("procedure_reported") == MAMMOGRAPHY
    for path, row in placed(report):
        for name, value in list(row.values.items()):
            limits = RANGES.get(name)
            if limits is None or value is None:
                continue
            values = value if isinstance(value, list) else [value]
            if not _is_usual(name, values, limits) or (is_mammography and name == "kvp"):
                for problem in _out_of_range(row, name, values, is_mammography):
                    yield replace(problem, path=path + problem.path)


def _is_usual(name: str, values: list[float], limits: Range) -> bool:
    """Whether there is nothing to say of the values: most are of that kind, so that it must not take long."""
    least, most = limits.usual
    lowest = LOWEST.get(name, 0)
    return all(least <= value <= most and (value >= lowest or not value) for value in values)


def _out_of_range(row: Row, name: str, values: list[float], is_mammography: bool) -> Iterator[Problem]:
    field, limits = row.layout.fields_by_name[name], RANGES[name]
    told = f"{' '.join(f'{value:g}' for value in values)} {field.unit}"
    if any(not _within(value, limits.possible) or 0 < value < LOWEST.get(name, 0) for value in values):
        del row.values[name]
        yield Problem(field.title, LIMIT, told)
    elif any(not _within(value, limits.usual) for value in values):
        yield Problem(field.title, "is more than any examination should give", told)
    elif name == "kvp" and is_mammography and any(value and not _within(value, MAMMOGRAPHY_KVP) for value in values):
        yield Problem(field.title, "is not a voltage of mammography", told)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def swapped_limits(report: Row) -> Iterator[Problem]:
    """Put thickness of filters in order where the minimum is larger than the maximum, and tell so."""
    for row in rows(report):
        lowest, highest = row.values.get("thickness_minimum"), row.values.get("thickness_maximum")
        if lowest is not None and highest is not None and lowest > highest:
            row.values |= {"thickness_minimum": highest, "thickness_maximum": lowest}
            yield Problem("X-Ray Filter Thickness", SWAPPED, f"{lowest:g} to {highest:g} mm")


def impossible_dates(values: dict, received: date, where: str = "") -> Iterator[Problem]:
    """Take out dates before X-rays were discovered and after the object was received, and tell them."""
    for name, value in [(name, value) for name, value in values.items() if isinstance(value, date)]:
        day = value.date() if isinstance(value, datetime) else value
        if day in NOBODYS_DAYS or not DISCOVERY <= day <= received + CLOCKS_DIFFER:
            del values[name]
            told = "is in the future" if day > received else "is before X-rays were discovered"
            told = "stands for a day that is not known" if day in NOBODYS_DAYS else told
            yield Problem(
                where or name.replace("_", " ").capitalize(), f"{told}; it was not stored", f"{value:%Y-%m-%d}"
            )

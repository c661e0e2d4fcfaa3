"""What can't be true of any exposure is not kept: it becomes a problem with its value."""

from collections.abc import Iterator, Mapping

from app.dicom.layout import Row
from app.dicom.reader import Problem

# By column: the least and the most that equipment can do, in the column's unit. Zero is how devices say unknown.
LIMITS = {
    "distance_source_to_detector": (100, 5000),
    "distance_source_to_patient": (30, 5000),
    "distance_source_to_entrance": (10, 5000),
    "compression_force": (0, 400),
    "compression_thickness": (0, 700),
    "kvp": (5, 200),
    "tube_current": (0.01, 5000),
    "focal_spot_size": (0.01, 5),
    "magnification_factor": (0.5, 20),
    "average_glandular_dose": (0, 1000),
    "entrance_exposure_at_rp": (0, 20_000),
    "dap": (0, 10),
    "mean_ctdivol": (0, 10_000),
    "dlp": (0, 100_000),
    "half_value_layer": (0.01, 20),
}


def keep_plausible(parts: Mapping[str, list[Row]]) -> list[Problem]:
    """Take out what can't be true; each is a problem."""
    return [problem for rows in parts.values() for row in rows for problem in _of(row)]


def _of(row: Row) -> Iterator[Problem]:
    for name, limits in LIMITS.items():
        value = row.values.get(name)
        wrong = [one for one in (value if isinstance(value, list) else [value]) if _is_wrong(one, limits)]
        if wrong:
            del row.values[name]
            field = row.layout.fields_by_name[name]
            told = "\\".join(f"{one:g}" for one in wrong)
            yield Problem(field.title, f"can't be true, and is not kept ({field.tag})", f"{told} {field.unit}")
    for rows in row.parts.values():
        for below in rows:
            yield from _of(below)


def _is_wrong(value: object, limits: tuple[float, float]) -> bool:
    return isinstance(value, float) and value != 0 and not limits[0] <= value <= limits[1]

"""Enhanced images: what concerns all frames stands in sequences of the header, what concerns one in an item for it."""

from collections.abc import Collection
from decimal import Decimal
from functools import cache
from typing import Any

from app.dicom.header import Header, sequence_at
from app.dicom.layout import Field, Layout, Row
from app.dicom.reader import Problem

DEEPEST = 3  # sequences in sequences that concern all frames
ACQUISITIONS, SHARED = "XRay3DAcquisitionSequence", "SharedFunctionalGroupsSequence"
PROJECTIONS, FRAMES = "PerProjectionAcquisitionSequence", "PerFrameFunctionalGroupsSequence"
SLICES = "1.2.840.10008.5.1.4.1.1.13.1.3"  # Breast Tomosynthesis: its frames are slices, and no exposures
# What of a frame matters for dose; there are thousands of frames, each with a dozen sequences.
OF_ONE = {
    "XRayAcquisitionDoseSequence", "FrameAcquisitionSequence", "PositionerPositionSequence", "FrameContentSequence",
    "IrradiationEventIdentificationSequence", "FrameAnatomySequence", "XRayGeometrySequence", "AnatomicRegionSequence",
}  # fmt: skip

# What frames have each for themselves: doses add up, settings are lists, angles run from the first to the last.
SUMS = {"average_glandular_dose", "entrance_exposure_at_rp", "dap", "exposure_time"}
LISTS = {"kvp", "tube_current", "exposure", "pulse_width"}
ENDS = {
    "positioner_primary_angle": "positioner_primary_end_angle",
    "positioner_secondary_angle": "positioner_secondary_end_angle",
}
SAME = {"irradiation_event_uid", "laterality", "anatomical_structure", "target_region", "distance_source_to_detector"}


def gather(header: Header) -> None:
    """Let the header find what stands in the sequences that concern all of its frames."""
    for keyword in (ACQUISITIONS, SHARED):
        items = header.items(keyword)
        if len(items) == 1:  # several acquisitions in one image: nothing of theirs concerns all of it
            header.below += [below for item in items for below in _nested(item, DEEPEST)]
            header.taken.add(keyword)


def _nested(header: Header, levels: int, wanted: Collection[str] = ()) -> list[Header]:
    """The item and the single items of the sequences in it, or of the wanted ones, near ones first."""
    found = [header]
    for tag in header.dataset.keys() if levels else ():
        keyword = sequence_at(tag)
        if keyword and keyword != PROJECTIONS and (not wanted or keyword in wanted):
            items = header.items(keyword)
            found += _nested(items[0], levels - 1, wanted) if len(items) == 1 else []
    return found


def exposures(header: Header) -> list[Header]:
    """What says something of one exposure each, or of one frame: several acquisitions, projections, or frames."""
    found = header.items(_divided(header))
    for one in found:
        one.below = _nested(one, DEEPEST, OF_ONE)[1:]
    return found


def _divided(header: Header) -> str:
    """The sequence whose items are the exposures or frames."""
    if len(header.items(ACQUISITIONS)) > 1:
        return ACQUISITIONS
    return PROJECTIONS if header.items(PROJECTIONS) else FRAMES


def add_frames(header: Header, row: Row, problems: list[Problem]) -> None:
    """Add to the row what only its frames or projections say."""
    frames, keyword = exposures(header), _divided(header)
    layout = _of_frames(row.layout)
    layout = Layout(layout.name, None, tuple(field for field in layout.fields if field.name not in row.values))
    read = [frame.row(layout) for frame in frames]
    told = [one.values for one, _ in read]
    header.taken.add(keyword)
    for field in layout.fields:
        values = [one[field.name] for one in told if field.name in one]
        if values and field.name not in row.values:
            _add(row, field, values, len(frames), _Place(header, keyword, problems))
    problems += list(dict.fromkeys(problem for _, wrong in read for problem in wrong))


@cache
def _of_frames(layout: Layout) -> Layout:
    wanted = SUMS | LISTS | SAME | ENDS.keys() | {"started_at"}
    return Layout(layout.name, None, tuple(field for field in layout.fields if field.name in wanted))


class _Place:
    """Where the frames' values stand, and where to tell what is wrong with them."""

    def __init__(self, header: Header, keyword: str, problems: list[Problem]):
        self.path, self.problems = header.label(keyword), problems
        self.are_exposures = keyword != FRAMES or header.at("SOPClassUID") != SLICES

    def tell(self, message: str, field: Field, values: list[Any]) -> None:
        self.problems.append(Problem(f"{self.path} › {field.title}", message, ", ".join(map(str, values[:10]))))


def _add(row: Row, field: Field, values: list[Any], frames: int, place: _Place) -> None:
    is_same = all(value == values[0] for value in values)
    if field.name in SUMS and place.are_exposures and len(values) != frames:
        place.tell("is not told for all frames, so that they can't be added", field, values)
    elif field.name in SUMS and place.are_exposures:
        row.values[field.name] = _total(values)
    elif field.name in LISTS and place.are_exposures:
        row.values[field.name] = values[0] if is_same else [number for value in values for number in value]
    elif field.name in ENDS and place.are_exposures:
        row.values[field.name] = values[0]
        row.values |= {} if is_same else {ENDS[field.name]: values[-1]}
    elif field.name == "started_at":
        row.values[field.name] = min(values, key=str)
    elif is_same:
        row.values[field.name] = values[0]
    else:
        place.tell("differs from frame to frame", field, values)


def _total(values: list[float]) -> float:
    return float(sum(Decimal(repr(value)) for value in values))

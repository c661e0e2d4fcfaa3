"""The yardstick: a plain walk over a report's content with pydicom, as anybody would write it."""

import time
from io import BytesIO

from pydicom import dcmread
from pydicom.dataset import Dataset

from bench.samples import SAMPLES, made

WALK_MS = 17.0  # the plain walk over the first sample on the machine that the goals were set for
VALUES = {"TEXT": "TextValue", "PNAME": "PersonName", "UIDREF": "UID", "DATETIME": "DateTime"}


def plain_walk(content: bytes) -> list:
    """Each content item's concept, value and unit."""
    return list(_items(dcmread(BytesIO(content))))


def told_walk_ms() -> float:
    """How long the walk over the first sample takes here and now, which is printed."""
    walk = fastest_walk_ms(SAMPLES[0].content() or made(SAMPLES[0].name, SAMPLES[0].events))
    print(f"Plain walk over {SAMPLES[0].name}: {walk:.1f} ms (reference machine: {WALK_MS} ms)", flush=True)
    return walk


def slower(walk_ms: float) -> float:
    """How many times slower than the reference machine that is; goals are no harder on a faster one."""
    return max(1.0, walk_ms / WALK_MS)


def fastest_walk_ms(content: bytes, times: int = 20) -> float:
    """How long the walk takes, at best: what else the machine does makes no goal easier."""
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        plain_walk(content)
        seconds.append(time.perf_counter() - begun)
    return 1000 * min(seconds)


def _items(dataset: Dataset):
    yield _code(dataset, "ConceptNameCodeSequence"), _value(dataset)
    for child in dataset.get("ContentSequence") or ():
        yield from _items(child)


def _value(item: Dataset):
    kind = item.get("ValueType")
    if kind == "NUM":
        return [
            (str(measured.get("NumericValue")), _code(measured, "MeasurementUnitsCodeSequence"))
            for measured in item.get("MeasuredValueSequence") or ()
        ]
    if kind == "CODE":
        return _code(item, "ConceptCodeSequence")
    return item.get(VALUES[kind]) if kind in VALUES else None


def _code(dataset: Dataset, keyword: str):
    codes = dataset.get(keyword)
    if not codes:
        return None
    return tuple(codes[0].get(part) for part in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning"))

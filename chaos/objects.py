"""Objects whose UIDs we know: dose reports that are studies of their own, damaged ones, and such that tell no dose."""

import random
import threading
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pydicom import dcmread

from tests.factories import ct_report, fluoroscopy_report, report_file

WHOLE, TRUNCATED, NO_DOSE = "whole", "truncated", "no dose"
SHARES = ((NO_DOSE, 0.05), (TRUNCATED, 0.05))


@dataclass(frozen=True)
class Made:
    """One object that is sent, perhaps several times."""

    path: Path
    sop: str
    study: str
    state: str


class Maker:
    """Makes objects, the same ones for the same seed; several threads may ask."""

    def __init__(self, folder: Path, seed: int):
        folder.mkdir()
        self._folder, self._random, self._turn = folder, random.Random(seed), threading.Lock()

    def one(self, *states: str) -> Made:
        """Another object, in one of the states."""
        with self._turn:
            return self._write(self._random, states)

    def _write(self, chance: random.Random, states: tuple[str, ...]) -> Made:
        state = next((one for one, share in SHARES if one in states and chance.random() < share), WHOLE)
        sop, study, series = (f"2.25.{chance.getrandbits(120)}" for _ in range(3))
        dose = [chance.randint(1, 900) for _ in range(chance.randint(1, 6))]
        if chance.random() < 0.5:
            report = ct_report(*[{"dlp": float(one)} for one in dose])
        else:
            report = fluoroscopy_report(*[{"dap": one * 1e-6} for one in dose])
        uids = {"SOPInstanceUID": sop, "StudyInstanceUID": study, "SeriesInstanceUID": series}
        content = spoilt(report_file(report, **uids).getvalue(), state)
        path = self._folder / f"{sop}.dcm"
        path.write_bytes(content)
        return Made(path, sop, study, state)


def spoilt(content: bytes, state: str) -> bytes:
    """The object as it is in this state."""
    if state == TRUNCATED:
        return content[: len(content) * 2 // 3]
    if state == NO_DOSE:
        dataset = dcmread(BytesIO(content))
        dataset.ConceptNameCodeSequence[0].CodeValue = "126000"
        dataset.ConceptNameCodeSequence[0].CodeMeaning = "Imaging Measurement Report"
        del dataset.ContentSequence
        written = BytesIO()
        dataset.save_as(written)
        return written.getvalue()
    return content

"""The dose survey of the UK breast screening programme: 2D and tomosynthesis apart, patients numbered alike in both."""

import csv
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from app.exports import mg, projection, study_columns
from app.exports.cells import Cell
from app.exports.columns import Block, Lookups, column, nothing
from app.exports.csv_file import text
from app.exports.options import Option
from app.exports.order import Order
from app.exports.records import Part, pages
from app.exports.xlsx_file import drafts_of
from app.models import ProjectionEvent, Report

# Views by the abbreviations of CID 4014, but for the oblique one, which the programme's database calls so.
VIEWS = {
    "399162004": "CC", "399368009": "OB", "399260004": "ML", "399352003": "LM", "399099002": "LMO",
    "399188001": "SIO", "441555000": "ISO", "399196006": "FB", "399265009": "XCC", "399192008": "XCCL",
    "399101009": "XCCM",
}  # fmt: skip
SIDES = {"7771000": "L", "80248007": "L", "24028007": "R", "73056007": "R"}
ROTATIONAL = "113613"  # DCM, Rotational Acquisition
TOMOSYNTHESIS = ("tomo", "3d", "dbt")
LEFT_OUT = "scout, postclip, prefire, biopsy, postfire, stereo, specimen, artefact, artifact"
NO_VIEW = "no side or no view is told"

SURVEY = Option(
    "survey", "Survey number", "As the survey’s coordinator gave it.", "1", r"[1-9][0-9]{0,5}", "a number from 1"
)
TOMOSYNTHESIS_SURVEY = Option(
    "tomosynthesis", "Survey number of the tomosynthesis", "Left empty, it is one more than that of 2D.", "",
    r"([1-9][0-9]{0,5})?", "a number from 1, or nothing",
)  # fmt: skip
WITHOUT = Option(
    "without", "Leave out exposures called", "Words, with commas between them; what has one in its protocol, "
    "its mode, its image type or its series is no screening exposure.", LEFT_OUT,
    r"[^\x00-\x1f]{0,500}", "at most 500 characters",
)  # fmt: skip
OPTIONS = (SURVEY, TOMOSYNTHESIS_SURVEY, WITHOUT)
ABOUT = (
    "A zip with one file for 2D and one for tomosynthesis, in which a patient has the same number, and a third that "
    "counts what was left out. Views of a patient are told apart: LCC, LCC2."
)


class Exposure(NamedTuple):
    """What decides where an exposure belongs."""

    view: str  # empty where it is not told
    tomosynthesis: int  # 1 for yes
    words: str  # all that says what it was made for
    cells: Sequence[Cell]

    @classmethod
    def of(cls, view: Cell, tomosynthesis: Cell, words: Cell, *cells: Cell) -> "Exposure":
        """The exposure from the cells of its row."""
        return cls(str(view or ""), int(bool(tomosynthesis)), str(words or ""), cells)


def view_code(lookups: Lookups, side: int | None, view: int | None) -> Cell:
    """The view by its side and abbreviation, such as LCC."""
    left_or_right = SIDES.get(lookups.codes[side].value) if side is not None else None
    shown = VIEWS.get(lookups.codes[view].value) if view is not None else None
    return f"{left_or_right}{shown}" if left_or_right and shown else None


def is_tomosynthesis(
    lookups: Lookups, event_type: int | None, protocol: int | None, image_type: str | None, setting: str | None
) -> Cell:
    """Whether the tube moved, as the type of the event says, or else its name or its image; 1 for yes."""
    if event_type is not None:
        return int(lookups.codes[event_type].value == ROTATIONAL)
    told = " ".join(filter(None, (lookups.names[protocol] if protocol else "", image_type, setting))).casefold()
    return int(any(word in told for word in TOMOSYNTHESIS))


def words(lookups: Lookups, protocol: int | None, view: int | None, *texts: str | None) -> Cell:
    """All that says what the exposure was made for."""
    named = lookups.names[protocol] if protocol else None
    shown = lookups.codes[view].meaning if view else None
    return " ".join(filter(None, (named, shown, *texts))).casefold()


def main_pulse(charges: Sequence[float] | None) -> int:
    """The place of the pulse that makes the image: the one of the largest charge."""
    return max(range(len(charges)), key=charges.__getitem__) if charges else 0


def charges(
    exposure: Sequence[float] | None, current: Sequence[float] | None, width: Sequence[float] | None
) -> list[float]:
    """The charge of each pulse in µAs, told or worked out from current and time."""
    if exposure:
        return list(exposure)
    pairs = zip(current or (), width or (), strict=False)
    return [milliampere * milliseconds for milliampere, milliseconds in pairs]


def kvp(lookups: Lookups, values: Sequence[float] | None, *of_pulses: Sequence[float] | None) -> Cell:
    """The voltage of the pulse that makes the image."""
    if not values:
        return None
    place = main_pulse(charges(*of_pulses))
    return values[place] if place < len(values) else values[-1]


def mas(lookups: Lookups, *of_pulses: Sequence[float] | None) -> Cell:
    """The charge of all pulses together."""
    told = charges(*of_pulses)
    return projection.in_unit("uA.s", "mA.s")(lookups, round(sum(told), 3)) if told else None


def first_filter(lookups: Lookups, filters: Sequence[Mapping[str, Any]] | None) -> Cell:
    """The material of the filter, which is the same for all pulses."""
    return projection.filters(lookups, (filters or ())[:1])


def mode(lookups: Lookups, told: str | None) -> Cell:
    """Whether the machine chose the exposure."""
    return {"AUTOMATIC": "AUTO", "MANUAL": "MANUAL"}.get(told or "", told)


EVENT = ProjectionEvent
PULSES = (EVENT.exposure, EVENT.tube_current, EVENT.pulse_width)
KEYS = Block((
    column("view", EVENT.laterality, EVENT.image_view, show=view_code),
    column("tomosynthesis", EVENT.irradiation_event_type, EVENT.acquisition_protocol, EVENT.image_type,
           EVENT.radiation_setting, show=is_tomosynthesis),
    column("words", EVENT.acquisition_protocol, EVENT.image_view, EVENT.exposure_control_mode_description,
           EVENT.image_type, EVENT.view_position, EVENT.irradiation_event_label, Report.series_description, show=words),
))  # fmt: skip
CELLS = Block((
    column("kV", EVENT.kvp, *PULSES, show=kvp),
    mg.TARGET.called("Anode"),
    column("Filter", EVENT.xray_filters, show=first_filter),
    mg.THICKNESS,
    column("mAs", *PULSES, show=mas),
    column("large cassette used", EVENT.id, show=nothing),
    column("auto/man", EVENT.exposure_control_mode, show=mode),
    column("Auto mode", EVENT.exposure_control_mode_description),
    column("Density setting", EVENT.id, show=nothing),
))  # fmt: skip
REST = Block((projection.VIEW_MODIFIER.called("Comment"), column("AEC density mode", EVENT.id, show=nothing)))
STUDY = Block((study_columns.AGE.called("Age"),))
ROW = Block((*KEYS.columns, *CELLS.columns, *REST.columns))
HEADINGS = [
    "Survey number", "Patient number", "View code", *CELLS.headings, *STUDY.headings, *REST.headings,
]  # fmt: skip
FILES = ("2d.csv", "tomosynthesis.csv")
LEFT_OUT_FILE = "left-out.csv"


@dataclass
class Survey:
    """The rows of a survey: what is numbered, and what was left out."""

    numbers: tuple[int, int]  # of 2D and of tomosynthesis
    without: Sequence[str]
    patients: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def rows(self, age: Cell, exposures: Sequence[Exposure]) -> Iterator[tuple[int, list[Cell]]]:
        """The rows of one patient, each with the place of its file; one with nothing to tell has no number."""
        wanted = [exposure for exposure in exposures if not self._is_left_out(exposure)]
        self.patients += bool(wanted)
        times: Counter[tuple[int, str]] = Counter()
        end = len(CELLS.columns)
        for view, file, _, cells in wanted:
            times[file, view] += 1
            code = f"{view}{times[file, view]}" if times[file, view] > 1 else view
            yield file, [self.numbers[file], self.patients, code, *cells[:end], age, *cells[end:]]

    def _is_left_out(self, exposure: Exposure) -> bool:
        found = next((word for word in self.without if word in exposure.words), None)
        reason = f"called {found}" if found else "" if exposure.view else NO_VIEW
        self.left_out[reason] += bool(reason)
        return bool(reason)


class Nhsbsp:
    """Two files of one survey, and what was left out of them."""

    suffix = ".zip"

    def write(self, order: Order) -> None:
        """Write the files beside their place, then pack them."""
        without = [word for part in order.options[WITHOUT.key].split(",") if (word := part.strip().casefold())]
        number = int(order.options[SURVEY.key])
        survey = Survey((number, int(order.options[TOMOSYNTHESIS_SURVEY.key] or number + 1)), without)
        drafts = drafts_of(order.path)
        drafts.mkdir(parents=True, exist_ok=True)
        try:
            self._write_files(drafts, order, survey)
            with (drafts / LEFT_OUT_FILE).open("w", encoding="utf-8-sig", newline="") as file:
                reasons = [[reason, number] for reason, number in survey.left_out.most_common() if number]
                csv.writer(file).writerows([["Left out because", "Exposures"], *reasons])
            with zipfile.ZipFile(order.path, "w", zipfile.ZIP_DEFLATED) as pack:
                for name in (*FILES, LEFT_OUT_FILE):
                    pack.write(drafts / name, f"nhsbsp-{number}-{name}")
        finally:
            shutil.rmtree(drafts, ignore_errors=True)
        if left_out := survey.left_out.total():
            order.notes.append(f"Exposures left out: {left_out:,}; {LEFT_OUT_FILE} says why.")

    @staticmethod
    def _write_files(drafts: Path, order: Order, survey: Survey) -> None:
        with ExitStack() as stack:
            files = [stack.enter_context((drafts / name).open("w", encoding="utf-8-sig", newline="")) for name in FILES]
            writers = [csv.writer(file) for file in files]
            for writer in writers:
                writer.writerow(HEADINGS)
            for page in order.told(_patients(order), order.total):
                for age, exposures in page:
                    for place, row in survey.rows(age, exposures):
                        writers[place].writerow([text(cell) for cell in row])


def _patients(order: Order) -> Iterator[list[tuple[Cell, list[Exposure]]]]:
    """The age of each study's patient and its exposures, a page at a time."""
    lookups = Lookups()
    for page in pages(order.connection, order.studies, [Part(STUDY), Part(ROW, projection.EVENTS)]):
        ROW.learn(order.connection, (values for record in page for values in record.parts[1]), lookups)
        yield [
            (
                STUDY.cells(record.parts[0][0], lookups)[0],
                [Exposure.of(*ROW.cells(values, lookups)) for values in record.parts[1]],
            )
            for record in page
        ]

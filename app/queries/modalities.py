"""What each modality's list shows and filters by: a line for each, and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from app.models import Administration, CtEvent, ProjectionEvent, Study
from app.queries.filter_groups import groups
from app.queries.filters import Filter, TextFilter
from app.queries.quantities import Quantity

EVENTS = Quantity("events", Study.number_of_events, "Events")
ADMINISTRATIONS = Quantity("administrations", Study.number_of_administrations, "Administrations")
DLP = Quantity("dlp", Study.dlp_total, "DLP", decimals=1)
CTDIVOL = Quantity("ctdivol", Study.ctdivol_maximum, "CTDIvol max", decimals=1)
DAP = Quantity("dap", Study.dap_total, "DAP", decimals=2)
DOSE_RP = Quantity("rp", Study.dose_rp_total, "Dose at RP", decimals=2)
FLUORO_TIME = Quantity("time", Study.fluoro_time_total, "Fluoroscopy time")
ACTIVITY = Quantity("activity", Study.administered_activity_total, "Administered activity", decimals=1)
AGD_LEFT = Quantity("agd_left", Study.agd_left_total, "AGD, left breast", decimals=2)
AGD_RIGHT = Quantity("agd_right", Study.agd_right_total, "AGD, right breast", decimals=2)
SPIRAL = Quantity("spiral", Study.spiral_events, "Spiral events")
SEQUENCED = Quantity("sequenced", Study.sequenced_events, "Sequenced events")
LOCALIZER = Quantity("localizer", Study.localizer_events, "Localizer events")
STATIONARY = Quantity("stationary", Study.stationary_events, "Stationary events")
FREE = Quantity("free", Study.free_events, "Free events")
AGD = Quantity("agd", Study.agd_maximum, "AGD max", decimals=2)
CT_EVENTS = (SPIRAL, SEQUENCED, LOCALIZER, STATIONARY, FREE)


@dataclass(frozen=True)
class Modality:
    """One kind of study: the quantities that its list has as columns, and the filters by their group in the form."""

    key: str
    title: str
    event: Any  # the table of its events
    quantities: tuple[Quantity, ...]
    dose: Quantity  # the one that has a bar behind it
    groups: Mapping[str, tuple[Filter, ...]]
    called: InstrumentedAttribute[int | None]  # what a list says of its events: their protocols, or their agents
    nuclear: bool = False  # lists studies by the mark that they have beside a modality

    @property
    def studies(self) -> ColumnElement[bool]:
        """Whether a study is one of this list; one with X-rays and radiopharmaceuticals is in two."""
        return Study.nuclear.is_(True) if self.nuclear else Study.modality == self.stored

    def lists(self, stored: str, nuclear: bool) -> bool:
        """The same of a study with this modality and mark."""
        return nuclear if self.nuclear else stored == self.stored

    @property
    def stored(self) -> str:
        """What the column `modality` holds."""
        return self.key.upper()

    @property
    def name(self) -> str:
        """What it is called."""
        return self.title.removesuffix(" studies")

    @property
    def events(self) -> str:
        """What its events are called."""
        return "Administrations" if self.nuclear else "Events"

    @property
    def event_word(self) -> str:
        """What one of its events is called in a sentence."""
        return "administration" if self.nuclear else "event"

    @property
    def one(self) -> str:
        """What one of its studies is called."""
        return f"{self.title.removesuffix('studies')}study"

    @property
    def fields(self) -> dict[str, list[Filter]]:
        """The filters that have a place of their own in the form; what is chosen stands with the text that it is of."""
        paired = {one.choices for one in self.filters.values() if isinstance(one, TextFilter)}
        return {title: [one for one in group if one.parameter not in paired] for title, group in self.groups.items()}

    @property
    def filters(self) -> dict[str, Filter]:
        """All filters by their parameter."""
        return {one.parameter: one for group in self.groups.values() for one in group}


def _modality(key: str, title: str, event: Any, *quantities: Quantity, asked: tuple[Quantity, ...] = ()) -> Modality:
    """A modality that differs from the others in its events and quantities only, some of them only `asked` for."""
    nuclear = event is Administration
    called = Study.agents if nuclear else Study.protocols
    dose, quantities = quantities[0], (ADMINISTRATIONS if nuclear else EVENTS, *quantities)
    filters = groups(key, (*quantities, *asked), called, nuclear)
    return Modality(key, title, event, quantities, dose, filters, called, nuclear)


MODALITIES = {
    modality.key: modality
    for modality in (
        _modality("ct", "CT studies", CtEvent, DLP, CTDIVOL, asked=CT_EVENTS),
        _modality("rf", "Fluoroscopy studies", ProjectionEvent, DAP, DOSE_RP, FLUORO_TIME),
        _modality("mg", "Mammography studies", ProjectionEvent, AGD, asked=(AGD_LEFT, AGD_RIGHT)),
        _modality("dx", "Radiography studies", ProjectionEvent, DAP),
        _modality("nm", "Nuclear medicine studies", Administration, ACTIVITY),
    )
}

# Where a study has dose of another kind than its modality has, that is shown as usual for these.
USUAL = tuple(MODALITIES[key] for key in ("ct", "rf", "nm"))


def by_stored(modality: str) -> Modality:
    """The modality as the column `modality` has it."""
    return MODALITIES[modality.lower()]

"""The CT exports: the columns of an irradiation event, declared once, in the order and words of each sheet."""

from app.exports import study_columns
from app.exports.cells import Cell
from app.exports.columns import Block, Column, Lookups, Nth, column, meaning, name
from app.exports.dose_check import dose_check
from app.exports.records import Below, Part
from app.exports.table import Repeated
from app.exports.workbook import Workbook
from app.models import CtEvent, CtSource, Study

# The diameter by which people know the phantoms of CTDI (DCM 113690, 113691).
PHANTOMS = {"113690": "16 cm", "113691": "32 cm"}
SOURCES = 2  # a CT has one X-ray source or two


def phantom(lookups: Lookups, id: int | None) -> Cell:
    """The phantom by its diameter, or by its name."""
    if id is None:
        return None
    return PHANTOMS.get(lookups.codes[id].value, lookups.codes[id].meaning)


EVENTS = Below(
    CtEvent,
    CtEvent.study_id,
    order=(CtEvent.started_at.nulls_last(), CtEvent.report_id, CtEvent.number),
    below=Below(CtSource, CtSource.ct_event_id, order=(CtSource.id,)),
)

PROTOCOL = column("Acquisition protocol", CtEvent.acquisition_protocol, show=name)
TYPE = column("Acquisition type", CtEvent.acquisition_type, show=meaning)
PHANTOM = column("CTDI phantom type", CtEvent.ctdiw_phantom_type, show=phantom)
MODULATION = column("mA modulation type", CtEvent.xray_modulation_type)
DLP = column("DLP (mGy.cm)", CtEvent.dlp)
EXPOSURE_TIME = column("Exposure time (s)", CtEvent.exposure_time)
SCANNING_LENGTH = column("Scanning length (mm)", CtEvent.scanning_length)
SLICE = column("Slice thickness (mm)", CtEvent.nominal_single_collimation_width)
COLLIMATION = column("Total collimation (mm)", CtEvent.nominal_total_collimation_width)
PITCH = column("Pitch", CtEvent.pitch_factor)
CTDIVOL = column("CTDIvol (mGy)", CtEvent.mean_ctdivol)
SOURCE_COUNT = column("Number of sources", CtEvent.number_of_xray_sources)
DOSE_CHECK = column("Dose check alerts", CtEvent.dose_check_alert, CtEvent.dose_check_notification, show=dose_check)
COMMENT = column("Comments", CtEvent.comment)


def sources(**called: str) -> tuple[Column, ...]:
    """The columns of each X-ray source, called so."""
    attributes = {
        "name": CtSource.identification,
        "kvp": CtSource.kvp,
        "current": CtSource.tube_current,
        "maximum": CtSource.maximum_tube_current,
        "rotation": CtSource.exposure_time_per_rotation,
    }
    return tuple(
        column(f"S{place + 1} {heading}", Nth(attributes[key], place))
        for place in range(SOURCES)
        for key, heading in called.items()
    )


TOTAL = column("Total DLP (mGy.cm)", Study.dlp_total)

CSV_STUDY = study_columns.for_csv(study_columns.EVENTS.called("No. events"), TOTAL.called("DLP total (mGy.cm)"))
CSV_EVENT = Block((
    PROTOCOL.called("Protocol"), TYPE.called("Type"), EXPOSURE_TIME.called("Exposure time"),
    SCANNING_LENGTH.called("Scanning length"), SLICE.called("Slice thickness"),
    COLLIMATION.called("Total collimation"), PITCH, SOURCE_COUNT.called("No. sources"), CTDIVOL.called("CTDIvol"),
    PHANTOM.called("Phantom"), DLP.called("DLP"),
    *sources(name="name", kvp="kVp", maximum="max mA", current="mA", rotation="Exposure time/rotation"),
    MODULATION.called("mA Modulation type"), DOSE_CHECK.called("Dose check details"), COMMENT,
))  # fmt: skip
STUDY = study_columns.for_workbook(TOTAL)
EVENT = Block((
    SOURCE_COUNT, PROTOCOL, TYPE, PHANTOM, MODULATION, DLP, EXPOSURE_TIME, SCANNING_LENGTH, SLICE, COLLIMATION, PITCH,
    CTDIVOL, DOSE_CHECK,
    *sources(name="Source name", kvp="kVp", current="mA", maximum="Maximum mA", rotation="Exposure time per rotation"),
))  # fmt: skip
CSV = [Part(CSV_STUDY), Repeated(CSV_EVENT, EVENTS, only_filled=True)]
WORKBOOK = Workbook(STUDY, EVENT, EVENTS)

"""The radiography exports."""

from app.exports import projection, study_columns
from app.exports.columns import Block, column
from app.exports.projection import (
    ANATOMY,
    COMMENT,
    CONTROL_MODE,
    CURRENT,
    DAP,
    DEVIATION_INDEX,
    ENTRANCE_EXPOSURE,
    EVENTS,
    EXPOSURE_INDEX,
    EXPOSURE_TIME,
    FILTER_THICKNESSES,
    FILTERS,
    KVP,
    MAS,
    PROTOCOL,
    RELATIVE_EXPOSURE,
    SOURCE_TO_DETECTOR,
    SOURCE_TO_ENTRANCE,
    SOURCE_TO_ISOCENTER,
    TABLE_HEIGHT,
    TARGET_EXPOSURE_INDEX,
    VIEW,
)
from app.exports.records import Part
from app.exports.table import Repeated
from app.exports.workbook import Workbook
from app.models import Study

TOTAL = column("Total DAP (cGy·cm²)", Study.dap_total, show=projection.in_unit("Gy.m2", "cGy.cm2"))

CSV_STUDY = study_columns.for_csv(study_columns.EVENTS.called("No. events"), TOTAL.called("DAP total (cGy.cm^2)"))
CSV_EVENT = Block((
    PROTOCOL.called("Protocol"), ANATOMY, VIEW, CONTROL_MODE, KVP, MAS, CURRENT, EXPOSURE_TIME, FILTERS,
    FILTER_THICKNESSES, EXPOSURE_INDEX, TARGET_EXPOSURE_INDEX, DEVIATION_INDEX, RELATIVE_EXPOSURE,
    DAP.called("DAP (cGy.cm^2)"), ENTRANCE_EXPOSURE.called("Entrance Exposure at RP (mGy)"),
    SOURCE_TO_DETECTOR.called("SDD Detector Dist"), SOURCE_TO_ENTRANCE.called("SPD Patient Dist"),
    SOURCE_TO_ISOCENTER.called("SIsoD Isocentre Dist"), TABLE_HEIGHT.called("Table Height"), COMMENT,
))  # fmt: skip
EVENT = Block((
    PROTOCOL, ANATOMY, VIEW, CONTROL_MODE, FILTERS, KVP, MAS, CURRENT, EXPOSURE_TIME, EXPOSURE_INDEX,
    TARGET_EXPOSURE_INDEX, DEVIATION_INDEX, RELATIVE_EXPOSURE, DAP, ENTRANCE_EXPOSURE, SOURCE_TO_DETECTOR,
    SOURCE_TO_ENTRANCE, SOURCE_TO_ISOCENTER, TABLE_HEIGHT, FILTER_THICKNESSES,
))  # fmt: skip
CSV = [Part(CSV_STUDY), Repeated(CSV_EVENT, EVENTS, only_filled=True)]
WORKBOOK = Workbook(study_columns.for_workbook(TOTAL), EVENT, EVENTS)

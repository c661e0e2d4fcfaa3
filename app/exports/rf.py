"""The fluoroscopy exports."""

from app.exports import planes, study_columns
from app.exports.records import Part

STUDY = study_columns.for_csv(study_columns.EVENTS.called("No. events"), *planes.COLUMNS, physician=True)
CSV = [Part(STUDY)]

"""What the importer asks of an object: the layouts of the tables that it fills."""

from app.models import Equipment, Report, Study
from app.models.columns import layout_of

REPORT, STUDY, EQUIPMENT = layout_of(Report), layout_of(Study), layout_of(Equipment)

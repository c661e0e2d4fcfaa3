"""What we keep. One file per subject; importing this package makes every table known."""

from app.models.alarm import Alarm, AlarmWatch
from app.models.audit import AuditEntry, AuditHead, AuditSent
from app.models.ct import CtAccumulated, CtEvent, CtSource
from app.models.equipment import Equipment, EquipmentVersion
from app.models.job import Job
from app.models.lookups import Code, Name
from app.models.nuclear import Administration, PatientCharacteristics, PetSeries
from app.models.projection import ProjectionAccumulated, ProjectionEvent
from app.models.quarantine import Refusal
from app.models.reception import IgnoreRule, StoreListener, StorePolicy, StoreSender
from app.models.saved import SavedFilter
from app.models.session import UserSession
from app.models.study import NameKey, Original, Report, Study
from app.models.upload import UploadedFile
from app.models.user import User

__all__ = [
    "Administration", "Alarm", "AlarmWatch", "AuditEntry", "AuditHead", "AuditSent", "Code", "CtAccumulated",
    "CtEvent", "CtSource", "Equipment", "EquipmentVersion", "IgnoreRule", "Job", "Name", "NameKey", "Original",
    "PatientCharacteristics", "PetSeries", "ProjectionAccumulated", "ProjectionEvent", "Refusal", "Report",
    "SavedFilter", "StoreListener", "StorePolicy", "StoreSender", "Study", "UploadedFile", "User", "UserSession",
]  # fmt: skip

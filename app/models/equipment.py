"""The rooms: the equipment that objects come from (PS3.3 C.7.5.1)."""

from datetime import date

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.columns import attribute, derived


class Equipment(db.Model):
    """One device, told apart by what identifies it; it stays the same through an update of its software."""

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = derived(String(64), "Hash of the identifying attributes", unique=True)
    display_name: Mapped[str] = derived(String(255), "Display name")
    modality: Mapped[str | None] = derived(String(2), "Modality setting")  # one of SORTABLE; none sorts study by study

    institution: Mapped[str | None] = attribute("InstitutionName", "Hospital")
    department: Mapped[str | None] = attribute("InstitutionalDepartmentName", "Department")
    manufacturer: Mapped[str | None] = attribute("Manufacturer", "Manufacturer")
    model_name: Mapped[str | None] = attribute("ManufacturerModelName", "Model")
    station_name: Mapped[str | None] = attribute("StationName", "Station")
    serial_number: Mapped[str | None] = attribute("DeviceSerialNumber", "Serial number")
    gantry_id: Mapped[str | None] = attribute("GantryID", "Gantry")

    versions: Mapped[list["EquipmentVersion"]] = relationship(order_by="EquipmentVersion.last_seen.desc().nulls_last()")


class EquipmentVersion(db.Model):
    """A software version of a device with the UID that it gave itself, and from when to when its studies tell of both.

    What an object does not tell is empty text, so that the database knows one such row from none.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    equipment_id: Mapped[int] = mapped_column(ForeignKey("equipment.id", ondelete="CASCADE"))
    software_versions: Mapped[str] = mapped_column(String(255))
    device_observer_uid: Mapped[str] = mapped_column(String(64))  # or OF_STUDY, or CHANGING
    first_seen: Mapped[date | None] = mapped_column(Date)  # by the dates of studies
    last_seen: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (UniqueConstraint("equipment_id", "software_versions", "device_observer_uid"),)


SORTABLE = ("RF", "DX")  # one code in reports; what was done decides, or the room's setting
OF_STUDY = "of the study"  # instead of a UID that is the study's or the object's, and so no device's
CHANGING = "changing"  # instead of the next UID of a device that has had many
MOST_UIDS = 8  # of one device with one software; past that they say nothing

IDENTIFYING = (
    "institution", "department", "manufacturer", "model_name", "station_name", "serial_number", "gantry_id",
)  # fmt: skip

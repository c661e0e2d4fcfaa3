"""The rooms: the equipment that objects come from (PS3.3 C.7.5.1)."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import attribute, derived


class Equipment(db.Model):
    """One device, told apart by what identifies it; it stays the same through an update of its software."""

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = derived(String(64), "Hash of the identifying attributes", unique=True)
    display_name: Mapped[str] = derived(String(255), "Display name")

    institution: Mapped[str | None] = attribute("InstitutionName", "Hospital")
    department: Mapped[str | None] = attribute("InstitutionalDepartmentName", "Department")
    manufacturer: Mapped[str | None] = attribute("Manufacturer", "Manufacturer")
    model_name: Mapped[str | None] = attribute("ManufacturerModelName", "Model")
    station_name: Mapped[str | None] = attribute("StationName", "Station")
    serial_number: Mapped[str | None] = attribute("DeviceSerialNumber", "Serial number")
    gantry_id: Mapped[str | None] = attribute("GantryID", "Gantry")


IDENTIFYING = (
    "institution", "department", "manufacturer", "model_name", "station_name", "serial_number", "gantry_id",
)  # fmt: skip

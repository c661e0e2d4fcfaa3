"""What every irradiation event has, whatever made it."""

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.models.columns import derived


class Event:
    """An irradiation event of a study: the study has it once, however many reports repeat it."""

    listed_by = "acquisition_protocol"  # the column that lists ask for

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = derived(Integer, "Place in its report")
    # The event's UID; where a device leaves it out, the report's UID and the place in it.
    key: Mapped[str] = derived(String(80), "What makes it this event")

    @declared_attr.directive
    def __table_args__(cls):
        # Lists ask which studies have a protocol, or an agent; this index answers without the table.
        listed = Index(f"ix_{cls.__tablename__}_{cls.listed_by}", cls.listed_by, "study_id")
        return (UniqueConstraint("study_id", "key"), listed)

"""Takes away what was kept of patients' IDs where the site does not want it any more."""

from sqlalchemy import Connection, Update, update

from app.ingest.receive import in_transaction
from app.models import Study

WITHOUT_ID = update(Study).where(Study.patient_id.is_not(None)).values(patient_id=None)
WITHOUT_PATIENT = (
    update(Study)
    .where(Study.patient_key.is_not(None))
    .values(patient_key=None, patient_issuer=None, patient_id=None)
)  # fmt: skip


def forget_ids() -> int:
    """Forget the IDs, but not which studies are of one patient; gives how many studies there were."""
    return in_transaction(lambda connection: _changed(connection, WITHOUT_ID))


def forget_patients() -> int:
    """Forget whose the studies are; gives how many there were."""
    return in_transaction(lambda connection: _changed(connection, WITHOUT_PATIENT))


def _changed(connection: Connection, change: Update) -> int:
    return connection.execute(change).rowcount

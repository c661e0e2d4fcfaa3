"""Indexes for lists of studies"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_ct_event_acquisition_protocol", "ct_event", ["acquisition_protocol", "study_id"]),
    ("ix_projection_event_acquisition_protocol", "projection_event", ["acquisition_protocol", "study_id"]),
    ("ix_study_description", "study", ["modality", "description"]),
    ("ix_study_dlp_total", "study", ["modality", "dlp_total"]),
    ("ix_study_dap_total", "study", ["modality", "dap_total"]),
    ("ix_study_room", "study", ["modality", "equipment_id", "study_date"]),
    ("ix_study_test_patient", "study", ["modality", "test_patient"]),
)


def upgrade():
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade():
    for name, table, _ in INDEXES:
        op.drop_index(name, table_name=table)

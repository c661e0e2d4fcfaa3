"""The first schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.Column("begun_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.Column("end_told_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alarm_ended_at"), ["ended_at"], unique=False)

    op.create_table(
        "alarm_watch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("looked_at", sa.DateTime(), nullable=True),
        sa.Column("rooms_looked_at", sa.DateTime(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("mail_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_watch")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=True),
        sa.Column("remote_address", sa.String(length=45), nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_action_at_id"), ["action", "at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_at_id"), ["at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_outcome_at_id"), ["outcome", "at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_username_at_id"), ["username", "at", "id"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_sent",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_sent")),
    )
    op.create_table(
        "code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=128), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
        sa.UniqueConstraint("scheme", "value", name=op.f("uq_code_scheme_value")),
    )
    op.create_table(
        "equipment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False, comment="Hash of the identifying attributes"),
        sa.Column("display_name", sa.String(length=255), nullable=False, comment="Display name"),
        sa.Column("modality", sa.String(length=2), nullable=True, comment="Modality setting"),
        sa.Column("institution", sa.Text(), nullable=True, comment="Hospital"),
        sa.Column("department", sa.Text(), nullable=True, comment="Department"),
        sa.Column("manufacturer", sa.Text(), nullable=True, comment="Manufacturer"),
        sa.Column("model_name", sa.Text(), nullable=True, comment="Model"),
        sa.Column("station_name", sa.Text(), nullable=True, comment="Station"),
        sa.Column("serial_number", sa.Text(), nullable=True, comment="Serial number"),
        sa.Column("gantry_id", sa.Text(), nullable=True, comment="Gantry"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment")),
        sa.UniqueConstraint("identity", name=op.f("uq_equipment_identity")),
    )
    op.create_table(
        "ignore_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("manufacturer", sa.String(length=255), nullable=False),
        sa.Column("model_name", sa.String(length=255), nullable=False),
        sa.Column("station_name", sa.String(length=255), nullable=False),
        sa.Column("software_versions", sa.String(length=255), nullable=False),
        sa.Column("serial_number", sa.String(length=255), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ignore_rule")),
    )
    op.create_table(
        "name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name")),
        sa.UniqueConstraint("digest", name=op.f("uq_name_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("study_instance_uid", sa.String(length=64), nullable=True),
        sa.Column("sop_instance_uid", sa.String(length=64), nullable=True),
        sa.Column("sop_class_uid", sa.String(length=64), nullable=True),
        sa.Column("sop_class", sa.String(length=128), nullable=True),
        sa.Column("modality", sa.String(length=16), nullable=True),
        sa.Column("station_name", sa.String(length=64), nullable=True),
        sa.Column("sender", sa.String(length=16), nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("refused_at", sa.DateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("read_by", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("file", name=op.f("uq_quarantine_file")),
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index("ix_quarantine_latest", ["result", "received_at", "id"], unique=False)

    op.create_table(
        "store_listener",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("ae_title", sa.String(length=16), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("check_called", sa.Boolean(), nullable=False),
        sa.Column("associations", sa.Integer(), nullable=False),
        sa.Column("pdu_bytes", sa.Integer(), nullable=False),
        sa.Column("acse_seconds", sa.Integer(), nullable=False),
        sa.Column("dimse_seconds", sa.Integer(), nullable=False),
        sa.Column("network_seconds", sa.Integer(), nullable=False),
        sa.Column("tls", sa.Boolean(), nullable=False),
        sa.Column("certificate", sa.String(length=1024), nullable=False),
        sa.Column("key", sa.String(length=1024), nullable=False),
        sa.Column("authorities", sa.String(length=1024), nullable=False),
        sa.Column("client_certificates", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_listener")),
        sa.UniqueConstraint("name", name=op.f("uq_store_listener_name")),
    )
    op.create_table(
        "store_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("only_known", sa.Boolean(), nullable=False),
        sa.Column("least_free_mb", sa.Integer(), nullable=False),
        sa.Column("accept_more", sa.JSON(), nullable=False),
        sa.Column("delete_rdsr", sa.Boolean(), nullable=False),
        sa.Column("delete_mg", sa.Boolean(), nullable=False),
        sa.Column("delete_dx", sa.Boolean(), nullable=False),
        sa.Column("delete_ctphil", sa.Boolean(), nullable=False),
        sa.Column("delete_nm", sa.Boolean(), nullable=False),
        sa.Column("delete_nomatch", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_policy")),
    )
    op.create_table(
        "store_sender",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("ae_title", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_sender")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("issuer", sa.String(length=255), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("lists", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_user_issuer_subject")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
    )
    op.create_table(
        "equipment_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("equipment_id", sa.Integer(), nullable=False),
        sa.Column("software_versions", sa.String(length=255), nullable=False),
        sa.Column("device_observer_uid", sa.String(length=64), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=True),
        sa.Column("last_seen", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_equipment_version_equipment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_version")),
        sa.UniqueConstraint(
            "equipment_id",
            "software_versions",
            "device_observer_uid",
            name=op.f("uq_equipment_version_equipment_id_software_versions_device_observer_uid"),
        ),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("trace", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_job_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("modality", sa.String(length=2), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_saved_filter_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
    )
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_filter_modality"), ["modality"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_filter_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_instance_uid", sa.String(length=64), nullable=False, comment="Study Instance UID"),
        sa.Column("modality", sa.String(length=2), nullable=False, comment="Modality"),
        sa.Column("modality_found", sa.String(length=2), nullable=True, comment="Modality by its objects"),
        sa.Column("nuclear", sa.Boolean(), nullable=False, comment="Radiopharmaceutical dose"),
        sa.Column("equipment_id", sa.Integer(), nullable=True),
        sa.Column("study_date", sa.Date(), nullable=True, comment="Date"),
        sa.Column("study_time", sa.Time(), nullable=True, comment="Time"),
        sa.Column(
            "accession_number",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            nullable=True,
            comment="Accession number",
        ),
        sa.Column("description", sa.Integer(), nullable=True, comment="Study description"),
        sa.Column("procedure", sa.Integer(), nullable=True, comment="Procedure"),
        sa.Column("requested_procedure", sa.Integer(), nullable=True, comment="Requested procedure"),
        sa.Column("operator", sa.Integer(), nullable=True, comment="Operator"),
        sa.Column("performing_physician", sa.Integer(), nullable=True, comment="Performing physician"),
        sa.Column("study_at", sa.DateTime(), nullable=True, comment="Date and time, to sort by"),
        sa.Column(
            "title", sa.Integer(), nullable=True, comment="Description, else procedure, else requested procedure"
        ),
        sa.Column("protocols", sa.Integer(), nullable=True, comment="Protocols of the X-ray events"),
        sa.Column("agents", sa.Integer(), nullable=True, comment="Agents of the administrations"),
        sa.Column("patient_sex", sa.Text(), nullable=True, comment="Sex"),
        sa.Column("patient_age", sa.Double(), nullable=True, comment="Age [a]"),
        sa.Column("patient_size", sa.Double(), nullable=True, comment="Height [m]"),
        sa.Column("patient_weight", sa.Double(), nullable=True, comment="Weight [kg]"),
        sa.Column("imported", sa.JSON(none_as_null=True), nullable=True, comment="Imported height and weight"),
        sa.Column("test_patient", sa.String(length=64), nullable=True, comment="Test patient"),
        sa.Column(
            "test_patterns",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Test patient patterns, and where they are",
        ),
        sa.Column("patient_key", sa.String(length=64), nullable=True),
        sa.Column("patient_issuer", sa.String(length=16), nullable=True),
        sa.Column("patient_id", sa.String(length=64), nullable=True),
        sa.Column("patient_name", sa.String(length=324), nullable=True),
        sa.Column("patient_birth_date", sa.Date(), nullable=True),
        sa.Column("number_of_events", sa.Integer(), nullable=False, comment="Events"),
        sa.Column("number_of_administrations", sa.Integer(), nullable=False, comment="Administrations"),
        sa.Column("dlp_total", sa.Double(), nullable=True, comment="DLP total [mGy.cm]"),
        sa.Column("dlp_event_sum", sa.Double(), nullable=True, comment="DLP, sum of events [mGy.cm]"),
        sa.Column("ctdivol_maximum", sa.Double(), nullable=True, comment="CTDIvol max [mGy]"),
        sa.Column("dap_total", sa.Double(), nullable=True, comment="DAP total [Gy.m2]"),
        sa.Column("dap_event_sum", sa.Double(), nullable=True, comment="DAP, sum of events [Gy.m2]"),
        sa.Column("dose_rp_total", sa.Double(), nullable=True, comment="Dose (RP) total [Gy]"),
        sa.Column("dose_rp_event_sum", sa.Double(), nullable=True, comment="Dose (RP), sum of events [Gy]"),
        sa.Column("fluoro_time_total", sa.Double(), nullable=True, comment="Fluoroscopy time [s]"),
        sa.Column("agd_maximum", sa.Double(), nullable=True, comment="AGD max [mGy]"),
        sa.Column("agd_left_total", sa.Double(), nullable=True, comment="AGD, left breast [mGy]"),
        sa.Column("agd_left_event_sum", sa.Double(), nullable=True, comment="AGD, left breast, sum of events [mGy]"),
        sa.Column("agd_right_total", sa.Double(), nullable=True, comment="AGD, right breast [mGy]"),
        sa.Column("agd_right_event_sum", sa.Double(), nullable=True, comment="AGD, right breast, sum of events [mGy]"),
        sa.Column("administered_activity_total", sa.Double(), nullable=True, comment="Administered activity [MBq]"),
        sa.Column("parts", sa.JSON(none_as_null=True), nullable=True, comment="Totals by plane or phantom"),
        sa.Column("spiral_events", sa.Integer(), nullable=True, comment="Spiral events"),
        sa.Column("sequenced_events", sa.Integer(), nullable=True, comment="Sequenced events"),
        sa.Column("localizer_events", sa.Integer(), nullable=True, comment="Localizer events"),
        sa.Column("stationary_events", sa.Integer(), nullable=True, comment="Stationary events"),
        sa.Column("free_events", sa.Integer(), nullable=True, comment="Free events"),
        sa.Column("events_by_type", sa.JSON(none_as_null=True), nullable=True, comment="Events by type"),
        sa.Column("problems", sa.JSON(), nullable=False, comment="Problems between its objects"),
        sa.Column("problem_count", sa.Integer(), nullable=False, comment="Problems"),
        sa.ForeignKeyConstraint(["agents"], ["name.id"], name=op.f("fk_study_agents")),
        sa.ForeignKeyConstraint(["description"], ["name.id"], name=op.f("fk_study_description")),
        sa.ForeignKeyConstraint(["equipment_id"], ["equipment.id"], name=op.f("fk_study_equipment_id")),
        sa.ForeignKeyConstraint(["operator"], ["name.id"], name=op.f("fk_study_operator")),
        sa.ForeignKeyConstraint(["performing_physician"], ["name.id"], name=op.f("fk_study_performing_physician")),
        sa.ForeignKeyConstraint(["procedure"], ["name.id"], name=op.f("fk_study_procedure")),
        sa.ForeignKeyConstraint(["protocols"], ["name.id"], name=op.f("fk_study_protocols")),
        sa.ForeignKeyConstraint(["requested_procedure"], ["name.id"], name=op.f("fk_study_requested_procedure")),
        sa.ForeignKeyConstraint(["title"], ["name.id"], name=op.f("fk_study_title")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        postgresql_with={"fillfactor": 80},
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("study", schema=None) as batch_op:
        batch_op.create_index("ix_study_accession_number", ["accession_number"], unique=False)
        batch_op.create_index("ix_study_dap_total", ["modality", "dap_total"], unique=False)
        batch_op.create_index(
            "ix_study_description",
            ["modality", "description", "protocols", "dlp_total", "dap_total", "study_at", "id"],
            unique=False,
        )
        batch_op.create_index("ix_study_dlp_total", ["modality", "dlp_total"], unique=False)
        batch_op.create_index(batch_op.f("ix_study_equipment_id"), ["equipment_id"], unique=False)
        batch_op.create_index("ix_study_latest", ["modality", "study_at", "id", "nuclear"], unique=False)
        batch_op.create_index("ix_study_nuclear", ["nuclear", "study_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_study_patient_key"), ["patient_key"], unique=False)
        batch_op.create_index(
            "ix_study_protocols",
            ["modality", "protocols", "description", "dlp_total", "dap_total", "study_at", "id"],
            unique=False,
        )
        batch_op.create_index("ix_study_room", ["modality", "equipment_id", "study_date"], unique=False)
        batch_op.create_index("ix_study_test_patient", ["modality", "test_patient"], unique=False)
        batch_op.create_index("uq_study_study_instance_uid", ["study_instance_uid"], unique=True)

    op.create_table(
        "uploaded_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("archive_id", sa.Integer(), nullable=True),
        sa.Column("member", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("study_instance_uid", sa.String(length=64), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["archive_id"], ["uploaded_file.id"], name=op.f("fk_uploaded_file_archive_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_uploaded_file_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploaded_file")),
    )
    with op.batch_alter_table("uploaded_file", schema=None) as batch_op:
        batch_op.create_index("ix_uploaded_file_batch", ["batch", "result", "id"], unique=False)
        batch_op.create_index("uq_uploaded_file_member", ["archive_id", "member"], unique=True)

    op.create_table(
        "user_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(), nullable=False),
        sa.Column("remote_address", sa.String(length=45), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_session_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "name_key",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_name_key_study_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("study_id", "key", name=op.f("pk_name_key")),
    )
    with op.batch_alter_table("name_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_name_key_key"), ["key"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("sop_instance_uid", sa.String(length=64), nullable=False, comment="SOP Instance UID"),
        sa.Column("sop_class_uid", sa.String(length=64), nullable=True, comment="SOP Class UID"),
        sa.Column("modality", sa.Text(), nullable=True, comment="Modality of the object"),
        sa.Column("content_date", sa.Date(), nullable=True, comment="Content date"),
        sa.Column("content_time", sa.Time(), nullable=True, comment="Content time"),
        sa.Column("series_description", sa.Text(), nullable=True, comment="Series description"),
        sa.Column("protocol_name", sa.Text(), nullable=True, comment="Protocol name"),
        sa.Column("software_versions", sa.Text(), nullable=True, comment="Software versions"),
        sa.Column("device_uid", sa.String(length=64), nullable=True, comment="Device UID"),
        sa.Column("timezone_offset", sa.Text(), nullable=True, comment="Time zone offset from UTC"),
        sa.Column("procedure_reported", sa.Integer(), nullable=True, comment="Procedure reported"),
        sa.Column("intent", sa.Integer(), nullable=True, comment="Has Intent"),
        sa.Column("associated_procedure", sa.Integer(), nullable=True, comment="Associated Procedure"),
        sa.Column("associated_procedure_intent", sa.Integer(), nullable=True, comment="Has Intent"),
        sa.Column("acquisition_device_type", sa.Integer(), nullable=True, comment="Acquisition Device Type"),
        sa.Column("start_of_irradiation", sa.String(length=32), nullable=True, comment="Start of X-Ray Irradiation"),
        sa.Column("end_of_irradiation", sa.String(length=32), nullable=True, comment="End of X-Ray Irradiation"),
        sa.Column("scope", sa.Integer(), nullable=True, comment="Scope of Accumulation"),
        sa.Column("scope_study_uid", sa.String(length=64), nullable=True, comment="Study Instance UID"),
        sa.Column("scope_series_uid", sa.String(length=64), nullable=True, comment="Series Instance UID"),
        sa.Column(
            "scope_step_uid", sa.String(length=64), nullable=True, comment="Performed Procedure Step SOP Instance UID"
        ),
        sa.Column("scope_event_uid", sa.String(length=64), nullable=True, comment="Irradiation Event UID"),
        sa.Column(
            "source_of_dose_information",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Source of Dose Information",
        ),
        sa.Column("detector_data_available", sa.Integer(), nullable=True, comment="X-Ray Detector Data Available"),
        sa.Column("source_data_available", sa.Integer(), nullable=True, comment="X-Ray Source Data Available"),
        sa.Column("mechanical_data_available", sa.Integer(), nullable=True, comment="X-Ray Mechanical Data Available"),
        sa.Column("comment", sa.Text(), nullable=True, comment="Comment"),
        sa.Column("dose_images", sa.JSON(none_as_null=True), nullable=True, comment="Dose Image"),
        sa.Column("language", sa.Integer(), nullable=True, comment="Language of Content Item and Descendants"),
        sa.Column("country_of_language", sa.Integer(), nullable=True, comment="Country of Language"),
        sa.Column("observer_type", sa.JSON(none_as_null=True), nullable=True, comment="Observer Type"),
        sa.Column("person_observer_name", sa.Integer(), nullable=True, comment="Person Observer Name"),
        sa.Column(
            "person_observer_organization", sa.Text(), nullable=True, comment="Person Observer's Organization Name"
        ),
        sa.Column(
            "person_observer_role_in_organization",
            sa.Integer(),
            nullable=True,
            comment="Person Observer's Role in the Organization",
        ),
        sa.Column(
            "person_observer_role_in_procedure",
            sa.Integer(),
            nullable=True,
            comment="Person Observer's Role in this Procedure",
        ),
        sa.Column("device_observer_uid", sa.String(length=64), nullable=True, comment="Device Observer UID"),
        sa.Column("device_observer_name", sa.Text(), nullable=True, comment="Device Observer Name"),
        sa.Column("device_observer_manufacturer", sa.Text(), nullable=True, comment="Device Observer Manufacturer"),
        sa.Column("device_observer_model_name", sa.Text(), nullable=True, comment="Device Observer Model Name"),
        sa.Column("device_observer_serial_number", sa.Text(), nullable=True, comment="Device Observer Serial Number"),
        sa.Column(
            "device_observer_location",
            sa.Text(),
            nullable=True,
            comment="Device Observer Physical Location During Observation",
        ),
        sa.Column("total_number_of_images", sa.Double(), nullable=True, comment="Total Number of Images [1]"),
        sa.Column("station_ae_title", sa.Text(), nullable=True, comment="Station AE Title"),
        sa.Column("persons", sa.JSON(none_as_null=True), nullable=True, comment="Person participants (TID 1020)"),
        sa.Column("devices", sa.JSON(none_as_null=True), nullable=True, comment="Device participants (TID 1021)"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="Kind of object"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="What the study has from it"),
        sa.Column(
            "in_totals", sa.Boolean(), nullable=False, comment="Whether the study's totals have what it accumulated"
        ),
        sa.Column(
            "received_at",
            sa.DateTime(),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
            comment="Received",
        ),
        sa.Column("read_by", sa.String(length=32), nullable=False, comment="Read by version"),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=True, comment="What reading it again has changed"),
        sa.Column("equipment_id", sa.Integer(), nullable=True),
        sa.Column("event_count", sa.Integer(), nullable=False, comment="Events in this object"),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False, comment="Content items"),
        sa.Column("unread_count", sa.Integer(), nullable=False, comment="Unread items"),
        sa.Column("problems", sa.JSON(), nullable=False, comment="Problems"),
        sa.Column("unread", sa.JSON(), nullable=True, comment="Unread items, by path"),
        sa.ForeignKeyConstraint(
            ["acquisition_device_type"], ["code.id"], name=op.f("fk_report_acquisition_device_type")
        ),
        sa.ForeignKeyConstraint(["associated_procedure"], ["code.id"], name=op.f("fk_report_associated_procedure")),
        sa.ForeignKeyConstraint(
            ["associated_procedure_intent"], ["code.id"], name=op.f("fk_report_associated_procedure_intent")
        ),
        sa.ForeignKeyConstraint(["country_of_language"], ["code.id"], name=op.f("fk_report_country_of_language")),
        sa.ForeignKeyConstraint(
            ["detector_data_available"], ["code.id"], name=op.f("fk_report_detector_data_available")
        ),
        sa.ForeignKeyConstraint(["equipment_id"], ["equipment.id"], name=op.f("fk_report_equipment_id")),
        sa.ForeignKeyConstraint(["intent"], ["code.id"], name=op.f("fk_report_intent")),
        sa.ForeignKeyConstraint(["language"], ["code.id"], name=op.f("fk_report_language")),
        sa.ForeignKeyConstraint(
            ["mechanical_data_available"], ["code.id"], name=op.f("fk_report_mechanical_data_available")
        ),
        sa.ForeignKeyConstraint(["person_observer_name"], ["name.id"], name=op.f("fk_report_person_observer_name")),
        sa.ForeignKeyConstraint(
            ["person_observer_role_in_organization"],
            ["code.id"],
            name=op.f("fk_report_person_observer_role_in_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["person_observer_role_in_procedure"], ["code.id"], name=op.f("fk_report_person_observer_role_in_procedure")
        ),
        sa.ForeignKeyConstraint(["procedure_reported"], ["code.id"], name=op.f("fk_report_procedure_reported")),
        sa.ForeignKeyConstraint(["scope"], ["code.id"], name=op.f("fk_report_scope")),
        sa.ForeignKeyConstraint(["source_data_available"], ["code.id"], name=op.f("fk_report_source_data_available")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_report_study_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_equipment_id"), ["equipment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_study_id"), ["study_id"], unique=False)
        batch_op.create_index("uq_report_sop_instance_uid", ["sop_instance_uid", "digest"], unique=True)

    op.create_table(
        "administration",
        sa.Column(
            "administration_event_uid",
            sa.String(length=64),
            nullable=True,
            comment="Radiopharmaceutical Administration Event UID",
        ),
        sa.Column("agent", sa.Integer(), nullable=True, comment="Radiopharmaceutical agent"),
        sa.Column("agent_text", sa.Text(), nullable=True, comment="Radiopharmaceutical agent"),
        sa.Column("radionuclide", sa.Integer(), nullable=True, comment="Radionuclide"),
        sa.Column("half_life", sa.Double(), nullable=True, comment="Radionuclide Half Life [s]"),
        sa.Column("positron_fraction", sa.Double(), nullable=True, comment="Radionuclide positron fraction [1]"),
        sa.Column("started_at", sa.String(length=32), nullable=True, comment="Radiopharmaceutical Start DateTime"),
        sa.Column("stopped_at", sa.String(length=32), nullable=True, comment="Radiopharmaceutical Stop DateTime"),
        sa.Column("administered_activity", sa.Double(), nullable=True, comment="Administered activity [MBq]"),
        sa.Column("effective_dose", sa.Double(), nullable=True, comment="Effective Dose [mSv]"),
        sa.Column("effective_dose_reference_authority", sa.Integer(), nullable=True, comment="Reference Authority"),
        sa.Column("effective_dose_reference_authority_text", sa.Text(), nullable=True, comment="Reference Authority"),
        sa.Column(
            "specific_activity", sa.Double(), nullable=True, comment="Radiopharmaceutical Specific Activity [Bq/mmol]"
        ),
        sa.Column("volume", sa.Double(), nullable=True, comment="Radiopharmaceutical Volume [cm3]"),
        sa.Column(
            "pre_administration_measured_activity",
            sa.Double(),
            nullable=True,
            comment="Pre-Administration Measured Activity [MBq]",
        ),
        sa.Column(
            "pre_administration_device",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Activity measurement device (TID 10022)",
        ),
        sa.Column(
            "post_administration_measured_activity",
            sa.Double(),
            nullable=True,
            comment="Post-Administration Measured Activity [MBq]",
        ),
        sa.Column(
            "post_administration_device",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Activity measurement device (TID 10022)",
        ),
        sa.Column(
            "extravasation_symptoms",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Intravenous Extravasation Symptoms",
        ),
        sa.Column(
            "estimated_extravasation_activity",
            sa.Double(),
            nullable=True,
            comment="Estimated Extravasation Activity [%]",
        ),
        sa.Column("route", sa.Integer(), nullable=True, comment="Route of administration"),
        sa.Column("route_text", sa.Text(), nullable=True, comment="Route of administration"),
        sa.Column("site", sa.Integer(), nullable=True, comment="Site of"),
        sa.Column("laterality", sa.Integer(), nullable=True, comment="Laterality"),
        sa.Column("billing_codes", sa.JSON(none_as_null=True), nullable=True, comment="Billing Code"),
        sa.Column(
            "drug_product_identifiers", sa.JSON(none_as_null=True), nullable=True, comment="Drug Product Identifier"
        ),
        sa.Column("brand_name", sa.Text(), nullable=True, comment="Brand Name"),
        sa.Column(
            "dispense_unit_identifier", sa.Text(), nullable=True, comment="Radiopharmaceutical Dispense Unit Identifier"
        ),
        sa.Column(
            "lot_identifiers", sa.JSON(none_as_null=True), nullable=True, comment="Radiopharmaceutical Lot Identifier"
        ),
        sa.Column(
            "reagent_vial_identifiers", sa.JSON(none_as_null=True), nullable=True, comment="Reagent Vial Identifier"
        ),
        sa.Column(
            "radionuclide_identifiers",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Radionuclide Vial Identifier",
        ),
        sa.Column("prescription_identifier", sa.Text(), nullable=True, comment="Prescription Identifier"),
        sa.Column("comment", sa.Text(), nullable=True, comment="Comment"),
        sa.Column("organ_doses", sa.JSON(none_as_null=True), nullable=True, comment="Organ doses (TID 10023)"),
        sa.Column("persons", sa.JSON(none_as_null=True), nullable=True, comment="Person participants (TID 1020)"),
        sa.Column("devices", sa.JSON(none_as_null=True), nullable=True, comment="Device participants (TID 1021)"),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="Place in its report"),
        sa.Column("key", sa.String(length=80), nullable=False, comment="What makes it this event"),
        sa.ForeignKeyConstraint(["agent"], ["code.id"], name=op.f("fk_administration_agent")),
        sa.ForeignKeyConstraint(
            ["effective_dose_reference_authority"],
            ["code.id"],
            name=op.f("fk_administration_effective_dose_reference_authority"),
        ),
        sa.ForeignKeyConstraint(["laterality"], ["code.id"], name=op.f("fk_administration_laterality")),
        sa.ForeignKeyConstraint(["radionuclide"], ["code.id"], name=op.f("fk_administration_radionuclide")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_administration_report_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["route"], ["code.id"], name=op.f("fk_administration_route")),
        sa.ForeignKeyConstraint(["site"], ["code.id"], name=op.f("fk_administration_site")),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_administration_study_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administration")),
        sa.UniqueConstraint("study_id", "key", name=op.f("uq_administration_study_id_key")),
    )
    with op.batch_alter_table("administration", schema=None) as batch_op:
        batch_op.create_index("ix_administration_agent", ["agent", "study_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_administration_report_id"), ["report_id"], unique=False)

    op.create_table(
        "ct_accumulated",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column(
            "total_number_of_irradiation_events",
            sa.Double(),
            nullable=True,
            comment="Total Number of Irradiation Events [{events}]",
        ),
        sa.Column("dlp_total", sa.Double(), nullable=True, comment="CT Dose Length Product Total [mGy.cm]"),
        sa.Column("ctdiw_phantom_type", sa.Integer(), nullable=True, comment="CTDIw Phantom Type"),
        sa.Column(
            "dlp_sub_totals",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="CT Dose Length Product Sub-Totals (TID 10012)",
        ),
        sa.Column("effective_dose_total", sa.Double(), nullable=True, comment="CT Effective Dose Total [mSv]"),
        sa.Column("reference_authority", sa.Text(), nullable=True, comment="Reference Authority"),
        sa.Column("measurement_method", sa.Integer(), nullable=True, comment="Measurement Method"),
        sa.Column("patient_model", sa.Text(), nullable=True, comment="Patient Model"),
        sa.Column(
            "effective_dose_condition",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Condition Effective Dose measured (TID 10012)",
        ),
        sa.Column("comment", sa.Text(), nullable=True, comment="Comment"),
        sa.Column("devices", sa.JSON(none_as_null=True), nullable=True, comment="Device participants (TID 1021)"),
        sa.ForeignKeyConstraint(["ctdiw_phantom_type"], ["code.id"], name=op.f("fk_ct_accumulated_ctdiw_phantom_type")),
        sa.ForeignKeyConstraint(["measurement_method"], ["code.id"], name=op.f("fk_ct_accumulated_measurement_method")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_ct_accumulated_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ct_accumulated")),
    )
    with op.batch_alter_table("ct_accumulated", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ct_accumulated_report_id"), ["report_id"], unique=False)

    op.create_table(
        "ct_event",
        sa.Column("irradiation_event_uid", sa.String(length=64), nullable=True, comment="Irradiation Event UID"),
        sa.Column("acquisition_protocol", sa.Integer(), nullable=True, comment="Acquisition Protocol"),
        sa.Column("acquisition_type", sa.Integer(), nullable=True, comment="CT Acquisition Type"),
        sa.Column("started_at", sa.String(length=32), nullable=True, comment="DateTime Started"),
        sa.Column("target_region", sa.Integer(), nullable=True, comment="Target Region"),
        sa.Column("laterality", sa.Integer(), nullable=True, comment="Laterality"),
        sa.Column("procedure_context", sa.Integer(), nullable=True, comment="Procedure Context"),
        sa.Column("mean_ctdivol", sa.Double(), nullable=True, comment="Mean CTDIvol [mGy]"),
        sa.Column("ctdiw_phantom_type", sa.Integer(), nullable=True, comment="CTDIw Phantom Type"),
        sa.Column("dlp", sa.Double(), nullable=True, comment="DLP [mGy.cm]"),
        sa.Column("dlp_phantom_type", sa.Integer(), nullable=True, comment="CTDIw Phantom Type of the DLP"),
        sa.Column("exposure_time", sa.Double(), nullable=True, comment="Exposure Time [s]"),
        sa.Column("scanning_length", sa.Double(), nullable=True, comment="Scanning Length [mm]"),
        sa.Column(
            "length_of_reconstructable_volume",
            sa.Double(),
            nullable=True,
            comment="Length of Reconstructable Volume [mm]",
        ),
        sa.Column("exposed_range", sa.Double(), nullable=True, comment="Exposed Range [mm]"),
        sa.Column(
            "top_z_location_of_reconstructable_volume",
            sa.Double(),
            nullable=True,
            comment="Top Z Location of Reconstructable Volume [mm]",
        ),
        sa.Column(
            "bottom_z_location_of_reconstructable_volume",
            sa.Double(),
            nullable=True,
            comment="Bottom Z Location of Reconstructable Volume [mm]",
        ),
        sa.Column(
            "top_z_location_of_scanning_length",
            sa.Double(),
            nullable=True,
            comment="Top Z Location of Scanning Length [mm]",
        ),
        sa.Column(
            "bottom_z_location_of_scanning_length",
            sa.Double(),
            nullable=True,
            comment="Bottom Z Location of Scanning Length [mm]",
        ),
        sa.Column("frame_of_reference_uid", sa.String(length=64), nullable=True, comment="Frame of Reference UID"),
        sa.Column(
            "nominal_single_collimation_width",
            sa.Double(),
            nullable=True,
            comment="Nominal Single Collimation Width [mm]",
        ),
        sa.Column(
            "nominal_total_collimation_width",
            sa.Double(),
            nullable=True,
            comment="Nominal Total Collimation Width [mm]",
        ),
        sa.Column("pitch_factor", sa.Double(), nullable=True, comment="Pitch Factor [{ratio}]"),
        sa.Column(
            "number_of_xray_sources", sa.Double(), nullable=True, comment="Number of X-Ray Sources [{X-Ray sources}]"
        ),
        sa.Column("xray_modulation_type", sa.Text(), nullable=True, comment="X-Ray Modulation Type"),
        sa.Column(
            "reconstruction_algorithm", sa.JSON(none_as_null=True), nullable=True, comment="Reconstruction Algorithm"
        ),
        sa.Column(
            "ctdifreeair_calculation_factor",
            sa.Double(),
            nullable=True,
            comment="CTDIfreeair Calculation Factor [mGy/mA.s]",
        ),
        sa.Column("mean_ctdifreeair", sa.Double(), nullable=True, comment="Mean CTDIfreeair [mGy]"),
        sa.Column("effective_dose", sa.Double(), nullable=True, comment="Effective Dose [mSv]"),
        sa.Column("effective_dose_measurement_method", sa.Integer(), nullable=True, comment="Measurement Method"),
        sa.Column(
            "effective_dose_conversion_factor",
            sa.Double(),
            nullable=True,
            comment="Effective Dose Conversion Factor [mSv/mGy.cm]",
        ),
        sa.Column("irradiation_event_label", sa.Text(), nullable=True, comment="Irradiation Event Label"),
        sa.Column("label_type", sa.Integer(), nullable=True, comment="Label Type"),
        sa.Column("is_repeated_acquisition", sa.Integer(), nullable=True, comment="Is Repeated Acquisition"),
        sa.Column(
            "reason_for_repeating_acquisition", sa.Integer(), nullable=True, comment="Reason for Repeating Acquisition"
        ),
        sa.Column("standard_deviation", sa.Text(), nullable=True, comment="Standard deviation of population"),
        sa.Column("body_region", sa.Text(), nullable=True, comment="Body Region"),
        sa.Column("body_size", sa.Text(), nullable=True, comment="Body Size"),
        sa.Column("organ_characteristic", sa.Text(), nullable=True, comment="Organ Characteristic"),
        sa.Column("tin_filters", sa.JSON(none_as_null=True), nullable=True, comment="Tin Filter"),
        sa.Column("comment", sa.Text(), nullable=True, comment="Comment"),
        sa.Column("estimated_dose_saving", sa.Double(), nullable=True, comment="Estimated dose saving [%]"),
        sa.Column(
            "size_specific_dose",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Size specific dose estimations (TID 10013)",
        ),
        sa.Column(
            "dose_check_alert", sa.JSON(none_as_null=True), nullable=True, comment="Dose check alert (TID 10015)"
        ),
        sa.Column(
            "dose_check_notification",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Dose check notification (TID 10015)",
        ),
        sa.Column("persons", sa.JSON(none_as_null=True), nullable=True, comment="Person participants (TID 1020)"),
        sa.Column("devices", sa.JSON(none_as_null=True), nullable=True, comment="Device participants (TID 1021)"),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="Place in its report"),
        sa.Column("key", sa.String(length=80), nullable=False, comment="What makes it this event"),
        sa.ForeignKeyConstraint(["acquisition_protocol"], ["name.id"], name=op.f("fk_ct_event_acquisition_protocol")),
        sa.ForeignKeyConstraint(["acquisition_type"], ["code.id"], name=op.f("fk_ct_event_acquisition_type")),
        sa.ForeignKeyConstraint(["ctdiw_phantom_type"], ["code.id"], name=op.f("fk_ct_event_ctdiw_phantom_type")),
        sa.ForeignKeyConstraint(["dlp_phantom_type"], ["code.id"], name=op.f("fk_ct_event_dlp_phantom_type")),
        sa.ForeignKeyConstraint(
            ["effective_dose_measurement_method"],
            ["code.id"],
            name=op.f("fk_ct_event_effective_dose_measurement_method"),
        ),
        sa.ForeignKeyConstraint(
            ["is_repeated_acquisition"], ["code.id"], name=op.f("fk_ct_event_is_repeated_acquisition")
        ),
        sa.ForeignKeyConstraint(["label_type"], ["code.id"], name=op.f("fk_ct_event_label_type")),
        sa.ForeignKeyConstraint(["laterality"], ["code.id"], name=op.f("fk_ct_event_laterality")),
        sa.ForeignKeyConstraint(["procedure_context"], ["code.id"], name=op.f("fk_ct_event_procedure_context")),
        sa.ForeignKeyConstraint(
            ["reason_for_repeating_acquisition"], ["code.id"], name=op.f("fk_ct_event_reason_for_repeating_acquisition")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_ct_event_report_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_ct_event_study_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_region"], ["code.id"], name=op.f("fk_ct_event_target_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ct_event")),
        sa.UniqueConstraint("study_id", "key", name=op.f("uq_ct_event_study_id_key")),
    )
    with op.batch_alter_table("ct_event", schema=None) as batch_op:
        batch_op.create_index("ix_ct_event_acquisition_protocol", ["acquisition_protocol", "study_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ct_event_report_id"), ["report_id"], unique=False)

    op.create_table(
        "original",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=True),
        sa.Column("staff", sa.String(length=8), server_default="stored", nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_original_report_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_original")),
    )
    op.create_table(
        "patient_characteristics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("patient_state", sa.JSON(none_as_null=True), nullable=True, comment="Patient State"),
        sa.Column("age", sa.Double(), nullable=True, comment="Subject Age [a]"),
        sa.Column("sex", sa.Integer(), nullable=True, comment="Subject Sex"),
        sa.Column("height", sa.Double(), nullable=True, comment="Patient Height [cm]"),
        sa.Column("weight", sa.Double(), nullable=True, comment="Patient Weight [kg]"),
        sa.Column("body_surface_area", sa.Double(), nullable=True, comment="Body Surface Area [m2]"),
        sa.Column("body_surface_area_formula", sa.Integer(), nullable=True, comment="Body Surface Area Formula"),
        sa.Column("body_mass_index", sa.Double(), nullable=True, comment="Body Mass Index [kg/m2]"),
        sa.Column("body_mass_index_equation", sa.Integer(), nullable=True, comment="Equation"),
        sa.Column("glucose", sa.Double(), nullable=True, comment="Glucose [mmol/l]"),
        sa.Column("fasting_duration", sa.Double(), nullable=True, comment="Fasting Duration [h]"),
        sa.Column("hydration_volume", sa.Double(), nullable=True, comment="Hydration Volume [ml]"),
        sa.Column("recent_physical_activity", sa.Text(), nullable=True, comment="Recent Physical Activity"),
        sa.Column("serum_creatinine", sa.Double(), nullable=True, comment="Serum Creatinine [mg/dl]"),
        sa.Column(
            "glomerular_filtration_rate",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Glomerular filtration rates (TID 10024)",
        ),
        sa.ForeignKeyConstraint(
            ["body_mass_index_equation"], ["code.id"], name=op.f("fk_patient_characteristics_body_mass_index_equation")
        ),
        sa.ForeignKeyConstraint(
            ["body_surface_area_formula"],
            ["code.id"],
            name=op.f("fk_patient_characteristics_body_surface_area_formula"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_patient_characteristics_report_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sex"], ["code.id"], name=op.f("fk_patient_characteristics_sex")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_characteristics")),
    )
    with op.batch_alter_table("patient_characteristics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patient_characteristics_report_id"), ["report_id"], unique=False)

    op.create_table(
        "pet_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("series_instance_uid", sa.String(length=64), nullable=True, comment="Series Instance UID"),
        sa.Column("description", sa.Text(), nullable=True, comment="Series description"),
        sa.Column("started_at", sa.String(length=32), nullable=True, comment="Series date and time"),
        sa.Column("image_type", sa.JSON(none_as_null=True), nullable=True, comment="Image type"),
        sa.Column("body_part_examined", sa.Text(), nullable=True, comment="Body part examined"),
        sa.Column("series_type", sa.JSON(none_as_null=True), nullable=True, comment="Series type"),
        sa.Column("units", sa.Text(), nullable=True, comment="Units of the pixels"),
        sa.Column("counts_source", sa.Text(), nullable=True, comment="Counts source"),
        sa.Column("number_of_rr_intervals", sa.Double(), nullable=True, comment="Number of R-R intervals [1]"),
        sa.Column("number_of_time_slots", sa.Double(), nullable=True, comment="Number of time slots [1]"),
        sa.Column("number_of_time_slices", sa.Double(), nullable=True, comment="Number of time slices [1]"),
        sa.Column("number_of_slices", sa.Double(), nullable=True, comment="Number of slices [1]"),
        sa.Column("reconstruction_method", sa.Text(), nullable=True, comment="Reconstruction method"),
        sa.Column("coincidence_window_width", sa.Double(), nullable=True, comment="Coincidence window width [ns]"),
        sa.Column("energy_window_lower_limit", sa.Double(), nullable=True, comment="Energy window, lower limit [keV]"),
        sa.Column("energy_window_upper_limit", sa.Double(), nullable=True, comment="Energy window, upper limit [keV]"),
        sa.Column("scan_progression_direction", sa.Text(), nullable=True, comment="Scan progression direction"),
        sa.Column("type_of_detector_motion", sa.Text(), nullable=True, comment="Type of detector motion"),
        sa.Column("corrected_image", sa.JSON(none_as_null=True), nullable=True, comment="Corrected image"),
        sa.Column("decay_correction", sa.Text(), nullable=True, comment="Decay correction"),
        sa.Column("randoms_correction_method", sa.Text(), nullable=True, comment="Randoms correction method"),
        sa.Column("attenuation_correction_method", sa.Text(), nullable=True, comment="Attenuation correction method"),
        sa.Column("scatter_correction_method", sa.Text(), nullable=True, comment="Scatter correction method"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_pet_series_report_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pet_series")),
    )
    with op.batch_alter_table("pet_series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pet_series_report_id"), ["report_id"], unique=False)

    op.create_table(
        "projection_accumulated",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("acquisition_plane", sa.Integer(), nullable=True, comment="Acquisition Plane"),
        sa.Column("dap_total", sa.Double(), nullable=True, comment="Dose Area Product Total [Gy.m2]"),
        sa.Column("dose_rp_total", sa.Double(), nullable=True, comment="Dose (RP) Total [Gy]"),
        sa.Column("fluoro_dap_total", sa.Double(), nullable=True, comment="Fluoro Dose Area Product Total [Gy.m2]"),
        sa.Column("fluoro_dose_rp_total", sa.Double(), nullable=True, comment="Fluoro Dose (RP) Total [Gy]"),
        sa.Column("total_fluoro_time", sa.Double(), nullable=True, comment="Total Fluoro Time [s]"),
        sa.Column(
            "acquisition_dap_total", sa.Double(), nullable=True, comment="Acquisition Dose Area Product Total [Gy.m2]"
        ),
        sa.Column("acquisition_dose_rp_total", sa.Double(), nullable=True, comment="Acquisition Dose (RP) Total [Gy]"),
        sa.Column("total_acquisition_time", sa.Double(), nullable=True, comment="Total Acquisition Time [s]"),
        sa.Column(
            "total_number_of_radiographic_frames",
            sa.Double(),
            nullable=True,
            comment="Total Number of Radiographic Frames [1]",
        ),
        sa.Column(
            "distance_source_to_reference_point",
            sa.Double(),
            nullable=True,
            comment="Distance Source to Reference Point [mm]",
        ),
        sa.Column("reference_point_definition", sa.Text(), nullable=True, comment="Reference Point Definition"),
        sa.Column("detector_type", sa.Integer(), nullable=True, comment="Detector Type"),
        sa.Column(
            "accumulated_agd",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Accumulated average glandular dose (TID 10005)",
        ),
        sa.Column("calibrations", sa.JSON(none_as_null=True), nullable=True, comment="Calibration (TID 10002)"),
        sa.Column(
            "distance_source_to_isocenter", sa.Double(), nullable=True, comment="Distance Source to Isocenter [mm]"
        ),
        sa.Column("system_height", sa.Double(), nullable=True, comment="Height of System [mm]"),
        sa.Column("devices", sa.JSON(none_as_null=True), nullable=True, comment="Device participants (TID 1021)"),
        sa.ForeignKeyConstraint(
            ["acquisition_plane"], ["code.id"], name=op.f("fk_projection_accumulated_acquisition_plane")
        ),
        sa.ForeignKeyConstraint(["detector_type"], ["code.id"], name=op.f("fk_projection_accumulated_detector_type")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_projection_accumulated_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projection_accumulated")),
    )
    with op.batch_alter_table("projection_accumulated", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_projection_accumulated_report_id"), ["report_id"], unique=False)

    op.create_table(
        "projection_event",
        sa.Column("irradiation_event_uid", sa.String(length=64), nullable=True, comment="Irradiation Event UID"),
        sa.Column("acquisition_plane", sa.Integer(), nullable=True, comment="Acquisition Plane"),
        sa.Column("started_at", sa.String(length=32), nullable=True, comment="DateTime Started"),
        sa.Column("irradiation_event_type", sa.Integer(), nullable=True, comment="Irradiation Event Type"),
        sa.Column("acquisition_protocol", sa.Integer(), nullable=True, comment="Acquisition Protocol"),
        sa.Column("is_repeated_acquisition", sa.Integer(), nullable=True, comment="Is Repeated Acquisition"),
        sa.Column(
            "reason_for_repeating_acquisition", sa.Integer(), nullable=True, comment="Reason for Repeating Acquisition"
        ),
        sa.Column("is_rejected_acquisition", sa.Integer(), nullable=True, comment="Is Rejected Acquisition"),
        sa.Column(
            "reason_for_rejecting_acquisition", sa.Integer(), nullable=True, comment="Reason for Rejecting Acquisition"
        ),
        sa.Column("irradiation_event_label", sa.Text(), nullable=True, comment="Irradiation Event Label"),
        sa.Column("label_type", sa.Integer(), nullable=True, comment="Label Type"),
        sa.Column("target_region", sa.Integer(), nullable=True, comment="Target Region"),
        sa.Column("anatomical_structure", sa.Integer(), nullable=True, comment="Anatomical structure"),
        sa.Column("laterality", sa.Integer(), nullable=True, comment="Laterality"),
        sa.Column("image_view", sa.Integer(), nullable=True, comment="Image View"),
        sa.Column("image_view_modifiers", sa.JSON(none_as_null=True), nullable=True, comment="Image View Modifier"),
        sa.Column("projection_eponymous_name", sa.Integer(), nullable=True, comment="Projection Eponymous Name"),
        sa.Column("patient_table_relationship", sa.Integer(), nullable=True, comment="Patient Table Relationship"),
        sa.Column("patient_orientation", sa.Integer(), nullable=True, comment="Patient Orientation"),
        sa.Column("patient_orientation_modifier", sa.Integer(), nullable=True, comment="Patient Orientation Modifier"),
        sa.Column("dap", sa.Double(), nullable=True, comment="Dose Area Product [Gy.m2]"),
        sa.Column("dose_rp", sa.Double(), nullable=True, comment="Dose (RP) [Gy]"),
        sa.Column("reference_point_definition", sa.Text(), nullable=True, comment="Reference Point Definition"),
        sa.Column("average_glandular_dose", sa.Double(), nullable=True, comment="Average Glandular Dose [mGy]"),
        sa.Column("entrance_exposure_at_rp", sa.Double(), nullable=True, comment="Entrance Exposure at RP [mGy]"),
        sa.Column("half_value_layer", sa.Double(), nullable=True, comment="Half Value Layer [mm]"),
        sa.Column(
            "patient_equivalent_thickness", sa.Double(), nullable=True, comment="Patient Equivalent Thickness [mm]"
        ),
        sa.Column("fluoro_mode", sa.Integer(), nullable=True, comment="Fluoro Mode"),
        sa.Column("pulse_rate", sa.Double(), nullable=True, comment="Pulse Rate [{pulse}/s]"),
        sa.Column("number_of_pulses", sa.Double(), nullable=True, comment="Number of Pulses [1]"),
        sa.Column("number_of_pulses_derivation", sa.Integer(), nullable=True, comment="Derivation"),
        sa.Column("pulse_width", sa.JSON(none_as_null=True), nullable=True, comment="Pulse Width [ms]"),
        sa.Column("irradiation_duration", sa.Double(), nullable=True, comment="Irradiation Duration [s]"),
        sa.Column("kvp", sa.JSON(none_as_null=True), nullable=True, comment="KVP [kV]"),
        sa.Column("tube_current", sa.JSON(none_as_null=True), nullable=True, comment="X-Ray Tube Current [mA]"),
        sa.Column("average_tube_current", sa.Double(), nullable=True, comment="Average X-Ray Tube Current [mA]"),
        sa.Column("exposure_time", sa.Double(), nullable=True, comment="Exposure Time [ms]"),
        sa.Column("exposure", sa.JSON(none_as_null=True), nullable=True, comment="Exposure [uA.s]"),
        sa.Column("focal_spot_size", sa.Double(), nullable=True, comment="Focal Spot Size [mm]"),
        sa.Column("anode_target_material", sa.Integer(), nullable=True, comment="Anode Target Material"),
        sa.Column("xray_filters", sa.JSON(none_as_null=True), nullable=True, comment="X-Ray filters (TID 10003B)"),
        sa.Column("collimated_field_area", sa.Double(), nullable=True, comment="Collimated Field Area [m2]"),
        sa.Column("collimated_field_height", sa.Double(), nullable=True, comment="Collimated Field Height [mm]"),
        sa.Column("collimated_field_width", sa.Double(), nullable=True, comment="Collimated Field Width [mm]"),
        sa.Column("xray_grid", sa.JSON(none_as_null=True), nullable=True, comment="X-Ray Grid"),
        sa.Column("exposure_index", sa.Double(), nullable=True, comment="Exposure Index [1]"),
        sa.Column("target_exposure_index", sa.Double(), nullable=True, comment="Target Exposure Index [1]"),
        sa.Column("deviation_index", sa.Double(), nullable=True, comment="Deviation Index [1]"),
        sa.Column("acquired_images", sa.JSON(none_as_null=True), nullable=True, comment="Acquired Image"),
        sa.Column("mechanical_configuration", sa.Integer(), nullable=True, comment="CR/DR Mechanical Configuration"),
        sa.Column("positioner_primary_angle", sa.Double(), nullable=True, comment="Positioner Primary Angle [deg]"),
        sa.Column("positioner_secondary_angle", sa.Double(), nullable=True, comment="Positioner Secondary Angle [deg]"),
        sa.Column(
            "positioner_primary_end_angle", sa.Double(), nullable=True, comment="Positioner Primary End Angle [deg]"
        ),
        sa.Column(
            "positioner_secondary_end_angle", sa.Double(), nullable=True, comment="Positioner Secondary End Angle [deg]"
        ),
        sa.Column("column_angulation", sa.Double(), nullable=True, comment="Column Angulation [deg]"),
        sa.Column("table_head_tilt_angle", sa.Double(), nullable=True, comment="Table Head Tilt Angle [deg]"),
        sa.Column(
            "table_horizontal_rotation_angle",
            sa.Double(),
            nullable=True,
            comment="Table Horizontal Rotation Angle [deg]",
        ),
        sa.Column("table_cradle_tilt_angle", sa.Double(), nullable=True, comment="Table Cradle Tilt Angle [deg]"),
        sa.Column("compression_thickness", sa.Double(), nullable=True, comment="Compression Thickness [mm]"),
        sa.Column(
            "distance_source_to_isocenter", sa.Double(), nullable=True, comment="Distance Source to Isocenter [mm]"
        ),
        sa.Column(
            "distance_source_to_reference_point",
            sa.Double(),
            nullable=True,
            comment="Distance Source to Reference Point [mm]",
        ),
        sa.Column(
            "distance_source_to_detector", sa.Double(), nullable=True, comment="Distance Source to Detector [mm]"
        ),
        sa.Column(
            "distance_source_to_table_plane", sa.Double(), nullable=True, comment="Distance Source to Table Plane [mm]"
        ),
        sa.Column(
            "table_longitudinal_position", sa.Double(), nullable=True, comment="Table Longitudinal Position [mm]"
        ),
        sa.Column("table_lateral_position", sa.Double(), nullable=True, comment="Table Lateral Position [mm]"),
        sa.Column("table_height_position", sa.Double(), nullable=True, comment="Table Height Position [mm]"),
        sa.Column(
            "table_longitudinal_end_position",
            sa.Double(),
            nullable=True,
            comment="Table Longitudinal End Position [mm]",
        ),
        sa.Column("table_lateral_end_position", sa.Double(), nullable=True, comment="Table Lateral End Position [mm]"),
        sa.Column("table_height_end_position", sa.Double(), nullable=True, comment="Table Height End Position [mm]"),
        sa.Column("table_head_tilt_end_angle", sa.Double(), nullable=True, comment="Table Head Tilt End Angle [deg]"),
        sa.Column(
            "table_horizontal_rotation_end_angle",
            sa.Double(),
            nullable=True,
            comment="Table Horizontal Rotation End Angle [deg]",
        ),
        sa.Column(
            "table_cradle_tilt_end_angle", sa.Double(), nullable=True, comment="Table Cradle Tilt End Angle [deg]"
        ),
        sa.Column("table_x_position", sa.Double(), nullable=True, comment="Table X Position to Isocenter [mm]"),
        sa.Column("table_y_position", sa.Double(), nullable=True, comment="Table Y Position to Isocenter [mm]"),
        sa.Column("table_z_position", sa.Double(), nullable=True, comment="Table Z Position to Isocenter [mm]"),
        sa.Column("table_x_end_position", sa.Double(), nullable=True, comment="Table X End Position to Isocenter [mm]"),
        sa.Column("table_y_end_position", sa.Double(), nullable=True, comment="Table Y End Position to Isocenter [mm]"),
        sa.Column("table_z_end_position", sa.Double(), nullable=True, comment="Table Z End Position to Isocenter [mm]"),
        sa.Column(
            "positioner_isocenter_primary_angle",
            sa.Double(),
            nullable=True,
            comment="Positioner Isocenter Primary Angle [deg]",
        ),
        sa.Column(
            "positioner_isocenter_secondary_angle",
            sa.Double(),
            nullable=True,
            comment="Positioner Isocenter Secondary Angle [deg]",
        ),
        sa.Column(
            "positioner_isocenter_detector_rotation_angle",
            sa.Double(),
            nullable=True,
            comment="Positioner Isocenter Detector Rotation Angle [deg]",
        ),
        sa.Column(
            "positioner_isocenter_primary_end_angle",
            sa.Double(),
            nullable=True,
            comment="Positioner Isocenter Primary End Angle [deg]",
        ),
        sa.Column(
            "positioner_isocenter_secondary_end_angle",
            sa.Double(),
            nullable=True,
            comment="Positioner Isocenter Secondary End Angle [deg]",
        ),
        sa.Column(
            "positioner_isocenter_detector_rotation_end_angle",
            sa.Double(),
            nullable=True,
            comment="Positioner Isocenter Detector Rotation End Angle [deg]",
        ),
        sa.Column("images_per_frame", sa.Double(), nullable=True, comment="Images per Frame [1]"),
        sa.Column("scene_time", sa.Double(), nullable=True, comment="Scene Time [s]"),
        sa.Column("field_of_view_width", sa.Double(), nullable=True, comment="Field of View Width [mm]"),
        sa.Column("field_of_view_height", sa.Double(), nullable=True, comment="Field of View Height [mm]"),
        sa.Column("shutter_left", sa.Double(), nullable=True, comment="Left Shutter [mm]"),
        sa.Column("shutter_right", sa.Double(), nullable=True, comment="Right Shutter [mm]"),
        sa.Column("shutter_top", sa.Double(), nullable=True, comment="Top Shutter [mm]"),
        sa.Column("shutter_bottom", sa.Double(), nullable=True, comment="Bottom Shutter [mm]"),
        sa.Column("wedge_distances", sa.JSON(none_as_null=True), nullable=True, comment="Wedge Distance [mm]"),
        sa.Column("wedge_angles", sa.JSON(none_as_null=True), nullable=True, comment="Wedge Angle [deg]"),
        sa.Column("beam_longitudinal_position", sa.Double(), nullable=True, comment="Longitudinal Beam Position [mm]"),
        sa.Column("beam_lateral_position", sa.Double(), nullable=True, comment="Lateral Beam Position [mm]"),
        sa.Column("beam_angle", sa.Double(), nullable=True, comment="Beam Angle [deg]"),
        sa.Column(
            "distance_source_to_detector_at_end",
            sa.Double(),
            nullable=True,
            comment="Distance Source to Detector at End [mm]",
        ),
        sa.Column("fluoro_flavour", sa.Text(), nullable=True, comment="Fluoro Flavour"),
        sa.Column("application", sa.Text(), nullable=True, comment="Application"),
        sa.Column("application_group", sa.Text(), nullable=True, comment="Application Group"),
        sa.Column("performing_physician", sa.Integer(), nullable=True, comment="Performing Physician"),
        sa.Column("comment", sa.Text(), nullable=True, comment="Comment"),
        sa.Column("persons", sa.JSON(none_as_null=True), nullable=True, comment="Person participants (TID 1020)"),
        sa.Column("devices", sa.JSON(none_as_null=True), nullable=True, comment="Device participants (TID 1021)"),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="Place in its report"),
        sa.Column("key", sa.String(length=80), nullable=False, comment="What makes it this event"),
        sa.Column("body_part_examined", sa.Text(), nullable=True, comment="Body part examined"),
        sa.Column("view_position", sa.Text(), nullable=True, comment="View position"),
        sa.Column("positioner_type", sa.Text(), nullable=True, comment="Positioner type"),
        sa.Column("image_type", sa.Text(), nullable=True, comment="Image type"),
        sa.Column("presentation_intent", sa.Text(), nullable=True, comment="Presentation intent"),
        sa.Column("radiation_setting", sa.Text(), nullable=True, comment="Radiation setting"),
        sa.Column("radiation_mode", sa.Text(), nullable=True, comment="Radiation mode"),
        sa.Column("exposure_control_mode", sa.Text(), nullable=True, comment="Exposure control mode"),
        sa.Column(
            "exposure_control_mode_description", sa.Text(), nullable=True, comment="Exposure control mode description"
        ),
        sa.Column("exposure_status", sa.Text(), nullable=True, comment="Exposure status"),
        sa.Column("acquisition_device_processing", sa.Text(), nullable=True, comment="Acquisition device processing"),
        sa.Column("comments_on_radiation_dose", sa.Text(), nullable=True, comment="Comments on radiation dose"),
        sa.Column("number_of_frames", sa.Double(), nullable=True, comment="Number of Frames [1]"),
        sa.Column("relative_xray_exposure", sa.Double(), nullable=True, comment="Relative X-Ray exposure [1]"),
        sa.Column("sensitivity", sa.Double(), nullable=True, comment="Sensitivity [1]"),
        sa.Column(
            "magnification_factor",
            sa.Double(),
            nullable=True,
            comment="Estimated radiographic magnification factor [1]",
        ),
        sa.Column("field_of_view_shape", sa.Text(), nullable=True, comment="Field of view shape"),
        sa.Column(
            "field_of_view_dimensions",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="Field of view dimensions [mm]",
        ),
        sa.Column("intensifier_size", sa.Double(), nullable=True, comment="Intensifier Size [mm]"),
        sa.Column("distance_source_to_patient", sa.Double(), nullable=True, comment="Distance source to patient [mm]"),
        sa.Column(
            "distance_source_to_entrance", sa.Double(), nullable=True, comment="Distance source to entrance [mm]"
        ),
        sa.Column("organ_exposed", sa.Text(), nullable=True, comment="Organ exposed"),
        sa.Column("compression_force", sa.Double(), nullable=True, comment="Compression Force [N]"),
        sa.Column("compression_pressure", sa.Double(), nullable=True, comment="Compression Pressure [kPa]"),
        sa.Column("compression_contact_area", sa.Double(), nullable=True, comment="Compression Contact Area [mm2]"),
        sa.Column("paddle", sa.Text(), nullable=True, comment="Paddle"),
        sa.Column("breast_implant_present", sa.Text(), nullable=True, comment="Breast implant present"),
        sa.ForeignKeyConstraint(["acquisition_plane"], ["code.id"], name=op.f("fk_projection_event_acquisition_plane")),
        sa.ForeignKeyConstraint(
            ["acquisition_protocol"], ["name.id"], name=op.f("fk_projection_event_acquisition_protocol")
        ),
        sa.ForeignKeyConstraint(
            ["anatomical_structure"], ["code.id"], name=op.f("fk_projection_event_anatomical_structure")
        ),
        sa.ForeignKeyConstraint(
            ["anode_target_material"], ["code.id"], name=op.f("fk_projection_event_anode_target_material")
        ),
        sa.ForeignKeyConstraint(["fluoro_mode"], ["code.id"], name=op.f("fk_projection_event_fluoro_mode")),
        sa.ForeignKeyConstraint(["image_view"], ["code.id"], name=op.f("fk_projection_event_image_view")),
        sa.ForeignKeyConstraint(
            ["irradiation_event_type"], ["code.id"], name=op.f("fk_projection_event_irradiation_event_type")
        ),
        sa.ForeignKeyConstraint(
            ["is_rejected_acquisition"], ["code.id"], name=op.f("fk_projection_event_is_rejected_acquisition")
        ),
        sa.ForeignKeyConstraint(
            ["is_repeated_acquisition"], ["code.id"], name=op.f("fk_projection_event_is_repeated_acquisition")
        ),
        sa.ForeignKeyConstraint(["label_type"], ["code.id"], name=op.f("fk_projection_event_label_type")),
        sa.ForeignKeyConstraint(["laterality"], ["code.id"], name=op.f("fk_projection_event_laterality")),
        sa.ForeignKeyConstraint(
            ["mechanical_configuration"], ["code.id"], name=op.f("fk_projection_event_mechanical_configuration")
        ),
        sa.ForeignKeyConstraint(
            ["number_of_pulses_derivation"], ["code.id"], name=op.f("fk_projection_event_number_of_pulses_derivation")
        ),
        sa.ForeignKeyConstraint(
            ["patient_orientation"], ["code.id"], name=op.f("fk_projection_event_patient_orientation")
        ),
        sa.ForeignKeyConstraint(
            ["patient_orientation_modifier"], ["code.id"], name=op.f("fk_projection_event_patient_orientation_modifier")
        ),
        sa.ForeignKeyConstraint(
            ["patient_table_relationship"], ["code.id"], name=op.f("fk_projection_event_patient_table_relationship")
        ),
        sa.ForeignKeyConstraint(
            ["performing_physician"], ["name.id"], name=op.f("fk_projection_event_performing_physician")
        ),
        sa.ForeignKeyConstraint(
            ["projection_eponymous_name"], ["code.id"], name=op.f("fk_projection_event_projection_eponymous_name")
        ),
        sa.ForeignKeyConstraint(
            ["reason_for_rejecting_acquisition"],
            ["code.id"],
            name=op.f("fk_projection_event_reason_for_rejecting_acquisition"),
        ),
        sa.ForeignKeyConstraint(
            ["reason_for_repeating_acquisition"],
            ["code.id"],
            name=op.f("fk_projection_event_reason_for_repeating_acquisition"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_projection_event_report_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_projection_event_study_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["target_region"], ["code.id"], name=op.f("fk_projection_event_target_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projection_event")),
        sa.UniqueConstraint("study_id", "key", name=op.f("uq_projection_event_study_id_key")),
    )
    with op.batch_alter_table("projection_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_projection_event_acquisition_protocol", ["acquisition_protocol", "study_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_projection_event_report_id"), ["report_id"], unique=False)

    op.create_table(
        "ct_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ct_event_id", sa.Integer(), nullable=False),
        sa.Column("identification", sa.Text(), nullable=True, comment="Identification of the X-Ray Source"),
        sa.Column("kvp", sa.Double(), nullable=True, comment="KVP [kV]"),
        sa.Column("maximum_tube_current", sa.Double(), nullable=True, comment="Maximum X-Ray Tube Current [mA]"),
        sa.Column("tube_current", sa.Double(), nullable=True, comment="X-Ray Tube Current [mA]"),
        sa.Column("exposure_time_per_rotation", sa.Double(), nullable=True, comment="Exposure Time per Rotation [s]"),
        sa.Column("aluminum_equivalent", sa.Double(), nullable=True, comment="X-Ray Filter Aluminum Equivalent [mm]"),
        sa.ForeignKeyConstraint(
            ["ct_event_id"], ["ct_event.id"], name=op.f("fk_ct_source_ct_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ct_source")),
    )
    with op.batch_alter_table("ct_source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ct_source_ct_event_id"), ["ct_event_id"], unique=False)


def downgrade():
    with op.batch_alter_table("ct_source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ct_source_ct_event_id"))

    op.drop_table("ct_source")
    with op.batch_alter_table("projection_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_projection_event_report_id"))
        batch_op.drop_index("ix_projection_event_acquisition_protocol")

    op.drop_table("projection_event")
    with op.batch_alter_table("projection_accumulated", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_projection_accumulated_report_id"))

    op.drop_table("projection_accumulated")
    with op.batch_alter_table("pet_series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pet_series_report_id"))

    op.drop_table("pet_series")
    with op.batch_alter_table("patient_characteristics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_patient_characteristics_report_id"))

    op.drop_table("patient_characteristics")
    op.drop_table("original")
    with op.batch_alter_table("ct_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ct_event_report_id"))
        batch_op.drop_index("ix_ct_event_acquisition_protocol")

    op.drop_table("ct_event")
    with op.batch_alter_table("ct_accumulated", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ct_accumulated_report_id"))

    op.drop_table("ct_accumulated")
    with op.batch_alter_table("administration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_administration_report_id"))
        batch_op.drop_index("ix_administration_agent")

    op.drop_table("administration")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index("uq_report_sop_instance_uid")
        batch_op.drop_index(batch_op.f("ix_report_study_id"))
        batch_op.drop_index(batch_op.f("ix_report_equipment_id"))

    op.drop_table("report")
    with op.batch_alter_table("name_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_name_key_key"))

    op.drop_table("name_key")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))

    op.drop_table("user_session")
    with op.batch_alter_table("uploaded_file", schema=None) as batch_op:
        batch_op.drop_index("uq_uploaded_file_member")
        batch_op.drop_index("ix_uploaded_file_batch")

    op.drop_table("uploaded_file")
    with op.batch_alter_table("study", schema=None) as batch_op:
        batch_op.drop_index("uq_study_study_instance_uid")
        batch_op.drop_index("ix_study_test_patient")
        batch_op.drop_index("ix_study_room")
        batch_op.drop_index("ix_study_protocols")
        batch_op.drop_index(batch_op.f("ix_study_patient_key"))
        batch_op.drop_index("ix_study_nuclear")
        batch_op.drop_index("ix_study_latest")
        batch_op.drop_index(batch_op.f("ix_study_equipment_id"))
        batch_op.drop_index("ix_study_dlp_total")
        batch_op.drop_index("ix_study_description")
        batch_op.drop_index("ix_study_dap_total")
        batch_op.drop_index("ix_study_accession_number")

    op.drop_table("study")
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_filter_owner_id"))
        batch_op.drop_index(batch_op.f("ix_saved_filter_modality"))

    op.drop_table("saved_filter")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_owner_id"))

    op.drop_table("job")
    op.drop_table("equipment_version")
    op.drop_table("user")
    op.drop_table("store_sender")
    op.drop_table("store_policy")
    op.drop_table("store_listener")
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.drop_index("ix_quarantine_latest")

    op.drop_table("quarantine")
    op.drop_table("name")
    op.drop_table("ignore_rule")
    op.drop_table("equipment")
    op.drop_table("code")
    op.drop_table("audit_sent")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_username_at_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_outcome_at_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_at_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_action_at_id"))

    op.drop_table("audit_entry")
    op.drop_table("alarm_watch")
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alarm_ended_at"))

    op.drop_table("alarm")

"""A made archive, by statements that the database works out itself: a million studies in a minute or two."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Connection, Engine, Integer, MetaData, func, select

from app.extensions import db
from app.models import Study
from bench.web import words

YEARS_DAYS = 3650  # that the studies are spread over, until today
LARGE_CT, LARGE_RF = 5, 6  # studies with many events
LARGE = {LARGE_CT: ("CT", 30), LARGE_RF: ("RF", 400)}
PRIME = 1_000_003

# By database: a day so many days after the first, a time of day, both together, a number as text in JSON.
DAY = {"postgresql": "(DATE '{first}' + ({days})::int)", "sqlite": "date('{first}', '+' || ({days}) || ' days')"}
CLOCK = {
    "postgresql": "make_time((7 + ({c}) % 13)::int, (({c}) % 60)::int, 0)",
    "sqlite": "printf('%02d:%02d:00.000000', 7 + ({c}) % 13, ({c}) % 60)",
}
MOMENT = {"postgresql": "({day} + {clock})", "sqlite": "({day} || ' ' || {clock})"}
NUMBERS = {
    "postgresql": "SELECT generate_series(1, {most}) AS n",
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {most}) SELECT n FROM c",
}
NOTHING = {"JSON": "'[]'", "BOOLEAN": "FALSE"}  # of a column that has to be filled, by its type
BEFORE = {
    "postgresql": ["SET session_replication_role = replica", "SET maintenance_work_mem = '512MB'"],
    # Ours are transactions that begin with the connection.
    "sqlite": ["COMMIT", "PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000"],
}


def make(engine: Engine, studies: int) -> None:
    """Fill an empty database with the studies and their events; the indexes come last."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in BEFORE[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        indexes = [index for table in db.metadata.sorted_tables for index in table.indexes]
        for index in indexes:
            index.drop(connection, checkfirst=True)
        connection.exec_driver_sql("BEGIN")
        _fill(connection, studies)
        connection.exec_driver_sql("COMMIT")
        for index in indexes:
            index.create(connection)
        if connection.dialect.name == "postgresql":
            _count_on(connection)
            # It would look at the tables by itself soon. SQLite never does, and knows less than it thinks where it did:
            # told to ANALYZE, it takes two to three times as long for the first page.
            connection.exec_driver_sql("VACUUM ANALYZE")
        connection.invalidate()  # nobody else should have what was set


def size(engine: Engine) -> int:
    """How many studies there are; 0 where there is no table yet."""
    found = MetaData()
    found.reflect(engine, only=lambda name, _: name == "study")
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Study)) if found.tables else 0


def _fill(connection: Connection, studies: int) -> None:
    for table, rows in words.tables().items():
        connection.execute(db.metadata.tables[table].insert(), rows)
    kind = connection.dialect.name
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE visit AS {NUMBERS[kind].format(most=studies)}")
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE place AS {NUMBERS[kind].format(most=400)}")
    _insert(connection, "study", _study(kind, studies), f"(SELECT n, {_modality()} AS m FROM visit) AS made")
    report = {"id": "id", "study_id": "id", "sop_instance_uid": "'2.25.1.' || id", "kind": "'dose report'",
              "outcome": "'counted'", "in_totals": "TRUE", "received_at": "study_at", "read_by": "'made'",
              "digest": "'' || id", "body": "'' || id", "items": "number_of_events * 40",
              "event_count": "number_of_events", "equipment_id": "equipment_id"}  # fmt: skip
    _insert(connection, "report", report, "study")
    events = "study JOIN place ON n <= number_of_events WHERE modality"
    _insert(connection, "ct_event", EVENT | CT_EVENT, f"{events} = 'CT'")
    _insert(connection, "projection_event", EVENT | PROJECTION_EVENT, f"{events} IN ('RF', 'MG', 'DX')")
    _insert(connection, "administration", EVENT | ADMINISTRATION, "(SELECT *, 1 AS n FROM study) AS s WHERE nuclear")
    source = {"ct_event_id": "id", "kvp": "80 + 20 * (id % 4)", "tube_current": "100 + id % 300",
              "maximum_tube_current": "200 + id % 300", "exposure_time_per_rotation": "0.5"}  # fmt: skip
    _insert(connection, "ct_source", source, "ct_event")


def _count_on(connection: Connection) -> None:
    """Have the database number new rows after those that were made with numbers of their own."""
    for table in db.metadata.sorted_tables:
        if "id" in table.columns and isinstance(table.columns["id"].type, Integer):
            numbers = func.pg_get_serial_sequence(table.name, "id")
            most = select(func.coalesce(func.max(table.columns["id"]), 0) + 1).scalar_subquery()
            connection.execute(select(func.setval(numbers, most)))


def _insert(connection: Connection, name: str, values: Mapping[str, str], rows: str) -> None:
    """Insert what is selected; what has to be there and nobody tells is nothing."""
    table = db.metadata.tables[name]
    nothing = {
        column.name: NOTHING.get(str(column.type), "0")
        for column in table.columns
        if not column.nullable and not column.primary_key and column.name not in values
    }
    told = {**nothing, **values}
    if connection.dialect.name == "postgresql":
        told = {
            one: f"CAST({sql} AS JSON)" if "JSON" in str(table.columns[one].type) else sql for one, sql in told.items()
        }
    columns, selected = (", ".join(part) for part in ([f'"{one}"' for one in told], told.values()))
    statement = f'INSERT INTO "{name}" ({columns}) SELECT {selected} FROM {rows}'
    doubled = connection.dialect.name == "postgresql"  # its driver takes % for a parameter
    connection.exec_driver_sql(statement.replace("%", "%%") if doubled else statement)


def _chance(number: int, name: str = "n") -> str:
    """A number below PRIME that looks like chance and is the same each time."""
    return f"(({name} * CAST({7919 + 104_729 * number} AS BIGINT) + {number} * {name} / 7) % {PRIME})"


def _skewed(number: int, most: int) -> str:
    """A number from 0 below `most`, the lower ones more often."""
    return f"(({_chance(number)} * {_chance(number)} / {PRIME}) * {most} / {PRIME})"


def _modality() -> str:
    """0 to 4: CT, RF, MG, DX, NM."""
    large = " ".join(f"WHEN n = {n} THEN {words.MODALITIES.index(kind)}" for n, (kind, _) in LARGE.items())
    shares = " ".join(f"WHEN {_chance(1)} % 100 < {share} THEN {place}" for place, share in enumerate((45, 55, 70, 95)))
    return f"CASE {large} {shares} ELSE 4 END"


def _of(*values: str) -> str:
    """One value for each modality."""
    return "CASE m " + " ".join(f"WHEN {place} THEN {value}" for place, value in enumerate(values)) + " END"


def _study(kind: str, studies: int) -> dict[str, str]:
    first = date.today() - timedelta(YEARS_DAYS - 1)
    day = DAY[kind].format(first=first, days=f"CAST(n AS BIGINT) * {YEARS_DAYS - 1} / {studies}")
    clock = CLOCK[kind].format(c=_chance(2))
    large = " ".join(f"WHEN n = {n} THEN {events}" for n, (_, events) in LARGE.items())
    events = _of(f"2 + {_chance(3)} % 5", f"3 + {_chance(3)} % 15", "4", f"1 + {_chance(3)} % 3", "0")
    title, dose = (
        f"1 + m * {words.TITLES} + {_skewed(4, words.TITLES)}",
        f"({_chance(5)} / CAST({PRIME} AS DOUBLE PRECISION))",
    )
    dap, rp = f"0.0001 + 0.02 * {dose} * {dose}", f"0.001 + 1.5 * {dose} * {dose}"
    dlp, agd = f"20 + 1500 * {dose} * {dose}", f"0.6 + 2.4 * {dose}"
    return {
        "id": "n", "study_instance_uid": "'2.25.' || n",
        "modality": _of(*(f"'{one}'" for one in words.MODALITIES)), "nuclear": "m = 4",
        "modality_found": _of(*(f"'{one}'" for one in words.MODALITIES)),
        "equipment_id": _of(*(f"{low} + {_skewed(6, many)}" for low, many in words.ROOMS)),
        "study_date": day, "study_time": clock, "study_at": MOMENT[kind].format(day=day, clock=clock),
        "accession_number": "'A' || (10000000 + n)", "description": title, "title": title,
        "procedure": title, "requested_procedure": f"{words.REQUESTED} + {_skewed(7, 200)}",
        "performing_physician": f"{words.STAFF} + {_skewed(8, 500)}",
        "operator": f"{words.STAFF} + 500 + {_skewed(9, 300)}",
        "protocols": f"CASE WHEN m < 4 THEN {words.JOINED} + m * {words.COMBINED} + {_skewed(10, words.COMBINED)} END",
        "agents": f"CASE WHEN m = 4 THEN {words.AGENTS} + {_skewed(10, 30)} END",
        "patient_sex": f"CASE WHEN m = 2 OR {_chance(11)} % 2 = 0 THEN 'F' ELSE 'M' END",
        "patient_age": f"{_chance(12)} % 95", "patient_size": f"1.5 + ({_chance(13)} % 50) / 100.0",
        "patient_weight": f"45 + {_chance(14)} % 70",
        "test_patient": f"CASE WHEN {_chance(15)} % 500 = 0 THEN 'phy' END",
        "problem_count": f"CASE WHEN {_chance(16)} % 50 = 0 THEN 1 ELSE 0 END",
        "number_of_events": f"CASE {large} ELSE {events} END",
        "number_of_administrations": "CASE WHEN m = 4 THEN 1 ELSE 0 END",
        "dlp_total": _of(dlp), "dlp_event_sum": _of(dlp), "ctdivol_maximum": _of(f"3 + 60 * {dose} * {dose}"),
        "spiral_events": _of("1"), "localizer_events": _of("1"), "sequenced_events": _of("0"),
        "dap_total": _of("NULL", dap, "NULL", f"{dap} / 50"), "dap_event_sum": _of("NULL", dap, "NULL", f"{dap} / 50"),
        "dose_rp_total": _of("NULL", rp), "dose_rp_event_sum": _of("NULL", rp),
        "fluoro_time_total": _of("NULL", f"10 + {_chance(17)} % 1200"),
        "agd_maximum": _of("NULL", "NULL", agd), "agd_left_total": _of("NULL", "NULL", f"2 * {agd}"),
        "agd_right_total": _of("NULL", "NULL", f"2 * {agd}"),
        "administered_activity_total": _of("NULL", "NULL", "NULL", "NULL", f"100 + {_chance(17)} % 600"),
        "events_by_type": _of("""'{"Spiral Acquisition": 1}'"""),
    }  # fmt: skip


EVENT = {
    "study_id": "study.id", "report_id": "study.id", "number": "n", "key": "'2.25.2.' || study.id || '.' || n",
    "started_at": "study_date || 'T' || study_time",
}  # fmt: skip
ANGLE, PROTOCOL = "(study.id * 7 + n * 13) % 90", f"{words.PROTOCOLS} + (study.id + n) % 1500"
CT_EVENT = {
    "irradiation_event_uid": "'2.25.2.' || study.id || '.' || n", "acquisition_protocol": PROTOCOL,
    "acquisition_type": "1 + n % 2", "target_region": "3", "ctdiw_phantom_type": "4",
    "mean_ctdivol": "ctdivol_maximum", "dlp": "dlp_total / number_of_events", "exposure_time": "4.5",
    "scanning_length": f"200 + {ANGLE}", "pitch_factor": "0.9", "number_of_xray_sources": "1",
    "nominal_single_collimation_width": "0.6", "nominal_total_collimation_width": "38.4",
}  # fmt: skip
PROJECTION_EVENT = {
    "irradiation_event_uid": "'2.25.2.' || study.id || '.' || n", "acquisition_protocol": PROTOCOL,
    "irradiation_event_type": "5", "laterality": "CASE WHEN modality = 'MG' THEN 6 + n % 2 END",
    "image_view": "CASE WHEN modality = 'MG' THEN 8 + n / 3 END", "acquisition_plane": "10",
    "dap": "dap_total / number_of_events", "dose_rp": "dose_rp_total / number_of_events",
    "average_glandular_dose": "agd_maximum", "kvp": "'[70.5]'", "tube_current": "'[350.0]'",
    "pulse_width": "'[8.0]'", "exposure": "'[12500.0]'", "number_of_pulses": "20", "pulse_rate": "7.5",
    "positioner_primary_angle": ANGLE, "positioner_secondary_angle": f"{ANGLE} / 3", "irradiation_duration": "3",
    "compression_thickness": "CASE WHEN modality = 'MG' THEN 35 + study.id % 40 END",
    "distance_source_to_detector": "1100", "distance_source_to_isocenter": "720",
}  # fmt: skip
ADMINISTRATION = {
    **{name: value.replace("study.", "s.") for name, value in EVENT.items()},
    "agent": "11", "administered_activity": "administered_activity_total", "radionuclide": "12",
}  # fmt: skip

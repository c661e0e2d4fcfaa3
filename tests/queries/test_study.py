"""Everything that is stored of a study, and nothing twice."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import event, select

from app.dicom.concept import Concept
from app.extensions import db
from app.ingest.receive import receive
from app.models import Study
from app.queries.event_table import event_tables
from app.queries.event_view import EventView
from app.queries.study import ACCUMULATED, EVENTS, everything, load
from app.queries.tiles import tiles
from tests.factories import ct_report, fluoroscopy_report, report_file, uid

PLANE_A, PLANE_B = Concept("113620", "DCM", "Plane A"), Concept("113621", "DCM", "Plane B")
LOCALIZER = Concept("113805", "DCM", "Constant Angle Acquisition")


def keep(*reports, **header):
    """The UID of a study with these reports."""
    study_uid = uid()
    for report in reports:
        assert receive(report_file(report, StudyInstanceUID=study_uid, **header)).result == "imported"
    db.session.rollback()  # what was read before the report came is old
    return study_uid


def at(minute, zone=None):
    return datetime(2026, 1, 15, 10, minute, tzinfo=zone)


def test_a_study_that_is_not_there_is_none(database):
    assert everything("1.2.3") is None


def test_names_codes_units_and_parts_are_told_as_people_read_them(database):
    alert = {"dlp_value": 1000.0, "persons": [{"name": "Roe^Richard"}]}
    event = {"acquisition_protocol": "Head", "acquisition_type": LOCALIZER, "started_at": at(5)}
    study_uid = keep(
        ct_report(event | {"dose_check_alert": [alert], "ct_source": [{"kvp": 120.0}]}), StudyDescription="CT"
    )
    told = everything(study_uid)
    assert told["study"]["description"] == {"title": "Study description", "value": "CT"}
    assert told["study"]["dlp_total"] == {"title": "DLP total", "value": 100.0, "unit": "mGy.cm"}
    assert told["equipment"]["station_name"] == {"title": "Station", "value": "ROOM1"}
    assert "identity" not in told["equipment"]
    (event,) = told["ct_events"]
    assert event["acquisition_protocol"]["value"] == "Head"
    assert event["acquisition_type"]["value"] == "Constant Angle Acquisition"
    assert event["acquisition_type"]["code"] == "113805 DCM"
    assert event["started_at"]["value"] == "2026-01-15 10:05:00"
    assert event["sources"] == [{"kvp": {"title": "KVP", "value": 120.0, "unit": "kV"}}]
    (row,) = event["dose_check_alert"]["rows"]
    assert row["dlp_value"] == {"title": "DLP Alert Value", "value": 1000.0, "unit": "mGy.cm"}
    assert row["persons"]["rows"][0]["name"]["value"] == "Roe^Richard"
    assert told["reports"][0]["ct_accumulated"][0]["dlp_total"]["value"] == 100.0
    assert told["projection_events"] == []


def test_every_stored_value_of_every_real_report_is_told(database, dicom_folder):
    for path in sorted(dicom_folder.glob("*.dcm")):
        receive(str(path))
    for study_uid in db.session.scalars(select(Study.study_instance_uid)):
        stored, told = load(study_uid, whole=True), everything(study_uid)
        json.dumps(told)
        for row, tree in [(stored.study, told["study"]), (stored.study.equipment, told["equipment"])]:
            _check_complete(row, tree, but={"identity"})
        for row, tree in zip(stored.reports, told["reports"], strict=True):
            _check_complete(row, tree)
            accumulated = [one for table in ACCUMULATED for one in tree.get(table.__tablename__, [])]
            own = [one for one in stored.accumulated if one.report_id == row.id]
            for one, its_tree in zip(own, accumulated, strict=True):
                _check_complete(one, its_tree)
        for table in EVENTS:
            rows = [row for row in stored.events if type(row) is table]
            for row, tree in zip(rows, told[f"{table.__tablename__}s"], strict=True):
                _check_complete(row, tree, but={"key"})


def _check_complete(row, tree, but=frozenset()):
    there = {
        column.key for column in row.__table__.columns if column.info and getattr(row, column.key) not in (None, [])
    }
    assert there - but <= tree.keys() | {"problems"}


def test_events_come_in_the_order_they_happened_whatever_the_order_of_their_reports(database):
    later = fluoroscopy_report({"started_at": at(30)}, {"started_at": at(40)})
    earlier = fluoroscopy_report({"started_at": at(20, timezone(timedelta(hours=1)))}, {"started_at": at(35, UTC)}, {})
    stored = load(keep(later, earlier))
    assert [event.started_at and event.started_at.minute for event in stored.events] == [20, 30, 35, 40, None]


@pytest.mark.parametrize("report", [ct_report, fluoroscopy_report])
def test_the_statements_do_not_grow_with_what_there_is(database, report):
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    found = []
    for study_uid in (
        keep(report({})),
        keep(report(*[{"acquisition_protocol": uid()} for _ in range(30)]), report({})),
    ):
        statements.clear()
        load(study_uid)
        found.append(len([one for one in statements if one != "BEGIN"]))
        db.session.rollback()
    assert found == [4, 4]


def shown(study_uid):
    return {tile.title: (tile.value, tile.unit, tile.note) for _, some in tiles(load(study_uid)) for tile in some}


def test_localizers_are_not_the_longest_scan(database):
    scout = {"acquisition_type": LOCALIZER, "scanning_length": 800.0}
    study_uid = keep(ct_report(scout, {"scanning_length": 300.0, "acquisition_protocol": "Abdomen"}))
    assert shown(study_uid)["Longest scan"] == ("300", "mm", "Abdomen, without localizers")
    assert "Longest scan" not in shown(keep(ct_report(scout)))


def test_each_plane_has_its_dose_and_fluoroscopy_time_is_read_as_on_the_wall(database):
    planes = [
        {"acquisition_plane": PLANE_A, "dap_total": 0.0002, "dose_rp_total": 0.01, "total_fluoro_time": 100.0},
        {"acquisition_plane": PLANE_B, "dap_total": 0.0001, "dose_rp_total": 0.005, "total_fluoro_time": 20.6},
    ]
    study_uid = keep(fluoroscopy_report({"dap": 0.0003, "dose_rp": 0.015}, projection_accumulated=planes))
    told = shown(study_uid)
    assert told["DAP"] == ("300", "cGy·cm²", "Plane A 200, Plane B 100")
    assert told["Dose at RP"] == ("15", "mGy", "Plane A 10, Plane B 5")
    assert told["Fluoroscopy time"] == ("2:01", "min:s", "120.6 s")


def test_a_total_that_the_events_do_not_add_up_to_says_so(database):
    total = {"dap_total": 0.0002, "dose_rp_total": 0.01}
    told = shown(keep(fluoroscopy_report({"dap": 0.0001, "dose_rp": 0.00999}, projection_accumulated=[total])))
    assert told["DAP"][2] == "the events add up to 100 cGy·cm²"
    assert told["Dose at RP"][2] == ""  # devices round


def test_columns_that_no_event_fills_are_left_out_and_many_values_are_told_by_their_ends(database):
    (table,) = event_tables(
        load(keep(fluoroscopy_report({"kvp": [70.0, 80.0, 75.5, 90.25], "pulse_rate": 7.5}, {}))), EventView()
    )
    cells = {column.name: [row.cells[place] for row in table.rows] for place, column in enumerate(table.columns)}
    assert cells["kvp"] == ["70–90.25", None]
    assert cells["pulse_rate"] == ["7.5", None]
    assert cells["dap"] == ["100", "100"]
    assert "started_at" not in cells and "acquisition_plane" not in cells


def test_numbers_that_were_calculated_are_told_with_the_digits_that_matter(database):
    told = shown(keep(ct_report({"mean_ctdivol": 11.32941264247715, "dlp": 1102.44609})))
    assert told["Highest CTDIvol"][0] == "11.329" and told["DLP"][0] == "1102.4"

"""What a site does not want, and what it does not want to keep."""

import pytest
from sqlalchemy import select

from app.dicom.reader import IMAGE, REPORT
from app.extensions import db
from app.ingest.policy import KINDS, Policy, Rule
from app.ingest.receive import receive
from app.models import Original, Study
from tests.factories import ct_report, report_file

DEVICE = {"manufacturer": "Acme Medical", "model_name": "Scan", "station_name": "CT 1", "software_versions": "1.2\\3.4"}


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        (Rule(manufacturer="acme  medical"), True),
        (Rule(manufacturer="Acme"), False),
        (Rule(manufacturer="ac*"), True),
        (Rule(manufacturer="*MED*"), True),
        (Rule(manufacturer="Acme*", station_name="CT 2"), False),
        (Rule(manufacturer="Acme*", station_name="CT 1"), True),
        (Rule(software_versions="3.4"), True),
        (Rule(software_versions="3x4"), False),
        (Rule(serial_number="*"), True),
        (Rule(serial_number="4711"), False),
        (Rule(), False),
    ],
)
def test_a_rule_means_devices_that_fit_all_that_it_names(rule, matches):
    assert rule.matches(DEVICE) == matches


def test_an_object_of_an_ignored_device_is_not_stored_and_says_by_which_rule(database):
    policy = Policy(rules=(Rule(station_name="CT9"), Rule(station_name="ct*", manufacturer="*")))
    outcome = receive(report_file(ct_report({}), StationName="CT1"), policy=policy)
    assert (outcome.result, outcome.message) == ("ignored", "Ignored by rule: maker “*”, station “ct*”.")
    assert db.session.scalar(select(Study)) is None
    assert receive(report_file(ct_report({}), StationName="XA1"), policy=policy).result == "imported"


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_kind_that_is_deleted_the_object_is_not_kept(database, kind):
    receive(report_file(ct_report({})), policy=Policy(frozenset({kind})))
    assert (db.session.scalar(select(Original.kept)) is None) == (kind == "rdsr")


@pytest.mark.parametrize(
    ("kind", "of", "modality"),
    [("rdsr", REPORT, "MG"), ("mg", IMAGE, "MG"), ("dx", IMAGE, "DX"), ("dx", IMAGE, "RF"), ("ctphil", IMAGE, "CT"),
     ("nm", IMAGE, "NM")],
)  # fmt: skip
def test_the_kind_of_an_object_is_what_the_settings_name(kind, of, modality):
    assert not Policy(frozenset({kind})).keeps(of, modality)
    assert Policy(frozenset(KINDS) - {kind}).keeps(of, modality)

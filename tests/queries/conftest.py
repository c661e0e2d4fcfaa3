"""Rooms that studies may come from."""

from types import SimpleNamespace

import pytest

from app.extensions import db
from app.models import Equipment

ROOMS = [
    {"display_name": "CT 2, West", "institution": "Klinikum Köln", "manufacturer": "SIEMENS", "model_name": "Flash"},
    {"display_name": "Angio École", "institution": "HÔPITAL Nord", "manufacturer": "Philips", "station_name": "AZ_1"},
    {"display_name": "Röntgen 100%", "model_name": "DR x/y", "station_name": "ДР"},
]


@pytest.fixture
def rooms(app):
    """Three rooms as plain values, in an application context that stays open for the test."""
    with app.app_context():
        kept = [Equipment(identity=str(number), **values) for number, values in enumerate(ROOMS)]
        db.session.add_all(kept)
        db.session.commit()
        columns = Equipment.__table__.columns.keys()
        yield [SimpleNamespace(**{name: getattr(room, name) for name in columns}) for room in kept]
        db.session.rollback()

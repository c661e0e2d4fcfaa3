"""What is written down of a failure does not tell of patients."""

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Study


def test_errors_of_the_database_do_not_quote_what_was_to_be_stored(database):
    with pytest.raises(IntegrityError) as failed, db.engine.begin() as connection:
        connection.execute(insert(Study).values(study_instance_uid=None, modality="CT", accession_number="SECRET-17"))
    assert "SECRET-17" not in str(failed.value)

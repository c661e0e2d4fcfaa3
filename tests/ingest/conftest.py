"""What tests of the importer share."""

import pytest

from app.ingest import equipment, lookups


@pytest.fixture
def forget_lookups():
    """Forgets what this process remembers of the database, for databases that are emptied under one engine."""

    def forget():
        lookups._known.clear()
        equipment._noted.clear()

    return forget

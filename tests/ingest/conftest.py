"""What tests of the importer share."""

import pytest

from app.ingest import lookups


@pytest.fixture
def forget_lookups():
    """Forgets which names and codes have which ids, for databases that are emptied under one engine."""
    return lookups._known.clear

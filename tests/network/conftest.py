import pytest

from app.network.listener import Listener


@pytest.fixture
def listener(settings):
    """Our listener, listening."""
    listener = Listener(settings)
    listener.start()
    yield listener
    listener.stop()

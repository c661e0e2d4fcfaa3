import shutil

import pytest

from app.network.listener import Listener
from tests.conftest import missing


@pytest.fixture
def listener(settings):
    """Our listener, listening."""
    listener = Listener(settings)
    listener.start()
    yield listener
    listener.stop()


@pytest.fixture
def start(settings):
    """Starts a listener when the test is ready for it."""
    started = []

    def begin(settings=settings):
        started.append(Listener(settings))
        started[-1].start()
        return started[-1]

    yield begin
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
def dcmtk():
    """DCMTK's programs are here."""
    if not shutil.which("storescu"):
        missing("no DCMTK: apt-get install dcmtk")

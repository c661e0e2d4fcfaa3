import pytest

from app.settings import load
from tests import s3 as servers_of_s3

PLACES = ("shared folder", "s3")


@pytest.fixture(scope="session")
def _s3_for_all():
    with servers_of_s3.s3() as server:
        yield server


@pytest.fixture
def s3(_s3_for_all):
    """A store as S3, empty."""
    _s3_for_all.start_again()
    _s3_for_all.empty()
    return _s3_for_all


@pytest.fixture(params=PLACES)
def elsewhere(request, tmp_path):
    """The settings of a place for files that several machines share."""
    if request.param == "s3":
        return request.getfixturevalue("s3").environment
    folder = tmp_path / "shared"
    folder.mkdir()
    return {"STORAGE_URL": folder.as_uri()}


@pytest.fixture
def machine(settings, tmp_path):
    """Gives the settings of one machine of the site: its own folders, the same database, queue, files and keys."""

    def one(name: str, environment: dict[str, str]):
        keys = ("database_url", "redis_url", "secret_key", "audit_secret", "store_host", "store_port")
        same = {key.upper(): str(getattr(settings, key)) for key in keys}
        return load(same | environment | {"INSTANCE": str(tmp_path / name)})

    return one

"""One database for the whole corpus: each report is of a study of its own."""

import pytest

from app import create_app
from app.extensions import db
from app.settings import load
from tests.corpus.made import Imported, made


@pytest.fixture(scope="package")
def corpus(tmp_path_factory):
    """An application with an empty database."""
    app = create_app(load({"INSTANCE": str(tmp_path_factory.mktemp("corpus"))}))
    with app.app_context():
        db.create_all()
        yield app
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def imported(corpus):
    """Makes a report, imports it, and gives what became of it."""

    def make_and_import(*args, **options) -> Imported:
        return Imported(made(*args, **options))

    return make_and_import

"""The application without pages and commands: settings and database, which is all that work in the queue needs."""

from flask import Flask
from sqlalchemy.exc import ArgumentError

from app import database, extensions, models  # noqa: F401 (tables register themselves)
from app import settings as settings_module


def without_pages(settings=None) -> Flask:
    """The application that workers have; `settings` default to those of the environment. Raises WrongSetting."""
    settings = settings or settings_module.load()
    app = Flask("app")
    app.config.from_mapping(
        SETTINGS=settings, SECRET_KEY=settings.secret_key, SQLALCHEMY_DATABASE_URI=settings.database_url
    )
    _open(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(settings_module.ROOT / "migrations"))
    with app.app_context():
        database.prepare(extensions.db.engine)
    return app


def _open(app: Flask) -> None:
    """Bind the database. Raises WrongSetting for what is no address of one."""
    try:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.options(app.config["SQLALCHEMY_DATABASE_URI"])
        extensions.db.init_app(app)
    except (ArgumentError, ImportError, ValueError) as error:
        raise settings_module.WrongSetting(
            f"DATABASE_URL is no address of a database that we know ({type(error).__name__})"
        ) from None  # the text of the error may have the password

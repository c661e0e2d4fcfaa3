"""The Flask application: settings bound to extensions, one blueprint per file, commands."""

from datetime import timedelta

from flask import Flask

from app import database, extensions, models  # noqa: F401 (tables register themselves)
from app import settings as settings_module


def build(settings=None) -> Flask:
    """The application with everything registered; `settings` default to those of the environment."""
    settings = settings or settings_module.load()
    app = Flask("app")
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
    )
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(settings_module.ROOT / "migrations"))
    extensions.login.init_app(app)
    extensions.csrf.init_app(app)
    with app.app_context():
        database.prepare(extensions.db.engine)
    return app

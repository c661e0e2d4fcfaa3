"""The Flask application: settings bound to extensions, one blueprint per file, commands."""

from flask import Flask
from sqlalchemy.exc import ArgumentError

from app import database, extensions, models  # noqa: F401 (tables register themselves)
from app import settings as settings_module
from app.commands import accounts, demo, importer, patient, patient_ids, reread, speak_plainly, test_patients, up
from app.commands import alarms as alarms_command
from app.commands import audit as audit_command
from app.commands import backup as backup_command
from app.commands import dicom as dicom_command
from app.commands import doctor as doctor_command
from app.commands import export as export_command
from app.commands import quarantine as quarantine_command
from app.commands import sizes as sizes_command
from app.web import (
    access,
    account,
    audit,
    cookies,
    deletion,
    directory,
    erasing,
    errors,
    exports,
    filters,
    formats,
    frame,
    headers,
    health,
    help,
    home,
    hosts,
    ignored,
    jobs,
    listeners,
    metrics,
    nonsense,
    numbers,
    privacy,
    proxies,
    quarantine,
    request_id,
    rooms,
    saved,
    search,
    senders,
    sign_in,
    sizes,
    static,
    store,
    study,
    uploads,
    users,
)


def build(settings=None) -> Flask:
    """The application with everything registered; `settings` default to those of the environment."""
    settings = settings or settings_module.load()
    app = Flask("app")
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        WTF_CSRF_TIME_LIMIT=None,  # a form is good as long as the session
    )
    _open(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(settings_module.ROOT / "migrations"))
    extensions.login.init_app(app)
    proxies.init_app(app)
    request_id.init_app(app)  # first, so that whatever goes wrong has its number
    cookies.init_app(app)
    hosts.init_app(app)  # before anything else is asked of a request
    uploads.init_app(app)
    nonsense.init_app(app)
    access.init_app(app)  # before the tokens of forms: a lost sign-in is not a wrong token
    extensions.csrf.init_app(app)
    with app.app_context():
        database.prepare(extensions.db.engine)
    _register(app)
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


def _register(app: Flask) -> None:
    subjects = (
        home,
        account,
        audit,
        deletion,
        directory,
        erasing,
        exports,
        filters,
        health,
        help,
        ignored,
        jobs,
        listeners,
        metrics,
        privacy,
        quarantine,
        rooms,
        saved,
        search,
        senders,
        sizes,
        store,
        study,
        uploads,
        users,
    )
    for subject in subjects:
        app.register_blueprint(subject.bp)
    for part in (directory, sign_in, errors, formats, frame, headers, metrics, numbers, static):
        part.init_app(app)
    for command in (
        accounts,
        alarms_command,
        audit_command,
        backup_command,
        demo,
        dicom_command,
        doctor_command,
        export_command,
        importer,
        patient,
        patient_ids,
        quarantine_command,
        reread,
        sizes_command,
        test_patients,
        up,
    ):
        command.register(app)
    speak_plainly(app)

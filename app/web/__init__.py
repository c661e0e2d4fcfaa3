"""The Flask application: settings bound to extensions, one blueprint per file, commands."""

from flask import Flask

from app import extensions
from app.commands import accounts, demo, importer, patient, patient_ids, plainly, reread, test_patients, up
from app.commands import alarms as alarms_command
from app.commands import audit as audit_command
from app.commands import backup as backup_command
from app.commands import dicom as dicom_command
from app.commands import doctor as doctor_command
from app.commands import export as export_command
from app.commands import quarantine as quarantine_command
from app.commands import sizes as sizes_command
from app.site import without_pages
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
    app = without_pages(settings)
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a form is good as long as the session
    extensions.login.init_app(app)
    proxies.init_app(app)
    request_id.init_app(app)  # first, so that whatever goes wrong has its number
    cookies.init_app(app)
    hosts.init_app(app)  # before anything else is asked of a request
    uploads.init_app(app)
    nonsense.init_app(app)
    access.init_app(app)  # before the tokens of forms: a lost sign-in is not a wrong token
    extensions.csrf.init_app(app)
    _register(app)
    return app


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
    plainly.speak(app)

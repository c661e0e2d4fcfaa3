"""Uploads: an administrator brings files, folders or archives; they are kept at once and read in the queue."""

import errno
import os
from collections.abc import Iterable

from flask import Blueprint, Flask, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from app.jobs import arrivals
from app.jobs.arrivals import Arrival
from app.models.job import UPLOAD
from app.settings import Settings
from app.web.access import needs

FORM_BYTES = 256 << 10  # of every other form; 500 chosen studies need 36 kB
TABLE_BYTES = 100 << 20  # of a table of heights and weights: some million rows
LARGE = {"uploads.create": "admin", "sizes.upload": "sizes"}  # where more may be sent, by right
MOST_PARTS = 20_000  # files in one request
FULL = (errno.ENOSPC, errno.EDQUOT)
NO_FILES = "No file was chosen. Choose dose files, a folder or a zip archive first."
DISK_FULL = "The disk is full. Nothing of this request was kept; make room, then upload it again."

bp = Blueprint("uploads", __name__, url_prefix="/uploads")


def init_app(app: Flask) -> None:
    """Let nobody send much but administrators who upload; asked before anything looks into a form."""
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.before_request(_let_in)


@bp.post("/")
@needs("admin")
def create():
    """Keep the files; the last request of an upload asks for them to be read."""
    owner_id = current_user.id
    batch = _batch(owner_id)
    files = [file for file in request.files.getlist("files") if file.filename]
    _check_size(batch, files)
    keep(batch, owner_id, [(file.filename, file.save) for file in files])
    if "more" in request.form:
        return {"batch": batch}
    if not arrivals.extent(batch)[0]:
        flash(NO_FILES, "error")
        return _to(url_for("home.index"))
    return _to(url_for("jobs.show", id=arrivals.request(batch, owner_id)))


def keep(batch: str, owner_id: int, files: Iterable[Arrival], kind: str = UPLOAD) -> None:
    """Keep what arrived for such a job; a full disk is told in a sentence."""
    try:
        arrivals.add(batch, owner_id, files, kind)
    except OSError as error:
        if error.errno not in FULL:
            raise
        abort(413, DISK_FULL)


def _batch(owner_id: int) -> str:
    """The batch that this request goes on with, or a new one."""
    batch = request.form.get("batch")
    if batch and not arrivals.is_batch(batch, owner_id):
        abort(404, "This upload is not known any more. Begin it anew.")
    return batch or arrivals.new_batch()


def _check_size(batch: str, files: Iterable[FileStorage]) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    if arrivals.extent(batch)[1] + sum(map(_size, files)) > settings.upload_mb << 20:
        abort(413, _too_large(settings))


def _size(file: FileStorage) -> int:
    """Of what has arrived; a request in chunks does not say before how much that is."""
    file.stream.seek(0, os.SEEK_END)
    size = file.stream.tell()
    file.stream.seek(0)
    return size


def _let_in() -> None:
    right = LARGE.get(request.endpoint or "")
    if right is None or not (current_user.is_authenticated and current_user.may(right)):
        return
    settings: Settings = current_app.config["SETTINGS"]
    if request.endpoint == "sizes.upload":
        request.max_content_length = TABLE_BYTES
        return
    if (request.content_length or 0) > settings.upload_mb << 20:
        abort(413, _too_large(settings))
    request.max_content_length, request.max_form_parts = settings.upload_mb << 20, MOST_PARTS


def _too_large(settings: Settings) -> str:
    return (
        f"An upload may have {settings.upload_mb:,} MB at most. Upload less at a time, or let “flask import” read the "
        "files on the server. Nothing of this request was kept."
    )


def _to(address: str):
    """Where to go from here: told to our script, which sends files by parts, and to a browser without it."""
    wants_json = request.accept_mimetypes.best == "application/json"
    return {"address": address} if wants_json else redirect(address, 303)

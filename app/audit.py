"""The record of who has done what, kept with what was done."""

from datetime import UTC, datetime
from typing import Any

from flask import has_request_context, request
from flask_login import current_user

from app.extensions import db
from app.models import AuditEntry

DONE, ASKED, REFUSED = "done", "asked for", "refused"
DELETE_STUDIES, UPLOAD_FILES = "delete studies", "upload files"
CREATE_USER, CHANGE_ROLES, DISABLE_USER, ENABLE_USER = "create user", "change roles", "disable user", "enable user"
CHANGE_PASSWORD, RESET_PASSWORD = "change password", "reset password"
EXPORT, DOWNLOAD, DELETE_EXPORT = "export", "download export", "delete export"


def record(
    action: str, what: str, *, outcome: str = DONE, details: dict[str, Any] | None = None, username: str | None = None
) -> None:
    """Add an entry to the transaction under way, so that both are kept or neither.

    Whose request it is, is known; a worker says on whose behalf it works.
    """
    entry = AuditEntry(action=action, what=what, outcome=outcome, details=details, username=username)
    entry.at = datetime.now(UTC).replace(tzinfo=None)
    if has_request_context():
        entry.username = username or getattr(current_user, "username", None)
        entry.remote_address = request.remote_addr
    db.session.add(entry)

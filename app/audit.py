"""The record of who has done what, kept with what was done."""

from datetime import UTC, datetime
from typing import Any

from flask import has_request_context, request
from flask_login import current_user

from app.models.audit import LONGEST_ADDRESS, LONGEST_NAME
from app.trail import chain
from app.transactions import writing

DONE, ASKED, REFUSED, FAILED, ABORTED = "done", "asked for", "refused", "failed", "aborted"
OUTCOMES = (DONE, ASKED, REFUSED, FAILED, ABORTED)
DELETE_STUDIES, UPLOAD_FILES = "delete studies", "upload files"
CREATE_USER, CHANGE_ROLES, DISABLE_USER, ENABLE_USER = "create user", "change roles", "disable user", "enable user"
SIGN_IN, SIGN_OUT, END_SESSIONS, LOCK, UNLOCK = "sign in", "sign out", "end sessions", "lock sign-in", "unlock sign-in"
RENAME_USER = "rename user"
CHANGE_PASSWORD, RESET_PASSWORD = "change password", "reset password"
IMPORT_SIZES, DOWNLOAD_SIZES, DELETE_SIZES = "import sizes", "download size import", "delete size import"
EXPORT, DOWNLOAD, DELETE_EXPORT = "export", "download export", "delete export"
DELETE_OBJECTS, DOWNLOAD_OBJECT = "delete refused objects", "download refused object"
RETRY_OBJECTS = "retry refused objects"
STOP_JOB, REPEAT_JOB = "stop job", "repeat job"
CHANGE_ROOM, SHARE_FILTER = "change room", "share filter"
CHANGE_IDENTIFIERS, ERASE_PATIENT = "hash or remove identifiers", "erase patient"
VIEW_PATIENT, SEARCH_PATIENT = "view patient", "search patient"
REREAD = "read stored objects again"
TEST_PATIENTS = "mark test patients"
ADD_LISTENER, CHANGE_LISTENER, REMOVE_LISTENER = "add listener", "change listener", "remove listener"
ADD_SENDER, CHANGE_SENDER, REMOVE_SENDER = "add sender", "change sender", "remove sender"
ADD_RULE, REMOVE_RULE = "add ignore rule", "remove ignore rule"
CHANGE_POLICY, ECHO = "change store policy", "ask sender for an answer"
BACKUP, RESTORE, EXPORT_AUDIT = "make backup", "restore backup", "export audit"


def record(
    action: str, what: str, *, outcome: str = DONE, details: dict[str, Any] | None = None, username: str | None = None
) -> None:
    """Add an entry to the transaction under way, so that both are kept or neither.

    Whose request it is, is known; a worker says on whose behalf it works.
    """
    address = None
    if has_request_context():
        username, address = username or getattr(current_user, "username", None), request.remote_addr
    chain.add(
        {
            "at": datetime.now(UTC).replace(tzinfo=None),
            "username": _storable(username, LONGEST_NAME),
            "remote_address": _storable(address, LONGEST_ADDRESS),
            "action": action,
            "what": _storable(what),
            "outcome": outcome,
            "details": details,
        }
    )


def note(action: str, what: str, **told: Any) -> None:
    """Record in a transaction of its own an act that changes nothing: somebody looked, or was not let in."""
    with writing():
        record(action, what, **told)


def actions() -> list[str]:
    """What is recorded."""
    told = {value for name, value in globals().items() if name.isupper() and isinstance(value, str)}
    return sorted(told - set(OUTCOMES))


def _storable(text: str | None, longest: int | None = None) -> str | None:
    """The text as every database takes it: what somebody typed may be anything."""
    return text if text is None else text.replace("\0", "\ufffd").encode(errors="replace").decode()[:longest]

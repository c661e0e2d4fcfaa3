"""What ties each audit entry to the one before: a digest that nobody makes without the site's key."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

NOTHING = "0" * 64  # what the first entry follows
SEALED = ("id", "at", "username", "remote_address", "action", "what", "outcome", "details", "previous")


def digest(secret: str, entry: Mapping[str, Any]) -> str:
    """The digest of an entry: of its content, its number and the digest of the entry before.

    HMAC-SHA-256 over one way to write these as JSON: names in order, no spaces, ASCII, times to the microsecond.
    """
    told = {name: entry[name] for name in SEALED} | {"at": entry["at"].isoformat(timespec="microseconds")}
    written = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return _keyed(secret, "entry", written)


def seal(secret: str, number: int, of_last: str) -> str:
    """What shows that the chain had this end when we left it."""
    return _keyed(secret, "head", f"{number} {of_last}")


def _keyed(secret: str, what: str, message: str) -> str:
    return hmac.new(secret.encode(), f"{what}\0{message}".encode(), hashlib.sha256).hexdigest()

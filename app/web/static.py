"""Addresses of our style sheets and scripts carry their content's hash, so that browsers keep them for a year."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.utils import safe_join

YEAR_SECONDS = 365 * 86400
HASH = "v"  # the parameter that carries it


def init_app(app: Flask) -> None:
    """Put the hash into addresses, and let who asks with the right one keep the answer."""
    app.url_defaults(_with_hash)
    app.after_request(_kept_for_long)


def _with_hash(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (found := _hash_of(values.get("filename", ""))):
        values.setdefault(HASH, found)


def _kept_for_long(response: Response) -> Response:
    """An address with another hash is asked for again: after an update, or before it where servers are several."""
    if request.endpoint == "static" and response.status_code in (200, 304):
        asked, arguments = request.args.get(HASH), request.view_args or {}
        if asked and asked == _hash_of(arguments["filename"]):
            response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


def _hash_of(filename: str) -> str | None:
    path = safe_join(current_app.static_folder or "", filename)
    try:
        return _hash(Path(path), Path(path).stat().st_mtime_ns) if path else None
    except OSError:  # no file of ours
        return None


@lru_cache(maxsize=256)
def _hash(path: Path, _changed: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]

"""A number for each request: in the log, in the answer, and on pages that say what went wrong."""

import logging
import re
import time
from uuid import uuid4

from flask import Flask, Response, g, request

from app import logs

HEADER = "X-Request-ID"
SENSIBLE = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)

log = logging.getLogger("app.requests")


def init_app(app: Flask) -> None:
    """Give each request its number, that of the web server in front of us where we believe it."""
    settings = app.config["SETTINGS"]

    @app.before_request
    def begin() -> None:
        told = request.headers.get(HEADER, "") if settings.proxies else ""
        g.began = time.perf_counter()
        g.request_id = told if SENSIBLE.fullmatch(told) else uuid4().hex[:16]
        logs.request_id.set(g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = g.request_id
        if settings.log_requests:
            _note(response)
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        logs.request_id.set("")


def route() -> str:
    """What the request was for, without what makes it a certain study or person; empty where there is no such page."""
    return request.url_rule.rule if request.url_rule else ""


def seconds() -> float:
    """How long the request has taken so far."""
    return time.perf_counter() - g.began


def _note(response: Response) -> None:
    took, page = seconds(), route()
    told = {"method": request.method, "route": page, "status": response.status_code, "seconds": round(took, 4)}
    words = f"{request.method} {page or '(no page)'}: {response.status_code} in {took * 1000:.0f} ms"
    log.info(words, extra={"told": told})

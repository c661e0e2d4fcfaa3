"""Figures for Prometheus: off until the site says who may ask, by address, by token, or by both."""

import hmac
from ipaddress import ip_address, ip_network

from flask import Blueprint, Flask, Response, abort, current_app, request

from app.operations import counts
from app.operations.exposition import CONTENT_TYPE, written
from app.operations.figures import bucket_names, families
from app.settings import Settings
from app.web.access import public
from app.web.request_id import route, seconds

NO_PAGE = "(none)"  # what was asked for at addresses that are nowhere
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}

bp = Blueprint("metrics", __name__)


def init_app(app: Flask) -> None:
    """Count requests, where anybody may ask for the counts."""
    if app.config["SETTINGS"].measures:
        app.after_request(_count)


@bp.get("/metrics")
@public
def index():
    """All figures. Who may not ask learns no more than that."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.measures:
        abort(404)
    if not (_is_near(settings) and _knows(settings)):
        abort(403, "METRICS_FROM and METRICS_TOKEN say who may ask for this.")
    return Response(written(families(settings)), content_type=CONTENT_TYPE)


def _is_near(settings: Settings) -> bool:
    if not settings.metrics_from:
        return True
    try:
        address = ip_address((request.remote_addr or "").removeprefix("::ffff:"))
    except ValueError:
        return False
    return any(address in ip_network(one, strict=False) for one in settings.metrics_from)


def _knows(settings: Settings) -> bool:
    if not settings.metrics_token:
        return True
    told = request.headers.get("Authorization", "")
    return hmac.compare_digest(told.encode(), f"Bearer {settings.metrics_token}".encode())


def _count(response: Response) -> Response:
    counted = counts.counts(current_app.config["SETTINGS"])
    method = request.method if request.method in METHODS else "other"
    page, took = route() or NO_PAGE, seconds()
    counted.add(counts.REQUESTS, page, method, str(response.status_code))
    counted.add(counts.REQUEST_SECONDS, page, method, "sum", by=took)
    for bucket in bucket_names(took):
        counted.add(counts.REQUEST_SECONDS, page, method, bucket)
    return response

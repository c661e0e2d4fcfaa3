"""What went wrong, in words: as a page, or as a message on the page that htmx is on."""

import logging
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.faults import described, passes
from app.queries.filters import BadParameter
from app.storage import StorageAway

log = logging.getLogger(__name__)

# What happened and what to do; where a view gives a sentence of its own, that one is shown.
WORDS = {
    400: ("Not understood", "Something in the address or in what was sent is wrong."),
    403: ("Not allowed", "Your roles do not include this. An administrator can change that."),
    404: ("Not found", "There is nothing at this address. It may have been deleted."),
    405: ("Not possible here", "This address does not take what was sent."),
    413: ("Too large", "What was sent is larger than we take."),
    422: ("Not complete", "Something that was filled in can’t be taken as it is."),
    500: (
        "Something went wrong",
        "It was our mistake and is written down in the log. Nothing that was stored is lost.",
    ),
    503: (
        "Not possible at the moment",
        "Something that OpenREM needs does not answer. Try again in a moment.",
    ),
}
FILES_AWAY = "The store of files can’t be reached. Nothing that was stored is lost; try again in a while."
AWAY = (
    "The database does not answer, or its disk is full. Try again in a moment; if it lasts, tell an administrator. "
    "What was sent may have to be sent again."
)
OUT_OF_DATE = "This page was open for too long, or the browser keeps no cookies. Load it again and repeat what you did."


def init_app(app: Flask) -> None:
    """Answer every error in plain words."""
    app.register_error_handler(HTTPException, _known)
    app.register_error_handler(CSRFError, lambda error: _response(400, OUT_OF_DATE))
    app.register_error_handler(BadParameter, _bad_parameter)
    app.register_error_handler(StorageAway, _without_files)
    app.register_error_handler(Exception, _unexpected)


def _bad_parameter(error: BadParameter):
    """The rest of the address may well be right, and is offered."""
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != error.parameter]
    address = request.script_root + request.path + ("?" + urlencode(rest) if rest else "")
    return _response(400, str(error), address if request.method == "GET" else None)


def _known(error: HTTPException):
    if error.code is None or error.code < 400:
        return error  # a redirect is one, too
    own_words = error.description if error.description != type(error).description else None
    response = _response(error.code, own_words)
    for name, value in error.get_headers():
        response.headers.setdefault(name, value)  # which methods an address takes, for one
    return response


def _without_files(error: StorageAway):
    log.error("%s %s: %s", request.method, request.path, error)
    return _response(503, FILES_AWAY)


def _unexpected(error: Exception):
    log.error("%s %s failed\n%s", request.method, request.path, described(error))
    return _response(503, AWAY) if passes(error) else _response(500)


def _response(code: int, sentence: str | None = None, without: str | None = None) -> Response:
    heading, usual = WORDS.get(code, WORDS[500 if code >= 500 else 400])
    number = g.get("request_id", "")
    context = {"heading": heading, "sentence": sentence or usual, "without": without, "number": number}
    if request.accept_mimetypes.best == "application/json":  # our script, which sends files by parts
        return make_response({"sentence": context["sentence"], "request": number}, code)
    if "HX-Request" in request.headers:
        headers = {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML show:top"}
        return Response(_alone("message", context), code, headers)
    return Response(_alone("500", context) if code >= 500 else render_template("errors/error.html", **context), code)


def _alone(template: str, context: dict[str, str | None]) -> str:
    """Without the frame, and without asking who is signed in: the database may be what is broken."""
    return current_app.jinja_env.get_template(f"errors/{template}.html").render(context)

"""What no database takes is refused at the door, in an address and in a form."""

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

from app.queries.filters import BadParameter
from app.queries.whole import LARGEST_ID

LONGEST_VALUE = 4000  # characters of a parameter in an address; SQLite searches for no more than 50,000 bytes


class Id(IntegerConverter):
    """A number in an address, as large as an ID can be; anything else is nowhere."""

    def __init__(self, url_map: Map):
        super().__init__(url_map, max=LARGEST_ID)


def init_app(app: Flask) -> None:
    """Refuse it before any view, whatever that asks of it."""
    app.url_map.converters["int"] = Id
    app.before_request(_refuse)


def _refuse() -> None:
    if "\0" in request.path:
        abort(404)
    if any("\0" in value for _, value in request.form.items(multi=True)):
        abort(400)
    if request.content_length is None:
        request.stream.read(1)  # raises where a form in chunks was cut at the limit: that is not what was sent
    for name, value in request.args.items(multi=True):
        if "\0" in value:
            raise BadParameter(f"{name} has a character that no text has.", name)
        if len(value) > LONGEST_VALUE:
            raise BadParameter(f"{name} is longer than anything that is stored.", name)

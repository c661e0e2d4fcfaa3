"""The record of who has done what: a page with filters, and what they find as a file."""

from flask import Blueprint, Response, request, stream_with_context

from app import audit
from app.exports.audit import pieces
from app.queries import audit as queries
from app.queries.audit import Acts
from app.transactions import one_moment
from app.web.access import needs
from app.web.pages import page

MOST_VALUES = 50  # of a list among the details; the file has all

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("/")
@needs("admin")
def index():
    """The entries that match the address."""
    found = queries.page(Acts.from_args(request.args))
    return page("audit/index.html", "entries", found=found, actions=audit.actions(), outcomes=audit.OUTCOMES)


@bp.get("/entries.csv")
@needs("admin")
def download():
    """All entries that match the address, as CSV; that somebody took them is an entry, too."""
    acts = Acts.from_args(request.args, queries.FILTERS)
    audit.note(audit.EXPORT_AUDIT, "The record of who has done what", details={"query": acts.query})
    file = Response(stream_with_context(_pieces(acts)), mimetype="text/csv")
    file.headers.set("Content-Disposition", "attachment", filename="audit.csv")
    return file


def _pieces(acts: Acts):
    with one_moment() as connection:
        yield from pieces(connection, acts)


@bp.app_template_filter()
def told_details(details: dict | None) -> list[tuple[str, list[str], int]]:
    """What is known beside the sentence: each name with its values, and how many of these are left out."""
    told = []
    for name, value in (details or {}).items():
        values = value if isinstance(value, list) else [value]
        shown = [f"{key}: {_word(one)}" for item in values for key, one in item.items()] if _nested(values) else values
        if value not in (None, [], {}):
            told.append((name, [_word(one) for one in shown[:MOST_VALUES]], max(0, len(shown) - MOST_VALUES)))
    return told


def _word(value: object) -> str:
    return "–" if value is None else str(value)


def _nested(values: list) -> bool:
    return all(isinstance(one, dict) for one in values)

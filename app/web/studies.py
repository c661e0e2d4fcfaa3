"""The lists of studies, one view for all modalities, and the page of one study."""

from decimal import Decimal

from flask import Blueprint, abort, redirect, request, url_for

from app.queries.listing import listing, tightest
from app.queries.modalities import MODALITIES
from app.queries.selection import Selection
from app.web.formats import number, or_missing
from app.web.pages import page

bp = Blueprint("studies", __name__)


@bp.get(f"/<any({', '.join(MODALITIES)}):modality>/")
def index(modality):
    """The studies of one modality that match the address."""
    asked = Selection.from_args(modality, request.args)
    found = listing(asked)
    address = url_for(".index", modality=modality, **found.selection.query)
    if "HX-Request" not in request.headers and request.args.to_dict() != found.selection.query:
        return redirect(address)  # a form sends its empty fields too, an address is short
    blame = tightest(asked) if found.count == 0 else None
    response = page("studies/list.html", "results", listing=found, tightest=blame)
    response.headers["HX-Push-Url"] = address
    return response


@bp.get("/study/<uid>")
def detail(uid):
    """Everything that is stored of one study."""
    abort(404)


@bp.app_template_filter()
@or_missing
def rounded(value, decimals):
    """The number with so many decimals; with two digits where they would make it zero."""
    exact = Decimal(repr(value))
    text = f"{exact:.{decimals}f}"
    return number(Decimal(f"{exact:.2g}")) if value and not Decimal(text) else text


@bp.app_template_filter()
@or_missing
def age(years):
    """An age as people say it: 63 y, below two years in months, below two months in days."""
    for unit, length in (("y", 1), ("months", 1 / 12)):
        if years >= 2 * length:
            return f"{int(years / length + 1e-6)} {unit}"
    return f"{round(years * 365.25)} days"

"""The lists of studies, one view for all modalities."""

from hashlib import sha256

from flask import Blueprint, redirect, request, url_for

from app.exports.kinds import KINDS
from app.queries.listing import COUNTED, counted, listing, tightest
from app.queries.modalities import MODALITIES
from app.queries.selection import Selection
from app.remembered import remembered
from app.web.formats import or_missing, thousands
from app.web.frame import counts
from app.web.pages import page

bp = Blueprint("studies", __name__)


@bp.get(f"/<any({', '.join(MODALITIES)}):modality>/")
def index(modality):
    """The studies of one modality that match the address."""
    asked = Selection.from_args(modality, request.args)
    found = listing(asked, counts()[modality])
    address = url_for(".index", modality=modality, **found.selection.query)
    if "HX-Request" not in request.headers and not found.selection.is_said_by(request.args):
        return redirect(address)  # a form sends its empty fields too, an address is short
    blame = tightest(asked) if found.count == 0 and not asked.crossed else None
    exports = [kind for kind in KINDS.values() if kind.modality == modality]
    response = page("studies/list.html", "results", listing=found, tightest=blame, exports=exports)
    is_there = request.headers.get("HX-Current-URL", "").endswith(address)  # going back must not stay on the page
    step = "HX-Replace-Url" if "X-Same-Step" in request.headers else "HX-Push-Url"
    response.headers[step] = "false" if is_there else address
    return response


@bp.get(f"/<any({', '.join(MODALITIES)}):modality>/count")
def count(modality):
    """How many studies match, however many; the list itself counts no further than some thousands."""
    selection = Selection.from_args(modality, request.args)
    name = sha256(f"{modality} {sorted(selection.asked.items())}".encode()).hexdigest()
    number = remembered(f"count {name}", lambda: counted(selection))
    return page("studies/count.html", "number", selection=selection, count=number, total=counts()[modality])


@bp.app_template_filter()
def up_to_limit(count):
    """A number of studies that were counted as far as lists count."""
    return thousands(count) if count <= COUNTED else f"more than {thousands(COUNTED)}"


@bp.app_template_filter()
@or_missing
def age(years):
    """An age as people say it: 63 y, below two years in months, below two months in days."""
    for unit, length in (("y", 1), ("months", 1 / 12)):
        if years >= 2 * length:
            return f"{int(years / length + 1e-6)} {unit}"
    days = round(years * 365.25)
    return f"{days} day{'s' if days != 1 else ''}"

"""The lists of studies, one view for all modalities."""

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user

from app.exports.kinds import KINDS
from app.extensions import db
from app.models import User
from app.queries.listing import COUNTED, counted, listing, tightest
from app.queries.modalities import MODALITIES
from app.queries.quantities import age_words
from app.queries.selection import Selection
from app.queries.tables import table_of
from app.remembered import remembered
from app.transactions import writing
from app.web.exports import may_identify
from app.web.formats import or_missing, thousands
from app.web.frame import counts
from app.web.pages import page

bp = Blueprint("studies", __name__)


@bp.get(f"/<any({', '.join(MODALITIES)}):modality>/")
def index(modality):
    """The studies of one modality that match the address."""
    asked = Selection.from_args(modality, request.args)
    if "HX-Request" not in request.headers and not {"size", "columns"} & set(request.args):
        wanted = asked.looked_at(asked.view.as_remembered(current_user.lists))
        if wanted.view != asked.view:
            return redirect(_address(wanted))  # a copied address shows the same to others
    found = listing(asked, counts()[modality])
    address = _address(found.selection)
    if "HX-Request" not in request.headers and not found.selection.is_said_by(request.args):
        return redirect(address)  # a form sends its empty fields too, an address is short
    blame = tightest(asked) if found.count == 0 and not asked.crossed else None
    exports = [one for one in KINDS.values() if one.modality == modality and (not one.identified or may_identify())]
    response = page(
        "studies/list.html", "results", listing=found, shown=table_of(found), tightest=blame, exports=exports
    )
    is_there = request.headers.get("HX-Current-URL", "").endswith(address)  # going back must not stay on the page
    step = "HX-Replace-Url" if "X-Same-Step" in request.headers else "HX-Push-Url"
    response.headers[step] = "false" if is_there else address
    return response


@bp.get(f"/<any({', '.join(MODALITIES)}):modality>/count")
def count(modality):
    """How many studies match, however many; the list itself counts no further than some thousands."""
    selection = Selection.from_args(modality, request.args)
    number = remembered(f"count {selection.digest}", lambda: counted(selection))
    return page("studies/count.html", "number", selection=selection, count=number, total=counts()[modality])


@bp.app_template_filter()
def up_to_limit(count):
    """A number of studies that were counted as far as lists count."""
    return thousands(count) if count <= COUNTED else f"more than {thousands(COUNTED)}"


@bp.post(f"/<any({', '.join(MODALITIES)}):modality>/view")
def remember(modality):
    """Take the size of pages, or the columns, for now and for the next time that the person comes."""
    asked = Selection.from_args(modality, request.args)
    if "size" in request.form:
        wanted = asked.view.sized(request.form["size"])
    else:
        wanted = asked.view.showing(() if "usual" in request.form else request.form.getlist("columns"))
    lists, user_id = wanted.remembered(current_user.lists), current_user.id
    with writing():
        db.session.get_one(User, user_id).lists = lists
    return redirect(_address(asked.looked_at(wanted)), 303)


def _address(selection):
    return url_for(".index", modality=selection.modality.key, **selection.query)


bp.add_app_template_filter(or_missing(age_words), "age")

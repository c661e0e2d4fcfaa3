"""The lists of studies, one view for all modalities, and the page of one study."""

from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from app.exports.kinds import KINDS
from app.queries.event_table import event_tables
from app.queries.listing import listing, tightest
from app.queries.modalities import MODALITIES
from app.queries.objects import accumulated, elsewhere, study_objects, study_problems
from app.queries.picture import pictures
from app.queries.quantities import as_written, for_people, unit_words, written
from app.queries.selection import BadParameter, Selection
from app.queries.study import Stored, equipment_tree, load
from app.queries.tiles import tiles
from app.web.formats import or_missing
from app.web.pages import page

bp = Blueprint("studies", __name__)


@bp.get(f"/<any({', '.join(MODALITIES)}):modality>/")
def index(modality):
    """The studies of one modality that match the address."""
    asked = Selection.from_args(modality, request.args)
    found = listing(asked)
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


@bp.get("/study/<uid>")
def detail(uid):
    """Everything that is stored of one study."""
    stored = load(uid)
    if stored is None:
        abort(404, "There is no study with this UID here. It may have been deleted, or has not arrived yet.")
    objects = study_objects(stored)
    return page(
        "studies/detail.html",
        "study",
        stored=stored,
        modality=stored.kinds[0],
        way_back=_way_back(stored),
        tiles=tiles(stored),
        pictures=pictures(stored),
        event_tables=event_tables(stored),
        equipment=equipment_tree(stored),
        objects=objects,
        problems=study_problems(stored, objects),
        accumulated=accumulated(stored, objects),
        elsewhere=elsewhere(objects),
    )


def _way_back(stored: Stored) -> Selection:
    """The list that the person came from, as it was; else the whole list of the study's modality."""
    came_from = urlsplit(request.referrer or "")
    for kind in stored.kinds:
        if came_from.path == url_for(".index", modality=kind.key):
            try:
                return Selection.from_args(kind.key, MultiDict(parse_qsl(came_from.query)))
            except BadParameter:
                pass  # somebody else's link
    return Selection(stored.kinds[0])


@bp.app_template_filter()
def leaf_text(leaf):
    """A stored value with its unit, as people write both; values that repeat in their order."""
    values = leaf["value"] if isinstance(leaf["value"], list) else [leaf["value"]]
    unit = leaf.get("unit", "")
    return f"{', '.join(_text(value, unit) for value in values)} {unit_words(unit)}".rstrip()


def _text(value, unit):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return written(for_people(value, unit)) if is_number else as_written(str(value))


@bp.app_template_filter()
@or_missing
def age(years):
    """An age as people say it: 63 y, below two years in months, below two months in days."""
    for unit, length in (("y", 1), ("months", 1 / 12)):
        if years >= 2 * length:
            return f"{int(years / length + 1e-6)} {unit}"
    days = round(years * 365.25)
    return f"{days} day{'s' if days != 1 else ''}"

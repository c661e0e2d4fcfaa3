"""What stands beside a list to ask it: values to choose from, and alternatives."""

from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.datastructures import MultiDict

from app.queries.choices import choices, counted, is_narrow
from app.queries.exact import ExactFilter
from app.queries.modalities import MODALITIES
from app.queries.question import MOST_ALTERNATIVES, NAME
from app.queries.selection import BadParameter, Selection
from app.remembered import remembered
from app.web.pages import page

bp = Blueprint("filters", __name__)

OF_LIST = f"/<any({', '.join(MODALITIES)}):modality>"


@bp.get(f"{OF_LIST}/choices/<name>")
def choose(modality, name):
    """The values that exist for a filter, to tick; `like` narrows them down."""
    args, like = _apart(request.args, "like")
    selection = Selection.from_args(modality, args)
    asked = _exact(selection, name)
    chosen = [value for value, _ in selection.chosen(name)]
    rest = selection.but(conditions=tuple(one for one in selection.conditions if one.name != name))
    within = rest if is_narrow(rest) else rest.but(conditions=())
    return page(
        "filters/choices.html",
        "choices",
        selection=rest,
        asked=asked,
        name=name,
        like=like,
        is_narrow=within.conditions != (),
        choices=choices(_counts(within, asked), chosen, like),
    )


@bp.get(f"{OF_LIST}/alternatives")
def alternatives(modality):
    """The form of the list with another alternative to fill in."""
    selection = Selection.from_args(modality, request.args)
    there = selection.alternatives
    added = next((number for number in range(1, MOST_ALTERNATIVES + 1) if number > max(there, default=0)), 0)
    numbers = [*there, *([added] if added else [])] if there else [1, 2]
    return page("filters/alternatives.html", "form", selection=selection, numbers=numbers, added=added)


def _counts(within: Selection, asked: ExactFilter):
    """The number of studies of each value, remembered where it is dear."""
    return remembered(f"choices {asked.parameter} {within.digest}", lambda: counted(within, asked))


def _exact(selection: Selection, name: str) -> ExactFilter:
    parts = NAME.fullmatch(name)
    asked = selection.modality.filters.get(parts[3] if parts else "")
    if not isinstance(asked, ExactFilter):
        abort(404)
    return asked


def _apart(args: MultiDict, name: str) -> tuple[MultiDict, str]:
    """The parameters without one that is for this page only, and what that one says."""
    rest = MultiDict(args)
    values = rest.poplist(name)
    if len(values) > 1:
        raise BadParameter(f"{name} is there twice; it takes one value.", name)
    return rest, values[0] if values else ""


@bp.app_template_global()
def list_address(selection: Selection) -> str:
    """The list that shows the selection."""
    query: dict[str, Any] = {**selection.query}
    return url_for("studies.index", modality=selection.modality.key, **query)

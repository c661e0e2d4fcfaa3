"""Filters with a name: each person saves what a list was asked, opens it again, and shares it with everybody."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from app import audit
from app.extensions import db
from app.models import SavedFilter
from app.models.saved import LONGEST_NAME
from app.queries import saved as queries
from app.queries.modalities import MODALITIES
from app.queries.selection import Selection
from app.transactions import writing
from app.web.pages import page

bp = Blueprint("saved", __name__)

OF_LIST = f"/<any({', '.join(MODALITIES)}):modality>/saved"


class FilterForm(FlaskForm):
    """What a saved filter is called, and who sees it."""

    name = StringField(
        "Name",
        [
            DataRequired("Enter a name."),
            Length(max=LONGEST_NAME, message=f"Use at most {LONGEST_NAME} characters."),
        ],
        filters=[lambda text: " ".join((text or "").split())],
    )
    shared = BooleanField("Share with everybody")

    def __init__(self, modality: str, changed: int | None = None):
        super().__init__()
        self.modality, self.changed = modality, changed

    def validate_name(self, field):
        """One person has a name once in a list."""
        same = queries.own(current_user).where(SavedFilter.modality == self.modality, SavedFilter.name == field.data)
        if db.session.scalar(same.where(SavedFilter.id != (self.changed or 0))):
            raise ValidationError("You have a filter of this name already.")


@bp.get(OF_LIST)
def index(modality):
    """The saved filters of one list; the form saves what the address asks."""
    return _page(Selection.from_args(modality, request.args), FilterForm(modality))


@bp.post(OF_LIST)
def save(modality):
    """Save what the address asks under the name in the form."""
    selection, form = Selection.from_args(modality, request.args), FilterForm(modality)
    if not form.validate_on_submit():
        return _page(selection, form), 422
    kept = SavedFilter(owner_id=current_user.id, modality=modality, name=form.name.data, shared=form.shared.data)
    kept.query, kept.words = selection.but().query, selection.words
    with writing():
        db.session.add(kept)
        db.session.flush()
        _record("saved", kept)
    flash(f"Saved as “{form.name.data}”.")
    return redirect(url_for("studies.index", modality=modality, **selection.query), 303)


@bp.get("/filters/<int:id>")
def show(id):
    """The list that the filter asks for; its address says everything."""
    found = db.session.scalar(queries.visible(current_user).where(SavedFilter.id == id))
    if found is None:
        abort(404, "There is no such filter. It may have been deleted, or is not shared any more.")
    query: dict[str, Any] = found.query
    return redirect(url_for("studies.index", modality=found.modality, **query))


@bp.post("/filters/<int:id>")
def change(id):
    """Give it another name, share it, or keep it to oneself."""
    modality = _own(id).modality
    form = FilterForm(modality, id)
    if not form.validate_on_submit():
        return _page(Selection.from_args(modality, {}), form), 422
    with writing():
        found = _own(id)
        was_shared, found.name, found.shared = found.shared, form.name.data, form.shared.data
        _record("changed", found, was_shared)
    flash("Saved.")
    return redirect(url_for(".index", modality=modality), 303)


@bp.post("/filters/<int:id>/delete")
def delete(id):
    """Take it away; no study goes with it."""
    modality = _own(id).modality
    with writing():
        found = _own(id)
        name = found.name
        _record("deleted", found)
        db.session.delete(found)
    flash(f"“{name}” is deleted.")
    return redirect(url_for(".index", modality=modality), 303)


def _record(how: str, kept: SavedFilter, was_shared: bool = False) -> None:
    """What others see is their business, too; its name is somebody's own words, and stays out."""
    if kept.shared or was_shared:
        details = {"filter": kept.id, "list": kept.modality, "shared": kept.shared}
        audit.record(audit.SHARE_FILTER, f"filter {kept.id} is {how}", details=details)


def _own(id: int) -> SavedFilter:
    return db.first_or_404(queries.own(current_user).where(SavedFilter.id == id))


def _page(selection: Selection, form: FilterForm):
    found = db.session.scalars(queries.visible(current_user, selection.modality.key)).all()
    return page("filters/saved.html", "menu", selection=selection, form=form, saved=found)

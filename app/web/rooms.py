"""The rooms and their equipment: what is known of each, what people call it, how its studies are sorted."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app import audit, rooms
from app.models.equipment import SORTABLE
from app.queries import rooms as queries
from app.queries.modalities import by_stored
from app.queries.rooms import Room
from app.remembered import forget
from app.transactions import writing
from app.web.access import needs
from app.web.pages import page

AUTOMATIC = "automatic"

bp = Blueprint("rooms", __name__, url_prefix="/rooms")


class RoomForm(FlaskForm):
    """What people call the room, and where its studies belong."""

    display_name = StringField(
        "Display name",
        [
            DataRequired("Enter a name."),
            Length(max=rooms.LONGEST_NAME, message=f"Use at most {rooms.LONGEST_NAME} characters."),
        ],
        filters=[lambda text: " ".join((text or "").split())],
        description="Lists, filters and exports show this name. What the device calls itself stays beside it.",
    )
    modality = RadioField(
        "Its studies are",
        choices=[
            SelectChoice(AUTOMATIC, "Sorted automatically"),
            *(SelectChoice(one, by_stored(one).title) for one in SORTABLE),
        ],
    )


@bp.get("/")
@needs("admin")
def index():
    """Every room."""
    return page("rooms/index.html", "rooms", rooms=queries.rooms())


@bp.get("/<int:id>")
@needs("admin")
def show(id):
    """One room, and the form that changes it."""
    room = _room(id)
    return _page(room, _form(room))


@bp.post("/<int:id>")
@needs("admin")
def change(id):
    """Take the form; where its modality changes, what is stored is sorted anew at once."""
    room = _room(id)
    form = _form(room)
    if not form.validate_on_submit():
        return _page(room, form), 422
    name, before = room.equipment.display_name, room.equipment.modality
    modality = _modality(form) if room.sortable else before
    with writing():
        rooms.rename(id, form.display_name.data)
        moved = rooms.set_modality(id, modality) if modality != before else 0
        told = {"before": {"name": name, "modality": before}}
        told |= {"after": {"name": form.display_name.data, "modality": modality}, "studies moved": moved}
        audit.record(audit.CHANGE_ROOM, f"room {id}", details=told)
    forget()
    flash(f"Saved. {_told(moved)}" if modality != before else "Saved.")
    return redirect(url_for(".show", id=id), 303)


def _room(id: int) -> Room:
    found = queries.room(id)
    return found or abort(404, "There is no such room.")


def _form(room: Room) -> RoomForm:
    equipment = room.equipment
    form = RoomForm(data={"display_name": equipment.display_name, "modality": equipment.modality or AUTOMATIC})
    if not room.sortable:
        del form.modality  # nothing of it could be sorted elsewhere
    return form


def _modality(form: RoomForm) -> str | None:
    return None if form.modality.data == AUTOMATIC else form.modality.data


def _page(room: Room, form: RoomForm):
    return page("rooms/show.html", "room", room=room, form=form)


def _told(moved: int) -> str:
    if not moved:
        return "No stored study had to move."
    return f"{moved:,} stored {'study is' if moved == 1 else 'studies are'} listed elsewhere now."

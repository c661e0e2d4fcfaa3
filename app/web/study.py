"""The page of one study: what, when, where and who, its dose, its events, and what it was made from."""

import json
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

from flask import abort, current_app, request, send_file, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app import audit
from app.exports.openskin import has_exposures
from app.exports.openskin import openskin as exposures_for_openskin
from app.extensions import db
from app.identity import NONE, readable
from app.jobs.export import origin
from app.models import Study
from app.queries import tree
from app.queries.doses import irradiation_types, planes
from app.queries.event_table import event_tables
from app.queries.event_view import WEEKS, EventView
from app.queries.filters import BadParameter
from app.queries.objects import accumulated, elsewhere, study_objects, study_problems
from app.queries.opened import opened
from app.queries.picture import pictures
from app.queries.related import MOST, all_of_patient, timeline, within
from app.queries.selection import Selection
from app.queries.study import Stored, equipment_tree, load
from app.queries.tiles import tiles
from app.queries.tree import Row
from app.transactions import one_moment, writing
from app.web.access import needs
from app.web.pages import page
from app.web.studies import bp

PARAMETERS = ("events_sort", "events_columns", "open", "weeks", "back")
NAMING = ("patient_id", "patient_name", "patient_birth_date")  # columns that tell who the patient is
PARTS = ("events", "related")  # that htmx asks for alone
NO_EXPOSURES = "There is no study with this UID that has X-ray exposures."
NO_STUDY = "There is no study with this UID here. It may have been deleted, or has not arrived yet."


@bp.get("/study/<uid>")
def detail(uid):
    """Everything that is stored of one study."""
    view = _view()
    stored = load(uid, whole=view.every)
    if stored is None:
        abort(404, NO_STUDY)
    way_back = _way_back(stored, view.back)
    if way_back.query:
        view = view.going_back(url_for(".index", modality=way_back.modality.key, **way_back.query))
    part = request.headers.get("HX-Target", "")
    context = _context(uid, stored, view, part) | {"way_back": way_back}
    names_patient = part not in PARTS and _names_patient(stored)
    response = page("studies/detail.html", part if part in PARTS else "study", **context)
    response.vary.add("HX-Target")
    if names_patient:
        audit.note(audit.VIEW_PATIENT, f"study {uid}", details={"study": uid})
    return response


def _names_patient(stored: Stored) -> bool:
    """Whether the person learns who the patient is."""
    return current_user.may("pid") and any(getattr(stored.study, name, None) for name in NAMING)


def _context(uid: str, stored: Stored, view: EventView, part: str) -> dict[str, object]:
    """What the page shows, or only what the part of it does."""
    shown: dict[str, object] = {"stored": stored, "view": view}
    if part != "related":
        shown["event_tables"] = event_tables(stored, view, _opened(uid, view))
    if part != "events":
        weeks = int(view.weeks or current_app.config["SETTINGS"].related_weeks)
        offered = sorted({*WEEKS, weeks})
        shown |= {"weeks": weeks, "offered": offered, "related": within(stored.study, weeks)}
    return shown if part in PARTS else shown | _rest(stored)


def _rest(stored: Stored) -> dict[str, object]:
    """What only the whole page shows."""
    objects = study_objects(stored)
    return {
        "modality": stored.kinds[0],
        "tiles": tiles(stored),
        "pictures": pictures(stored),
        "types": irradiation_types(stored),
        "planes": planes(stored, objects),
        "equipment": equipment_tree(stored),
        "objects": objects,
        "problems": study_problems(stored, objects),
        "accumulated": accumulated(stored, objects),
        "elsewhere": elsewhere(objects),
    }


@bp.get("/study/<uid>/patient")
def patient(uid):
    """All studies of the study's patient, over all modalities; the page does not say who that is."""
    found = all_of_patient(uid)
    if found is None:
        abort(404, NO_STUDY)
    study, studies = found
    return page(
        "studies/patient.html",
        "patient",
        study=study,
        studies=studies,
        most=MOST,
        picture=timeline(studies),
        base=url_for(".detail", uid="-").removesuffix("-"),
        keeps_ids=current_app.config["SETTINGS"].identity.keeps != NONE,
    )


@bp.get("/study/<uid>/openskin.csv")
@needs("export")
def openskin(uid):
    """The study's exposures as the program openSkin reads them; nobody has them without its being written down."""
    with writing(), one_moment() as connection:
        told = exposures_for_openskin(connection, uid)
        if told is None:
            abort(404, NO_EXPOSURES)
        details = {"kind": "openskin", "study": uid, "studies": 1}
        audit.record(audit.EXPORT, "openSkin CSV: 1 fluoroscopy study", details=details)
    return send_file(
        BytesIO(told.encode()), mimetype="text/csv", as_attachment=True, download_name=f"openskin-{uid}.csv"
    )


@bp.get("/study/<uid>/openskin.json")
@needs("export")
def openskin_origin(uid):
    """Who takes the file for openSkin, when, of what, with which version: to be kept beside it."""
    if not has_exposures(db.session.connection(), uid):
        abort(404, NO_EXPOSURES)
    comes_from = origin(current_user.username, "openSkin CSV", f"The fluoroscopy study {uid}", studies=1)
    told = BytesIO(json.dumps(comes_from, indent=2, ensure_ascii=False).encode())
    return send_file(told, mimetype="application/json", as_attachment=True, download_name=f"openskin-{uid}.json")


@bp.get("/study/<uid>/events/<name>")
def event(uid, name):
    """Everything that is stored of one event, for the row that opens."""
    return page("studies/event.html", "event", name=name, everything=_event(uid, name))


def _view() -> EventView:
    unknown = next((name for name in request.args if name not in PARAMETERS), None)
    if unknown is not None:
        raise BadParameter(f"There is no parameter “{unknown}” for a study.", unknown)
    return EventView.from_args({name: value.strip() for name, value in request.args.items()})


def _opened(uid: str, view: EventView) -> Row | None:
    if not view.opened:
        return None
    found = opened(uid, view.opened)
    if found is None:
        raise BadParameter(f"The study has no event {view.opened}.", "open")
    return found


def _event(uid: str, name: str) -> Row:
    return opened(uid, name) or abort(404, "There is no such event. The study may have changed; load its page again.")


def _way_back(stored: Stored, back: str) -> Selection:
    """The list that the person came from, as it was; else the whole list of the study's modality."""
    found = _list_at(stored, back or request.referrer or "")
    if back and found is None:
        raise BadParameter("“back” leads to no list that the study is in.", "back")
    return found or Selection.of_all(stored.kinds[0])


def _list_at(stored: Stored, address: str) -> Selection | None:
    came_from = urlsplit(address)
    for kind in stored.kinds:
        if came_from.path == url_for(".index", modality=kind.key):
            try:
                return Selection.from_args(kind.key, MultiDict(parse_qsl(came_from.query)))
            except BadParameter:
                pass  # somebody else's link
    return None


@bp.app_template_filter()
def who(study: Study) -> str:
    """Who the patient is, as far as the site keeps that: Doe, Jane, born 1950-01-31, ID 4711."""
    told = (study.patient_name and readable(study.patient_name),
            study.patient_birth_date and f"born {study.patient_birth_date.isoformat()}",
            study.patient_id and f"ID {study.patient_id}")  # fmt: skip
    return ", ".join(filter(None, told))


bp.app_template_filter("leaf_text")(tree.words)

"""The search box of every page. What is typed may be a patient's ID: it is posted, and gets into no address or log."""

from collections.abc import Sequence

from flask import Blueprint, current_app, redirect, request, url_for
from flask_login import current_user

from app import audit
from app.identity import NONE
from app.queries import search as queries
from app.queries.filters import BadParameter
from app.queries.search import Hit
from app.web.pages import page

bp = Blueprint("search", __name__, url_prefix="/search")


@bp.get("")
def index():
    """The studies with an accession number, or what can be searched for."""
    unknown = next((name for name in request.args if name != "accession"), None)
    if unknown:
        raise BadParameter(f"There is no parameter “{unknown}” for a search.", unknown)
    accession = request.args.get("accession", "").strip()
    hits = queries.by_accession(accession) if len(accession) <= queries.LONGEST else ()
    return _page(accession, hits, ()) if accession else _page("", (), ())


@bp.post("")
def find():
    """The one study that is meant, or a page to choose from."""
    typed = " ".join(request.form.get("q", "").split())
    if not typed or len(typed) > queries.LONGEST:
        return _page(typed, (), (), too_long=bool(typed)), 422
    if uids := queries.by_uid(typed):
        return _to_study(uids[0])
    hits, patients = queries.by_accession(typed), _patients(typed)
    if _searches_patients() and (patients or not hits):  # whom for, is not written down
        audit.note(audit.SEARCH_PATIENT, "a search by patient ID", details={"patients": len(patients)})
    if hits and not patients:
        return _to_study(hits[0]) if len(hits) == 1 else redirect(url_for(".index", accession=typed), 303)
    if len(patients) == 1 and not hits:
        (studies,) = patients
        return _to_study(studies[0]) if len(studies) == 1 else _to_patient(studies[0])
    return _page(typed, hits, patients), 200 if hits or patients else 404


def _patients(typed: str) -> Sequence[Sequence[Hit]]:
    """The studies of each patient with this ID, where the person may search by it and the site lets anybody."""
    key = current_app.config["SETTINGS"].identity.key(typed) if _searches_patients() else None
    return queries.by_patient(key) if key else ()


def _searches_patients() -> bool:
    return current_user.may("pid") and current_app.config["SETTINGS"].identity.keeps != NONE


def _page(typed: str, hits: Sequence[Hit], patients: Sequence[Sequence[Hit]], too_long: bool = False):
    return page(
        "search/index.html",
        "found",
        typed=typed,
        too_long=too_long,
        hits=hits[: queries.MOST_SHOWN],
        is_more=len(hits) > queries.MOST_SHOWN,
        patients=patients,
        keeps_ids=current_app.config["SETTINGS"].identity.keeps != NONE,
        limits=queries,
    )


def _to_study(hit: Hit):
    return redirect(url_for("studies.detail", uid=hit.uid), 303)


def _to_patient(hit: Hit):
    return redirect(url_for("studies.patient", uid=hit.uid), 303)

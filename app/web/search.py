"""The search box of every page. It may be told who a patient is: that is posted, and gets into no address or log."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, request, url_for
from flask_login import current_user

from app import audit
from app.identity import NONE, STORED, Identity
from app.models.user import PID
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
    return _page(accession, Found(hits)) if accession else _page("", Found())


@bp.post("")
def find():
    """The one study that is meant, or a page to choose from."""
    typed = " ".join(request.form.get("q", "").split())
    if not typed or len(typed) > queries.LONGEST:
        return _page(typed, Found(), too_long=bool(typed)), 422
    if uids := queries.by_uid(typed):
        return _to_study(uids[0])
    found = Found(queries.by_accession(typed, _identity().hashed(typed)), _patients(typed), _named(typed))
    if _searches_patients() and (found.patients or found.named or not found.hits):  # whom for, is not written down
        details = {"patients": len(found.patients)} | ({"studies": len(found.named)} if found.named else {})
        audit.note(audit.SEARCH_PATIENT, "a search by patient ID or name", details=details)
    address = found.address(typed)
    return redirect(address, 303) if address else (_page(typed, found), 200 if found else 404)


@dataclass(frozen=True)
class Found:
    """What was typed may be several things at once."""

    hits: Sequence[Hit] = ()  # studies with the accession number
    patients: Sequence[Sequence[Hit]] = ()  # studies of each patient with the ID
    named: Sequence[Hit] = ()  # studies of patients with the name

    def __bool__(self) -> bool:
        return any((self.hits, self.patients, self.named))

    def address(self, typed: str) -> str | None:
        """Where it is, if it is one thing; the address names no patient, and no number that is kept as a hash."""
        if len(self.hits) + len(self.patients) + len(self.named) == 1:
            only = [*self.hits, *self.named, *(studies[0] for studies in self.patients)][0]
            several = self.patients and len(self.patients[0]) > 1
            return url_for("studies.patient" if several else "studies.detail", uid=only.uid)
        if self.hits and not self.patients and not self.named and _identity().accession == STORED:
            return url_for(".index", accession=typed)
        return None


def _identity() -> Identity:
    return current_app.config["SETTINGS"].identity


def _patients(typed: str) -> Sequence[Sequence[Hit]]:
    """The studies of each patient with this ID, where the person may search by it and the site lets anybody."""
    key = _identity().key(typed) if _searches_patients() else None
    return queries.by_patient(key) if key else ()


def _named(typed: str) -> Sequence[Hit]:
    """The studies of patients with this name, on the same terms."""
    key = _identity().name_key(typed) if _searches_patients() else None
    return queries.by_name(key) if key else ()


def _searches_patients() -> bool:
    return current_user.may(PID) and not _identity().keeps == _identity().name == NONE


def _page(typed: str, found: Found, too_long: bool = False):
    return page(
        "search/index.html",
        "found",
        typed=typed,
        too_long=too_long,
        hits=found.hits[: queries.MOST_SHOWN],
        is_more=len(found.hits) > queries.MOST_SHOWN,
        patients=found.patients,
        named=found.named[: queries.MOST_SHOWN],
        is_more_named=len(found.named) > queries.MOST_SHOWN,
        keeps=_identity(),
        limits=queries,
    )


def _to_study(hit: Hit):
    return redirect(url_for("studies.detail", uid=hit.uid), 303)

"""The saved filters that are a person's business: the own ones, and those that others share."""

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager

from app.models import SavedFilter, User


def visible(user: User, modality: str | None = None) -> Select[SavedFilter]:
    """The filters by name, own ones first."""
    seen = or_(SavedFilter.owner_id == user.id, SavedFilter.shared)
    found = select(SavedFilter).join(SavedFilter.owner).options(contains_eager(SavedFilter.owner)).where(seen)
    found = found.order_by(SavedFilter.owner_id != user.id, func.lower(SavedFilter.name), SavedFilter.id)
    return found if modality is None else found.where(SavedFilter.modality == modality)


def own(user: User) -> Select[SavedFilter]:
    """Those that the person may change."""
    return select(SavedFilter).where(SavedFilter.owner_id == user.id)

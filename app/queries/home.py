"""What the frame tells: which modalities have studies, and how many."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from app.extensions import db
from app.models import Study
from app.queries.modalities import MODALITIES, Modality


@dataclass(frozen=True)
class Tab:
    """A modality that has studies."""

    modality: Modality
    studies: int

    @property
    def title(self) -> str:
        """The modality's name."""
        return self.modality.name


def counts() -> dict[str, int]:
    """The number of studies of each modality by its key; one with X-rays and radiopharmaceuticals counts twice."""
    counted = select(Study.modality, Study.nuclear, func.count()).group_by(Study.modality, Study.nuclear)
    rows = db.session.execute(counted).all()
    return {
        key: sum(count for modality, nuclear, count in rows if one.lists(modality, nuclear))
        for key, one in MODALITIES.items()
    }


def tabs(counted: Mapping[str, int]) -> list[Tab]:
    """The modalities that have studies, in the order that people know."""
    return [Tab(one, counted[key]) for key, one in MODALITIES.items() if counted.get(key)]

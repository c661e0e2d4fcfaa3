"""What became of each uploaded file, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from sqlalchemy import func, select

from app.extensions import db
from app.models import UploadedFile
from app.models.upload import OPENED, WAITING
from app.queries.filters import BadParameter
from app.queries.whole import whole

PAGE = 100  # files
# The results by what addresses call them, in the order in which people want to hear of them.
RESULTS = {
    "failed": "failed",
    "imported": "imported",
    "stored": "duplicate",
    "other": "not a dose object",
    "ignored": "ignored",
    "waiting": WAITING,
}


@dataclass(frozen=True)
class Verdicts:
    """One page of the files that were asked for."""

    files: Sequence[UploadedFile]
    counts: Mapping[str, int]  # of all files, by what addresses call the results; those there are
    result: str  # the one that was asked for, or none
    page: int

    @property
    def total(self) -> int:
        """How many files there are in all."""
        return sum(self.counts.values())

    @property
    def count(self) -> int:
        """How many have the result that was asked for."""
        return self.counts.get(self.result, 0) if self.result else self.total

    @property
    def pages(self) -> int:
        """How many pages they fill."""
        return max(1, ceil(self.count / PAGE))

    def verdict(self, file: UploadedFile) -> str:
        """What addresses call the file's result."""
        return next(name for name, result in RESULTS.items() if result == file.result)

    def query(self, **changes: object) -> dict[str, object]:
        """The parameters of this page, or of one that differs so."""
        wanted = {"result": self.result, "page": self.page} | changes
        return {name: value for name, value in wanted.items() if value and value != 1}


def verdicts(batch: str, args: Mapping[str, str]) -> Verdicts:
    """The page that the address asks for, in two statements. Raises BadParameter."""
    unknown = next((name for name in args if name not in ("result", "page")), None)
    if unknown is not None:
        raise BadParameter(f"There is no parameter “{unknown}” for an upload.", unknown)
    result, page = args.get("result", ""), whole(args.get("page", "1"))
    if result and result not in RESULTS:
        raise BadParameter(f"result is “{result}”; it takes {', '.join(RESULTS)}.", "result")
    if page is None:
        raise BadParameter(f"page is “{args['page']}”; it takes a number from 1.", "page")
    counts = _counts(batch)
    found = Verdicts((), counts, result, page)
    number = min(page, found.pages)
    wanted = [RESULTS[result]] if result else list(RESULTS.values())
    files = select(UploadedFile).where(UploadedFile.batch == batch, UploadedFile.result.in_(wanted))
    files = files.order_by(UploadedFile.id).limit(PAGE).offset((number - 1) * PAGE)
    return Verdicts(db.session.scalars(files).all(), counts, result, number)


def _counts(batch: str) -> dict[str, int]:
    counted = select(UploadedFile.result, func.count()).where(UploadedFile.batch == batch)
    counted = counted.where(UploadedFile.result != OPENED).group_by(UploadedFile.result)
    by_result = {result: count for result, count in db.session.execute(counted)}
    return {name: by_result[result] for name, result in RESULTS.items() if result in by_result}

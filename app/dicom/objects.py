"""From an object to what it says, whatever its kind: one reading, in the rows of one layout."""

from pydicom.dataset import Dataset

from app.dicom.identify import DOSE_REPORTS, dose_report, is_structured_report
from app.dicom.images import read_image
from app.dicom.layout import Layout
from app.dicom.reader import Problem, Reading, read


def read_object(dataset: Dataset, layout: Layout) -> Reading:
    """What the object says about dose. Raises NotADoseObject, or Damaged, with the reason where that is nothing."""
    if not is_structured_report(dataset):
        return read_image(dataset, layout)
    root = dose_report(dataset)
    found = read(root, layout)
    if root.concept not in DOSE_REPORTS:
        found.problems.append(
            Problem("Concept Name", "is not the title of a dose report, though it is one", str(root.concept))
        )
    return found

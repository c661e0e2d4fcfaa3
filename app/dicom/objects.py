"""From an object to what it says, whatever its kind: one reading, in the rows of one layout."""

from pydicom.dataset import Dataset

from app.dicom.identify import dose_report, is_structured_report
from app.dicom.images import read_image
from app.dicom.layout import Layout
from app.dicom.reader import Reading, read


def read_object(dataset: Dataset, layout: Layout) -> Reading:
    """What the object says about dose. Raises NotADoseObject, or Damaged, with the reason where that is nothing."""
    if is_structured_report(dataset):
        return read(dose_report(dataset), layout)
    return read_image(dataset, layout)

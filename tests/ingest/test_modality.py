"""Which modality an object belongs to."""

import pytest

from app.dicom.identify import open_object
from app.dicom.objects import read_object
from app.ingest.modality import modality
from app.models import Report
from app.models.columns import layout_of
from tests import images
from tests.factories import ct_report, fluoroscopy_report
from tests.images import MAMMOGRAPHY, RADIOGRAPHY

CASES = {
    "a mammogram": (images.MG_PRESENTATION, MAMMOGRAPHY, "MG"),
    "a mammogram stored as a radiograph": (images.DX_PRESENTATION, MAMMOGRAPHY, "MG"),
    "a mammogram that calls itself a radiograph": (images.CR, MAMMOGRAPHY | {"Modality": "CR"}, "MG"),
    "a mammogram without a dose": (images.CR, RADIOGRAPHY | {"Modality": "MG"}, "MG"),
    "a radiograph": (images.CR, RADIOGRAPHY, "DX"),
    "a panoramic X-ray": (images.DX_PRESENTATION, RADIOGRAPHY | {"Modality": "PX"}, "DX"),
    "an intra-oral X-ray": (images.STORAGE + "1.3", RADIOGRAPHY | {"Modality": "IO"}, "DX"),
    "an angiogram": (images.XA, RADIOGRAPHY | {"Modality": "XA"}, "RF"),
    "fluoroscopy": (images.STORAGE + "12.2", RADIOGRAPHY | {"Modality": "RF"}, "RF"),
    "an image that says nothing of itself": (images.CR, RADIOGRAPHY | {"Modality": ""}, "DX"),
    "a list of CT scans": (images.CAPTURE, {"Modality": "OT", "ExposureDoseSequence": [{"CTDIvol": 5.0}]}, "CT"),
}


@pytest.mark.parametrize(("sop_class", "attributes", "wanted"), CASES.values(), ids=CASES)
def test_an_image_belongs_where_its_content_says(sop_class, attributes, wanted):
    image = images.file(images.dataset(sop_class, **attributes))
    assert modality(read_object(open_object(image), layout_of(Report)).row) == wanted


def test_reports_belong_where_their_events_do():
    assert (modality(ct_report({})), modality(fluoroscopy_report({}))) == ("CT", "RF")

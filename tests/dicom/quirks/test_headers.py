"""What makers write into headers otherwise than the standard says."""

import pytest

from app.dicom.header import Header
from app.dicom.quirks import mend_header
from tests import images
from tests.dicom.test_header import event, filters, header, raw_event, read
from tests.images import RADIOGRAPHY, dataset, with_raw


def test_a_filter_named_in_its_type_is_a_filter():
    rows, problems = filters((0x00181160, "SH", b"CU_0.1_MM"))
    assert (rows[0]["material"]["meaning"], rows[0]["thickness_minimum"], problems) == ("Copper", 0.1, [])


def test_the_radiological_thickness_is_the_patient_equivalent_one():
    image = dataset(images.MG_PRESENTATION, **images.MAMMOGRAPHY)
    image.private_block(0x0045, "GEMS_SENO_02", create=True).add_new(0x49, "DS", "21")
    assert event(read(image))["patient_equivalent_thickness"] == 21.0
    image = with_raw(
        dataset(images.CR, **RADIOGRAPHY), (0x00450010, "LO", b"GEMS_SENO_02"), (0x00451049, "DS", b"thin")
    )
    assert read(image).unread == {"GEMS_SENO_02 radiological thickness (0045,xx49)": ["thin"]}


def test_the_private_dap_fills_in_where_the_standard_one_is_missing():
    image = dataset(images.DX_PRESENTATION, Modality="PX", KVP="85")
    image.private_block(0x0019, "NNT", create=True).add_new(0x29, "OB", b"x=1,DAP=81,KERMA=11.16\0")
    assert event(read(image))["dap"] == 8.1e-06
    image.ImageAndFluoroscopyAreaDoseProduct = "0.82"
    assert event(read(image))["dap"] == 8.2e-06


@pytest.mark.parametrize(
    ("model", "written", "force"),
    [("Senograph DS ADS_43", "30", 30.0), ("Senographe DS", "980", 98.0), ("Senographe Essential", "98", 98.0),
     ("Another", "980", 980.0)],
)  # fmt: skip
def test_compression_is_in_newton(model, written, force):
    assert event(raw_event(ManufacturerModelName=model, CompressionForce=written)).get("compression_force") == force


def test_the_protocol_of_a_radrex_stands_in_the_comments():
    image = dataset(images.CR, **RADIOGRAPHY, Manufacturer="TOSHIBA_MEC", ManufacturerModelName="Radrex",
                    ImageComments="Chest PA")  # fmt: skip
    assert event(read(image))["acquisition_protocol"] == "Chest PA"
    image = dataset(images.CR, **RADIOGRAPHY, Manufacturer="Maker", ImageComments="Chest PA", SeriesDescription="Chest")
    assert event(read(image))["acquisition_protocol"] == "Chest"


def test_mending_leaves_the_object_itself_as_it_is():
    image = dataset(images.CR, **RADIOGRAPHY, FilterType="CU_0.1_MM")
    before = image.to_json()
    mended, fine = Header(image), header(FilterType="FLAT", FilterMaterial="COPPER")
    mend_header(mended)
    mend_header(fine)
    assert (mended.at("FilterMaterial"), image.to_json(), fine.mended) == ("CU", before, {})

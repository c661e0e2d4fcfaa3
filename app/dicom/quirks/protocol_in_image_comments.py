"""Toshiba Radrex names the protocol in the image comments only."""

from pydicom.dataset import Dataset

from app.dicom.header import Header

MAKER, MODELS = "TOSHIBA", ("RADREX", "TFD")
LONGEST = 64  # characters of a protocol name


def mend_header(dataset: Dataset) -> None:
    """Let the protocol stand where it belongs."""
    header = Header(dataset)
    device = f"{header.at('ManufacturerModelName')} {header.at('SoftwareVersions')}".upper()
    is_radrex = header.at("Manufacturer").upper().startswith(MAKER) and any(model in device for model in MODELS)
    if is_radrex and header.at("ImageComments") and not header.at("ProtocolName"):
        dataset.ProtocolName = header.at("ImageComments")[:LONGEST]

"""Toshiba Radrex names the protocol in the image comments only."""

from app.dicom.header import Header

MAKER, MODELS = "TOSHIBA", ("RADREX", "TFD")


def mend_header(header: Header) -> None:
    """Let the protocol stand where it belongs."""
    device = f"{header.at('ManufacturerModelName')} {header.at('SoftwareVersions')}".upper()
    is_radrex = header.at("Manufacturer").upper().startswith(MAKER) and any(model in device for model in MODELS)
    if is_radrex and header.at("ImageComments") and not header.at("ProtocolName"):
        header.mended["ProtocolName"] = header.at("ImageComments")

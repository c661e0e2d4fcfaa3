"""Siemens radiography names material and thickness of a filter in its type, as “CU_0.1_MM”, and nowhere else."""

import re

from app.dicom.header import Header

NAMED = re.compile(r"([A-Z]{2})_?(\d+(?:[.,]\d+)?)_?MM", re.IGNORECASE)


def mend_header(header: Header) -> None:
    """Let material and thickness stand in the attributes that are made for them."""
    named = NAMED.findall(header.at("FilterType"))
    if named and not header.at("FilterMaterial"):
        thicknesses = "\\".join(thickness.replace(",", ".") for _, thickness in named)
        materials = "\\".join(material for material, _ in named)
        header.mended |= {"FilterType": "", "FilterMaterial": materials}
        header.mended |= {"FilterThicknessMinimum": thicknesses, "FilterThicknessMaximum": thicknesses}

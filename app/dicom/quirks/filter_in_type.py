"""Siemens radiography names material and thickness of a filter in its type, as “CU_0.1_MM”, and nowhere else."""

import re

from pydicom.dataset import Dataset

from app.dicom.characters import declared_encodings, decode
from app.dicom.element_values import text_bytes
from app.dicom.header import tag_of

NAMED = re.compile(r"([A-Z]{2})_?(\d+(?:[.,]\d+)?)_?MM", re.IGNORECASE)


def mend_header(dataset: Dataset) -> None:
    """Move material and thickness to the attributes that are made for them."""
    written = decode(text_bytes(dataset, tag_of("FilterType")), declared_encodings(dataset))
    named = NAMED.findall(written)
    if named and not text_bytes(dataset, tag_of("FilterMaterial")):
        thicknesses = [thickness.replace(",", ".") for _, thickness in named]
        dataset.FilterMaterial = [material.upper() for material, _ in named]
        dataset.FilterThicknessMinimum = dataset.FilterThicknessMaximum = thicknesses
        del dataset.FilterType

"""NewTom writes the technique of a panoramic X-ray as text into a private binary attribute: “DAP=81,KERMA=11.16”.

Beside the standard attribute, the private one is a hundred times its dGy.cm2, which makes it mGy.cm2.
"""

import re

from app.dicom.header import Header
from app.dicom.layout import Row
from app.dicom.units import convert
from app.dicom.values import decimal

GROUP, CREATOR, TECHNIQUE = 0x0019, "NNT", 0x29
DAP = re.compile(r"\bDAP=(\d+\.?\d*)")
OF_DOSE = re.compile(r"\b(DAP|KERMA|tech_fact_\w+)=([^,]*)")


def complete(header: Header, parts: dict[str, list[Row]]) -> None:
    """Fill in the dose area product where the standard attribute is missing; the rest has no known unit."""
    written = header.private(GROUP, CREATOR, TECHNIQUE)
    told = DAP.search(written)
    header.left |= {f"{CREATOR} technique (0019,xx29) › {name}": value for name, value in OF_DOSE.findall(written)}
    for row in parts.get("projection_event", ()):
        if told and not row.values.get("dap"):
            row.values["dap"] = convert(decimal(told[1]), "mGy.cm2", "Gy.m2")

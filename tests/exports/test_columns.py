"""The columns of every export: named and ordered as hospitals know them."""

import json

import pytest

from app.exports import dx, mg, nhsbsp, nm
from tests.exports.test_reference import COLUMNS

KNOWN = {
    "MG_csv": {"(single csv table)": [*mg.CSV[0].block.headings, *mg.CSV[1].block.headings]},
    "MG_xlsx": {
        "All data": [*mg.STUDY.headings, *(f"E{{n}} {name}" for name in mg.EVENT.sorted().headings)],
        "(one sheet per protocol)": [*mg.STUDY.headings, *mg.EVENT.headings],
    },
    "DX_xlsx": {
        "All data": [*dx.WORKBOOK.study.headings, *(f"E{{n}} {name}" for name in dx.EVENT.sorted().headings)],
        "(one sheet per protocol)": [*dx.WORKBOOK.study.headings, *dx.EVENT.headings],
    },
    "DX_csv": {"(single csv table)": [*dx.CSV_STUDY.headings, *(f"E{{n}} {name}" for name in dx.CSV_EVENT.headings)]},
    "MG_NHSBSP_csv": {"(single csv table)": nhsbsp.HEADINGS},
    "NM_csv": {"(single csv table)": [name for part in nm.PARTS[:-1] for name in part.block.headings]},
}
ONCE = ("Person participant", "Patient state", "Glomerular", "Measurement Method", "Equivalent")  # numbered, once


@pytest.mark.parametrize(("kind", "sheet"), [(kind, sheet) for kind, sheets in KNOWN.items() for sheet in sheets])
def test_the_columns_are_named_as_hospitals_know_them(kind, sheet):
    if not COLUMNS.is_file():
        pytest.skip("the reference is not here")
    ours = [name.replace("{n}", "1") if name.startswith(ONCE) else name for name in KNOWN[kind][sheet]]
    assert ours == json.loads(COLUMNS.read_text())[kind][sheet]

"""Documents say what is true today."""

import re
from pathlib import Path

from app.settings import ROOT, Settings


def test_every_setting_is_documented():
    table = (ROOT / "docs" / "settings.md").read_text()
    missing = [name for name in Settings.__dataclass_fields__ if f"`{name.upper()}`" not in table]
    assert not missing


def test_every_link_between_documents_leads_somewhere():
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", document.read_text()):
            assert Path(document.parent, target).exists(), f"{document.name} links to {target}"

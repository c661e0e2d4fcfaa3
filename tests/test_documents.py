"""Documents say what is true today."""

import re
from pathlib import Path

import pytest

from app.settings import ROOT, Settings

DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LONGEST_LINE = 120
FOLDERS = {"app", "bench", "chaos", "deploy", "docs", "migrations", "tests"}
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def test_every_setting_is_documented():
    table = (ROOT / "docs" / "settings.md").read_text()
    missing = [name for name in Settings.__dataclass_fields__ if f"`{name.upper()}`" not in table]
    assert not missing


def test_defaults_of_settings_are_those_of_the_code():
    rows = [line for line in (ROOT / "docs" / "settings.md").read_text().splitlines() if line.startswith("|")]
    defaults = {name: _written(field.default) for name, field in Settings.__dataclass_fields__.items()}
    told = {name: next(row for row in rows if f"`{name.upper()}`" in row) for name in defaults}
    assert {name for name, default in defaults.items() if default and f"`{default}`" not in told[name]} == set()


def _written(default: object) -> str:
    """The default as one would write it; empty where it is worked out."""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return "" if isinstance(default, Path) else str(default)


@every_document
def test_every_link_between_documents_leads_somewhere(document):
    for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", document.read_text()):
        assert Path(document.parent, target).exists(), f"{document.name} links to {target}"


@every_document
def test_every_heading_that_a_document_links_to_is_there(document):
    text = document.read_text()
    headings = {heading.lower().replace(",", "").replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


@every_document
def test_every_file_that_a_document_names_is_there(document):
    named = set(re.findall(r"`([a-z]+/[\w./]+)`", document.read_text()))
    missing = [path for path in named if path.split("/")[0] in FOLDERS and not (ROOT / path).exists()]
    assert not missing


@every_document
def test_every_command_that_a_document_names_is_there(app, document):
    for name in re.findall(r"\bflask ([a-z-]+)", document.read_text()):
        assert name in {"db", *app.cli.commands}, f"{document.name} names flask {name}"


@every_document
def test_no_line_of_a_document_is_too_long(document):
    assert [line for line in document.read_text().splitlines() if len(line) > LONGEST_LINE] == []

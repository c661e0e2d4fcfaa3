"""Everything that OpenREM needs to run may be used by an open source program, and the document says so."""

from tests.licences import DOCUMENT, VENDORED, is_compatible, licence, runtime


def test_every_licence_goes_with_an_open_source_release():
    told = {name: licence(package) for name, package in runtime().items()}
    assert not {name: text for name, text in told.items() if not is_compatible(text)}


def test_the_document_has_everything_with_its_version_and_licence():
    """Where this fails, `make licences`."""
    rows = DOCUMENT.read_text()
    missing = [
        name for name, one in runtime().items() if f"| {name} | {one.version} | {licence(one)} |" not in rows
    ]  # fmt: skip
    assert not missing
    assert all(f"| {name} | {version} |" in rows for name, (version, _) in VENDORED.items())


def test_strict_licences_are_told_from_those_that_are_for_libraries():
    assert is_compatible("LGPL-3.0-only") and is_compatible("MIT OR Apache-2.0")
    assert not is_compatible("GPL-3.0-or-later") and not is_compatible("GNU Affero General Public License v3")
    assert not is_compatible("not said") and not is_compatible("Proprietary")

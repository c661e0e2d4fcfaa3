"""The document gives its commands, and the whole walk is done where somebody asks for it."""

import os
import subprocess
import sys

import pytest

from app.settings import ROOT
from tests.walk.document import blocks
from tests.walk.machine import missing

DOCUMENT = (ROOT / "docs" / "deploy.md").read_text()


def test_the_document_leads_from_packages_to_the_doctor():
    found = blocks(DOCUMENT)
    assert found[0].fetches and "apt-get install" in found[0].commands
    assert [block.heading for block in found if "openrem doctor" in block.commands] == ["Is all well?", "Updates"]
    assert {"PostgreSQL", "Redis", "Settings", "Services", "nginx and TLS"} <= {block.heading for block in found}


def test_only_what_fetches_packages_may_use_the_network():
    words = ("apt-get", "pip install")
    assert [any(word in block.commands for word in words) for block in blocks(DOCUMENT)] == [
        block.fetches for block in blocks(DOCUMENT)
    ]


def test_every_line_is_a_command_that_bash_understands():
    for block in blocks(DOCUMENT):
        assert subprocess.run(["bash", "-n"], input=block.commands, text=True).returncode == 0, block.heading


@pytest.mark.skipif(not os.environ.get("WALK"), reason="WALK is not set: it takes minutes; make walk")
def test_the_whole_walk():
    if lacks := missing():
        pytest.fail(f"not here: {', '.join(lacks)}")
    assert subprocess.run([sys.executable, "-m", "tests.walk"], cwd=ROOT, timeout=1200).returncode == 0

"""`make chaos` in small: a site is broken twice, and nothing is lost."""

import json
import shutil
import subprocess
import sys

import pytest

from app.settings import ROOT
from tests.conftest import missing


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found and killed as on Linux")
def test_a_site_loses_nothing_when_its_listener_is_killed_and_a_line_is_cut(tmp_path):
    if shutil.which("storescu") is None:
        missing("no DCMTK here")
    figures = tmp_path / "figures.json"
    command = [
        sys.executable,
        "-m",
        "chaos",
        "--times",
        "1",
        "--only",
        "kill-listener",
        "--only",
        "cut",
    ]
    run = subprocess.run([*command, "--json", str(figures)], cwd=ROOT, capture_output=True, text=True, timeout=600)
    told = json.loads(figures.read_text()) if figures.exists() else []
    assert [one["verdict"]["wrong"] for one in told] == [[], []], run.stdout + run.stderr
    assert all(one["answered"] and one["verdict"]["stored"] for one in told)
    assert "Nothing was lost" in run.stdout or "answered only after" in run.stdout, run.stdout

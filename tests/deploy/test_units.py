"""The units for systemd are right, and what they run is shut in."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.listening import MOST_ASSOCIATIONS, Endpoint
from app.network.carrier import AT_ONCE
from app.network.server import STRANGERS, THREADS
from app.settings import ROOT
from tests.walk.document import blocks

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
BESIDE = AT_ONCE + 16  # threads of the listener that carry, sweep, tell and wait
MOST_EXPOSED = 15  # tenths of systemd's own scale, which ends at 100; above 50 it speaks of “medium”


@pytest.fixture
def analyze(tmp_path):
    """Asks systemd-analyze about our units, with programs that are there."""
    if shutil.which("systemd-analyze") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("not installed: systemd")
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    for path in folder.glob("*.service"):
        path.write_text(re.sub(r"(?m)^(Exec\w+=)/opt/openrem/\S+", rf"\g<1>{sys.executable}", path.read_text()))

    def ask(*words):
        environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{folder}:"}
        return subprocess.run(["systemd-analyze", *words], env=environment, capture_output=True, text=True)

    return ask


def instance(name: str) -> str:
    """A unit that can run; a template alone can't."""
    return name.replace("@.", "@1.")


@pytest.mark.parametrize("name", [*SERVICES, "openrem.target", "openrem-backup.timer"])
def test_systemd_has_nothing_to_say_against_it(analyze, name):
    answer = analyze("verify", "--man=no", "--recursive-errors=yes", instance(name))
    assert (answer.returncode, [line for line in answer.stderr.splitlines() if "openrem" in line]) == (0, [])


@pytest.mark.parametrize("name", SERVICES)
def test_it_can_do_little_harm(analyze, name):
    answer = analyze("security", "--offline=yes", "--no-pager", f"--threshold={MOST_EXPOSED}", instance(name))
    assert answer.returncode == 0, answer.stdout


def test_what_the_document_enables_is_what_flask_up_starts_and_the_target_starts_what_is_enabled():
    commands = [block.commands for block in blocks((ROOT / "docs" / "deploy.md").read_text())]
    enabled = set(re.findall(r"openrem-(\w+)", re.search(r"^systemctl enable openrem-.+", "".join(commands), re.M)[0]))
    assert enabled == {"web", "listener", "ingest", "export"}  # the syslog forwarder is for those who have a server
    assert "Wants=" not in (UNITS / "openrem.target").read_text()
    for name in (name for name in SERVICES if name != "openrem-backup.service"):
        assert "WantedBy=openrem.target\n" in (UNITS / name).read_text(), name


def test_a_backup_has_an_end_where_all_else_begins_again():
    common = UNITS / "openrem-.service.d" / "common.conf"
    once = UNITS / "openrem-backup.service.d" / "once.conf"
    assert "Restart=always" in common.read_text() and "Restart=no" in once.read_text()
    assert once.name > common.name, "systemd reads them in the order of their names; the last one counts"


def test_the_listener_may_have_the_threads_that_its_page_lets_people_ask_for():
    common = UNITS / "openrem-.service.d" / "common.conf"
    own = UNITS / "openrem-listener.service.d" / "threads.conf"
    most = int(re.search(r"^TasksMax=(\d+)$", own.read_text(), re.M)[1])
    others = Endpoint("another", "STORE").associations + STRANGERS  # a second port, as it is by default
    assert most > THREADS * (MOST_ASSOCIATIONS + STRANGERS + others) + BESIDE
    assert "TasksMax" in common.read_text() and own.name > common.name  # the last one counts


def test_every_program_is_one_of_ours():
    for name in SERVICES:
        words = re.search(r"ExecStart=/opt/openrem/\.venv/bin/(.+)", (UNITS / name).read_text())[1].split()
        files = [ROOT / word for word in words if word.endswith(".py")]
        assert all(map(Path.exists, files)) and words[0] in ("python", "flask"), name

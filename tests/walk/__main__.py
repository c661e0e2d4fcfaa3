"""Walk through docs/deploy.md on a clean machine, then visit the site as people and modalities do."""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from app.settings import ROOT
from tests.walk.document import Block, blocks
from tests.walk.machine import Machine, clean, missing, running

PASSWORD = "seventeen green umbrellas"
TYPED = f"{PASSWORD}\n{PASSWORD}\n"  # where a command asks for a password
SITE = "https://localhost/openrem"


def main() -> None:
    """Do it all; ends with the first command that fails."""
    if lacks := missing():
        sys.exit(f"not here: {', '.join(lacks)}")
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and the machine with us
    with tempfile.TemporaryDirectory(prefix="openrem-walk-", ignore_cleanup_errors=True) as folder:
        root = Path(folder, "root")
        root.mkdir()
        _tell(began, "a clean Debian")
        clean(root)
        archive = ["git", "archive", "--format=tar.gz", "--prefix=openrem/", "HEAD"]
        with open(root / "openrem.tar.gz", "wb") as file:
            subprocess.run(archive, cwd=ROOT, stdout=file, check=True)
        with running(root, "doseserver") as machine:
            document = blocks((ROOT / "docs" / "deploy.md").read_text())
            _walk(machine, began, document)
            _tell(began, "a visit over TLS, and a report by DICOM")
            visit = [sys.executable, "-m", "tests.walk.visit", SITE, str(root / "etc/ssl/doseserver.pem"), PASSWORD]
            _must(machine, machine.beside(*visit), "the visit")
            _tell(began, "every service killed")
            _must(machine, machine.run(KILL), "coming back")
            _must(machine, machine.beside(*visit), "the second visit")
            _must(machine, machine.run("touch /opt/openrem/before"), "a mark on this version")
            _walk(machine, began, [block for block in document if block.heading == "Updates"])
            _must(machine, machine.run("test -e /opt/openrem.old/before"), "keeping the version before the last update")
    _tell(began, "done")


def _walk(machine: Machine, began: float, document: list[Block]) -> None:
    for block in document:
        _tell(began, block.heading)
        print(block.commands, end="", flush=True)
        commands = f"cd /\n{block.commands}"
        _must(machine, machine.run(commands, network=block.fetches, answers=TYPED), f"“{block.heading}”")


# Each main process is killed; soon all is well again.
KILL = """
for unit in openrem-web openrem-listener openrem-ingest@1 openrem-export@1 openrem-export@2; do
    systemctl kill --kill-who=main --signal=KILL $unit
done
openrem doctor --wait 60
"""


def _must(machine: Machine, status: int, what: str) -> None:
    if status:
        machine.run("systemctl --failed --no-pager; journalctl --no-pager --lines=60 --output=cat")
        sys.exit(f"{what} ended with {status}")


def _tell(began: float, what: str) -> None:
    print(f"\n=== {time.monotonic() - began:4.0f} s  {what}", flush=True)


if __name__ == "__main__":
    main()

"""Modalities: DCMTK's storescu, and our own sender, which sends damaged files as they are."""

import os
import re
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from app.network.peer import NoAnswer, Peer, send
from app.settings import Settings
from chaos.ledger import Ledger
from chaos.objects import Made

CALM = os.environ | {"TCP_NODELAY": "1"}
PATIENCE_SECONDS = 15
SENDING = re.compile(r"Sending file: (\S+)")
TAKEN = re.compile(r"Received Store Response \(Success\)")


def dcmtk(settings: Settings, ledger: Ledger, objects: Sequence[Made], port: int = 0, on: Sequence[str] = ()) -> None:
    """Send them in one association with storescu, through another port or on another host where one is given.

    Words run a command on the host.
    """
    limits = ["--timeout", "5", "--acse-timeout", "5", "--dimse-timeout", str(PATIENCE_SECONDS)]
    address = ["-aec", settings.store_ae_title, settings.store_host, str(port or settings.store_port)]
    paths = {str(one.path): one.sop for one in objects}
    command = [*on, "storescu", "--verbose", *limits, *address, *paths]
    try:
        run = subprocess.run(command, capture_output=True, text=True, env=CALM, timeout=4 * PATIENCE_SECONDS)
        told = run.stdout + run.stderr
    except subprocess.TimeoutExpired as late:
        told = (late.stdout or b"").decode() + (late.stderr or b"").decode()
    ledger.note(objects, {paths[path] for path in _taken(told)})


def _taken(told: str) -> set[str]:
    """The files after whose name success was answered."""
    taken, sending = set(), ""
    for line in told.splitlines():
        if found := SENDING.search(line):
            sending = found[1]
        elif TAKEN.search(line):
            taken.add(sending)
    return taken


def ours(settings: Settings, ledger: Ledger, objects: Sequence[Made]) -> None:
    """Send them in one association with the sender of `flask dicom send`."""
    peer = Peer(settings.store_host, settings.store_port, settings.store_ae_title, seconds=PATIENCE_SECONDS)
    paths, taken = {one.path: one.sop for one in objects}, set()
    with suppress(NoAnswer):
        taken = {paths[one.path] for one in send(peer, list(paths)) if one.taken}
    ledger.note(objects, taken)

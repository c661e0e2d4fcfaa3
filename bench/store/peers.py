"""DCMTK's programs: what sends, and the storage SCP of theirs that ours is measured beside."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.samples import Copies, made
from tests.servers import free_port, wait_until

ABSENT = "There is no DCMTK here: install it (Debian: apt install dcmtk)."
# As they come, its programs hold small parts of a message back until the other side has acknowledged, for 40 ms.
AS_IT_COMES = {name: value for name, value in os.environ.items() if name != "TCP_NODELAY"}
AT_ONCE = AS_IT_COMES | {"TCP_NODELAY": "1"}
PATIENCE_SECONDS = 3600


def is_here() -> bool:
    """Whether DCMTK is installed."""
    return shutil.which("storescu") is not None and shutil.which("storescp") is not None


def write_reports(folder: Path, associations: int, each: int) -> list[Path]:
    """A folder for each association, with as many small reports, each a study of its own."""
    copies = Copies(made("CT", 5))
    folders = [folder / f"from{number:02}" for number in range(associations)]
    for number, one in enumerate(folders):
        one.mkdir(parents=True)
        for index in range(each):
            (one / f"{index:06}.dcm").write_bytes(copies.copy(number * each + index))
    return folders


def send(port: int, folders: Sequence[Path], environment: Mapping[str, str] = AT_ONCE) -> float:
    """How many seconds DCMTK's storescu takes to send the folders, each in an association of its own, all at once."""
    begun = time.perf_counter()
    command = ["storescu", "+sd", "127.0.0.1", str(port)]
    senders = [subprocess.Popen([*command, str(folder)], env=environment) for folder in folders]
    try:
        if any([sender.wait(timeout=PATIENCE_SECONDS) for sender in senders]):
            raise RuntimeError("an object was not answered with success")
    finally:
        for sender in senders:
            sender.kill()
    return time.perf_counter() - begun


@contextmanager
def storescp(folder: Path, environment: Mapping[str, str] = AT_ONCE) -> Iterator[int]:
    """The port of DCMTK's storescp, a process for each association; it syncs nothing."""
    folder.mkdir()
    port = free_port()
    command = ["storescp", "--fork", "--output-directory", str(folder), str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        ask = ["echoscu", "127.0.0.1", str(port)]
        wait_until(lambda: subprocess.run(ask, capture_output=True).returncode == 0, "storescp answers")
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        shutil.rmtree(folder)

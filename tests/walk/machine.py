"""A clean Debian in namespaces of its own, with systemd as its first process: a machine as far as its services know."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

RELEASE = "bookworm"
BOOT = Path(__file__).with_name("boot.sh")
NEEDED = ("debootstrap", "unshare", "nsenter", "pivot_root")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# How this machine reaches package servers is how the clean one does.
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL")
CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")
BOOT_SECONDS = 60


def missing() -> list[str]:
    """What this machine lacks to make another."""
    lacks = [name for name in NEEDED if shutil.which(name, path=PATH) is None]
    return lacks + (["the rights of root"] if os.geteuid() else [])


def clean(root: Path) -> None:
    """Debian's smallest system and systemd, in the folder; from a copy where one was made before."""
    kept = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "openrem-walk" / f"{RELEASE}.tar"
    if not kept.exists():
        words = ["--variant=minbase", "--include=systemd,systemd-sysv,ca-certificates,iproute2", RELEASE]
        subprocess.run(["debootstrap", *words, str(root)], check=True, stdout=subprocess.DEVNULL)
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(".part")
        subprocess.run(["tar", "--create", f"--file={draft}", f"--directory={root}", "."], check=True)
        draft.rename(kept)
    else:
        subprocess.run(["tar", "--extract", f"--file={kept}", f"--directory={root}"], check=True)
    for path in (Path("etc/resolv.conf"), CERTIFICATES):
        if Path("/", path).exists():
            shutil.copy(Path("/", path), root / path)


@dataclass
class Machine:
    """One that runs."""

    root: Path
    pid: int  # of its first process, as we see it

    def run(self, commands: str, network: bool = False, answers: str = "") -> int:
        """Give the exit code of a shell that does this; on a network only where it must, and with answers typed."""
        into = ["--mount", "--pid", "--uts", "--ipc", *([] if network else ["--net"])]
        words = [*self._enter(*into), "bash", "-euo", "pipefail", "-c", commands]
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ} if network else {}
        fixed = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        variables = fixed | passed | {"PIP_CERT": f"/{CERTIFICATES}", "PIP_ROOT_USER_ACTION": "ignore"}
        shell = subprocess.run(words, env=variables, input=answers, text=True, cwd="/")
        return shell.returncode

    def beside(self, *words: str) -> int:
        """The exit code of a program of ours that runs on the machine's network alone, with our files."""
        return subprocess.run([*self._enter("--net"), *words]).returncode

    def _enter(self, *namespaces: str) -> list[str]:
        return ["nsenter", f"--target={self.pid}", *namespaces, "--"]


@contextmanager
def running(root: Path, name: str):
    """The machine after its start; gone at the end with everything that runs on it."""
    group = f"walk-{os.getpid()}"
    words = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--uts", "--ipc", "--net"]
    with open(root.parent / "boot.log", "wb") as log:
        process = subprocess.Popen(
            [*words, "bash", str(BOOT), str(root), name, group], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        machine = Machine(root, _first_process(process))
        _wait_until_started(machine)
        yield machine
    finally:
        process.kill()
        process.wait()
        _drop_control_groups(group)


def _drop_control_groups(name: str) -> None:
    time.sleep(1)  # until the last of its processes is gone
    for top in [*Path("/sys/fs/cgroup").glob(name), *Path("/sys/fs/cgroup").glob(f"*/{name}")]:
        for folder in sorted((one for one in top.rglob("*") if one.is_dir()), reverse=True):
            with suppress(OSError):
                folder.rmdir()
        with suppress(OSError):
            top.rmdir()


def _first_process(process: subprocess.Popen) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        pids = children.read_text().split()
        if pids and Path(f"/proc/{pids[0]}/comm").read_text().strip() == "systemd":
            return int(pids[0])
        time.sleep(0.1)
    sys.exit("systemd did not start; boot.log says why")


def _wait_until_started(machine: Machine) -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    while machine.run("systemctl is-system-running 2>/dev/null | grep -Eq 'running|degraded'") != 0:
        if time.monotonic() > deadline:
            sys.exit("the clean machine did not come up")
        time.sleep(0.5)

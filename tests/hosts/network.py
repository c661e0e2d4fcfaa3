"""Hosts that are network namespaces, joined by a switch in one of its own: nothing touches this machine's network."""

import ctypes
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from app.commands import lifeline
from tests.servers import wait_until

PROGRAMS = ("ip", "nsenter", "setpriv", "unshare")
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"  # where Debian puts them
NETWORK, WIRE = "10.211.0", "10.211.1"  # addresses that nobody outside sees
BRIDGE = "bridge0"

T = TypeVar("T")


def lacking() -> list[str]:
    """The programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name, path=PLACES) is None]


def forbidden() -> str:
    """Why there can be no networks of our own, in words; nothing where there can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "networks of our own need root on Linux"
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        return "this machine lets nobody make networks"
    return ""


class Host:
    """A network of its own, which goes with its last process."""

    def __init__(self, name: str, address: str = ""):
        self.name, self.address = name, address
        self._holder = subprocess.Popen(ending_with_us(["unshare", "--net", "sleep", "infinity"]))
        ours = os.readlink("/proc/self/ns/net")
        wait_until(lambda: os.readlink(self.network) != ours, f"{name} has a network of its own")
        self.run("ip", "link", "set", "lo", "up")

    @property
    def network(self) -> str:
        """Where the system shows the namespace."""
        return f"/proc/{self._holder.pid}/ns/net"

    @property
    def enter(self) -> list[str]:
        """What a command line begins with that runs here."""
        return [which("nsenter"), f"--net={self.network}", "--"]

    def run(self, *words: str) -> None:
        """Run the command here; raises CalledProcessError."""
        subprocess.run([*self.enter, which(words[0]), *words[1:]], check=True, capture_output=True)

    def take(self, interface: str, address: str) -> None:
        """Have the address at the interface."""
        self.run("ip", "address", "add", f"{address}/24", "dev", interface)
        self.run("ip", "link", "set", interface, "up")

    def do(self, work: Callable[[], T]) -> T:
        """What the work gives, whose connections begin here: it runs in a thread that has entered."""
        given: list[T] = []
        raised: list[BaseException] = []

        def enter_and_work() -> None:
            try:
                _enter(self.network)
                given.append(work())
            except BaseException as error:
                raised.append(error)

        thread = threading.Thread(target=enter_and_work, name=self.name)
        thread.start()
        thread.join()
        if raised:
            raise raised[0]
        return given[0]

    def end(self) -> None:
        """Let go of it."""
        self._holder.kill()
        self._holder.wait()


class Network:
    """A switch, and what is plugged in."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self._switch = Host("switch")
        self._switch.run("ip", "link", "add", "name", BRIDGE, "type", "bridge")
        self._switch.run("ip", "link", "set", BRIDGE, "up")

    def add(self, name: str) -> Host:
        """A host at the switch."""
        number = len(self.hosts) + 1
        host = self.hosts[name] = Host(name, f"{NETWORK}.{number}")
        self._plug(self._switch, name, host, "eth0")
        self._switch.run("ip", "link", "set", name, "master", BRIDGE, "up")
        host.take("eth0", host.address)
        return host

    def wire(self, one: Host, another: Host) -> str:
        """A wire between two hosts that passes no switch; gives the address of the one at its end."""
        self._plug(one, "wire", another, "wire")
        one.take("wire", f"{WIRE}.1")
        another.take("wire", f"{WIRE}.2")
        return f"{WIRE}.1"

    def cut(self, name: str) -> None:
        """Nothing goes to the host or comes from it, and nobody is told."""
        self._switch.run("ip", "link", "set", name, "down")

    def join(self, name: str) -> None:
        """It is there again."""
        self._switch.run("ip", "link", "set", name, "up")

    def end(self) -> None:
        """Take it down; the namespaces go with their processes."""
        for host in (*self.hosts.values(), self._switch):
            host.end()

    @staticmethod
    def _plug(one: Host, its: str, another: Host, others: str) -> None:
        there = another.network.split("/")[2]  # the process that holds it
        one.run("ip", "link", "add", "name", its, "type", "veth", "peer", "name", others, "netns", there)


@contextmanager
def network() -> Iterator[Network]:
    """A network, gone at the end."""
    made = Network()
    try:
        yield made
    finally:
        made.end()


def ending_with_us(command: list[str]) -> list[str]:
    """The command as one that is ended when this process is, however that ends."""
    program = which(command[0]) or command[0]
    return [sys.executable, "-S", lifeline.__file__, str(os.getpid()), program, *command[1:]]


def which(program: str) -> str:
    """Where the program is."""
    return shutil.which(program, path=PLACES) or program


def _enter(network: str) -> None:
    """Let what this thread opens be in the namespace."""
    descriptor = os.open(network, os.O_RDONLY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(descriptor, os.CLONE_NEWNET if hasattr(os, "CLONE_NEWNET") else 0x40000000):
            raise OSError(ctypes.get_errno(), "can't enter the network")
    finally:
        os.close(descriptor)

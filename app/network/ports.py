"""The ports that a listener has, and how they become those that are wanted without cutting anybody off."""

import errno
import logging
import os
import threading
from contextlib import suppress

from app import heard
from app.listening import Endpoint, Store
from app.network.port import Port, rules
from app.network.visit import Place

Address = tuple[str, int]  # where we listen, as it was asked for

log = logging.getLogger(__name__)


class Ports:
    """All ports of a listener."""

    def __init__(self, place: Place):
        self.errors: dict[str, str] = {}  # why an endpoint is not as it was wanted, by its name
        self._place = place
        self._store: Store | None = None
        self._open: dict[Address, Port] = {}
        self._left: list[Port] = []  # closed, with associations that go on
        self._stamps: dict[str, float] = {}

    def be(self, wanted: Store) -> None:
        """Listen as is wanted; an endpoint that can't be had stays as it was, and `errors` says why."""
        errors: dict[str, str] = {}
        addresses = {(endpoint.host, endpoint.port) for endpoint in wanted.active}
        kept = set(addresses)
        for endpoint in wanted.active:
            try:
                self._set(wanted, endpoint, addresses)
            except OSError as failure:
                errors[endpoint.name] = _why(endpoint, failure)
                kept |= {address for address, port in self._open.items() if port.name == endpoint.name}
        for address in self._open.keys() - kept:
            self._leave(address)
        for port in self._open.values():
            if port.rules.store != wanted:  # its own settings can't be used, but everybody's can
                port.rules = rules(wanted, port.rules.endpoint, port.rules.tls)
        for name, error in errors.items():
            if self.errors.get(name) != error:
                log.error("%s", error)
        self._store, self.errors, self._stamps = wanted, errors, _stamps(wanted)

    def need_attention(self) -> bool:
        """Whether something should be tried again: a port that was taken, certificates that are new."""
        self._left = [port for port in self._left if port.associations]
        return bool(self.errors) or (self._store is not None and _stamps(self._store) != self._stamps)

    def state(self) -> list[heard.Running]:
        """How each endpoint is, for who looks."""
        running = {port.name: port for port in self._open.values()}
        return [
            running[endpoint.name].state(self.errors.get(endpoint.name, ""))
            if endpoint.name in running
            else _missing(endpoint, self.errors.get(endpoint.name, ""))
            for endpoint in (self._store.active if self._store else ())
        ]

    def end(self) -> None:
        """Close all, and end the associations."""
        ports = [*self._open.values(), *self._left]
        for address in list(self._open):
            self._leave(address)
        ending = [threading.Thread(target=port.end) for port in ports]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join()

    def _set(self, wanted: Store, endpoint: Endpoint, addresses: set[Address]) -> None:
        """Have a port for the endpoint. Raises OSError."""
        held_to = rules(wanted, endpoint)
        address = endpoint.host, endpoint.port
        if address in self._open:
            self._open[address].rules = held_to
            return
        in_the_way = [one for one in self._open if one[1] == endpoint.port and one not in addresses]
        try:
            self._open[address] = self._begin(address, held_to)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not in_the_way:
                raise
            self._replace(in_the_way[0], address, held_to)

    def _replace(self, old: Address, new: Address, held_to) -> None:
        """Have another address of the same port, or the old one again. Raises OSError."""
        before = self._open[old].rules
        self._leave(old)
        try:
            self._open[new] = self._begin(new, held_to)
        except OSError:
            with suppress(OSError):
                self._open[old] = self._begin(old, before)
            raise

    def _begin(self, address: Address, held_to) -> Port:
        port = Port(*address, self._place, held_to)
        endpoint = held_to.endpoint
        log.info("listening as %s on %s port %d", endpoint.ae_title, port.host, port.number)
        return port

    def _leave(self, address: Address) -> None:
        port = self._open.pop(address)
        port.close()
        self._left.append(port)
        log.info("listening no more on %s port %d", *address)


def _missing(endpoint: Endpoint, error: str) -> heard.Running:
    return heard.Running(
        endpoint.name,
        endpoint.ae_title,
        endpoint.host,
        endpoint.port,
        tls=endpoint.tls,
        since=None,
        error=error,
        associations=0,
    )


def _why(endpoint: Endpoint, error: OSError) -> str:
    """The sentence for people."""
    what = error.strerror or str(error)
    if error.errno == errno.EADDRINUSE:
        what = "another program has it"
    elif endpoint.tls and (error.filename or not error.errno or error.errno == errno.ENOENT):
        what = f"its certificates can't be used ({what})"
    return f"The listener on {endpoint.host} port {endpoint.port} cannot start: {what}"


def _stamps(store: Store) -> dict[str, float]:
    """When the certificates were last written, so that new ones are seen."""
    stamps = {}
    for endpoint in store.active:
        for name in (endpoint.certificate, endpoint.key, endpoint.authorities):
            if endpoint.tls and name:
                with suppress(OSError):
                    stamps[name] = os.stat(name).st_mtime
    return stamps

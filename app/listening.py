"""What the DICOM listener has to do: published by those who know the database, read by the listener without it.

The listener's order at its start is what is published in Redis, the copy of what it last used, the environment.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar, get_args, get_origin

from app.queue import QueueAway, shared_connection
from app.settings import Settings

KEY = "openrem:store"
COPY = "store.json"  # in the instance folder: what the listener last used
LONGEST_AE_TITLE = 16  # PS3.5, AE
MOST_ASSOCIATIONS = 1000  # at the same time at one port

T = TypeVar("T")


class WrongStore(ValueError):
    """What was published can't be used; the sentence says why."""


@dataclass(frozen=True)
class Sender:
    """Who may send: anything that is empty fits everybody."""

    ae_title: str = ""  # what the sender calls itself
    address: str = ""  # an IP address, or a network as 10.1.0.0/16
    active: bool = True  # one that is switched off is not known

    def fits(self, ae_title: str, address: str) -> bool:
        """Whether somebody of this title at this IP address is meant."""
        if self.ae_title and self.ae_title != ae_title:
            return False
        return not self.address or ip_address(_plain(address)) in ip_network(self.address, strict=False)


@dataclass(frozen=True)
class Endpoint:
    """One port at which the listener answers."""

    name: str  # what people call it; unique
    ae_title: str  # what modalities call us
    host: str = "0.0.0.0"  # address of ours to listen at; all of them where 0.0.0.0
    port: int = 8104
    check_called: bool = False  # refuse those who call us by another AE title
    associations: int = 50  # at the same time; those beyond are refused, and try again
    pdu_bytes: int = 131072  # the longest message part that we take
    acse_seconds: int = 30  # how long who connects may take to say what he wants
    dimse_seconds: int = 60  # how long a sender may pause within an object
    network_seconds: int = 600  # how long an association may stay open without a word
    tls: bool = False
    certificate: str = ""  # a file with our certificate and those between it and its authority, PEM
    key: str = ""  # a file with its private key, PEM without password; in the certificate's file where empty
    authorities: str = ""  # a file with certificates that vouch for senders, PEM
    client_certificates: bool = False  # refuse senders that the authorities do not vouch for
    active: bool = True  # one that is switched off keeps its settings, and listens nowhere


@dataclass(frozen=True)
class Store:
    """All that listeners are told."""

    version: int  # grows with each change; only whether two of them are equal counts
    listeners: tuple[Endpoint, ...]
    senders: tuple[Sender, ...] = ()
    only_known: bool = False  # refuse associations of those who are no sender of ours
    least_free_mb: int = 500  # with less free disk, in megabytes, nothing is taken
    accept_more: tuple[str, ...] = ()  # SOP class UIDs that are taken besides those that can carry dose

    @property
    def active(self) -> tuple[Endpoint, ...]:
        """The listeners that are switched on."""
        return tuple(endpoint for endpoint in self.listeners if endpoint.active)

    def knows(self, ae_title: str, address: str) -> bool:
        """Whether somebody of this title at this IP address is a sender of ours."""
        return any(sender.active and sender.fits(ae_title, address) for sender in self.senders)


def publish(settings: Settings, store: Store) -> None:
    """Tell all listeners, who follow within seconds. Raises QueueAway, and WrongStore for what none could use."""
    publish_current(settings, lambda: store)


def publish_current(settings: Settings, current: Callable[[], Store]) -> None:
    """Tell all listeners what is wanted by now, unless they are told so already. Raises as above.

    Where somebody else tells them meanwhile, we ask again what is wanted: what was read earlier and comes later must
    not take the place of what is newer. Versions would not do: a database that was restored has an older one.
    """

    def tell(pipeline: Any) -> None:
        text, store = pipeline.get(KEY), current()
        for problem in problems(store):
            raise WrongStore(problem)
        pipeline.multi()
        if not _says(text, store):
            pipeline.set(KEY, as_json(store))

    shared_connection(settings.redis_url).transaction(tell, KEY)


def published(settings: Settings) -> Store | None:
    """What is published; none where nothing is. Raises QueueAway, and WrongStore."""
    text = shared_connection(settings.redis_url).get(KEY)
    return None if text is None else from_json(text)


def of_environment(settings: Settings) -> Store:
    """What a listener does that nobody told anything."""
    endpoint = Endpoint("listener", settings.store_ae_title, settings.store_host, settings.store_port)
    return Store(0, (endpoint,))


def at_start(settings: Settings) -> Store:
    """What a listener that starts now begins with."""
    with suppress(QueueAway, WrongStore):
        if (store := published(settings)) is not None:
            return store
    with suppress(OSError, WrongStore):
        return from_json((settings.instance / COPY).read_text())
    return of_environment(settings)


def remember(settings: Settings, store: Store) -> None:
    """Keep a copy of what works, for a start without Redis. Raises OSError."""
    path = settings.instance / COPY
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        file.write(as_json(store))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def as_json(store: Store) -> str:
    """The store as text."""
    return json.dumps(asdict(store))


def from_json(text: str | bytes) -> Store:
    """The store of a text; what we do not know is left out, as a newer one writes it. Raises WrongStore."""
    try:
        given = json.loads(text)
        store = _read(Store, given)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise WrongStore(f"what was published can't be read: {error}") from None
    for problem in problems(store):
        raise WrongStore(problem)
    return store


def _says(text: bytes | None, store: Store) -> bool:
    with suppress(WrongStore):  # written by another version, or damaged
        return text is not None and from_json(text) == store
    return False


def problems(store: Store) -> Iterator[str]:
    """What no listener could do, as sentences for people."""
    if not store.listeners:
        yield "There is no listener"
    for what, taken in (
        ("name", [endpoint.name for endpoint in store.listeners]),
        ("port", [(endpoint.host, endpoint.port) for endpoint in store.listeners if endpoint.port]),
    ):
        if len(set(taken)) < len(taken):
            yield f"Two listeners have the same {what}"
    for endpoint in store.listeners:
        yield from _problems_of(endpoint)
    for sender in store.senders:
        yield from problems_of_sender(sender)
    for sop_class in store.accept_more:
        if not sop_class or len(sop_class) > 64 or set(sop_class) - set("0123456789."):
            yield f"“{sop_class}” is no SOP class UID"


def problems_of_sender(sender: Sender) -> Iterator[str]:
    """What is wrong with a sender, as sentences for people."""
    if sender.ae_title and not is_ae_title(sender.ae_title):
        yield _no_title(sender.ae_title)
    if sender.address:
        try:
            ip_network(sender.address, strict=False)
        except ValueError:
            yield f"“{sender.address}” is neither an IP address nor a network such as 10.1.0.0/16"


def is_ae_title(text: str) -> bool:
    """Whether the text is an AE title: up to 16 printable letters of ASCII without a backslash, not blank."""
    fits = 0 < len(text) <= LONGEST_AE_TITLE and text == text.strip()
    return fits and text.isascii() and text.isprintable() and "\\" not in text


def _problems_of(endpoint: Endpoint) -> Iterator[str]:
    named = f"Listener “{endpoint.name}”"
    if not is_ae_title(endpoint.ae_title):
        yield f"{named}: {_no_title(endpoint.ae_title)}"
    for what, least, most in (
        ("port", 0, 65535),
        ("associations", 1, MOST_ASSOCIATIONS),
        ("pdu_bytes", 4096, 16 * 1024 * 1024),
        ("acse_seconds", 1, 86400),
        ("dimse_seconds", 1, 86400),
        ("network_seconds", 1, 86400),
    ):
        if not least <= getattr(endpoint, what) <= most:
            yield f"{named}: {what} is {getattr(endpoint, what)}; it takes {least} to {most}"
    if endpoint.tls and not endpoint.certificate:
        yield f"{named}: TLS needs a certificate"
    if endpoint.tls and endpoint.client_certificates and not endpoint.authorities:
        yield f"{named}: to check senders' certificates, those who vouch for them are needed"


def _no_title(text: str) -> str:
    return f"“{text}” is no AE title: it takes 1 to {LONGEST_AE_TITLE} letters of ASCII without a backslash"


def _plain(address: str) -> str:
    """An IPv4 address also where a socket of IPv6 tells it; without its zone."""
    return address.removeprefix("::ffff:").partition("%")[0]


def _read(kind: type[T], given: dict[str, Any]) -> T:
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name in given:
            values[field.name] = _value(field.type, field.name, given[field.name])
    return kind(**values)


def _value(kind: Any, name: str, given: Any) -> Any:
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], name, one) for one in given)
    if kind in (Endpoint, Sender):
        return _read(kind, given)
    if type(given) is not kind:
        raise WrongStore(f"{name} is {given!r}, which is no {kind.__name__}")
    return given

"""Whether the DICOM listener answers, here or elsewhere, and what it says of itself."""

import socket
from collections.abc import Iterator

from pynetdicom import AE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from app import heard
from app.doctor.finding import Finding, attention, ok, wrong
from app.heard import Heartbeat, Running
from app.queue import QueueAway
from app.settings import Settings

PART = "Listener"
WAITS_SECONDS = 5
ANYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # the address that is this machine's own
TO_START = "Start it: systemctl start openrem-listener; journalctl -u openrem-listener says why it ended."


def examine(settings: Settings) -> Iterator[Finding]:
    """What listeners have told; and a C-ECHO to those on this machine, or to where one should be."""
    yield from _examine(settings, _told(settings))


def examine_here(settings: Settings) -> Iterator[Finding]:
    """The same of this machine alone: that others listen is not enough."""
    yield from _examine(settings, [one for one in _told(settings) if one.host == socket.gethostname()])


def _examine(settings: Settings, told: list[Heartbeat]) -> Iterator[Finding]:
    for heartbeat in told:
        yield from _of_heartbeat(heartbeat)
    here = [one for heartbeat in told if heartbeat.host == socket.gethostname() for one in heartbeat.endpoints]
    running = [(one.host, one.port, one.ae_title, one.tls) for one in here if not one.error]
    if not told:
        running = [(settings.store_host, settings.store_port, settings.store_ae_title, False)]
    for host, port, title, tls in dict.fromkeys(running):  # one that was killed is told of for a while beside the next
        yield _answer(ANYWHERE.get(host, host), port, title, tls)


def _told(settings: Settings) -> list[Heartbeat]:
    try:
        return heard.listeners(settings)
    except QueueAway:
        return []  # which is said elsewhere


def _of_heartbeat(heartbeat: Heartbeat) -> Iterator[Finding]:
    if heartbeat.full:
        yield wrong(
            PART,
            f"on {heartbeat.host} takes nothing: {heartbeat.free_mb:,} MB are free, and it wants "
            f"{heartbeat.least_free_mb:,} MB to stay so.",
            "Make room on the disk of its spool. It takes objects again by itself, and senders try again.",
        )
    if heartbeat.error:
        yield attention(PART, f"on {heartbeat.host} does not do as it was told: {heartbeat.error}", "Change it there.")
    if not heartbeat.endpoints:
        off = f"on {heartbeat.host} is switched off: nothing arrives."
        yield attention(PART, off, "Switch a listener on, under DICOM store.")
    for endpoint in heartbeat.endpoints:
        if endpoint.error:
            yield wrong(PART, _of_endpoint(heartbeat, endpoint), "Change its address, port or certificate.")
        elif heartbeat.host != socket.gethostname():
            yield ok(PART, f"on {heartbeat.host} listens as {endpoint.ae_title} on port {endpoint.port}.")


def _of_endpoint(heartbeat: Heartbeat, endpoint: Running) -> str:
    return f"“{endpoint.name}” on {heartbeat.host} does not listen on port {endpoint.port}: {endpoint.error}"


def _answer(host: str, port: int, title: str, tls: bool) -> Finding:
    try:
        socket.create_connection((host, port), timeout=WAITS_SECONDS).close()
    except OSError as error:
        return wrong(PART, f"does not answer on port {port}: {error.strerror or type(error).__name__}.", TO_START)
    if tls:
        return ok(PART, f"takes connections as {title} on port {port}, with TLS.")
    if _echoes(host, port, title):
        return ok(PART, f"answers C-ECHO as {title} on port {port}.")
    return attention(
        PART,
        f"takes connections on port {port}, but does not answer our C-ECHO to {title}.",
        "It may know other senders only, or another program has the port: see its log.",
    )


def _echoes(host: str, port: int, title: str) -> bool:
    entity = AE(ae_title="DOCTOR")
    entity.add_requested_context(Verification)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = WAITS_SECONDS
    association = entity.associate(host, port, ae_title=title)
    if not association.is_established:
        return False
    try:
        return association.send_c_echo().get("Status") == 0
    finally:
        association.release()

"""Whom a change would keep from sending: said before it is made, so that nobody locks modalities out unawares."""

from collections.abc import Iterator, Sequence

from app.heard import Association
from app.listening import Endpoint, Store
from app.reception.seen import Seen

MOST_NAMED = 5


def lockouts(before: Store, after: Store, told: Seen) -> list[str]:
    """Sentences for people; none where nobody is kept out who was not before."""
    return [
        *_unknown(before, after, told),
        *_none_left(before, after),
        *(sentence for endpoint in before.active for sentence in _of_listener(endpoint, after, told)),
        *_disk(before, after, told),
    ]


def _unknown(before: Store, after: Store, told: Seen) -> Iterator[str]:
    if not after.only_known:
        return
    if not any(sender.active for sender in after.senders):
        yield "No sender is known: nobody could send anything."
        return
    pairs = {(one.ae_title, one.address) for one in told.last}
    pairs |= {(one.ae_title, one.address) for one in told.associations if one.ae_title}
    out = [pair for pair in sorted(pairs) if not after.knows(*pair) and (not before.only_known or before.knows(*pair))]
    if out:
        yield f"{_named([f'{title} at {address}' for title, address in out])} sent lately and would be refused."


def _none_left(before: Store, after: Store) -> Iterator[str]:
    if before.active and not after.active:
        yield "Every listener would be switched off: nothing that modalities send would arrive."


def _of_listener(endpoint: Endpoint, after: Store, told: Seen) -> Iterator[str]:
    new = next((one for one in after.active if one.port == endpoint.port), None)
    if new is None:
        off = any(one.port == endpoint.port for one in after.listeners)
        more = "until it is switched on again" if off else "any more: whoever sends there has to be told another one"
        yield f"Nothing listens on port {endpoint.port} {more}."
        return
    if new.check_called and (new.ae_title, True) != (endpoint.ae_title, endpoint.check_called):
        others = sorted({one.called for one in _lately(endpoint, told) if one.called not in ("", new.ae_title)})
        if others:
            yield f"Senders lately called us {_named(others)}: they would be refused until they call us {new.ae_title}."
        elif new.ae_title != endpoint.ae_title:
            yield f"Whoever still calls us {endpoint.ae_title} would be refused."
    if new.tls and not endpoint.tls:
        yield f"Port {endpoint.port} would take TLS only: whoever sends without it would be refused."
    elif endpoint.tls and not new.tls:
        yield f"Port {endpoint.port} would take no TLS any more: whoever sends with it would be refused."
    if new.tls and new.client_certificates and not endpoint.client_certificates:
        yield "Senders without a certificate that the authorities vouch for would be refused."


def _disk(before: Store, after: Store, told: Seen) -> Iterator[str]:
    for one in told.listeners:
        if before.least_free_mb <= one.free_mb < after.least_free_mb:
            yield f"On {one.host} {one.free_mb:,} MB are free: nothing would be taken."


def _lately(endpoint: Endpoint, told: Seen) -> list[Association]:
    return [one for one in told.associations if one.endpoint == endpoint.name]


def _named(words: Sequence[str]) -> str:
    more = len(words) - MOST_NAMED
    return ", ".join(words[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")

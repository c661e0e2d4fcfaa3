"""Sign-in by LDAP: find the entry of a name, then ask the server whether the password is that entry's."""

import logging
import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPExceptionError, LDAPInvalidDnError
from ldap3.core.results import RESULT_BUSY, RESULT_SUCCESS, RESULT_UNAVAILABLE
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

from app.directory.configuration import SCHEMES, Ldap
from app.directory.person import Away, Person, roles_of

ISSUER = "ldap"  # the IDs of entries are the same wherever a directory moves to
SECONDS = 4  # to connect, and to wait for an answer
MOST_GROUPS = 1000  # of one person; Active Directory tells no more at once

Entry = dict[str, list[bytes]]  # values by the attribute's name in lower case; an entry has no attribute “dn”

log = logging.getLogger(__name__)


class Unusable(Exception):
    """A server does not answer as it should; another one may."""


def person(ldap: Ldap, name: str, password: str) -> Person | None:
    """Whose name and password these are, or nobody's. Raises Away where no server can say."""
    if not name.strip() or not password:
        return None  # to servers, a bind without a password is one of nobody, and succeeds
    for url in ldap.urls:
        try:
            return _person(ldap, url, name.strip(), password)
        except (Unusable, LDAPExceptionError, OSError) as error:
            log.warning("the directory at %s can't be asked: %s", url, error)
    raise Away("The directory does not answer as it should, so nobody can sign in by it now. Accounts of OpenREM work.")


def _person(ldap: Ldap, url: str, name: str, password: str) -> Person | None:
    with _connected(ldap, url) as connection:
        _bind_to_search(connection, ldap)
        found = _search(connection, ldap.user_base, ldap.user_filter, 2, _wanted(ldap), name=name)
        if len(found) != 1:
            return None  # of two, nobody knows which one was meant
        [(dn, entry)] = found
        if not dn or not _is_password(ldap, url, dn, password):
            return None
        subject, known_as = _id(entry, ldap.id_attribute), _text(entry, ldap.name_attribute)
        roles = roles_of(_groups(connection, ldap, dn, known_as, entry), ldap.roles, _plain)
        return Person(ISSUER, subject, known_as, roles)


@contextmanager
def _connected(ldap: Ldap, url: str, **whom: str | bytes) -> Iterator[Connection]:
    """A connection to the server, encrypted where it is to be, and not yet bound."""
    parts = urlsplit(url)
    server = Server(
        parts.hostname or "",
        parts.port or SCHEMES[parts.scheme],
        use_ssl=parts.scheme == "ldaps",
        tls=_Verified(ldap.ca_file),
        connect_timeout=SECONDS,
        get_info=NONE,
        allowed_referral_hosts=[],
    )
    connection = Connection(
        server, auto_referrals=False, receive_timeout=SECONDS, read_only=True, check_names=False, **whom
    )
    try:
        connection.open()
        if parts.scheme == "ldap" and ldap.starttls and not connection.start_tls(read_server_info=False):
            raise Unusable("it does not begin TLS")
        yield connection
    finally:
        connection.strategy.close()
        if connection.socket:
            connection.socket.close()  # where it could not be opened whole, ldap3 forgets it


class _Verified(Tls):
    """TLS as Python does it, certificate and name verified; ldap3's own way compares names by itself."""

    def __init__(self, ca_file: str):
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.context = ssl.create_default_context(cafile=ca_file or None)

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:
        """Encrypt the connection. Raises an OSError where the server is not who it says."""
        connection.socket = self.context.wrap_socket(connection.socket, server_hostname=connection.server.host)


def _bind_to_search(connection: Connection, ldap: Ldap) -> None:
    connection.user, connection.password = ldap.bind_dn or None, ldap.bind_password or None
    connection.authentication = "SIMPLE" if ldap.bind_dn else "ANONYMOUS"
    if not connection.bind(read_server_info=False):
        raise Unusable(f"it does not let us search: {connection.result['description']}")


def _is_password(ldap: Ldap, url: str, dn: str, password: str) -> bool:
    """Whether the server lets the entry in with the password."""
    # As bytes: of text, ldap3 drops signs that nobody sees, and a password of those alone would be none.
    raw = password.encode(errors="replace")
    with _connected(ldap, url, user=dn, password=raw, authentication="SIMPLE") as connection:
        right = connection.bind(read_server_info=False)
        if connection.result["result"] in (RESULT_BUSY, RESULT_UNAVAILABLE):
            raise Unusable(connection.result["description"])
        return right and connection.result["result"] == RESULT_SUCCESS


def _search(
    connection: Connection, base: str, pattern: str, limit: int, attributes: list[str], **parts: str
) -> list[tuple[str, Entry]]:
    """The entries that the filter finds below the base, each with its name; references to other servers left out."""
    for name, value in parts.items():
        pattern = pattern.replace(f"{{{name}}}", escape_filter_chars(value))
    connection.search(base, pattern, SUBTREE, attributes=attributes, size_limit=limit, time_limit=SECONDS)
    if connection.result["result"] != RESULT_SUCCESS:
        raise Unusable(f"a search below “{base}” ended with {connection.result['description']}")
    entries = [one for one in connection.response or [] if one["type"] == "searchResEntry"]
    return [(one["dn"], {name.lower(): raw for name, raw in one["raw_attributes"].items()}) for one in entries]


def _wanted(ldap: Ldap) -> list[str]:
    return [name for name in (ldap.name_attribute, ldap.id_attribute, ldap.groups_attribute) if name]


def _groups(connection: Connection, ldap: Ldap, dn: str, name: str, entry: Entry) -> set[str]:
    """What the entry says, and where groups are looked for, those by their whole and their short name."""
    groups = {_decoded(raw) for raw in entry.get(ldap.groups_attribute.lower(), [])}
    if ldap.group_base:
        found = _search(connection, ldap.group_base, ldap.group_filter, MOST_GROUPS, ["cn"], dn=dn, name=name)
        groups |= {group for group, _ in found} | {_decoded(raw) for _, of in found for raw in of.get("cn", [])}
    return groups


def _id(entry: Entry, attribute: str) -> str:
    """The ID as text; Active Directory has its in bytes."""
    raw = entry.get(attribute.lower()) or [b""]
    if attribute.lower() == "objectguid" and len(raw[0]) == 16:
        return str(uuid.UUID(bytes_le=raw[0]))
    return _text(entry, attribute)


def _text(entry: Entry, attribute: str) -> str:
    values = entry.get(attribute.lower()) or [b""]
    if not values[0]:
        raise Unusable(f"the entry of who signs in has no “{attribute}” that we may read")
    return _decoded(values[0])


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def _plain(group: str) -> str:
    """One form of each way to write a group's name: case and spaces between parts tell nothing apart."""
    try:
        parts = parse_dn(group, strip=True)
    except LDAPInvalidDnError:
        return group.casefold()
    return ",".join(f"{attribute}={value}" for attribute, value, _ in parts).casefold()

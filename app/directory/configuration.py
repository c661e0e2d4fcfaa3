"""What a site has set of its directory, checked: half a setting is worse than none."""

import ssl
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from typing import Any, ClassVar, Protocol
from urllib.parse import SplitResult, urlsplit

from app.settings import WrongSetting

SCHEMES = {"ldap": 389, "ldaps": 636}
LONGEST_ISSUER = 255  # characters, as the column

Roles = tuple[tuple[str, str], ...]  # group and role


@dataclass(frozen=True)
class Oidc:
    """A provider of OpenID Connect, and what its answers are called."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str
    name_claim: str
    groups_claim: str
    label: str  # of the button: who it is
    roles: Roles
    ca_file: str


@dataclass(frozen=True)
class Ldap:
    """Servers that know the same people, and where in them people and groups are."""

    urls: tuple[str, ...]  # in the order in which they are asked
    starttls: bool
    bind_dn: str
    bind_password: str = field(repr=False)
    user_base: str
    user_filter: str
    name_attribute: str
    id_attribute: str
    groups_attribute: str
    group_base: str
    group_filter: str
    roles: Roles
    ca_file: str


@dataclass(frozen=True)
class Directory:
    """How people of a directory sign in; neither where the site has not set it."""

    oidc: Oidc | None
    ldap: Ldap | None


class Chosen(Protocol):
    """The settings that are read here; app.settings says what each means."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    directory_roles: str
    directory_ca_file: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    oidc_scopes: str
    oidc_name_claim: str
    oidc_groups_claim: str
    oidc_label: str
    ldap_url: tuple[str, ...]
    ldap_starttls: bool
    ldap_unprotected: bool
    ldap_bind_dn: str
    ldap_bind_password: str
    ldap_user_base: str
    ldap_user_filter: str
    ldap_name_attribute: str
    ldap_id_attribute: str
    ldap_groups_attribute: str
    ldap_group_base: str
    ldap_group_filter: str


def configured(chosen: Chosen, roles: frozenset[str]) -> Directory:
    """The directory that is set. Raises WrongSetting with what is wrong or missing."""
    _check_certificates(chosen.directory_ca_file)
    oidc = _oidc(chosen, roles) if _begun(chosen, "oidc") else None
    ldap = _ldap(chosen, roles) if _begun(chosen, "ldap") else None
    return Directory(oidc, ldap)


def is_loopback(host: str | None) -> bool:
    """Whether the name is this machine's own, so that nobody else hears what is said."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_protected(address: str) -> bool:
    """Whether what is said at the address is encrypted, or stays on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    )


def _begun(chosen: Chosen, kind: str) -> bool:
    """Whether anything was set: a mistyped name of one setting must not hide the rest."""
    of_kind = [setting for setting in fields(chosen) if setting.name.startswith(f"{kind}_")]
    return any(getattr(chosen, setting.name) != setting.default for setting in of_kind)


def _oidc(chosen: Chosen, roles: frozenset[str]) -> Oidc:
    for name in ("oidc_issuer", "oidc_client_id", "oidc_client_secret"):
        _require(chosen, name, "OpenID Connect")
    if not is_protected(chosen.oidc_issuer) or len(chosen.oidc_issuer) > LONGEST_ISSUER:
        raise WrongSetting(f"OIDC_ISSUER is “{chosen.oidc_issuer}”; it takes an address that begins with https://")
    if "openid" not in chosen.oidc_scopes.split():
        raise WrongSetting(f"OIDC_SCOPES is “{chosen.oidc_scopes}”; “openid” has to be among them")
    return Oidc(
        issuer=chosen.oidc_issuer,
        client_id=chosen.oidc_client_id,
        client_secret=chosen.oidc_client_secret,
        scopes=chosen.oidc_scopes,
        name_claim=chosen.oidc_name_claim,
        groups_claim=chosen.oidc_groups_claim,
        label=chosen.oidc_label,
        roles=_roles(chosen.directory_roles, roles),
        ca_file=chosen.directory_ca_file,
    )


def _ldap(chosen: Chosen, roles: frozenset[str]) -> Ldap:
    for name in ("ldap_url", "ldap_user_base"):
        _require(chosen, name, "LDAP")
    for url in chosen.ldap_url:
        _check_server(url, chosen)
    if bool(chosen.ldap_bind_dn) != bool(chosen.ldap_bind_password):
        raise WrongSetting("LDAP_BIND_DN and LDAP_BIND_PASSWORD belong together: set both, or neither")
    if "{name}" not in chosen.ldap_user_filter:
        raise WrongSetting(f"LDAP_USER_FILTER is “{chosen.ldap_user_filter}”; it needs {{name}} where the name belongs")
    if chosen.ldap_group_base and not any(part in chosen.ldap_group_filter for part in ("{dn}", "{name}")):
        raise WrongSetting(f"LDAP_GROUP_FILTER is “{chosen.ldap_group_filter}”; it needs {{dn}} or {{name}}")
    same = [name for name in Ldap.__dataclass_fields__ if name not in ("urls", "roles", "ca_file")]
    values = {name: getattr(chosen, f"ldap_{name}") for name in same}
    mapping = _roles(chosen.directory_roles, roles)
    return Ldap(urls=chosen.ldap_url, roles=mapping, ca_file=chosen.directory_ca_file, **values)


def _check_server(url: str, chosen: Chosen) -> None:
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname or not _has_sound_port(parts) or parts.path.strip("/"):
        raise WrongSetting(
            f"LDAP_URL is “{url}”; it takes ldaps://server or ldap://server, with a port where it is another"
        )
    readable = parts.scheme == "ldap" and not chosen.ldap_starttls
    if readable and not is_loopback(parts.hostname) and not chosen.ldap_unprotected:
        raise WrongSetting(
            f"With LDAP_STARTTLS=no everybody on the way to “{url}” reads passwords. Use ldaps:// or "
            "LDAP_STARTTLS=yes; LDAP_UNPROTECTED=yes accepts it"
        )


def _check_certificates(file: str) -> None:
    try:
        ssl.create_default_context(cafile=file or None)
    except OSError as error:
        raise WrongSetting(f"DIRECTORY_CA_FILE is “{file}”, which has no certificates to read ({error})") from None


def _has_sound_port(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def _require(chosen: Chosen, name: str, what: str) -> None:
    if not getattr(chosen, name):
        raise WrongSetting(f"{name.upper()} is not set; without it people can't sign in by {what}")


def _roles(text: str, known: frozenset[str]) -> Roles:
    """Groups and their roles from “group=role; group=role”; a group's name may have equals signs."""
    pairs = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        group, separator, role = (word.strip() for word in part.rpartition("="))
        if not separator or not group or role not in known:
            raise WrongSetting(
                f"DIRECTORY_ROLES has “{part}”; it takes group=role, with one of {', '.join(sorted(known))}"
            )
        pairs.append((group, role))
    if not pairs:
        raise WrongSetting("DIRECTORY_ROLES is not set; without it nobody of the directory may do anything")
    return tuple(pairs)

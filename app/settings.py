"""Every setting, read once from the environment. Each field says what it means and in which unit."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from urllib.parse import quote, urlsplit

from app.identity import HASHED, NONE, STORED, Identity

ROOT = Path(__file__).resolve().parent.parent
KEYED = ("patient_id", "patient_name")  # settings that want hashes to be keyed
# By the end of a setting's name: the least and the most. A session ends after a week anyway, and dates have an end.
LIMITS = {"session_hours": (1, 168), "_days": (0, 36_500), "_port": (0, 65_535)}
# By the usual spellings of the beginning of a database's address.
DRIVERS = dict.fromkeys(("postgres", "postgresql"), "postgresql+psycopg") | dict.fromkeys(
    ("mysql", "mariadb"), "mysql+pymysql"
)
QUEUE, DISK, LISTENER, FAILURES, ROOMS = ALARM_KINDS = ("queue", "disk", "listener", "failures", "rooms")
LONGEST_SOCKET_PATH = 100  # bytes; macOS allows 103, Linux 107


class WrongSetting(ValueError):
    """A site can't start as it was set; the sentence says what is wrong."""


@dataclass(frozen=True)
class Settings:
    """What a site can choose; environment variables carry the same names in capitals."""

    instance: Path = ROOT / "instance"  # where everything this site writes lives, unless set apart below
    database_url: str = ""  # SQLAlchemy address; SQLite under the instance folder where empty
    redis_url: str = ""  # an embedded server on a Unix socket under the instance folder where empty
    media_root: Path = Path()  # refused objects and exports; <instance>/media where empty
    spool: Path = Path()  # what the listener receives, until a worker has it; <media_root>/spool where empty
    storage_url: str = ""  # where the files are that all machines need; below media_root where empty
    storage_endpoint: str = ""  # address of a store that speaks as S3 does; Amazon's where empty
    storage_key: str = ""  # as whom we ask the store; what its own tools would take where empty
    storage_secret: str = field(default="", repr=False)  # what proves to it that it is us
    storage_secret_file: str = ""  # a file with the secret, where it is not in the environment
    secret_key: str = ""  # signs sessions; made once and kept in <instance>/secret_key where empty

    audit_secret: str = ""  # keys the chain of the audit; made once and kept in <instance>/audit_secret where empty

    syslog_host: str = ""  # hears of each entry of the audit, as a DICOM audit message; nobody does where empty
    syslog_port: int = 0  # of that server; 0 means the usual one: 514 (udp), 601 (tcp), 6514 (tls)
    syslog_protocol: Literal["udp", "tcp", "tls"] = "udp"
    syslog_ca: str = ""  # file with the certificates that vouch for a server over tls; the system's where empty

    web_host: str = "127.0.0.1"
    web_port: int = 8000
    web_workers: int = 2  # processes of the web server
    web_threads: int = 4  # in each of them
    allowed_hosts: tuple[str, ...] = ()  # names that browsers know the site by; see web/hosts.py where empty
    proxies: int = 0  # web servers in front of ours, each of which tells whom it speaks for
    store_ae_title: str = "STOREOPENREM"  # what modalities call us
    store_host: str = "0.0.0.0"  # the listener is for modalities, which are elsewhere
    store_port: int = 8104
    store_address: str = ""  # that modalities reach the listener at, as pages show it; found out where empty
    # Whether objects are deleted once they were read, by their kind; else the database keeps them, without their
    # patient. These, and the three lines above, are what the pages of the DICOM store begin with.
    rm_dcm_rdsr: bool = False  # dose reports
    rm_dcm_mg: bool = False  # mammography images
    rm_dcm_dx: bool = False  # radiography and fluoroscopy images
    rm_dcm_ctphil: bool = False  # secondary captures of CT
    rm_dcm_nm: bool = False  # nuclear medicine and PET images
    rm_dcm_nomatch: bool = True  # what says nothing of dose, of which a line stays
    keep_refused_days: int = 30  # how long refused objects that are no dose objects are kept; 0 means for ever
    keep_failed_days: int = 0  # the same for objects that could not be read
    upload_mb: int = 2000  # that an administrator may upload at a time, in megabytes
    upload_unpacked_mb: int = 20_000  # that an uploaded archive may unpack to
    keep_uploads_days: int = 7  # how long the names of uploaded files and their verdicts are kept; 0 means for ever
    keep_size_imports_days: int = 90  # the same for the logs and rejected rows of size imports; 0 means for ever
    sweep_seconds: int = 5  # how often the listener looks for files that the queue has not heard of
    workers: int = 1  # processes that read dose objects
    export_workers: int = 2  # processes that make exports and do other long work, each one thing at a time
    keep_exports_days: int = 30  # how long exports are kept after they ended; 0 means for ever
    xlsx_date: str = "yyyy-mm-dd"  # how dates look in workbooks, in the letters of spreadsheets
    xlsx_time: str = "hh:mm:ss"  # the same for times of the day

    keep_jobs_days: int = 90  # how long jobs that are over are listed, with what came of them; 0 means for ever
    keep_jobs: int = 2000  # how many of them at most; 0 means any number
    keep_objects_days: int = 0  # how long dose objects are kept to be read again; 0 means for ever

    log_format: Literal["text", "json"] = "text"  # lines for people, or JSON objects for programs
    log_file: str = ""  # where all processes write their log; the standard error of each where empty
    log_mb: int = 20  # megabytes after which the file is put aside; 0 leaves that to others, as logrotate
    log_files: int = 9  # files put aside that are kept
    log_requests: bool = False  # a line for each request: what it was for, how it ended, how long it took

    metrics_from: tuple[str, ...] = ()  # addresses, or networks as 10.1.0.0/16, that may ask for /metrics
    metrics_token: str = field(default="", repr=False)  # what who asks for it has to know; it is off without either
    metrics_token_file: str = ""  # a file with the token, where it is not in the environment

    alarms: tuple[str, ...] = ALARM_KINDS  # what the alarm is raised about
    alarm_queue_minutes: int = 30  # after which what waits in a queue waits too long
    alarm_disk_mb: int = 2000  # free megabytes below which a disk is low
    alarm_failures: int = 20  # objects that could not be read within an hour
    alarm_room_days: int = 1  # working days for which any room may be silent
    alarm_to: tuple[str, ...] = ()  # who hears of it by mail; nobody does where empty
    alarm_from: str = ""  # whom the mails come from; openrem at this machine where empty
    alarm_mails: int = 20  # a day, at most
    smtp_host: str = ""  # the server that takes mails; none are sent where empty
    smtp_port: int = 0  # 0 means the usual one: 25 (none), 587 (starttls), 465 (tls)
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_ca: str = ""  # file with the certificates that vouch for it; the system's where empty
    smtp_user: str = ""  # as whom we sign in there; not at all where empty
    smtp_password: str = field(default="", repr=False)  # the password of that
    smtp_password_file: str = ""  # a file with the password, where it is not in the environment

    test_patient_name_patterns: tuple[str, ...] = ("phy", "test", "qa")  # in a name: not a real patient
    test_patient_id_patterns: tuple[str, ...] = ("phy", "test", "qa")  # the same in an ID
    patient_id: Literal["none", "hashed", "stored"] = "none"  # what is kept of it, to find studies of one patient
    patient_name: Literal["none", "hashed", "stored"] = "none"  # the same of the name
    patient_birth_date: Literal["none", "stored"] = "none"  # the same of the date of birth; the age is always kept
    accession_number: Literal["none", "hashed", "stored"] = "stored"  # the same of the accession number
    staff_names: Literal["none", "hashed", "stored"] = "stored"  # the same of physicians and operators
    patient_id_secret: str = ""  # keys the hashes; made once and kept in <instance>/patient_id_secret where empty
    related_weeks: int = 12  # before and after a study in which its page shows others of the same patient
    home_days: tuple[int, ...] = (7, 28)  # the first page counts the studies of so many last days
    common_passwords: str = ""  # a file of passwords that nobody may have, one a line, besides those refused anyway
    session_hours: int = 8  # a sign-in ends after so long without a click

    directory_roles: str = ""  # what people of the directory may: “group=role; group=role”
    directory_ca_file: str = ""  # certificates that the directory's servers are trusted by; the system's where empty
    oidc_issuer: str = ""  # address of the provider of OpenID Connect; none where empty
    oidc_client_id: str = ""  # what the provider calls us
    oidc_client_secret: str = field(default="", repr=False)  # what proves to it that it is us
    oidc_client_secret_file: str = ""  # a file with the secret, where it is not in the environment
    oidc_scopes: str = "openid profile"  # what we ask the provider for
    oidc_name_claim: str = "preferred_username"  # what of its answer is the user name
    oidc_groups_claim: str = "groups"  # what of its answer are the groups
    oidc_label: str = "your organisation"  # the button says “Sign in with …”
    ldap_url: tuple[str, ...] = ()  # servers of the directory, asked in turn; none where empty
    ldap_starttls: bool = True  # TLS also at ldap:// addresses
    ldap_unprotected: bool = False  # without TLS also to servers elsewhere, so that the network reads passwords
    ldap_bind_dn: str = ""  # as whom we look for people; anonymously where empty
    ldap_bind_password: str = field(default="", repr=False)  # the password of that
    ldap_bind_password_file: str = ""  # a file with the password, where it is not in the environment
    ldap_user_base: str = ""  # below which entry people are
    ldap_user_filter: str = "(uid={name})"  # finds the entry of a name
    ldap_name_attribute: str = "uid"  # what of the entry is the user name
    ldap_id_attribute: str = "entryUUID"  # what of the entry never changes
    ldap_groups_attribute: str = "memberOf"  # what of the entry are the groups
    ldap_group_base: str = ""  # below which entry groups are looked for; where empty they are not
    ldap_group_filter: str = "(member={dn})"  # finds the groups of a person

    @property
    def test_patient_patterns(self) -> dict[str, tuple[str, ...]]:
        """What marks a test patient, by where it is looked for."""
        return {"name": self.test_patient_name_patterns, "ID": self.test_patient_id_patterns}

    @property
    def identity(self) -> Identity:
        """What is kept of who patients are."""
        return Identity(
            self.patient_id,
            self.patient_id_secret,
            name=self.patient_name,
            accession=self.accession_number,
            birth_date=self.patient_birth_date,
            staff=self.staff_names,
        )

    @property
    def measures(self) -> bool:
        """Whether anybody may ask for figures, so that it is worth counting."""
        return bool(self.metrics_from or self.metrics_token)

    @property
    def mails(self) -> bool:
        """Whether anybody hears of alarms by mail."""
        return bool(self.smtp_host and self.alarm_to)

    @property
    def identifies(self) -> bool:
        """Whether anything is kept that says in plain words who a patient is."""
        return STORED in (self.patient_id, self.patient_name, self.patient_birth_date)

    @property
    def embedded_redis(self) -> bool:
        """Whether we start the queue's server ourselves."""
        return self.redis_url == _socket_url(self.redis_socket)

    @property
    def redis_socket(self) -> Path:
        """The Unix socket of the embedded server, in a folder of its own elsewhere where the path would be too long."""
        socket = self.instance / "redis.sock"
        if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
            return socket
        name = hashlib.sha256(os.fsencode(self.instance)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"openrem-{os.getuid()}-{name}" / "redis.sock"


# Secrets that may be in a file of the site's own, which another setting names.
IN_FILES = tuple(name for name in Settings.__dataclass_fields__ if f"{name}_file" in Settings.__dataclass_fields__)


def keep_files_private() -> None:
    """Let nobody else on this machine read what this process writes: reports name patients."""
    os.umask(0o077)


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. Raises WrongSetting for a value that is not of its kind."""
    given = {name: environ[name.upper()] for name in Settings.__dataclass_fields__ if environ.get(name.upper())}
    values = {name: _parse(name, text) for name, text in given.items()}
    instance = Path(values.setdefault("instance", Settings.instance)).resolve()
    values["instance"] = instance
    values.setdefault("database_url", f"sqlite:///{instance / 'openrem.db'}")
    values["database_url"] = _with_driver(values["database_url"])
    values.setdefault("redis_url", _socket_url(Settings(instance=instance).redis_socket))
    values.setdefault("media_root", instance / "media")
    values.setdefault("spool", values["media_root"] / "spool")
    values.setdefault("secret_key", _kept_secret(instance / "secret_key"))
    values.setdefault("audit_secret", _kept_secret(instance / "audit_secret"))
    # A site that hashes no more still finds what it has hashed.
    hashing = instance / "patient_id_secret"
    if hashing.exists() or any(values.get(name, NONE) != NONE for name in KEYED) or HASHED in values.values():
        values.setdefault("patient_id_secret", _kept_secret(hashing))
    for name in IN_FILES:
        if file := values.get(f"{name}_file"):
            values.setdefault(name, _given_secret(name, file))
    if unknown := set(values.get("alarms", ())) - {*ALARM_KINDS, "none"}:
        raise WrongSetting(f"ALARMS has “{unknown.pop()}”; it takes {', '.join(ALARM_KINDS)}, or none")
    for one in values.get("metrics_from", ()):
        _check_network("METRICS_FROM", one)
    settings = Settings(**values)
    _check_storage(settings)
    return settings


def _check_storage(settings: Settings) -> None:
    if not settings.storage_url:
        return
    parts = urlsplit(settings.storage_url)
    is_folder = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    if "@" in parts.netloc:
        raise WrongSetting("STORAGE_URL has a password in it; STORAGE_KEY and STORAGE_SECRET take it")
    if not is_folder and not (parts.scheme == "s3" and parts.netloc):
        sentence = "it takes file:///a/folder, which all machines share, or s3://bucket/prefix"
        raise WrongSetting(f"STORAGE_URL is “{settings.storage_url}”; {sentence}")
    if parts.scheme == "s3" and find_spec("s3fs") is None:
        sentence = "which needs s3fs: install requirements-s3.txt"
        raise WrongSetting(f"STORAGE_URL is “{settings.storage_url}”, {sentence}")
    if bool(settings.storage_key) != bool(settings.storage_secret):
        raise WrongSetting("STORAGE_KEY and STORAGE_SECRET need each other: give both, or none")
    endpoint = urlsplit(settings.storage_endpoint)
    if settings.storage_endpoint and not (endpoint.scheme in ("http", "https") and endpoint.netloc):
        raise WrongSetting(f"STORAGE_ENDPOINT is “{settings.storage_endpoint}”; it takes https://host:port")


def _check_network(name: str, text: str) -> None:
    try:
        ip_network(text, strict=False)
    except ValueError:
        sentence = f"{name} has “{text}”; it takes IP addresses, and networks such as 10.1.0.0/16"
        raise WrongSetting(sentence) from None


def _parse(name: str, text: str):
    kind: Any = Settings.__dataclass_fields__[name].type
    if kind is bool:
        if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise WrongSetting(f"{name.upper()} is “{text}”; it takes yes or no")
        return text.lower() in ("1", "true", "yes")
    if get_origin(kind) is Literal:
        if text.lower() not in get_args(kind):
            raise WrongSetting(f"{name.upper()} is “{text}”; it takes one of {', '.join(get_args(kind))}")
        return text.lower()
    if get_origin(kind) is tuple:
        return tuple(_of_kind(get_args(kind)[0], name, part.strip()) for part in text.split(",") if part.strip())
    return _of_kind(kind, name, text)


def _of_kind(kind: Any, name: str, text: str):
    try:
        value = kind(text)
    except ValueError:
        raise WrongSetting(f"{name.upper()} is “{text}”; it takes a whole number") from None
    if kind is int:
        _check_limits(name, value)
    return value


def _check_limits(name: str, value: int) -> None:
    least, most = next((limits for end, limits in LIMITS.items() if name.endswith(end)), (0, None))
    if value < least or (most is not None and value > most):
        words = f"at least {least}" if most is None else f"a number from {least} to {most}"
        raise WrongSetting(f"{name.upper()} is “{value}”; it takes {words}")


def _with_driver(url: str) -> str:
    """PostgreSQL, MariaDB and MySQL addresses get the driver that we ship, whichever of the usual spellings is used."""
    scheme, separator, rest = url.partition("://")
    return f"{DRIVERS.get(scheme, scheme)}://{rest}" if separator else url


def _socket_url(socket: Path) -> str:
    return f"unix://{quote(str(socket))}"


def _given_secret(name: str, file: str) -> str:
    """The secret in a file of the site's own."""
    try:
        return Path(file).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{name.upper()}_FILE is “{file}”, which can't be read ({type(error).__name__})") from None


def _kept_secret(path: Path) -> str:
    """The secret in the file, made on first use; two processes that start at once get the same one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=path.parent)
        with open(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        # A link appears whole or not at all, and never replaces the file of a process that was quicker.
        with suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text()

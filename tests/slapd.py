"""A real OpenLDAP server with a few people, on ports of this machine; gone with everything in it at the end."""

import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ldap3 import MODIFY_ADD, MODIFY_DELETE, Connection, Server

from tests.certificates import self_signed
from tests.servers import free_port, wait_until

PLACES = "/usr/sbin:/usr/bin:/usr/local/bin:/usr/lib/openldap:/usr/libexec"
BASE, PEOPLE, GROUPS = "dc=hospital,dc=example", "ou=people,dc=hospital,dc=example", "ou=groups,dc=hospital,dc=example"
ROOT, ROOT_PASSWORD = f"cn=root,{BASE}", "root's own password"
SEARCHER, SEARCHER_PASSWORD = f"cn=openrem,{BASE}", "what openrem searches with"
PASSWORD = "the password at the hospital"
SITE_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile {folder}/pid
TLSCertificateFile {folder}/site.pem
TLSCertificateKeyFile {folder}/site.key
# As some directories do: a bind with a name and no password succeeds, as one of nobody.
allow bind_anon_cred
database mdb
suffix {base}
rootdn {root}
rootpw "{password}"
directory {folder}/data
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn="{searcher}" read by * none
"""


def missing() -> list[str]:
    """What has to be installed first."""
    return [name for name in ("slapd", "openssl") if shutil.which(name, path=PLACES) is None]


@dataclass
class Slapd:
    """Where the server is, and the certificate that it shows to who says localhost."""

    plain: str  # its address where StartTLS begins TLS
    tls: str
    certificate: Path

    @property
    def environment(self) -> dict[str, str]:
        """Settings of a site that asks this server."""
        return {
            "LDAP_URL": self.tls,
            "DIRECTORY_CA_FILE": str(self.certificate),
            "LDAP_BIND_DN": SEARCHER,
            "LDAP_BIND_PASSWORD": SEARCHER_PASSWORD,
            "LDAP_USER_BASE": PEOPLE,
            "DIRECTORY_ROLES": f"cn=Dose viewers,{GROUPS}=viewgroup; CN=dose admins, {GROUPS}=admingroup",
        }

    @contextmanager
    def edited(self):
        """A connection of somebody who may change everything."""
        server = Server(self.plain, get_info="NONE")
        with Connection(server, ROOT, ROOT_PASSWORD, raise_exceptions=True, check_names=False) as connection:
            yield connection

    def add_person(self, uid: str, **attributes: str) -> str:
        """Somebody with the password for tests; the entry's name."""
        dn = f"uid={uid},{PEOPLE}"
        with self.edited() as connection:
            told = {"sn": uid, "cn": uid, "userPassword": PASSWORD} | attributes
            connection.add(dn, "inetOrgPerson", told)
        return dn

    def add_group(self, name: str, *members: str) -> None:
        """A group of these entries."""
        with self.edited() as connection:
            connection.add(f"cn={name},{GROUPS}", "groupOfNames", {"member": list(members)})

    def join(self, group: str, member: str) -> None:
        """Make the entry a member."""
        with self.edited() as connection:
            connection.modify(f"cn={group},{GROUPS}", {"member": [(MODIFY_ADD, [member])]})

    def leave(self, group: str, member: str) -> None:
        """The opposite."""
        with self.edited() as connection:
            connection.modify(f"cn={group},{GROUPS}", {"member": [(MODIFY_DELETE, [member])]})

    def rename(self, dn: str, uid: str) -> str:
        """Give a person another name; the entry's new one."""
        with self.edited() as connection:
            connection.modify_dn(dn, f"uid={uid}")
        return f"uid={uid},{PEOPLE}"


@contextmanager
def slapd(folder: Path):
    """A running server that knows nobody but who searches."""
    certificate, plain, tls = self_signed(folder), free_port(), free_port()
    (folder / "data").mkdir()
    text = SITE_CONFIGURATION.format(folder=folder, base=BASE, root=ROOT, password=ROOT_PASSWORD, searcher=SEARCHER)
    (folder / "slapd.conf").write_text(text)
    server = Slapd(f"ldap://localhost:{plain}", f"ldaps://localhost:{tls}", certificate)
    where = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"
    command = [shutil.which("slapd", path=PLACES), "-d", "0", "-h", where, "-f", str(folder / "slapd.conf")]
    with open(folder / "slapd.log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: _answers(plain), "slapd answers")
        _fill(server)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=60)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except OSError:
        return False


def _fill(server: Slapd) -> None:
    with server.edited() as connection:
        connection.add(BASE, ["dcObject", "organization"], {"o": "Hospital"})
        for dn in (PEOPLE, GROUPS):
            connection.add(dn, "organizationalUnit")
        about = {"sn": "openrem", "userPassword": SEARCHER_PASSWORD}
        connection.add(SEARCHER, "person", about)

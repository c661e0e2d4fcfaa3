"""Sign-in by LDAP, against a real OpenLDAP server."""

import socket
import time
import uuid

import pytest

from app.directory import ldap
from app.directory.configuration import configured
from app.directory.person import Away
from app.models.user import ROLES
from app.settings import load
from tests.servers import free_port
from tests.slapd import GROUPS, PASSWORD, PEOPLE

SOFT_HYPHEN = "\u00ad"


@pytest.fixture
def ask(slapd, tmp_path):
    """Asks the directory, with these settings besides, whose name and password these are."""

    def ask_(name, password=PASSWORD, **besides):
        environment = {"INSTANCE": str(tmp_path / "instance")} | slapd.environment | besides
        return ldap.person(configured(load(environment), frozenset(ROLES)).ldap, name, password)

    return ask_


def test_a_name_and_its_password_are_somebody_whose_groups_give_roles(ask):
    ann, bob = ask("ann"), ask("bob")
    assert (ann.issuer, ann.name, ann.roles) == ("ldap", "ann", ("viewgroup",))
    assert bob.roles == ("viewgroup", "admingroup")
    assert uuid.UUID(ann.subject) != uuid.UUID(bob.subject)
    assert ask("eve").roles == ()


def test_the_name_is_the_directorys_however_it_was_typed(ask):
    assert ask(" ANN ") == ask("ann")


@pytest.mark.parametrize("password", ["wrong", "", SOFT_HYPHEN, "\u200b", PASSWORD.upper(), "\ud800"])
def test_another_password_is_nobodys_and_none_is_not_asked_for(ask, password):
    """The server takes a bind without a password for one of nobody, which succeeds."""
    assert ask("ann", password) is None


@pytest.mark.parametrize("name", ["*", "a*", "ann)(uid=*", "ann\\", "", " ", "nobody", "ann)(|(cn=*", "\0"])
def test_a_name_is_a_name_and_no_filter(ask, name):
    assert ask(name) is None


def test_a_filter_that_finds_two_finds_nobody(ask):
    assert ask("ann", LDAP_USER_FILTER="(|(uid={name})(uid=bob))") is None


def test_tls_begins_also_on_the_plain_port(ask, slapd):
    assert ask("ann", LDAP_URL=slapd.plain).name == "ann"


def test_a_server_that_nobody_vouches_for_gets_no_password(ask, slapd):
    for url in (slapd.tls, slapd.plain):
        with pytest.raises(Away):
            ask("ann", LDAP_URL=url, DIRECTORY_CA_FILE="")


def test_a_server_by_another_name_gets_no_password(ask, slapd):
    for url in (slapd.tls, slapd.plain):
        with pytest.raises(Away):
            ask("ann", LDAP_URL=url.replace("localhost", "127.0.0.1"))


def test_groups_are_looked_for_where_the_entry_does_not_tell_them(ask):
    wanted = {"LDAP_GROUPS_ATTRIBUTE": "description", "LDAP_GROUP_BASE": GROUPS}
    assert ask("bob", **wanted).roles == ("viewgroup", "admingroup")
    assert ask("bob", **wanted, DIRECTORY_ROLES="dose admins=exportgroup").roles == ("exportgroup",)


def test_a_short_name_of_a_group_is_not_enough_where_entries_tell_whole_ones(ask):
    """Somebody else's group elsewhere in the directory may have it too."""
    assert ask("bob", DIRECTORY_ROLES="dose admins=admingroup").roles == ()


@pytest.mark.parametrize(
    "besides",
    [
        {"LDAP_BIND_PASSWORD": "wrong"},
        {"LDAP_USER_BASE": "ou=nowhere,dc=hospital,dc=example"},
        {"LDAP_ID_ATTRIBUTE": "description"},
        {"LDAP_USER_FILTER": "(uid={name}"},
    ],
)
def test_settings_that_the_server_does_not_understand_are_not_the_persons_fault(ask, besides, caplog):
    with pytest.raises(Away, match="does not answer as it should"):
        ask("ann", **besides)
    assert "can't be asked" in caplog.text
    assert PASSWORD not in caplog.text


def test_the_next_server_is_asked_where_one_is_away(ask, slapd):
    assert ask("ann", LDAP_URL=f"ldaps://localhost:{free_port()}, {slapd.tls}").name == "ann"


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_server_that_never_answers_is_waited_for_only_a_few_seconds(ask, scheme):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        with pytest.raises(Away):
            ask("ann", LDAP_URL=f"{scheme}://localhost:{silent.getsockname()[1]}")
        assert time.monotonic() - start < 3 * ldap.SECONDS


def test_active_directorys_id_is_read_as_it_is_written_there():
    raw = uuid.UUID("01234567-89ab-cdef-0123-456789abcdef").bytes_le
    assert ldap._id({"objectguid": [raw]}, "objectGUID") == "01234567-89ab-cdef-0123-456789abcdef"


def test_people_are_found_below_the_base_only(ask):
    assert ask("openrem", LDAP_USER_BASE=PEOPLE) is None

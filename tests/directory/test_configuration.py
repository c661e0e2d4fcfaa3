"""What a site has set of its directory: all of it or none, and nothing that lets passwords be read unasked."""

import os
import subprocess
import sys

import pytest

from app.directory.configuration import configured
from app.models.user import ROLES
from app.settings import ROOT, load

OIDC = {
    "OIDC_ISSUER": "https://login.example",
    "OIDC_CLIENT_ID": "openrem",
    "OIDC_CLIENT_SECRET": "secret",
    "DIRECTORY_ROLES": "doctors=viewgroup",
}
LDAP = {"LDAP_URL": "ldaps://dc1.example", "LDAP_USER_BASE": "dc=example", "DIRECTORY_ROLES": "doctors=viewgroup"}


@pytest.fixture
def configure(tmp_path):
    """The directory with these settings."""
    instance = {"INSTANCE": str(tmp_path / "instance")}
    return lambda settings: configured(load(instance | settings), frozenset(ROLES))


def test_there_is_none_unless_it_is_set(configure):
    found = configure({"DIRECTORY_ROLES": "doctors=viewgroup"})
    assert found.oidc is None and found.ldap is None


def test_both_can_be_set(configure):
    found = configure(OIDC | LDAP)
    assert found.oidc.roles == found.ldap.roles == (("doctors", "viewgroup"),)


def test_a_groups_name_may_have_commas_and_equals_signs(configure):
    told = "CN=Dose, all,OU=Groups,DC=example=viewgroup; cn=x=admingroup ;"
    assert configure(LDAP | {"DIRECTORY_ROLES": told}).ldap.roles == (
        ("CN=Dose, all,OU=Groups,DC=example", "viewgroup"),
        ("cn=x", "admingroup"),
    )


def test_secrets_may_be_in_files_and_are_never_shown(configure, tmp_path):
    (tmp_path / "oidc").write_text("from a file\n")
    (tmp_path / "ldap").write_text("from another\n")
    without = {name: value for name, value in OIDC.items() if name != "OIDC_CLIENT_SECRET"}
    files = {"OIDC_CLIENT_SECRET_FILE": str(tmp_path / "oidc"), "LDAP_BIND_PASSWORD_FILE": str(tmp_path / "ldap")}
    found = configure(without | LDAP | files | {"LDAP_BIND_DN": "cn=openrem"})
    assert (found.oidc.client_secret, found.ldap.bind_password) == ("from a file", "from another")
    assert "from a" not in repr(found)
    with pytest.raises(ValueError, match=r"OIDC_CLIENT_SECRET_FILE is “/nowhere”, which can't be read"):
        configure(OIDC | {"OIDC_CLIENT_SECRET_FILE": "/nowhere"})


@pytest.mark.parametrize("missing", OIDC)
def test_half_a_provider_is_refused_with_what_is_missing(configure, missing):
    with pytest.raises(ValueError, match=f"{missing} is not set"):
        configure({name: value for name, value in OIDC.items() if name != missing})


@pytest.mark.parametrize("missing", LDAP)
def test_half_an_ldap_server_is_refused_with_what_is_missing(configure, missing):
    with pytest.raises(ValueError, match=f"{missing} is not set"):
        configure({name: value for name, value in LDAP.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "value"), [("LDAP_GROUP_BASE", "ou=groups"), ("LDAP_USER_FILTER", "(cn={name})"), ("OIDC_LABEL", "us")]
)
def test_whatever_is_set_of_a_directory_asks_for_the_rest(configure, name, value):
    with pytest.raises(ValueError, match="is not set; without it people can't sign in"):
        configure({name: value})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"OIDC_ISSUER": "http://login.example"}, "begins with https://"),
        ({"OIDC_ISSUER": "login.example"}, "begins with https://"),
        ({"DIRECTORY_CA_FILE": "/nowhere"}, "has no certificates to read"),
        ({"DIRECTORY_CA_FILE": __file__}, "has no certificates to read"),
        ({"OIDC_SCOPES": "profile"}, "“openid” has to be among them"),
        ({"DIRECTORY_ROLES": "doctors=kings"}, "it takes group=role, with one of admingroup, "),
        ({"DIRECTORY_ROLES": "viewgroup"}, "it takes group=role"),
        ({"DIRECTORY_ROLES": "=viewgroup"}, "it takes group=role"),
        ({"LDAP_URL": "dc1.example"}, "it takes ldaps://server"),
        ({"LDAP_URL": "ldaps://dc1.example:ldaps"}, "it takes ldaps://server"),
        ({"LDAP_URL": "ldaps://dc1.example/dc=example"}, "it takes ldaps://server"),
        ({"LDAP_URL": "ldaps://dc1.example, https://dc2.example"}, "LDAP_URL is “https://dc2.example”"),
        ({"LDAP_URL": "ldap://dc1.example", "LDAP_STARTTLS": "no"}, "everybody on the way .* reads passwords"),
        ({"LDAP_BIND_DN": "cn=openrem"}, "belong together"),
        ({"LDAP_BIND_PASSWORD": "secret"}, "belong together"),
        ({"LDAP_USER_FILTER": "(uid=ann)"}, "needs {name}"),
        ({"LDAP_GROUP_BASE": "ou=groups", "LDAP_GROUP_FILTER": "(cn=*)"}, "needs {dn} or {name}"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(configure, wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        configure(OIDC | LDAP | wrong)


@pytest.mark.parametrize(
    "settings",
    [
        {"LDAP_URL": "ldap://dc1.example"},  # TLS begins there
        {"LDAP_URL": "ldap://localhost", "LDAP_STARTTLS": "no"},
        {"LDAP_URL": "ldap://127.0.0.1:3890", "LDAP_STARTTLS": "no"},
        {"LDAP_URL": "ldap://dc1.example", "LDAP_STARTTLS": "no", "LDAP_UNPROTECTED": "yes"},
        {"OIDC_ISSUER": "http://localhost:8080/realms/hospital"},
    ],
)
def test_what_can_not_be_read_on_the_way_or_is_asked_for_is_taken(configure, settings):
    assert configure(OIDC | LDAP | settings).ldap


def test_half_a_setting_stops_the_start_with_a_sentence(tmp_path):
    environment = os.environ | {"INSTANCE": str(tmp_path / "instance"), "OIDC_ISSUER": "https://login.example"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "up"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert ended.stderr == (
        "OpenREM can't start. OIDC_CLIENT_ID is not set; without it people can't sign in by OpenID Connect.\n"
    )

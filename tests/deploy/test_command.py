"""The command openrem reads settings as systemd does."""

import importlib.machinery
import importlib.util

import pytest

from app.settings import ROOT


@pytest.fixture(scope="module")
def command():
    """The program, which has no suffix."""
    loader = importlib.machinery.SourceFileLoader("openrem_command", str(ROOT / "deploy" / "openrem"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def test_it_reads_what_systemd_reads(command):
    lines = [
        "# DATABASE_URL=not this",
        "; nor this",
        "",
        "INSTANCE=/var/lib/openrem\n",
        "LDAP_USER_FILTER=(&(uid={name})(x=$y))",
        "DIRECTORY_ROLES='staff=viewgroup; physics=admingroup'",
        'OIDC_LABEL="St Mary"',
        "REDIS_URL = redis://:a=b@localhost/0 ",
        "no setting",
    ]
    assert command.read(lines) == {
        "INSTANCE": "/var/lib/openrem",
        "LDAP_USER_FILTER": "(&(uid={name})(x=$y))",
        "DIRECTORY_ROLES": "staff=viewgroup; physics=admingroup",
        "OIDC_LABEL": "St Mary",
        "REDIS_URL": "redis://:a=b@localhost/0",
    }


def test_it_is_where_the_units_look(command):
    unit = (ROOT / "deploy" / "systemd" / "openrem-.service.d" / "common.conf").read_text()
    assert f"WorkingDirectory={command.CODE}\n" in unit
    assert f"EnvironmentFile={command.SETTINGS}\n" in unit
    assert f"User={command.USER}\n" in unit

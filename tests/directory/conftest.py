"""Real directories, which tests start."""

import os

import pytest

from tests import oidc
from tests import slapd as servers


@pytest.fixture(scope="session")
def slapd(tmp_path_factory):
    """A real OpenLDAP server with ann (views), bob (administers), and eve (nothing)."""
    if missing := servers.missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not installed: {', '.join(missing)}")
    with servers.slapd(tmp_path_factory.mktemp("slapd")) as server:
        ann, bob, _ = (server.add_person(name) for name in ("ann", "bob", "eve"))
        server.add_group("dose viewers", ann, bob)
        server.add_group("dose admins", bob)
        yield server


@pytest.fixture
def provider():
    """A real provider of OpenID Connect, at which ann, who views, is signed in."""
    with oidc.provider() as provider:
        provider.person = {"sub": "1234-ann", "preferred_username": "ann", "groups": ["staff", "dose-viewers"]}
        yield provider

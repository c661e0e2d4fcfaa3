"""Sign-in by OpenID Connect, against a real provider."""

import re
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc.jwk import OctKey, RSAKey

from app.directory import openid
from app.directory.configuration import configured
from app.directory.person import Away, NotSignedIn
from app.models.user import ROLES
from app.settings import load
from tests.oidc import CLIENT_SECRET
from tests.servers import free_port

BACK = "http://localhost/sign-in/openid/answer"


@pytest.fixture
def configure(provider, tmp_path):
    """The provider as the site has set it, with these settings besides."""

    def configure_(**besides):
        environment = {"INSTANCE": str(tmp_path / "instance")} | provider.environment | besides
        return configured(load(environment), frozenset(ROLES)).oidc

    return configure_


@pytest.fixture
def sign_in(configure):
    """Goes to the provider and comes back; `told` and `begun` change what the browser brings."""

    def sign_in_(told=None, begun=None, **besides):
        oidc = configure(**besides)
        address, kept = openid.begin(oidc, BACK)
        brought = _brought(requests.get(address, timeout=60).text) | (told or {})
        return openid.finish(oidc, BACK, kept | (begun or {}), {k: v for k, v in brought.items() if v is not None})

    return sign_in_


def _brought(page):
    back = re.search(r'href="([^"]+)"', page)[1].replace("&amp;", "&")
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def test_the_provider_says_who_it_is_and_groups_give_roles(provider, sign_in):
    person = sign_in()
    assert (person.issuer, person.subject, person.name) == (provider.issuer, "1234-ann", "ann")
    assert person.roles == ("viewgroup",)


def test_the_browser_is_sent_with_nothing_secret_and_each_time_with_something_new(configure):
    first, second = (openid.begin(configure(), BACK) for _ in range(2))
    asked = parse_qs(urlsplit(first[0]).query)
    assert asked["redirect_uri"] == [BACK] and asked["scope"] == ["openid profile"]
    assert first[1]["verifier"] not in first[0] and "secret" not in first[0]
    assert all(first[1][name] != second[1][name] for name in ("state", "nonce", "verifier"))


@pytest.mark.parametrize(
    "spoiled",
    [
        {"aud": "somebody else"},
        {"aud": ["openrem", "somebody else"]},  # and it does not say for whom of them
        {"aud": None},
        {"azp": "somebody else"},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"at_hash": "of another"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_now_is_refused(provider, sign_in, spoiled):
    provider.spoiled = spoiled
    with pytest.raises(NotSignedIn, match="no proof of who you are"):
        sign_in()


def test_a_token_that_somebody_else_signed_is_refused(provider, sign_in):
    provider.published = RSAKey.generate_key(2048, {"kid": "first"})
    with pytest.raises(NotSignedIn, match="no proof") as refused:
        sign_in()
    assert "BadSignature" in refused.value.reason


def test_a_token_that_nobody_signed_is_refused(provider, sign_in):
    provider.algorithm = "none"
    with pytest.raises(NotSignedIn, match="no proof"):
        sign_in()


def test_a_token_signed_with_a_shared_secret_is_refused(provider, sign_in):
    """The secret between us and the provider is no key, although tokens can be signed so."""
    provider.published, provider.algorithm = provider.key, "HS256"
    provider.key = OctKey.import_key(CLIENT_SECRET, {"kid": "first"})
    with pytest.raises(NotSignedIn, match="no proof"):
        sign_in()


def test_a_provider_may_change_its_keys(provider, sign_in):
    sign_in()
    provider.key = RSAKey.generate_key(2048, {"kid": "second"})
    assert sign_in().name == "ann"


@pytest.mark.parametrize(
    ("told", "begun"),
    [({"state": "another"}, {}), ({"state": None}, {}), ({}, {"at": time.time() - 3600}), ({"state": "é"}, {})],
)
def test_an_answer_to_what_this_browser_did_not_ask_now_is_refused(sign_in, told, begun):
    with pytest.raises(NotSignedIn, match="not begun in this browser"):
        sign_in(told, begun)


def test_an_answer_without_a_question_is_refused(configure):
    with pytest.raises(NotSignedIn, match="not begun in this browser"):
        openid.finish(configure(), BACK, None, {"code": "x", "state": "y"})


def test_a_code_that_another_browser_began_is_of_no_use(sign_in):
    with pytest.raises(NotSignedIn, match="did not let you in"):
        sign_in(begun={"verifier": "another one, of another browser, that is long enough"})


def test_an_answer_of_another_provider_is_refused(sign_in):
    with pytest.raises(NotSignedIn, match="no proof"):
        sign_in({"iss": "https://elsewhere.example"})


def test_what_the_provider_refuses_is_told_in_our_words(sign_in):
    with pytest.raises(NotSignedIn, match="did not let you in") as refused:
        sign_in({"code": None, "error": "access_denied"})
    assert "access_denied" in refused.value.reason


def test_a_wrong_secret_of_ours_is_told_in_the_log(sign_in):
    with pytest.raises(NotSignedIn, match="did not let you in") as refused:
        sign_in(OIDC_CLIENT_SECRET="wrong")
    assert "invalid_grant" in refused.value.reason


def test_a_secret_is_sent_in_the_header_where_the_provider_wants_it_there(provider, sign_in):
    provider.discovered = {"token_endpoint_auth_methods_supported": None}
    assert sign_in().name == "ann"


def test_a_provider_that_is_away_says_so(provider, configure):
    oidc = replace(configure(), issuer=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Away, match="does not answer as it should"):
        openid.begin(oidc, BACK)
    assert openid.sign_out_address(oidc, BACK) is None


@pytest.mark.parametrize(
    "discovered",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
    ids=str,
)
def test_a_provider_with_other_addresses_than_it_may_have_is_not_asked(provider, configure, discovered):
    provider.discovered = discovered
    with pytest.raises(Away):
        openid.begin(configure(), BACK)


@pytest.mark.parametrize("answer", [("<html>", 200), ("[]", 200), ("busy", 503), ("{}", 200)])
def test_a_provider_that_answers_nonsense_signs_nobody_in(provider, sign_in, answer):
    provider.token_answer = answer
    with pytest.raises(NotSignedIn):
        sign_in()


def test_what_the_token_does_not_tell_is_asked_for(provider, sign_in):
    del provider.person["groups"]
    provider.userinfo = {"groups": ["dose-admins"], "preferred_username": "somebody else"}
    assert sign_in().roles == ("admingroup",)
    assert sign_in().name == "ann"


def test_what_is_told_of_somebody_else_is_refused(provider, sign_in):
    del provider.person["groups"]
    provider.userinfo = {"groups": ["dose-admins"], "sub": "somebody else"}
    with pytest.raises(NotSignedIn, match="no proof"):
        sign_in()


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        ("dose-admins", ("admingroup",)),
        (["DOSE-ADMINS"], ()),  # case tells groups apart
        ([], ()),
        ([{"name": "dose-admins"}, 7], ()),
        (["dose-admins", "dose-viewers"], ("viewgroup", "admingroup")),
    ],
    ids=str,
)
def test_groups_are_taken_as_they_are_told(provider, sign_in, groups, roles):
    provider.person["groups"] = groups
    assert sign_in().roles == roles


def test_groups_inside_another_claim_are_named_with_a_dot(provider, sign_in):
    provider.person["realm_access"] = {"roles": ["dose-admins"]}
    assert sign_in(OIDC_GROUPS_CLAIM="realm_access.roles").roles == ("admingroup",)
    assert sign_in(OIDC_GROUPS_CLAIM="realm_access.roles.deeper").roles == ()


def test_a_token_without_room_for_all_groups_says_what_to_do(provider, sign_in):
    del provider.person["groups"]
    provider.person["_claim_names"] = {"groups": "src1"}
    with pytest.raises(NotSignedIn, match="more groups than the provider tells"):
        sign_in()


def test_a_person_without_a_name_is_not_signed_in(provider, sign_in):
    del provider.person["preferred_username"]
    with pytest.raises(NotSignedIn, match="does not tell your user name"):
        sign_in()


def test_who_signs_out_can_sign_out_there_too(provider, configure):
    address = openid.sign_out_address(configure(), "http://localhost/sign-in")
    told = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{provider.issuer}/sign-out?")
    assert told == {"client_id": ["openrem"], "post_logout_redirect_uri": ["http://localhost/sign-in"]}
    provider.discovered = {"end_session_endpoint": None}
    assert openid.sign_out_address(configure(), "http://localhost/sign-in") is None

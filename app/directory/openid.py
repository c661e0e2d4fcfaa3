"""Sign-in by OpenID Connect: the authorization code flow, with PKCE, state and nonce; nothing of it is kept after."""

import hmac
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from app.directory.configuration import Oidc, is_protected
from app.directory.person import Away, NotSignedIn, Person, roles_of

SECONDS = 5  # to wait for an answer of the provider
LONGEST_SECONDS = 15 * 60  # between the button and the answer
LEEWAY_SECONDS = 60  # clocks differ
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")  # by nobody else
STRAY = "This sign-in was not begun in this browser, or too long ago. Begin again."
NOT_PROVEN = "What the provider answered is no proof of who you are. Begin again; tell an administrator if it stays."
NOT_LET_IN = "The provider did not let you in. Begin again, or ask who looks after it."
AWAY = "The provider does not answer as it should, so nobody can sign in by it now. Accounts of OpenREM work."

Begun = dict[str, Any]  # what the browser keeps of a sign-in under way


def begin(oidc: Oidc, answer_to: str) -> tuple[str, Begun]:
    """Where to send the browser, and what it has to keep until it comes back. Raises Away."""
    session = _session(oidc, answer_to)
    begun = {
        "state": generate_token(32),
        "nonce": generate_token(32),
        "verifier": generate_token(64),
        "at": time.time(),
    }
    address, _ = session.create_authorization_url(
        _discovered(session, oidc)["authorization_endpoint"],
        state=begun["state"],
        nonce=begun["nonce"],
        code_verifier=begun["verifier"],
    )
    return address, begun


def finish(oidc: Oidc, answer_to: str, begun: Begun | None, told: Mapping[str, str]) -> Person:
    """Who it is, by what the browser brought. Raises NotSignedIn, or Away."""
    _require_ours(begun, told)
    session = _session(oidc, answer_to)
    provider = _discovered(session, oidc)
    if told.get("iss", provider["issuer"]) != provider["issuer"]:
        raise NotSignedIn(NOT_PROVEN, "the answer is of another provider (RFC 9207)")
    if "code" not in told:
        raise NotSignedIn(NOT_LET_IN, f"the provider says: {told.get('error', 'nothing')}")
    token = _token(session, provider, told["code"], begun["verifier"])
    claims = _checked(session, oidc, provider, token, begun["nonce"])
    return _person(oidc, provider, _completed(session, oidc, provider, claims))


def sign_out_address(oidc: Oidc, back_to: str) -> str | None:
    """Where one signs out at the provider too; none where it offers that nowhere, or does not answer."""
    try:
        offered = _discovered(_session(oidc, ""), oidc).get("end_session_endpoint", "")
    except NotSignedIn:
        return None
    told = urlencode({"client_id": oidc.client_id, "post_logout_redirect_uri": back_to})
    return f"{offered}{'&' if '?' in offered else '?'}{told}" if is_protected(offered) else None


def _session(oidc: Oidc, answer_to: str) -> OAuth2Session:
    session = OAuth2Session(
        oidc.client_id,
        oidc.client_secret,
        scope=oidc.scopes,
        redirect_uri=answer_to,
        code_challenge_method="S256",
        default_timeout=SECONDS,
    )
    session.verify = oidc.ca_file or True
    return session


def _discovered(session: OAuth2Session, oidc: Oidc) -> dict[str, Any]:
    """What the provider says of itself, and its addresses, of which each is protected."""
    told = _fetched(session, f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration")
    if str(told.get("issuer")).rstrip("/") != oidc.issuer.rstrip("/"):
        raise Away(AWAY, f"OIDC_ISSUER is “{oidc.issuer}”, and who answers there is “{told.get('issuer')}”")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_protected(str(told.get(name))):
            raise Away(AWAY, f"the provider's {name} is “{told.get(name)}”")
    return told


def _fetched(session: OAuth2Session, address: str, withhold_token: bool = True) -> dict[str, Any]:
    verify = session.verify if isinstance(session.verify, str) else None  # else what the environment says would win
    try:
        answer = session.get(address, withhold_token=withhold_token, allow_redirects=False, verify=verify)
        answer.raise_for_status()
        told = answer.json()
    except (RequestException, ValueError, AuthlibBaseError) as error:
        raise Away(AWAY, f"{address}: {error}") from None
    if not isinstance(told, dict):
        raise Away(AWAY, f"{address} answers with no object")
    return told


def _require_ours(begun: Begun | None, told: Mapping[str, str]) -> None:
    """Raises NotSignedIn for an answer to a question that this browser did not ask."""
    if not begun or not hmac.compare_digest(begun["state"].encode(), told.get("state", "").encode()):
        raise NotSignedIn(STRAY, "the state is not the one that we gave")
    if not 0 <= time.time() - begun["at"] <= LONGEST_SECONDS:
        raise NotSignedIn(STRAY, "it took too long")


def _token(session: OAuth2Session, provider: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
    # In the form where that is offered: how a header encodes a secret, providers do not agree on.
    if "client_secret_post" in provider.get("token_endpoint_auth_methods_supported", ()):
        session.token_endpoint_auth_method = "client_secret_post"  # nosec B105 # the name of a method
    verify = session.verify if isinstance(session.verify, str) else None
    try:
        return session.fetch_token(
            provider["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            allow_redirects=False,
            timeout=SECONDS,
            verify=verify,
        )
    except AuthlibBaseError as error:
        raise NotSignedIn(NOT_LET_IN, f"the provider gives no token: {error}") from None
    except (RequestException, ValueError) as error:
        raise Away(AWAY, error) from None


def _checked(
    session: OAuth2Session, oidc: Oidc, provider: dict[str, Any], token: dict[str, Any], nonce: str
) -> dict[str, Any]:
    """The claims of the ID token: signed by the provider, for us, now, for this sign-in."""
    keys: Any = _fetched(session, provider["jwks_uri"])
    try:
        found = jwt.decode(str(token.get("id_token", "")), KeySet.import_key_set(keys), algorithms=SIGNED_BY)
        options = {
            "iss": {"essential": True, "value": provider["issuer"]},
            "aud": {"essential": True, "value": oidc.client_id},
        }
        about = {"nonce": nonce, "client_id": oidc.client_id, "access_token": token.get("access_token")}
        CodeIDToken(found.claims, found.header, options, about).validate(leeway=LEEWAY_SECONDS)
    except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
        raise NotSignedIn(NOT_PROVEN, f"the ID token: {type(error).__name__} {error}") from None
    return found.claims


def _completed(session: OAuth2Session, oidc: Oidc, provider: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
    """The claims; those that we miss, some providers tell only who asks for them."""
    missing = [name for name in (oidc.name_claim, oidc.groups_claim) if _claim(claims, name) is None]
    if not missing or not is_protected(provider.get("userinfo_endpoint", "")):
        return claims
    told = _fetched(session, provider["userinfo_endpoint"], withhold_token=False)
    if told.get("sub") != claims["sub"]:
        raise NotSignedIn(NOT_PROVEN, "the provider tells of somebody else")
    return told | claims


def _person(oidc: Oidc, provider: dict[str, Any], claims: dict[str, Any]) -> Person:
    name, subject = _claim(claims, oidc.name_claim), claims["sub"]
    if not (isinstance(name, str) and name and isinstance(subject, str) and subject):
        raise NotSignedIn("The provider does not tell your user name.", f"no claim “{oidc.name_claim}” or no subject")
    groups = _claim(claims, oidc.groups_claim)
    if groups is None and oidc.groups_claim in claims.get("_claim_names", {}):
        reason = "the token has no room for all groups: let the provider tell only those assigned to OpenREM"
        raise NotSignedIn("You are in more groups than the provider tells. Tell an administrator.", reason)
    listed = groups if isinstance(groups, list) else [groups]
    return Person(provider["issuer"], subject, name, roles_of(filter(_is_text, listed), oidc.roles))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _claim(claims: dict[str, Any], name: str) -> Any:
    """The claim of that name; one inside another is named with a dot."""
    if name in claims or "." not in name:
        return claims.get(name)
    outer, _, inner = name.partition(".")
    inside = claims.get(outer)
    return _claim(inside, inner) if isinstance(inside, dict) else None

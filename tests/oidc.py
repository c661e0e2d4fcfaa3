"""A small provider of OpenID Connect on a port of this machine; it checks what clients have to send, and can err."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import Flask, abort, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.servers import web

CLIENT_ID, CLIENT_SECRET = "openrem", "a secret with %, & and ~"
PAGE = """<!doctype html><html lang="en"><title>The provider</title><h1>The provider</h1>
<p>Its person is {name}.</p><p><a href="{back}">Go on</a></p></html>"""


@dataclass
class Provider:
    """The provider: whom it knows, and what it does wrong."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)  # the claims of who is signed in at it
    userinfo: dict[str, Any] = field(default_factory=dict)  # what it tells only there
    spoiled: dict[str, Any] = field(default_factory=dict)  # claims that are wrong, or, with None, missing
    discovered: dict[str, Any] = field(default_factory=dict)  # the same for what it says of itself
    key: RSAKey = field(default_factory=lambda: _first_key())
    published: RSAKey | None = None  # another than it signs with
    token_answer: tuple[str, int] | None = None  # instead of a token
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)  # what browsers were sent with

    @property
    def environment(self) -> dict[str, str]:
        """Settings of a site that trusts this provider."""
        return {
            "OIDC_ISSUER": self.issuer,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_LABEL": "the hospital",
            "DIRECTORY_ROLES": "dose-viewers=viewgroup; dose-admins=admingroup",
        }

    def discovery(self):
        """What the provider says of itself."""
        here = self.issuer.rstrip("/")
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
            "userinfo_endpoint": f"{here}/userinfo",
            "end_session_endpoint": f"{here}/sign-out",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        } | self.discovered
        return {name: value for name, value in told.items() if value is not None}

    def keys(self):
        """The keys that it signs with."""
        return KeySet([self.published or self.key]).as_dict(private=False)

    def authorize(self):
        """A page that leads back with a code; whoever asks is signed in already."""
        asked = request.args
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT_ID and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = asked.to_dict()
        self.asked.append(asked.to_dict())
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        return PAGE.format(name=self.person.get("preferred_username"), back=back.replace("&", "&amp;"))

    def token(self):
        """The token for a code, once, to who proves to have asked."""
        if self.token_answer:
            return self.token_answer
        asked = self.codes.pop(request.form["code"], None)
        if not asked or not self._is_client() or asked["redirect_uri"] != request.form["redirect_uri"]:
            return {"error": "invalid_grant"}, 400
        challenge = base64.urlsafe_b64encode(hashlib.sha256(request.form["code_verifier"].encode()).digest())
        if asked["code_challenge"] != challenge.rstrip(b"=").decode():
            return {"error": "invalid_grant"}, 400
        return {"access_token": "for userinfo", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}

    def tell(self):
        """More about the person."""
        if request.headers.get("Authorization") != "Bearer for userinfo":
            abort(401)
        return {"sub": self.person["sub"]} | self.userinfo

    def sign_out(self):
        """End the session here, and go back."""
        assert request.args["client_id"] == CLIENT_ID
        return redirect(request.args["post_logout_redirect_uri"])

    def _is_client(self) -> bool:
        told = request.form.get("client_id"), request.form.get("client_secret")
        if request.authorization:
            told = request.authorization.username, request.authorization.password
        return told[0] == CLIENT_ID and hmac.compare_digest(told[1] or "", CLIENT_SECRET)

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        about = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {name: value for name, value in (self.person | about | self.spoiled).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm == "none":
            return ".".join(_part(part) for part in (header, claims)) + "."
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


@cache
def _first_key() -> RSAKey:
    """Making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": "first"})


def _part(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


@contextmanager
def provider():
    """A running provider."""
    app, served = Flask("provider"), Provider()
    app.get("/.well-known/openid-configuration")(served.discovery)
    app.get("/keys")(served.keys)
    app.get("/authorize")(served.authorize)
    app.post("/token")(served.token)
    app.get("/userinfo")(served.tell)
    app.get("/sign-out")(served.sign_out)
    with web(app) as address:
        served.issuer = address
        yield served

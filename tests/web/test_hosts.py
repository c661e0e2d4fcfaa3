"""The names of the site, and what is believed of web servers in front of ours."""

import socket
from dataclasses import replace

import pytest
from flask import request
from werkzeug.test import run_wsgi_app

from app import attempts, create_app
from app.audit import DELETE_STUDIES
from app.extensions import db
from app.models import AuditEntry
from app.web.hosts import is_allowed
from tests.web.checks import check_page, text_of
from tests.web.visitor import Visitor, make_user

TLS = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/openrem"}


@pytest.fixture
def behind(settings, app):
    """The same site with this many web servers in front."""

    def build(proxies, **changes):
        return create_app(replace(settings, proxies=proxies, **changes))

    return build


def answer(app, path="/", host="localhost", **options):
    return app.test_client().get(path, headers={"Host": host} | options.pop("headers", {}), **options)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "192.168.56.102", socket.gethostname()]
)
def test_names_that_nobody_else_can_point_at_us_are_ours_where_none_is_set(app, host):
    assert answer(app, "/sign-in", host).status_code == 200


@pytest.mark.parametrize("host", ["elsewhere.example", "localhost.elsewhere.example", "127.0.0.1.elsewhere.example"])
def test_a_name_that_somebody_pointed_at_us_is_refused_with_a_sentence(app, host):
    for path in ("/sign-in", "/nowhere", "/ct"):
        refused = answer(app, path, host)
        assert refused.status_code == 400
    assert answer(app, "/static/app.css", host, buffered=True).status_code == 200, "the sentence looks as pages do"
    assert "To the first page" not in refused.text, "which would say the same"
    assert f"This site is not called “{host}”." in text_of(check_page(refused.text))


@pytest.mark.parametrize("host", ["", "a b", "localhost:99999999", "<script>", "localhost/", "user@localhost", "ü"])
def test_a_host_that_is_none_is_refused_and_not_shown(app, host):
    refused = answer(app, "/sign-in", host)
    assert refused.status_code == 400
    assert "<script>" not in refused.text


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("192.168.56.102", True),
        ("localhost:8000", True),
        ("LOCALHOST.", True),
        ("doseserver", True),
        ("www.doseserver", True),
        ("doseserver.ad.trust.nhs.uk", True),
        ("www.doseserver.ad.trust.nhs.uk:8443", True),
        ("notdoseserver", False),
        ("doseserver-elsewhere.example", False),
        ("127.0.0.1", False),
        ("example.org", False),
        ("a.example.org", True),
    ],
)
def test_allowed_hosts_reads_dots_as_the_documents_say(host, allowed):
    hosts = ("192.168.56.102", ".doseserver.", "localhost", "a.example.org")
    assert is_allowed(host, hosts) == allowed


def test_only_the_names_that_are_set_are_ours(behind):
    site = behind(0, allowed_hosts=("doseserver",))
    assert answer(site, "/sign-in", "doseserver").status_code == 200
    assert answer(site, "/sign-in", "localhost").status_code == 400


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Host"])
def test_another_host_in_a_header_gets_nowhere(behind, header):
    for proxies in (0, 1):
        redirect = answer(behind(proxies), "/ct", headers={header: "elsewhere.example"})
        assert redirect.status_code in (302, 308)
        assert "elsewhere" not in redirect.headers["Location"] + redirect.text


def test_what_a_client_says_of_itself_is_not_believed_without_a_server_in_front(app):
    signing_in = answer(app, headers=TLS)
    assert signing_in.location == "/sign-in?next=/"
    page = answer(app, "/sign-in", headers=TLS)
    assert "/openrem" not in page.text
    assert "Strict-Transport-Security" not in page.headers
    assert "Secure" not in page.headers["Set-Cookie"]


def test_a_server_in_front_tells_the_client_the_scheme_and_where_we_are(behind):
    page = answer(behind(1), "/sign-in", headers=TLS | {"X-Forwarded-For": "10.9.9.9, 192.0.2.7"})
    assert 'href="/openrem/static/app.css?v=' in page.text
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    cookie = page.headers["Set-Cookie"]
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/openrem" in cookie
    assert answer(behind(1), "/ct/?dlp__min=1", headers=TLS).location == (
        "/openrem/sign-in?next=/openrem/ct/?dlp__min%3D1"
    )


def remote_address(site, forwarded_for):
    """Where the site sees the client."""
    seen = []
    site.before_request(lambda: seen.append(request.remote_addr))
    answer(site, "/sign-in", headers={"X-Forwarded-For": forwarded_for})
    return seen[0]


@pytest.mark.parametrize(
    ("proxies", "told", "seen"),
    [
        (0, "192.0.2.7", "127.0.0.1"),
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "203.0.113.1, 192.0.2.7", "192.0.2.7"),  # the first is the client's own invention
        (2, "203.0.113.1, 192.0.2.7, 10.0.0.1", "192.0.2.7"),
        (2, "192.0.2.7", "127.0.0.1"),  # somebody went around one of the two
        (1, "192.0.2.7:50123", "192.0.2.7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "nonsense" * 20, "127.0.0.1"),
        (1, "<script>", "127.0.0.1"),
    ],
)
def test_the_address_of_a_client_is_what_the_outermost_of_our_servers_says(behind, proxies, told, seen):
    assert remote_address(behind(proxies), told) == seen


@pytest.mark.parametrize(
    "prefix", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "/a\tb", '/"><script>', "openrem"]
)
def test_a_prefix_that_is_no_path_gets_nowhere(behind, prefix):
    site = behind(1)
    redirect = answer(site, "/", headers={"X-Forwarded-Prefix": prefix})
    assert redirect.location == "/sign-in?next=/"
    assert answer(site, "/sign-in", headers={"X-Forwarded-Proto": "javascript"}).status_code == 200


def test_the_address_in_the_audit_is_the_clients(behind, app, study):
    make_user(app, "boss", "admin")
    site = behind(1)
    person = Visitor(site)
    person.client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.1, 192.0.2.7"
    assert person.sign_in("boss").status_code == 303
    assert person.post("/delete", {"study": study()}).status_code == 303
    with app.app_context():
        entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == DELETE_STUDIES)).one()
    assert entry.remote_address == "192.0.2.7"


@pytest.fixture
def guesses(monkeypatch):
    """Sends a few wrong passwords, after which signing in is locked, each with the next of these headers."""
    monkeypatch.setattr(attempts, "FREE", 3)
    monkeypatch.setattr(attempts, "LOCKED_AT", 3)
    return _guess


def _guess(site, forwarded_for):
    person = Visitor(site)
    for number in range(3):
        person.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded_for.format(number)
        assert person.sign_in("viewer", "wrong").status_code == 422


def sign_in_from(site, forwarded_for):
    """The answer to the right password."""
    person = Visitor(site)
    person.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded_for
    return person.sign_in("viewer")


@pytest.mark.parametrize("forwarded_for", ["192.0.2.7", "203.0.113.{}, 192.0.2.7"])
def test_behind_our_server_guesses_are_counted_by_the_address_that_it_tells(behind, app, guesses, forwarded_for):
    make_user(app, "viewer", "view")
    site = behind(1)
    guesses(site, forwarded_for)
    refused = sign_in_from(site, forwarded_for.format(99))
    assert refused.status_code == 422 and "Too many attempts" in refused.text
    assert sign_in_from(site, "192.0.2.8").status_code == 303


def test_who_invents_addresses_is_counted_at_their_own(behind, app, guesses):
    make_user(app, "viewer", "view")
    site = behind(0)
    guesses(site, "192.0.2.{}")
    refused = sign_in_from(site, "192.0.2.99")
    assert refused.status_code == 422 and "Too many attempts" in refused.text


def test_a_request_without_a_host_is_refused(app):
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/sign-in", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
               "wsgi.url_scheme": "http", "wsgi.errors": None, "SERVER_PROTOCOL": "HTTP/1.0"}  # fmt: skip
    _, status, _ = run_wsgi_app(app, environ)
    assert status.startswith("400")

"""The site below /openrem/ of a real nginx that ends TLS: every link, form, part and file is found there."""

import os
import re
import socket
import ssl
from contextlib import closing
from dataclasses import replace
from datetime import date
from http.client import HTTPConnection
from io import BytesIO
from urllib.parse import urljoin, urlsplit

import pytest

from app.demo.study import study
from app.ingest.receive import receive
from tests.factories import REPORT
from tests.nginx import Client, behind_nginx, missing, of_containers, on_a_host_of_its_own
from tests.web.checks import parsed
from tests.web.visitor import PASSWORD, make_user

ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "data-address")
OTHER_SITES = {"dicom.nema.org"}


@pytest.fixture
def people(app, settings):
    """Some studies and an administrator."""
    if missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not installed: {', '.join(missing())}")
    make_user(app, "boss", "admin")
    with app.app_context():
        for number in range(12):
            for file in study(1, number, date(2026, 1, 16), REPORT).files:
                receive(BytesIO(file), settings.test_patient_patterns)


@pytest.fixture
def site(people, settings, tmp_path):
    """The site below a path, behind nginx."""
    with behind_nginx(replace(settings, proxies=1, allowed_hosts=("localhost",)), tmp_path / "nginx") as site:
        yield site


@pytest.fixture
def boss(site):
    """The administrator, signed in."""
    client = Client(site)
    answer = client.post("/sign-in", {"username": "boss", "password": PASSWORD})
    assert (answer.status, answer.headers["Location"]) == (303, "/openrem/")
    return client


def addresses(html):
    """Everything in a page that a browser would fetch or send something to."""
    for one in parsed(html).iter():
        yield from (one.get(name) for name in ADDRESSES if one.get(name))


def kind(path):
    """Pages that differ only in what they are about are one kind."""
    return re.sub(r"[\d.]{6,}|\d+|[0-9a-f-]{36}", "0", path)


def crawl(client, start):
    """The answer at one address of each kind that pages name, by its path; fails at an address of somebody else."""
    found, waiting, root = {}, [start], client.site.address
    while waiting:
        address = waiting.pop(0)
        parts = urlsplit(address)
        if kind(parts.path) in found or parts.netloc in OTHER_SITES:
            continue
        assert address.startswith(f"{root}/"), f"{address} is not below {root}/"
        answer = found[kind(parts.path)] = client.get(address)
        if answer.status in (301, 302, 303, 308):
            waiting.append(urljoin(address, answer.headers["Location"]))
        elif answer.headers.get("Content-Type", "").startswith("text/html") and answer.text.startswith("<!doctype"):
            waiting += [urljoin(address, one.partition("#")[0]) for one in addresses(answer.text) if one[0] != "#"]
    return found


def test_every_address_of_every_page_is_below_the_prefix_and_answers(boss):
    found = crawl(boss, f"{boss.site.address}/")
    refused = {path: answer.status for path, answer in found.items() if answer.status not in (200, 302, 303, 308, 405)}
    assert not refused  # 405: a form's address, which takes a POST
    assert len(found) > 25
    assert {"/openrem/static/app.css", "/openrem/static/app.js", "/openrem/ct/", "/openrem/rooms/"} <= found.keys()


def test_forms_lead_to_pages_below_the_prefix(boss):
    for path, form, location in (
        ("/account/theme", {"theme": "dark", "next": "/openrem/rooms/"}, "/openrem/rooms/"),
        ("/account/theme", {"theme": "dark", "next": "/elsewhere/"}, "/openrem/"),
        ("/ct/saved?dlp__min=1", {"name": "High"}, "/openrem/ct/?dlp__min=1"),
        ("/ct/view", {"size": "50"}, "/openrem/ct/?size=50"),
        ("/exports/ct-csv", {}, "/openrem/exports/"),
        ("/sign-out", {}, "/openrem/sign-in"),
    ):
        answer = boss.post(path, form)
        assert (answer.status, answer.headers.get("Location")) == (303, location), path


def test_who_is_not_signed_in_comes_back_below_the_prefix(site):
    client = Client(site)
    sent = client.get("/ct/?dlp__min=1").headers["Location"]
    assert sent == "/openrem/sign-in?next=/openrem/ct/?dlp__min%3D1"
    signed_in = client.post(sent.removeprefix("/openrem"), {"username": "boss", "password": PASSWORD})
    assert signed_in.headers["Location"] == "/openrem/ct/?dlp__min=1"
    part = Client(site).get("/ct/", **{"HX-Request": "true", "HX-Current-URL": f"{site.address}/ct/?page=2"})
    assert (part.status, part.headers["HX-Redirect"]) == (401, "/openrem/sign-in?next=/openrem/ct/?page%3D2")


def test_cookies_stay_below_the_prefix_and_are_for_tls_only(boss):
    boss.post("/account/theme", {"theme": "dark"})
    cookies = {cookie.name: cookie for cookie in boss.cookies}
    assert cookies.keys() == {"session", "theme"}
    for cookie in cookies.values():
        assert cookie.secure and cookie.path == "/openrem"
        assert "HttpOnly" in cookie._rest and cookie._rest["SameSite"] == "Lax"
    assert boss.get("/").headers["Strict-Transport-Security"]


def test_another_host_and_forged_headers_get_nowhere(boss):
    assert boss.get("/", Host="elsewhere.example").status == 400
    forged = {"X-Forwarded-Prefix": "//elsewhere.example", "X-Forwarded-Host": "elsewhere.example", "SCRIPT_NAME": "/x"}
    for path in ("/", "/ct", "/nowhere"):
        answer = boss.get(path, **forged)
        assert "elsewhere" not in answer.text + answer.headers.get("Location", "")


def test_a_form_from_another_site_is_refused(boss):
    assert boss.post("/account/theme", {"theme": "dark"}, Referer="https://elsewhere.example/").status == 400


def test_style_sheets_are_kept_for_a_year_by_browsers_and_by_nginx(boss, tmp_path):
    found = re.search(r'href="/openrem(/static/app\.css\?v=\w+)"', boss.get("/").text)
    for _ in range(2):
        answer = boss.get(found[1], **{"Accept-Encoding": "gzip"})
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kept = [path.read_bytes() for path in (tmp_path / "nginx" / "cache").rglob("*") if path.is_file()]
    assert len([one for one in kept if found[1].encode() in one]) == 1


def test_a_page_and_an_address_with_another_hash_are_kept_by_nobody(boss, tmp_path):
    assert boss.get("/").headers["Cache-Control"] == "no-store"
    assert boss.get("/static/app.js?v=123456789abc").headers["Cache-Control"] == "no-cache"
    kept = [path.read_bytes() for path in (tmp_path / "nginx" / "cache").rglob("*") if path.is_file()]
    assert not [one for one in kept if b"123456789abc" in one or b"<!doctype" in one]


def test_a_request_with_more_than_an_upload_is_refused_before_it_is_sent(boss):
    answer = boss.post("/account/theme", {"theme": "dark"}, **{"Content-Length": str(3_000_000_000)})
    assert answer.status == 413


@pytest.mark.parametrize("configuration", [on_a_host_of_its_own, of_containers])
def test_a_host_of_its_own_serves_every_page_at_its_root(people, settings, tmp_path, configuration):
    settings = replace(settings, proxies=1, allowed_hosts=("localhost",))
    with behind_nginx(settings, tmp_path / "nginx", configuration) as site:
        client = Client(site)
        assert client.post("/sign-in", {"username": "boss", "password": PASSWORD}).headers["Location"] == "/"
        found = crawl(client, f"{site.address}/")
        assert {"/static/app.css", "/ct/"} <= found.keys()
        assert all(answer.status < 400 or answer.status == 405 for answer in found.values())
        assert list((tmp_path / "nginx" / "cache").rglob("*")), "nginx keeps style sheets"


def test_without_tls_people_are_sent_to_it_and_old_tls_is_refused(site):
    port = int(re.search(r"listen 127\.0\.0\.1:(\d+);", site.configuration)[1])
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as plain:
        plain.request("GET", "/openrem/ct/?dlp__min=1", headers={"Host": "elsewhere.example"})
        answer = plain.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/openrem/ct/?dlp__min=1")
    context = ssl.create_default_context(cafile=str(site.certificate))
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA256")  # no forward secrecy
    parts = urlsplit(site.address)
    with socket.create_connection((parts.hostname, parts.port)) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw, server_hostname=parts.hostname)

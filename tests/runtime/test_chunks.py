"""Requests in chunks, which do not say how much they bring: the limits hold, whichever server reads them."""

import http.client
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from app.commands import up
from app.web.uploads import FORM_BYTES
from tests.processes import program
from tests.servers import wait_until
from tests.web.visitor import PASSWORD, make_user

URLENCODED = "application/x-www-form-urlencoded"
FILE = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.dcm"\r\n\r\n'
FIELD = b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
PIECE = 1 << 14


class Client:
    """Somebody who sends everything in chunks, and keeps cookies."""

    def __init__(self, address):
        self.address, self.cookie, self.token = address, "", ""

    def send(self, method, path, body: Iterator[bytes] | None = None, content_type=URLENCODED):
        """Status and text of the answer."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        headers = {"Transfer-Encoding": "chunked"} if method == "POST" else {}
        headers |= {
            "Content-Type": content_type,
            "Cookie": self.cookie,
            "Accept": "text/html",
            "X-CSRFToken": self.token,
        }
        connection.request(method, path, body, headers, encode_chunked=True)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        self.cookie = (answer.headers["Set-Cookie"] or self.cookie).partition(";")[0]
        self.token = (re.findall(r'"X-CSRFToken": "([^"]+)"', text) or [self.token])[0]
        return answer.status, text

    def sign_in(self):
        """Sign in, in chunks."""
        self.send("GET", "/sign-in")
        form = urlencode({"username": "boss", "password": PASSWORD}).encode()
        status, _ = self.send("POST", "/sign-in", iter([form]))
        self.send("GET", "/")
        return status

    def upload(self, size, **fields):
        """Upload a file of so many bytes."""
        asked = b"".join(FIELD % (name.encode(), value.encode()) for name, value in fields.items())
        body = [asked, FILE, *[b"x" * PIECE] * (size // PIECE), b"\r\n--x--\r\n"]
        return self.send("POST", "/uploads/", iter(body), "multipart/form-data; boundary=x")


def _answers(client):
    try:
        return client.send("GET", "/sign-in")[0] == 200
    except OSError:
        return False


@pytest.fixture(params=["gunicorn", "flask run"])
def client(request, app, settings, tmp_path):
    """A client of a site with an administrator, which takes uploads of 1 MB."""
    make_user(app, "boss", "admin")
    command = ["-m", "flask", "--app", "wsgi", "run", "--port", str(settings.web_port)]
    if request.param == "gunicorn":
        command = up.web().command[1:]
    with program(replace(settings, upload_mb=1), *command, output=tmp_path / "web.log"):
        client = Client(f"127.0.0.1:{settings.web_port}")
        wait_until(lambda: _answers(client), "the web server answers", 60)
        yield client


def test_what_is_sent_in_chunks_is_limited_as_everything_is(client, settings):
    large = [b"a=" + b"x" * PIECE] * (FORM_BYTES // PIECE + 1)
    assert client.send("POST", "/sign-in", iter(large))[0] == 413, "a form of somebody unknown"
    assert client.upload(FORM_BYTES + PIECE)[0] == 413, "an upload of somebody unknown"
    assert client.sign_in() == 303, "a form of usual length is read"
    assert client.send("POST", "/account/theme", iter(large))[0] == 413, "a form of an administrator"
    assert client.upload((1 << 20) + PIECE)[0] == 413, "more than an upload may have"
    assert client.upload(1 << 19)[0] == 303, "an upload"
    _, text = client.upload(1 << 19, more="yes")
    batch = re.search(r'"batch": *"([^"]+)"', text)[1]
    status, text = client.upload(3 << 18, batch=batch)
    assert status == 413 and "may have 1 MB at most" in text, "the requests of one upload together are one upload"
    kept = [path.stat().st_size for path in (settings.media_root / "uploads").rglob("*.dcm")]
    assert sorted(kept) == [1 << 19, 1 << 19]

"""A real nginx with the configuration of docs/nginx.conf, and the site behind it as gunicorn serves it."""

import re
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from app.commands.up import web
from app.settings import ROOT, Settings
from tests.certificates import self_signed
from tests.processes import program
from tests.servers import free_port, wait_until

AROUND = """daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors.log;
events {{}}
http {{
    access_log off;
    types {{ text/css css; text/javascript js; image/svg+xml svg; }}
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    {server}
}}
"""


PLACES = "/usr/sbin:/usr/bin:/usr/local/bin"


def missing() -> list[str]:
    """What has to be installed first."""
    return [name for name in ("nginx", "openssl") if shutil.which(name, path=PLACES) is None]


@dataclass
class Site:
    """Where the site is, and the certificate that its visitors trust."""

    address: str  # without a slash at the end
    certificate: Path


@contextmanager
def behind_nginx(settings: Settings, folder: Path):
    """The site below /openrem/ of a server with TLS; `settings` say PROXIES=1."""
    folder.mkdir()
    certificate, port = self_signed(folder), free_port()
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, server=_server(settings, folder, port)))
    command = [shutil.which("nginx", path=PLACES), "-p", str(folder), "-c", "nginx.conf"]
    with program(settings, *web(settings).command[1:], output=folder / "web.log"):
        nginx = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        site = Site(f"https://localhost:{port}/openrem", certificate)
        try:
            wait_until(lambda: _answers(site), "nginx and the web server answer", 60)
            yield site
        finally:
            nginx.terminate()
            nginx.wait(timeout=10)


def _server(settings: Settings, folder: Path, port: int) -> str:
    """The configuration that we give to people, for this machine."""
    text = (ROOT / "docs" / "nginx.conf").read_text()
    changes = {
        r"listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        r"/etc/ssl/doseserver\.pem": str(folder / "site.pem"),
        r"/etc/ssl/doseserver\.key": str(folder / "site.key"),
        r"127\.0\.0\.1:8000": f"127.0.0.1:{settings.web_port}",
    }
    for pattern, replacement in changes.items():
        text, count = re.subn(pattern, replacement, text)
        assert count == 1, f"docs/nginx.conf has {pattern} {count} times"
    return text


def _answers(site: Site) -> bool:
    try:
        return Client(site).get("/sign-in").status == 200
    except urllib.error.URLError:
        return False


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Client:
    """Somebody who keeps cookies as browsers do, trusts this one certificate, and follows nothing by itself."""

    def __init__(self, site: Site):
        self.site = site
        self.cookies = CookieJar()
        tls = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(site.certificate)))
        jar = urllib.request.HTTPCookieProcessor(self.cookies)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), tls, jar, _Still)

    def get(self, path: str, **headers: str) -> Answer:
        """The answer at this path below the site, or at an address of the whole host where it begins with https."""
        return self._ask(path, None, headers)

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """The answer to a form with its token."""
        token = re.search(r'"X-CSRFToken": "([^"]+)"', self.get("/sign-in", **{"X-Unattended": "yes"}).text)
        token = token or re.search(r'"X-CSRFToken": "([^"]+)"', self.get("/account/password").text)
        data = urlencode({"csrf_token": token[1]} | (form or {}), doseq=True).encode()
        return self._ask(path, data, {"Referer": f"{self.site.address}/"} | headers)

    def _ask(self, path: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        address = path if path.startswith("https:") else self.site.address + path
        try:
            with self._opener.open(urllib.request.Request(address, data, headers), timeout=30) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read().decode(errors="replace"))

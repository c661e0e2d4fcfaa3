"""A real nginx with the configurations that we give to people, and the site behind it as gunicorn serves it."""

import re
import shlex
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
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
    configuration: str = ""  # of nginx


def below_a_path() -> str:
    """deploy/nginx.conf as it is."""
    return (ROOT / "deploy" / "nginx.conf").read_text()


def on_a_host_of_its_own() -> str:
    """The same after the command that its head tells."""
    words = shlex.split(re.search(r"sed .*", below_a_path())[0])
    return subprocess.run(words, input=below_a_path(), check=True, capture_output=True, text=True).stdout


def of_containers() -> str:
    """What the nginx of the compose file reads."""
    return (ROOT / "deploy" / "docker" / "nginx.conf").read_text()


@contextmanager
def behind_nginx(settings: Settings, folder: Path, configuration: Callable[[], str] = below_a_path):
    """The site behind a server with TLS; `settings` say PROXIES=1."""
    folder.mkdir()
    certificate, port = self_signed(folder), free_port()
    text = configuration()
    server = _on_this_machine(text, settings, folder, port)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, server=server))
    command = [shutil.which("nginx", path=PLACES), "-p", str(folder), "-c", "nginx.conf"]
    with program(settings, *web().command[1:], output=folder / "web.log"):
        nginx = subprocess.Popen(command)
        path = "/openrem" if "location /openrem/" in text else ""
        site = Site(f"https://localhost:{port}{path}", certificate, server)
        try:
            wait_until(lambda: nginx.poll() is not None or _answers(site), "nginx and the web server answer", 60)
            assert nginx.poll() is None, "nginx refuses its configuration"
            yield site
        finally:
            nginx.terminate()
            nginx.wait(timeout=60)


def _on_this_machine(text: str, settings: Settings, folder: Path, port: int) -> str:
    """The configuration with names, ports and folders that a test may use; fails where one of them is not there."""
    changes = {
        r"listen \d+;": f"listen 127.0.0.1:{free_port()};",
        r"listen \d+ ssl;": f"listen 127.0.0.1:{port} ssl;",
        r"(?<=ssl_certificate )\s*\S+;": f" {folder}/site.pem;",
        r"(?<=ssl_certificate_key )\S+;": f"{folder}/site.key;",
        r"/var/cache/nginx[\w/-]*": f"{folder}/cache",
        r"http://(127\.0\.0\.1|web):8000": f"http://127.0.0.1:{settings.web_port}",
    }
    for pattern, replacement in changes.items():
        text, count = re.subn(pattern, replacement, text)
        assert count, f"the configuration has nowhere {pattern}"
    return re.sub(r"listen \[::\].*", "", text).replace("server_name doseserver", "server_name localhost")


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

"""What `make audit` says of known vulnerabilities, told by a service of our own in place of the real one."""

import json
import os
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from app.settings import ROOT
from tests.servers import free_port

HOLE = {
    "id": "PYSEC-2099-1",
    "aliases": ["CVE-2099-0001"],
    "summary": "made for a test",
    "affected": [
        {
            "package": {"name": "flask", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}


@pytest.fixture
def service():
    """The address of a service that knows one vulnerability, of Flask."""

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
            answer = json.dumps({"vulns": [HOLE]} if asked == "flask" else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def audit(tmp_path):
    """Runs the audit that asks this service, with these accepted vulnerabilities; gives exit code and words."""

    def run(service, accepted=""):
        shutil.copy(ROOT / ".ci" / "audit.py", tmp_path)
        (tmp_path / "accepted-vulnerabilities.txt").write_text(f"# ID, reason\n{accepted}\n")
        asked = {"PIP_AUDIT_VULNERABILITY_SERVICE": "osv", "PIP_AUDIT_OSV_URL": service, "NO_PROXY": "127.0.0.1"}
        environment = os.environ | asked | {"XDG_CACHE_HOME": str(tmp_path)}
        command = [sys.executable, str(tmp_path / "audit.py")]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        return done.returncode, done.stdout

    return run


def test_a_known_vulnerability_fails_the_audit_and_is_named(audit, service):
    code, words = audit(service)
    assert code == 1
    assert "VULNERABLE: flask" in words and "PYSEC-2099-1, mended in 99.0" in words
    assert "known vulnerabilities: 1, not accepted: 1" in words


@pytest.mark.parametrize("name", ["PYSEC-2099-1", "CVE-2099-0001"])
def test_a_vulnerability_that_is_accepted_is_named_and_fails_nothing(audit, service, name):
    code, words = audit(service, f"{name} we call none of it")
    assert code == 0
    assert "accepted: flask" in words and "not accepted: 0" in words


def test_a_service_that_is_away_fails_nothing_and_says_so(audit):
    code, words = audit(f"http://127.0.0.1:{free_port()}/")
    assert code == 0
    assert "NOT DONE" in words

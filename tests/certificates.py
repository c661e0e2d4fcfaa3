"""Certificates for servers that tests start."""

import subprocess
from pathlib import Path


def self_signed(folder: Path) -> Path:
    """A certificate site.pem for this machine and this test, signed by itself, and its key site.key beside it."""
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    files = ["-keyout", str(folder / "site.key"), "-out", str(folder / "site.pem")]
    subprocess.run(["openssl", *words.split(), *files], check=True, capture_output=True)
    return folder / "site.pem"

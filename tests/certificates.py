"""Certificates for servers that tests start."""

import subprocess
from pathlib import Path


def self_signed(folder: Path) -> Path:
    """A certificate site.pem for this machine and this test, signed by itself, and its key site.key beside it."""
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    files = ["-keyout", str(folder / "site.key"), "-out", str(folder / "site.pem")]
    subprocess.run(["openssl", *words.split(), *files], check=True, capture_output=True)
    return folder / "site.pem"


def vouched(folder: Path) -> dict[str, Path]:
    """An authority and what it vouches for: files authority.pem, and name.pem with name.key for site and scanner."""
    _openssl(folder, "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout authority.key", "authority")
    for name in ("site", "scanner"):
        _openssl(folder, f"req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout {name}.key", f"{name}.request")
        signed = f"x509 -req -in {name}.request.pem -CA authority.pem -CAkey authority.key -CAcreateserial -days 2"
        _openssl(folder, signed, name)
    return {path.stem if path.suffix == ".pem" else path.name: path for path in folder.iterdir()}


def _openssl(folder: Path, words: str, name: str):
    subprocess.run(["openssl", *words.split(), "-out", f"{name}.pem"], check=True, capture_output=True, cwd=folder)

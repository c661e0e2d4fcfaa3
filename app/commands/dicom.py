"""`flask dicom`: ask another application entity whether it is there, and send it objects, as a modality does."""

import ssl
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from app.listening import is_ae_title
from app.network import peer
from app.network.peer import NoAnswer, Peer

REFUSED, AWAY = 1, 3  # exit codes; click's own for a wrong command line is 2

commands = AppGroup("dicom", help="Speak DICOM with others: ask for an answer (C-ECHO), send objects (C-STORE).")


def register(app: Flask) -> None:
    """Make `flask dicom` known."""
    app.cli.add_command(commands)


def _title(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not is_ae_title(value):
        raise click.BadParameter("an AE title takes 1 to 16 letters of ASCII without a backslash")
    return value


def speaking(command: Callable) -> Callable:
    """Give the command the options that say with whom it speaks, and how; it gets a `Peer`."""

    @wraps(command)
    def with_peer(host, port, aet, called, seconds, tls, authority, certificate, key, unverified, **others):
        try:
            context = peer.tls(authority or "", certificate or "", key or "", verify=not unverified) if tls else None
        except OSError as error:  # errors of TLS are some
            raise click.UsageError(f"The certificates can't be used: {_reason(error)}.") from None
        try:
            command(Peer(host, port, called, aet, seconds, context), **others)
        except NoAnswer as reason:
            click.echo(str(reason), err=True)
            sys.exit(AWAY)

    file = click.Path(exists=True, dir_okay=False)
    for option in (
        click.option("--aet", default="OPENREM", callback=_title, show_default=True, help="Our own AE title."),
        click.option("--called", default="ANY-SCP", callback=_title, show_default=True, help="The other's AE title."),
        click.option("--seconds", default=peer.SECONDS, type=click.IntRange(1, 600), show_default=True,
                     help="How long an answer is waited for."),
        click.option("--tls", is_flag=True, help="Speak TLS."),
        click.option("--authority", type=file, help="Certificates that vouch for the other, PEM; else the system's."),
        click.option("--certificate", type=file, help="Our own certificate, PEM."),
        click.option("--key", type=file, help="Its private key, PEM, where it is not in the same file."),
        click.option("--unverified", is_flag=True, help="Take any certificate of the other: for a try only."),
    ):  # fmt: skip
        with_peer = option(with_peer)
    return with_peer


@commands.command()
@click.argument("host")
@click.argument("port", type=click.IntRange(1, 65535))
@speaking
def echo(other: Peer) -> None:
    """Ask HOST at PORT for an answer (C-ECHO).

    The exit code is 0 where it answers, 3 where it can't be reached or refuses us.
    """
    click.echo(f"{other.words} answered in {peer.echo(other) * 1000:.0f} ms.")


@commands.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("host")
@click.argument("port", type=click.IntRange(1, 65535))
@speaking
def send(other: Peer, files: tuple[Path, ...]) -> None:
    """Send FILES, and those in folders, to HOST at PORT (C-STORE), as they are.

    The exit code is 0 where all were taken, 1 where some were not, 3 where it can't be reached or refuses us.
    """
    paths = [path for given in files for path in _below(given)]
    taken = 0
    for sent in peer.send(other, paths):
        taken += sent.taken
        click.echo(f"{sent.path}: {sent.words}")
    click.echo(f"{other.words} took {taken} of {len(paths)} {'file' if len(paths) == 1 else 'files'}.")
    sys.exit(0 if taken == len(paths) else REFUSED)


def _below(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def _reason(error: OSError) -> str:
    return error.reason if isinstance(error, ssl.SSLError) and error.reason else error.strerror or str(error)

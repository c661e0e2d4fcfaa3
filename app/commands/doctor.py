"""`flask doctor`: what is wrong with this site, and what to do."""

import dataclasses
import json
import sys
import textwrap
import time

import click
from flask import Flask, current_app

from app import __version__, doctor
from app.doctor.finding import ATTENTION, OK, WRONG, Finding
from app.settings import Settings

WIDTH = 100  # characters of a line
COLOURS = {OK: "green", ATTENTION: "yellow", WRONG: "red"}
SUMMARY = {
    OK: "Everything is as it should be.",
    ATTENTION: "It works; somebody should look at what needs attention.",
    WRONG: "Something does not work. Mend what is wrong from top to bottom: one fault often causes the next.",
}


def register(app: Flask) -> None:
    """Make `flask doctor` known."""
    app.cli.add_command(examine)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.option("--wait", default=0, metavar="SECONDS", help="Ask again for so long while something is wrong.")
@click.option(
    "--for",
    "duties",
    multiple=True,
    type=click.Choice(tuple(doctor.DUTIES)),
    help="Only what this machine does, of a site on several; may be given more than once.",
)
def examine(as_json: bool, wait: int, duties: tuple[str, ...]) -> None:
    """Examine settings, folders, disk, database, queue, workers, clock, listener, web server and accounts.

    The exit code is 1 where something is wrong, else 0.
    """
    settings: Settings = current_app.config["SETTINGS"]
    deadline = time.monotonic() + wait
    findings = list(doctor.examine(settings, duties))
    while doctor.worst(findings) == WRONG and time.monotonic() < deadline:
        time.sleep(1)
        findings = list(doctor.examine(settings, duties))
    verdict = doctor.worst(findings)
    if as_json:
        told = {"version": __version__, "verdict": verdict, "findings": list(map(dataclasses.asdict, findings))}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            _say(finding)
        click.echo(f"\n{SUMMARY[verdict]}")
    sys.exit(1 if verdict == WRONG else 0)


def _say(finding: Finding) -> None:
    mark = click.style(f"{finding.verdict.upper():<10}", fg=COLOURS[finding.verdict])
    lines = textwrap.wrap(finding.told, WIDTH - 21, break_long_words=False, break_on_hyphens=False)
    advice = textwrap.wrap(finding.advice, WIDTH - 23, break_long_words=False, break_on_hyphens=False)
    click.echo(f"{mark} {finding.part:<9} {lines[0] if lines else ''}")
    for line in lines[1:]:
        click.echo(" " * 21 + line)
    for number, line in enumerate(advice):
        click.echo(" " * 21 + ("→ " if number == 0 else "  ") + line)

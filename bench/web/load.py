"""Fifty people who click at once, by wrk: a Debian package, `apt install wrk`; elsewhere github.com/wg/wrk."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from app.settings import Settings
from bench.web.pages import CLICKS

PEOPLE, P95_MS = 50, 500.0
PAUSE_MS = 1000  # between two clicks of a person, half as long to half as long again
SCRIPT = Path(__file__).with_name("clicks.lua")
ABSENT = "There is no wrk here, so nobody clicks: install it (Debian: apt install wrk)."


def click(settings: Settings, cookie: str, seconds: int, pause_ms: int, paths: tuple[str, ...] = CLICKS) -> dict | None:
    """What people had to wait for while all of them clicked; None where wrk is not installed."""
    if shutil.which("wrk") is None:
        return None
    command = ["wrk", "-t2", f"-c{PEOPLE}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-H", f"Cookie: {cookie}",
               "-s", str(SCRIPT), f"http://{settings.web_host}:{settings.web_port}", "--", *paths]  # fmt: skip
    environment = os.environ | {"PAUSE_MS": str(pause_ms)}
    told = subprocess.run(command, capture_output=True, text=True, env=environment, check=True, timeout=seconds + 60)
    name = f"{PEOPLE} people, {pause_ms / 1000:g} s between clicks"
    return {"name": name, "pause_ms": pause_ms, **json.loads(told.stdout.strip().splitlines()[-1])}


def goal_of(figures: dict) -> float | None:
    """The goal for people who make pauses; those who make none wait for each other."""
    return P95_MS if figures["pause_ms"] else None


def errors_or_slow(figures: dict, slower: float) -> list[str]:
    """What was beyond the goals."""
    goal = goal_of(figures)
    bad = {"errors": figures["errors"] > 0, "p95": goal is not None and figures["p95_ms"] > goal * slower}
    return [name for name, is_so in bad.items() if is_so]

"""`make licences`: writes docs/licences.md, the licence of everything that OpenREM needs to run."""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.settings import ROOT

ASKED = ("requirements.txt", "requirements-s3.txt")
DOCUMENT = ROOT / "docs" / "licences.md"
# Licences under which an open source program may ship with, or use, what has them: permissive ones, and those that
# want only their own files or library to stay free.
COMPATIBLE = re.compile(
    r"\b(MIT|0?BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Lesser|Unlicense)\b", re.I
)
INCOMPATIBLE = re.compile(
    r"\b(AGPL|Affero|GPL-|GPLv|GNU General|SSPL|Commons Clause|proprietary|non-?commercial)\b", re.I
)
VENDORED = {"htmx": ("2.0.11", "0BSD")}  # files of others in app/static/vendor, each with its licence beside it
HEADING = """# Licences

OpenREM needs these to run; `make licences` makes this list from what is installed. All of them allow an open source
program to use them. Those under the LGPL are libraries that are used as they are, and can be exchanged for others.
What s3fs brings is needed only where files are in a store as S3 (`requirements-s3.txt`).
htmx is the one that is shipped with us, its licence beside it in `app/static/vendor`.

| package | version | licence |
| --- | --- | --- |
"""


def runtime() -> dict[str, Distribution]:
    """Everything installed that we ask for to run, and what that needs in turn, by its canonical name."""
    lines = [line for name in ASKED for line in (ROOT / name).read_text().splitlines()]
    found: dict[str, Distribution] = {}
    waiting = [Requirement(line.partition("#")[0]) for line in lines if line and line[0] not in "#-"]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in found or not _applies(wanted, {""}):
            continue
        found[name] = distribution(wanted.name)
        needs = map(Requirement, found[name].requires or ())
        waiting += [Requirement(_plain(one)) for one in needs if _applies(one, wanted.extras | {""})]
    return dict(sorted(found.items()))


def licence(package: Distribution) -> str:
    """What the package says of its licence, in short."""
    told = package.metadata
    expression, text = told.get("License-Expression"), (told.get("License") or "").strip()
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier", ()) if one.startswith("License ::")]
    short = text if text and "\n" not in text and len(text) < 80 else ""
    return expression or ", ".join(one for one in classified if one != "OSI Approved") or short or "not said"


def is_compatible(name: str) -> bool:
    """Whether an open source program may use it."""
    return bool(COMPATIBLE.search(name)) and not INCOMPATIBLE.search(re.sub(r"LGPL\S*", "", name))


def table() -> str:
    """The document."""
    rows = {name: (package.version, licence(package)) for name, package in runtime().items()} | VENDORED
    return HEADING + "".join(f"| {name} | {version} | {text} |\n" for name, (version, text) in sorted(rows.items()))


def _applies(wanted: Requirement, extras: set[str]) -> bool:
    return wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras)


def _plain(wanted: Requirement) -> str:
    """The requirement without its condition, which was met."""
    return f"{wanted.name}[{','.join(wanted.extras)}]" if wanted.extras else wanted.name


if __name__ == "__main__":
    try:
        DOCUMENT.write_text(table())
    except PackageNotFoundError as missing:
        sys.exit(f"{missing.name} is not installed")

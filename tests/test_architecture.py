"""Who may import whom: the rooms of the house, and what must not enter them."""

import ast
import sys
from dataclasses import dataclass

import pytest

from app.settings import ROOT

WEB_LIBRARIES = {
    "flask",
    "flask_login",
    "flask_migrate",
    "flask_sqlalchemy",
    "flask_wtf",
    "jinja2_fragments",
    "werkzeug",
}
DICOM_LIBRARIES = {"pydicom", "pynetdicom"}
# Modules that are in no room.
GROUND_FLOOR = (
    "accounts astray attempts audit database disk extensions faults heard identity listening logs mariadb passwords "
    "queue remembered rooms settings site storage trail transactions"
)


@dataclass(frozen=True)
class Room:
    """A folder of app/: which of our other modules it may import, and which libraries it may not."""

    ours: frozenset[str]
    never: frozenset[str]
    only: frozenset[str] | None = None  # the only libraries, where the room names them


def room(ours="", never=(), only=None):
    return Room(frozenset(ours.split()), frozenset(never), None if only is None else frozenset(only))


ROOMS = {
    "dicom": room(only={"pydicom"}),
    "models": room("dicom.concept dicom.layout extensions", never=DICOM_LIBRARIES | {"flask.request"}),
    "physics": room(only={"numpy"}),
    "queries": room("models dicom.concept dicom.layout dicom.units extensions", never=DICOM_LIBRARIES | WEB_LIBRARIES),
    "exports": room("queries models database dicom.units disk storage", never=DICOM_LIBRARIES | WEB_LIBRARIES),
    "sizes": room(
        "models dicom.units exports.csv_file extensions identity settings storage transactions",
        never=DICOM_LIBRARIES | WEB_LIBRARIES,
    ),
    "ingest": room(
        "dicom models database extensions identity mariadb transactions", never=WEB_LIBRARIES | {"pynetdicom"}
    ),
    "storage": room("disk settings", never=DICOM_LIBRARIES | WEB_LIBRARIES | {"sqlalchemy"}),
    "directory": room("models accounts audit extensions settings transactions", never=DICOM_LIBRARIES | WEB_LIBRARIES),
    "reception": room("ingest.policy models audit extensions listening heard queue settings transactions"),
    "backup": room(
        "models audit database disk extensions queue remembered settings storage trail transactions",
        never=DICOM_LIBRARIES | (WEB_LIBRARIES - {"flask", "flask_migrate"}),
    ),
    "network": room("astray dicom disk heard listening settings storage queue", never=WEB_LIBRARIES | {"sqlalchemy"}),
    "jobs": room(f"ingest reception queries exports sizes physics models network operations {GROUND_FLOOR}"),
    "operations": room(f"models queries jobs.clock {GROUND_FLOOR}", never=DICOM_LIBRARIES),
    # Of exports, the web needs what kinds there are and where the files lie; jobs write most of them.
    "web": room(
        "queries models jobs operations commands reception ingest.policy "
        "sizes directory exports.audit exports.kinds exports.openskin exports.options "
        "exports.place "
        f"{GROUND_FLOOR}",
        never=DICOM_LIBRARIES,
    ),
}


def imported(path):
    """Every name that the file imports, wherever in it, as module.name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports by relation; we import by name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name, prefixes):
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def wrong(name, home):
    """Whether a file of this room may not import the name."""
    rules = ROOMS[home]
    library = name.partition(".")[0]
    if name == "app.__version__":
        return False
    if library == "app":
        return not within(name, {f"app.{allowed}" for allowed in rules.ours | {home}})
    if rules.only is not None and library not in sys.stdlib_module_names:
        return not within(name, rules.only)
    return within(name, rules.never)


@pytest.mark.parametrize("home", ROOMS)
def test_a_room_imports_only_what_it_may(home):
    files = sorted((ROOT / "app" / home).rglob("*.py"))
    found = [f"{path.relative_to(ROOT)}: {name}" for path in files for name in imported(path) if wrong(name, home)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "way_in", ["scp.py", "app/queue.py", "app/settings.py", "app/listening.py", "app/heard.py", "app/logs.py"]
)
def test_the_listener_and_what_it_stands_on_know_neither_web_nor_database(way_in):
    assert not [name for name in imported(ROOT / way_in) if within(name, WEB_LIBRARIES | {"sqlalchemy", "app.models"})]

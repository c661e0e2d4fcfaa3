"""The pages that are measured, and how long each may take on the reference machine."""

from dataclasses import dataclass
from urllib.parse import urlencode

from bench.web.archive import LARGE_CT, LARGE_RF

STATEMENTS = 8  # at most, for each page
LIST_KB = 60  # of HTML, compressed, for a page of a list
TWO_TEXTS = {"description__has": "thorax", "protocol__has": "native", "dlp__min": "200", "dlp__max": "600"}


@dataclass(frozen=True)
class Page:
    """A page, its address, and the milliseconds that it may take."""

    name: str
    path: str
    goal_ms: float
    is_list: bool = False


def _list(name: str, goal_ms: float, modality: str = "ct", **query: str) -> Page:
    return Page(name, f"/{modality}/" + (f"?{urlencode(query)}" if query else ""), goal_ms, is_list=True)


PAGES = (
    Page("home", "/", 60),
    _list("list, first page", 40),
    _list("list, two texts and a dose range", 80, **TWO_TEXTS),
    _list("list, page 1,000", 80, page="1000"),
    Page("rooms to choose from", "/ct/choices/room", 100),
    Page("filter choices with counts", "/ct/choices/protocol", 100),
    Page("CT study with 30 events", f"/study/2.25.{LARGE_CT}", 40),
    Page("fluoroscopy study with 400 events", f"/study/2.25.{LARGE_RF}", 150),
)
# What nobody set a goal for, but should stay bearable.
OTHERS = (
    _list("sorted by DLP", 1000, sort="-dlp"),
    _list("sorted by CTDIvol, lowest first", 1000, sort="ctdivol"),
    _list("sorted by age", 1000, sort="age"),
    _list("sorted by room", 1000, sort="room"),
    _list("sorted by study", 1000, sort="study"),
    _list("one rare protocol", 1000, protocol__has="0003_"),
    _list("everything but a word", 1000, protocol__has="!angio"),
    _list("one room", 1000, room="7"),
    _list("one event with two doses", 1000, event_ctdivol__min="20", event_dlp__max="300"),
    _list("alternatives", 1000, **{"any1.protocol__has": "thorax", "any2.not.dlp__min": "200", "any2.age__min": "80"}),
    Page("stations among those that match", "/ct/choices/station?age__min=98", 1000),
    _list("the last page", 1000, page="999999999"),
    _list("accession number", 1000, accession__has="1023456"),
    _list("radiography, DAP from 100", 1000, modality="dx", dap__min="100"),
    Page("how many match", "/ct/count?dlp__min=200", 1000),
)
# What people click through in the load test.
CLICKS = tuple(page.path for page in PAGES) + tuple(
    page.path for page in (*(_list("", 0, modality=one) for one in ("rf", "mg", "dx", "nm")), OTHERS[5], OTHERS[7])
)

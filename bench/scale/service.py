"""How long a worker has to do with an object, and how many bytes a study takes: measured, in a database of its own."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from io import BytesIO
from itertools import count
from pathlib import Path
from random import Random
from statistics import mean

import psutil
from pydicom import dcmread
from sqlalchemy import func, select, text

from app import create_app
from app.demo.rooms import CT_ROOMS, FLUOROSCOPY_ROOMS
from app.demo.study import study
from app.extensions import db
from app.ingest.layouts import REPORT
from app.ingest.receive import IMPORTED
from app.jobs.ingest import ingest
from app.models import Original
from app.network.spool import keep
from app.settings import Settings, load
from bench import endtoend
from bench.samples import SAMPLES, Copies
from bench.scale.region import KINDS, Pools
from tests import images, servers

UNTIL = date(2026, 1, 30)
SEED = 1
WARM = 0.3  # as many more that are not counted: what is read for the first time is read more slowly
IMAGES: dict[str, tuple[str, dict, int]] = {
    "MG": (images.MG_PROCESSING, images.MAMMOGRAPHY, 4),
    "DX": (images.DX_PROCESSING, images.RADIOGRAPHY, 2),
}  # what is sent of a study where its room writes no report
DEMO = {"CT": CT_ROOMS, "RF": FLUOROSCOPY_ROOMS, "NM": CT_ROOMS}
SIZES = """
    SELECT pg_indexes_size(oid) AS indexes, pg_total_relation_size(oid) AS total
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


@dataclass
class Service:
    """What was measured."""

    pools: dict[str, list[list[float]]]  # by kind, studies: seconds for each of their objects, one alone
    carried: float  # how many times as long it takes with the queue, and with a second worker on the same machine
    database_share: float  # of the time, that the database's processes were busy
    rows_kb: float  # that a study takes in the database: rows, indexes, and objects without their patients
    indexes_kb: float
    kept_kb: float
    spool_kb: float  # of an object that waits

    def as_workers_are(self) -> Pools:
        """The seconds of a worker among others."""
        return {
            kind: [[one * self.carried for one in objects] for objects in studies]
            for kind, studies in self.pools.items()
        }

    def mean(self) -> tuple[float, float]:
        """Objects of the mean study, and seconds for the mean object."""
        objects = sum(kind.share * mean(map(len, self.pools[kind.name])) for kind in KINDS)
        seconds = sum(kind.share * mean(map(sum, self.pools[kind.name])) for kind in KINDS)
        return objects, seconds * self.carried / objects

    def as_json(self) -> dict:
        """The figures, from which they can be made again."""
        return asdict(self)


def measured(studies: int, reports: int) -> Service:
    """So many studies one after the other, a mixture; then reports through queue and two workers."""
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.redis() as server,
        servers.fresh_postgres() as url,
    ):
        settings = load({"INSTANCE": folder, "REDIS_URL": server.url, "DATABASE_URL": url})
        with create_app(settings).app_context():
            db.create_all()
            service = _alone(settings, studies)
            service.carried = _carried(settings, reports) if reports else 1.0
            db.session.remove()
            db.engine.dispose()
    return service


def _alone(settings: Settings, studies: int) -> Service:
    settings.spool.mkdir(parents=True)
    database, kinds = _Database(), _sources()
    for kind in _mixed(round(WARM * studies)):
        _take(settings, next(kinds[kind]))
    busy, before = database.seconds(), _bytes()
    pools: dict[str, list[list[float]]] = {kind: [] for kind in kinds}
    sent: list[int] = []
    for kind in _mixed(studies):
        files = next(kinds[kind])
        pools[kind].append(_take(settings, files))
        sent += map(len, files)
    busy = database.seconds() - busy
    number = 1000 * sum(map(len, pools.values()))
    rows, indexes, kept = ((now - then) / number for now, then in zip(_bytes(), before, strict=True))
    seconds = sum(sum(one) for some in pools.values() for one in some)
    return Service(pools, 1.0, busy / seconds, rows, indexes, kept, mean(sent) / 1000)


def _mixed(studies: int) -> list[str]:
    """The kinds of so many studies, in a mixture of their shares, two of each at least."""
    kinds = [kind.name for kind in KINDS for _ in range(max(2, round(kind.share * studies)))]
    Random(SEED).shuffle(kinds)
    return kinds


def _take(settings: Settings, files: list[bytes]) -> list[float]:
    """The seconds that a worker has to do with each, in this process."""
    return [_read(settings, file) for file in files]


def _read(settings: Settings, content: bytes) -> float:
    path = keep([content], settings.spool)
    begun = time.perf_counter()
    result = ingest(str(path))
    if result != IMPORTED:
        raise RuntimeError(f"an object was not imported: {result}")
    return time.perf_counter() - begun


def _sources() -> dict[str, Iterator[list[bytes]]]:
    """What gives the objects of a new study of each kind."""
    return {kind: _of_images(kind) if kind in IMAGES else _of_demo(kind) for kind in (one.name for one in KINDS)}


def _of_demo(kind: str) -> Iterator[list[bytes]]:
    """Reports of the demo's studies of this kind; nuclear medicine comes with the CT of its scanner."""
    stations = {room.station for room in DEMO[kind]}
    for number in count():
        files = study(SEED, number, UNTIL, REPORT).files
        if dcmread(BytesIO(files[0]), specific_tags=["StationName"]).StationName in stations and (len(files) > 1) == (
            kind == "NM"
        ):
            yield files


def _of_images(kind: str) -> Iterator[list[bytes]]:
    """Images without their pixels, those of a study together."""
    sop_class, attributes, each = IMAGES[kind]
    for number in count(1):
        uid = f"2.25.{len(kind)}{ord(kind[0])}{number:06}"
        named = {"StationName": f"{kind}1"} | attributes
        made = (images.dataset(sop_class, uid, **named) for _ in range(each))
        yield [images.file(one).getvalue() for one in made]


def _carried(settings: Settings, reports: int) -> float:
    """How many times as long one of two workers has to do with a report as this process alone."""
    copies = Copies(SAMPLES[0].content())
    alone = mean(_read(settings, copies.copy(number)) for number in range(max(1, reports // 5)))
    with tempfile.TemporaryDirectory() as logs:
        together = endtoend.WORKERS / endtoend.measure(settings, reports, Path(logs))["per_second"]
    return max(1.0, together / alone)


def _bytes() -> tuple[float, float, float]:
    """What the database takes: all of it, its indexes, and the objects that are kept."""
    sizes = db.session.execute(text(SIZES)).all()
    kept = db.session.scalar(select(func.sum(func.octet_length(Original.kept)))) or 0
    db.session.rollback()
    return sum(one.total for one in sizes), sum(one.indexes for one in sizes), float(kept)


class _Database:
    """The processes of the database's server."""

    def __init__(self) -> None:
        backend = db.session.scalar(text("SELECT pg_backend_pid()"))
        self._server = psutil.Process(backend).parent()
        db.session.rollback()

    def seconds(self) -> float:
        """How long they have been busy; those that ended do not count."""
        times = (one.cpu_times() for one in (self._server, *self._server.children()))
        return sum(one.user + one.system for one in times)

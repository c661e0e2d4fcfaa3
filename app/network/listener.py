"""The DICOM listener: keeps each object as it came, says success, tells the queue. It reads none of them."""

import logging
import os
import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from pynetdicom import _config

from app import disk, heard, listening, queue
from app.listening import Store, WrongStore
from app.network.announcer import Announcer, sweep, sweep_and_carry
from app.network.ports import Ports
from app.network.spool import MEGABYTE, Folder, receiving, write_what_comes_in
from app.network.visit import Place
from app.settings import Settings
from app.storage import StorageAway

LOOK_SECONDS = 2  # how often we look whether something else was published
DOUBT_SECONDS = 2  # after which a file is looked at again whose job is astray, or only seemed so for a moment
SWEEPING = 20  # times as long as a sweep took, we do not sweep

log = logging.getLogger(__name__)


class CannotListen(Exception):
    """None of what is wanted can be done; the sentence says why."""


class Listener:
    """Listens at the ports that were published, tells what it sees, sweeps the spool; until stopped."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.store: Store = listening.of_environment(settings)
        self.folder = Folder(settings.spool)
        self.announcer = Announcer(settings)
        self.teller = heard.Teller(settings, socket.gethostname(), os.getpid())
        self.error = ""  # why what was published can't be read
        self.ports = Ports(Place(self.folder, self.announcer, self.teller))
        self._since = time.time()
        self._spool = (0, 0)
        self._stopping = threading.Event()
        self._whole = ExitStack()
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("watch", self._watch), ("sweep", self._sweep_until_stopped))
        ]

    @property
    def port(self) -> int:
        """The first port we listen on, which is the system's choice where settings say 0."""
        return self.ports.state()[0].port

    def start(self) -> None:
        """Begin to listen. Raises CannotListen where nobody told us but the environment, and that can't be done."""
        _be_quiet()
        wanted = listening.at_start(self.settings)
        if problem := next(listening.problems(wanted), None):
            raise CannotListen(problem)
        self._whole.enter_context(receiving(self.settings.spool))
        self._be(wanted)
        if self.ports.errors and self.store == listening.of_environment(self.settings):
            self.ports.end()
            self._whole.close()
            raise CannotListen("; ".join(self.ports.errors.values()))
        self.teller.heartbeat = self.heartbeat
        logging.getLogger("app").addHandler(self.teller)
        self.teller.start()
        self.announcer.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Close the ports, end associations and what goes on beside them."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self.ports.end()
        self._whole.close()
        self.announcer.stop()
        log.info("stopped")
        logging.getLogger("app").removeHandler(self.teller)
        self.teller.stop()

    def heartbeat(self) -> heard.Heartbeat:
        """How all is, for who looks."""
        free = self._free_mb()
        return heard.Heartbeat(
            host=self.teller.host,
            pid=self.teller.pid,
            since=self._since,
            at=time.time(),
            version=self.store.version,
            endpoints=tuple(self.ports.state()),
            error=self.error,
            free_mb=free,
            least_free_mb=self.folder.least_free_mb,
            full=free < self.folder.least_free_mb,
            spool_files=self._spool[0],
            spool_mb=self._spool[1],
            storage=self.settings.storage_url,
            disk=self._disk(),
            address=heard.own_address(),
        )

    def _be(self, wanted: Store) -> None:
        """Do what is wanted, as far as it can be done."""
        self.folder.least_free_mb = wanted.least_free_mb
        write_what_comes_in(self.folder.may_be_written(self._free_mb()))
        self.ports.be(wanted)
        if wanted.version and not self.ports.errors:
            try:
                listening.remember(self.settings, wanted)
            except OSError as error:
                log.warning("the settings could not be kept for the next start: %s", error.strerror)
        self.store = wanted

    def _watch(self) -> None:
        full = False
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                full = self._look_at_disk(full)
                self._follow()
            except queue.QueueAway:
                pass  # we go on as we are
            except Exception:
                log.exception("what was published could not be followed")

    def _follow(self) -> None:
        """Do what is published, where it is something else than we do; what can't be done is tried again."""
        error = ""
        wanted: Store | None = None
        try:
            wanted = listening.published(self.settings)
        except WrongStore as wrong:
            error = str(wrong)
        if error and error != self.error:
            log.error("%s", error)
        self.error = error
        wanted = wanted or self.store
        if wanted != self.store or self.ports.need_attention():
            self._be(wanted)

    def _look_at_disk(self, was_full: bool) -> bool:
        """Whether too little room is left, which the log hears when it begins and when it ends."""
        free, least = self._free_mb(), self.folder.least_free_mb
        if free < least and not was_full:
            log.error("only %d MB of disk are free, and %d have to stay: nothing is taken", free, least)
        elif was_full and free >= least:
            log.warning("%d MB of disk are free: objects are taken again", free)
        write_what_comes_in(self.folder.may_be_written(free))
        return free < least

    def _free_mb(self) -> int:
        try:
            return self.folder.free_mb()
        except OSError:
            return 0

    def _disk(self) -> str:
        try:
            return disk.name_of(self.folder.path)
        except OSError:
            return ""

    def _sweep_until_stopped(self) -> None:
        doubted: set[Path] = set()
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._spool = _extent(self.folder.path)
                doubted = self._sweep(doubted)
            except queue.QueueAway as error:
                log.warning("the queue is away (%s); files wait in the spool", error)
            except StorageAway as error:
                log.warning("%s; files wait in the spool", error)
            except Exception:
                log.exception("the sweep failed")
            # With very many files a sweep takes a while, and must not take the time of those who send.
            usual = min(DOUBT_SECONDS, self.settings.sweep_seconds) if doubted else self.settings.sweep_seconds
            self._stopping.wait(max(usual, SWEEPING * (time.monotonic() - began)))

    def _sweep(self, doubted: set[Path]) -> set[Path]:
        if carrier := self.announcer.carrier:
            sweep_and_carry(self.settings, carrier, self.announcer.pending)
            return set()
        return sweep(self.settings, doubted, self.announcer.pending)


def _be_quiet() -> None:
    """Have pynetdicom log mistakes of ours only: a visit tells of all else, and a data set names a patient."""
    _config.LOG_HANDLER_LEVEL = "none"
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
    logging.getLogger("pynetdicom.events").setLevel(logging.ERROR)


def _extent(folder: Path) -> tuple[int, int]:
    """How many objects wait in the folder, and how many megabytes they are."""
    files = size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".dcm"):
                with suppress(FileNotFoundError):  # read meanwhile
                    size += entry.stat().st_size
                    files += 1
    return files, size // MEGABYTE

"""The DICOM listener: keeps each object as it came, tells the queue, says success. It reads none of them."""

import errno
import logging
import os
import threading
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from uuid import uuid4

from pydicom import uid
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, _config, evt
from pynetdicom.dsutils import encode_file_meta
from pynetdicom.events import Event
from pynetdicom.presentation import VerificationPresentationContexts
from pynetdicom.transport import ThreadedAssociationServer

from app import queue
from app.settings import Settings

# Every kind of object that can carry dose: reports, images with exposure in the header, screenshots of dose pages.
ACCEPTED = (
    uid.BasicTextSRStorage,
    uid.EnhancedSRStorage,
    uid.ComprehensiveSRStorage,
    uid.Comprehensive3DSRStorage,
    uid.ExtensibleSRStorage,
    uid.XRayRadiationDoseSRStorage,
    uid.EnhancedXRayRadiationDoseSRStorage,
    uid.RadiopharmaceuticalRadiationDoseSRStorage,
    uid.PatientRadiationDoseSRStorage,
    uid.ComputedRadiographyImageStorage,
    uid.DigitalXRayImageStorageForPresentation,
    uid.DigitalXRayImageStorageForProcessing,
    uid.DigitalMammographyXRayImageStorageForPresentation,
    uid.DigitalMammographyXRayImageStorageForProcessing,
    uid.DigitalIntraOralXRayImageStorageForPresentation,
    uid.DigitalIntraOralXRayImageStorageForProcessing,
    uid.BreastTomosynthesisImageStorage,
    uid.BreastProjectionXRayImageStorageForPresentation,
    uid.BreastProjectionXRayImageStorageForProcessing,
    uid.XRay3DCraniofacialImageStorage,
    uid.XRayAngiographicImageStorage,
    uid.EnhancedXAImageStorage,
    uid.XRayRadiofluoroscopicImageStorage,
    uid.EnhancedXRFImageStorage,
    uid.NuclearMedicineImageStorage,
    uid.PositronEmissionTomographyImageStorage,
    uid.EnhancedPETImageStorage,
    uid.LegacyConvertedEnhancedPETImageStorage,
    uid.SecondaryCaptureImageStorage,
    uid.MultiFrameSingleBitSecondaryCaptureImageStorage,
    uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    uid.MultiFrameTrueColorSecondaryCaptureImageStorage,
)
FULL = (errno.ENOSPC, errno.EDQUOT)
UPKEEP_SECONDS = 3600  # how often we ask a worker to put refused objects in order
ABANDONED_SECONDS = 3600  # a .part this old is what a crash left; its sender was never told success

log = logging.getLogger(__name__)


class Status(IntEnum):
    """What we answer to C-STORE (PS3.4 table B.2-1, PS3.7 annex C)."""

    SUCCESS = 0x0000
    OUT_OF_RESOURCES = 0xA700
    PROCESSING_FAILURE = 0x0110


class Listener:
    """Listens on the network and sweeps the spool, until stopped."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self._stopping = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep_until_stopped, name="sweep", daemon=True)
        self._server: ThreadedAssociationServer | None = None

    @property
    def port(self) -> int:
        """The port we listen on, which is the system's choice where settings say 0."""
        return self._server.server_address[1]

    def start(self):
        """Begin to listen and to sweep. Raises OSError where the port is taken, ValueError for a bad AE title."""
        self.settings.spool.mkdir(parents=True, exist_ok=True)
        _config.LOG_HANDLER_LEVEL = "none"  # what pynetdicom would log names patients
        handlers = [
            (evt.EVT_ACCEPTED, _log_association, ["accepted"]),
            (evt.EVT_REJECTED, _log_association, ["rejected"]),
            (evt.EVT_C_STORE, answer_store, [self.settings]),
        ]
        address = (self.settings.store_host, self.settings.store_port)
        self._server = _application_entity(self.settings).start_server(address, block=False, evt_handlers=handlers)
        self._sweeper.start()
        log.info("listening as %s on %s port %d", self.settings.store_ae_title, self.settings.store_host, self.port)

    def stop(self):
        """End associations, close the port, finish the sweep."""
        self._stopping.set()
        self._server.ae.shutdown()
        self._sweeper.join()
        log.info("stopped")

    def _sweep_until_stopped(self):
        doubted, tended = set(), time.monotonic()
        while not self._stopping.is_set():
            try:
                doubted = sweep(self.settings, doubted)
                if time.monotonic() - tended >= UPKEEP_SECONDS:
                    tended = time.monotonic()
                    queue.enqueue(self.settings, queue.EXPORT, "app.jobs.upkeep.tend", job_id="upkeep")
            except queue.QueueAway as error:
                log.warning("the queue is away (%s); files wait in the spool", error)
            except Exception:
                log.exception("the sweep failed")
            self._stopping.wait(self.settings.sweep_seconds)


def answer_store(event: Event, settings: Settings) -> Status:
    """The status for one object: success once its file is safe, whether or not the queue hears of it now."""
    try:
        path = keep(_as_file(event), settings.spool)
    except OSError as error:
        status = Status.OUT_OF_RESOURCES if error.errno in FULL else Status.PROCESSING_FAILURE
        log.error("%s refused with 0x%04X: %s", _named(event), status, error.strerror)
        return status
    except Exception:
        log.exception("%s refused with 0x%04X", _named(event), Status.PROCESSING_FAILURE)
        return Status.PROCESSING_FAILURE
    log.info("%s kept as %s%s", _named(event), path.name, "" if _tell(settings, path) else "; the queue is away")
    return Status.SUCCESS


def keep(pieces: Iterable[bytes], folder: Path) -> Path:
    """The file that holds the pieces, which is there whole and safe from a power cut, or not at all."""
    part = folder / f"{uuid4()}.part"
    try:
        with open(part, "xb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        path = part.rename(part.with_suffix(".dcm"))
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync(folder)
    return path


def sweep(settings: Settings, doubted: Collection[Path] = ()) -> set[Path]:
    """Tell the queue of every file that nobody will read otherwise, and drop what crashes left half written.

    Gives the files whose job is nowhere to be found, for the next sweep to doubt: a worker that is just taking a job
    looks the same for a moment. Where two sweeps find it so, the file is asked for again; reading twice is harmless.
    """
    for part in settings.spool.glob("*.part"):
        with suppress(FileNotFoundError):  # complete by now, and renamed
            if part.stat().st_mtime < time.time() - ABANDONED_SECONDS:
                part.unlink()
    unheard, astray = queue.unheard_of(settings, sorted(settings.spool.glob("*.dcm")))
    unheard = [path for path in unheard if path.exists()]  # a busy worker reads some while we look
    again = [path for path in astray if path in doubted]
    if again:
        queue.forget(settings, again)
    for path in unheard + again:
        queue.enqueue_ingest(settings, path)
    if unheard:
        log.info("told the queue of %d files that it had not heard of", len(unheard))
    if again:
        log.warning("told the queue again of %d files whose reading was interrupted or failed", len(again))
    return set(astray) - set(again)


def _application_entity(settings: Settings) -> AE:
    entity = AE(ae_title=settings.store_ae_title)
    entity.maximum_associations = 50
    entity.maximum_pdu_size = 131072  # bytes; without a limit an image arrives in one piece and is copied in memory
    entity.supported_contexts = VerificationPresentationContexts
    for sop_class in ACCEPTED:
        entity.add_supported_context(sop_class, ALL_TRANSFER_SYNTAXES)
    return entity


def _as_file(event: Event) -> tuple[bytes, bytes]:
    """The object as a DICOM file, undecoded, in two pieces: joining them would copy images of a gigabyte."""
    head = bytes(128) + b"DICM" + encode_file_meta(event.file_meta)
    return head, event.encoded_dataset(include_meta=False)


def _tell(settings: Settings, path: Path) -> bool:
    """Whether the queue could be told; the sweep tells it later where not."""
    try:
        queue.enqueue_ingest(settings, path)
    except queue.QueueAway:
        return False
    return True


def _sync(folder: Path):
    """Make the names in the folder as safe as the files' contents."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _log_association(event: Event, outcome: str):
    log.info("association with %s %s", _sender(event), outcome)


def _named(event: Event) -> str:
    return f"{event.context.abstract_syntax.name} from {_sender(event)}"


def _sender(event: Event) -> str:
    requestor = event.assoc.requestor
    return f"{requestor.ae_title!r} at {requestor.address}"  # quoted: the sender chose the title

"""A scanner for tests: made objects, sent over the network as a modality sends them."""

from contextlib import contextmanager

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, XRayRadiationDoseSRStorage, generate_uid
from pynetdicom import AE
from pynetdicom.dsutils import encode


def dose_report(sop_class=XRayRadiationDoseSRStorage, transfer_syntax=ExplicitVRLittleEndian) -> Dataset:
    """The least that may be sent: its own identity, and a patient whose name must not be seen anywhere."""
    report = Dataset()
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = transfer_syntax
    report.SOPClassUID = sop_class
    report.SOPInstanceUID = generate_uid()
    report.PatientName = "Hidden^Patient"
    report.PatientID = "SECRET-ID"
    return report


def encoded(report: Dataset) -> bytes:
    """The report as it goes over the network."""
    syntax = report.file_meta.TransferSyntaxUID
    return encode(report, syntax.is_implicit_VR, syntax.is_little_endian, syntax.is_deflated)


@contextmanager
def association(settings, *contexts, title="SCANNER"):
    """An open association with our listener, for pairs of SOP class and transfer syntax."""
    scanner = AE(ae_title=title)
    for sop_class, transfer_syntax in contexts:
        scanner.add_requested_context(sop_class, transfer_syntax)
    opened = scanner.associate(settings.store_host, settings.store_port, ae_title=settings.store_ae_title)
    connection = opened.dul.socket.socket if opened.is_established else None
    try:
        yield opened
    finally:
        if opened.is_established:
            opened.release()
        if connection:
            connection.close()  # pynetdicom does not, where the other side was the first


def send(settings, *reports) -> list[int]:
    """The listener's answers to the reports, sent in one association."""
    contexts = {(report.SOPClassUID, report.file_meta.TransferSyntaxUID) for report in reports}
    with association(settings, *contexts) as opened:
        return [opened.send_c_store(report).Status for report in reports]

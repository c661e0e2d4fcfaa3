"""What is taken of what senders offer: a CT study sent by mistake is refused before it crosses the network."""

from collections.abc import Collection, Iterable

from pydicom import uid
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.service_class import ServiceClass, StorageServiceClass
from pynetdicom.sop_class import register_uid, uid_to_service_class

VERIFICATION = "1.2.840.10008.1.1"  # the SOP class of C-ECHO (PS3.4 A)
MOST_NAMED = 5  # classes in a sentence

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


def classes(accept_more: Collection[str]) -> frozenset[str]:
    """The SOP classes that are taken: these besides those that can carry dose, also where pynetdicom has no name."""
    for one in accept_more:
        if uid_to_service_class(one) is ServiceClass:
            register_uid(one, f"Accepted_{one.replace('.', '_')}", StorageServiceClass)
    return frozenset((*ACCEPTED, *accept_more))


def taken(offers: Iterable[PresentationContext], wanted: Collection[str]) -> list[PresentationContext]:
    """What we support of the offers: objects of the wanted classes in every transfer syntax, as the sender likes."""
    syntaxes: dict[str, dict[str, None]] = {}
    for offer in offers:
        if offer.abstract_syntax == VERIFICATION or offer.abstract_syntax in wanted:
            syntaxes.setdefault(offer.abstract_syntax, {}).update(dict.fromkeys(_liked(offer.transfer_syntax)))
    return [build_context(sop_class, list(liked)) for sop_class, liked in syntaxes.items()]


def nothing_taken(offers: Iterable[PresentationContext]) -> str:
    """The sentence for people about offers none of which is taken."""
    names = sorted({uid.UID(offer.abstract_syntax).name for offer in offers})
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"nothing it offered is taken: {', '.join(names[:MOST_NAMED])}{more}" if names else ""


def _liked(syntaxes: list[uid.UID]) -> list[uid.UID]:
    """What the sender names first, as its file probably is; but where it need not be guessed, no VR should be."""
    if syntaxes[:1] == [uid.ImplicitVRLittleEndian] and uid.ExplicitVRLittleEndian in syntaxes:
        return [uid.ExplicitVRLittleEndian, *syntaxes]
    return list(syntaxes)

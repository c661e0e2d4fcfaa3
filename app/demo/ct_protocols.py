"""What CT rooms do: protocols as lists of phases, with doses as surveys find them for people of usual size."""

from dataclasses import dataclass

from app.dicom.concept import Concept

LOCALISER = Concept("113805", "DCM", "Constant Angle Acquisition")
SPIRAL = Concept("116152004", "SCT", "Spiral Acquisition")
SEQUENCE = Concept("113804", "DCM", "Sequenced Acquisition")
STATIONARY = Concept("113806", "DCM", "Stationary Acquisition")

HEAD = Concept("69536005", "SCT", "Head")
NECK = Concept("45048000", "SCT", "Neck")
SPINE = Concept("421060004", "SCT", "Spine")
CHEST = Concept("51185008", "SCT", "Chest")
ABDOMEN = Concept("113345001", "SCT", "Abdomen")
PELVIS = Concept("12921003", "SCT", "Pelvis")
HEART = Concept("80891009", "SCT", "Heart")
BODY = Concept("38266002", "SCT", "Entire body")


@dataclass(frozen=True)
class Phase:
    """One irradiation event of a protocol."""

    name: str
    ctdivol: float  # median in mGy for a person of usual size
    length: float  # in mm
    region: Concept
    contrast: bool = False
    type: Concept = SPIRAL
    kvp: float = 120.0
    pitch: float = 0.95
    rotation: float = 0.5  # in s
    collimation: tuple[float, float] = (0.625, 40.0)  # single and total, in mm
    dual: bool = False  # uses both sources where there are two
    chance: float = 1.0  # how often it is done

    @property
    def is_localiser(self) -> bool:
        """Whether it only shows where to scan."""
        return self.type == LOCALISER


@dataclass(frozen=True)
class CtProtocol:
    """One kind of CT study."""

    group: str
    name: str
    requested: str
    share: float
    localiser: float  # its length in mm
    phases: tuple[Phase, ...]
    ages: tuple[float, float] = (18, 95)


def _bolus(region: Concept) -> tuple[Phase, Phase]:
    """The scans that wait for the contrast medium."""
    return (
        Phase("PreMonitoring", 1.2, 10, region, False, STATIONARY, pitch=0, collimation=(10, 10)),
        Phase("Monitoring", 4.8, 10, region, True, STATIONARY, pitch=0, collimation=(10, 10)),
    )


def _head(name: str, ctdivol: float, contrast: bool = False) -> Phase:
    return Phase(name, ctdivol, 165, HEAD, contrast, pitch=0.55, rotation=1.0, collimation=(0.6, 19.2))


BIOPSY_STEPS = tuple(Phase(f"Biopsy {step}", 4, 15, CHEST, type=SEQUENCE, pitch=1, chance=0.75) for step in range(1, 9))
NECK_SCAN = Phase("Cervical spine", 15, 215, NECK, pitch=0.8, rotation=1.0)
TRUNK = Phase("Thorax Abdomen Pelvis PV", 8.5, 650, BODY, True)

PROTOCOLS = (
    CtProtocol("head", "Head routine", "CT Head", 26, 250, (_head("Head", 52),)),
    CtProtocol("head", "Head sequential", "CT Head", 8, 250, (
        Phase("Head seq", 56, 150, HEAD, type=SEQUENCE, pitch=1, rotation=1.0, collimation=(1.25, 20)),
    )),
    CtProtocol("head", "Head with contrast", "CT Head with contrast", 6, 250, (
        _head("Head", 52), _head("Head +C", 48, contrast=True),
    )),
    CtProtocol("head", "Stroke", "CT Head, CT Angiography neck and head", 7, 300, (
        _head("Head", 52), *_bolus(NECK), Phase("CTA carotids", 9, 360, NECK, True, kvp=100.0, pitch=0.9),
        Phase("Perfusion", 160, 100, HEAD, True, STATIONARY, kvp=80.0, pitch=0, rotation=0.3, chance=0.5),
    )),
    CtProtocol("head", "Sinus", "CT Paranasal sinuses", 6, 200, (Phase("Sinus", 6.5, 95, HEAD, kvp=100.0),)),
    CtProtocol("body", "Thorax routine", "CT Chest with contrast", 16, 450, (
        Phase("Thorax", 7.0, 345, CHEST, True, pitch=1.2),
    )),
    CtProtocol("body", "Thorax low dose", "CT Chest low dose", 9, 450, (
        Phase("Thorax LD", 1.7, 340, CHEST, kvp=100.0, pitch=1.4),
    )),
    CtProtocol("body", "Pulmonary embolism", "CT Pulmonary angiography", 12, 450, (
        *_bolus(CHEST), Phase("CTPA", 6.0, 285, CHEST, True, kvp=100.0, pitch=1.3),
    )),
    CtProtocol("body", "Abdomen routine", "CT Abdomen and pelvis with contrast", 22, 600, (
        Phase("Abdomen PV", 9.8, 465, ABDOMEN, True, dual=True),
    )),
    CtProtocol("body", "Liver 3-phase", "CT Liver multiphase", 7, 600, (
        *_bolus(ABDOMEN), Phase("Arterial", 9.5, 260, ABDOMEN, True), Phase("Portal venous", 10, 465, ABDOMEN, True),
        Phase("Delayed", 9, 260, ABDOMEN, True, chance=0.6),
    )),
    CtProtocol("body", "Thorax abdomen pelvis", "CT Chest, abdomen and pelvis with contrast", 20, 800, (TRUNK,)),
    CtProtocol("body", "Kidney stones low dose", "CT Kidneys ureters bladder", 9, 550, (
        Phase("KUB LD", 3.4, 440, ABDOMEN, pitch=1.2),
    )),
    CtProtocol("body", "Urography", "CT Urogram", 4, 600, (
        Phase("Native", 5, 440, ABDOMEN), Phase("Nephrographic", 9, 300, ABDOMEN, True),
        Phase("Excretory", 5.5, 440, ABDOMEN, True),
    )),
    CtProtocol("body", "Lumbar spine", "CT Lumbar spine", 6, 400, (
        Phase("L-Spine", 17, 210, SPINE, pitch=0.8, rotation=1.0),
    )),
    CtProtocol("body", "Biopsy", "CT guided biopsy", 4, 350, (
        Phase("Planning", 6, 180, CHEST), *BIOPSY_STEPS, Phase("Control", 4, 180, CHEST),
    )),
    CtProtocol("cardiac", "Coronary CTA", "CT Coronary angiography", 12, 300, (
        Phase("Calcium score", 2.2, 140, HEART, type=SEQUENCE, pitch=1, rotation=0.25, dual=True), *_bolus(HEART),
        Phase("CorCTA", 13, 135, HEART, True, kvp=100.0, pitch=0.25, rotation=0.25, dual=True),
    )),
    CtProtocol("cardiac", "Aorta flash", "CT Aortogram", 7, 800, (
        *_bolus(CHEST), Phase("Aorta flash", 4.6, 670, BODY, True, kvp=100.0, pitch=3.2, rotation=0.25, dual=True),
    )),
    CtProtocol("trauma", "Polytrauma", "CT Trauma series", 10, 1200, (_head("Head", 52), NECK_SCAN, TRUNK), (16, 90)),
    CtProtocol("petct", "PET-CT low dose", "PET-CT whole body", 20, 1050, (Phase("AC CT", 3.0, 960, BODY, pitch=1.4),)),
    CtProtocol("planning", "Planning thorax 4D", "Radiotherapy planning thorax", 8, 500, (
        Phase("4DCT", 23, 300, CHEST, pitch=0.06, collimation=(1.5, 24)),
    )),
    CtProtocol("planning", "Planning pelvis", "Radiotherapy planning pelvis", 12, 450, (
        Phase("Pelvis planning", 15, 320, PELVIS, collimation=(0.75, 24)),
    )),
    CtProtocol("child", "Child head", "CT Head", 10, 220, (_head("Head child", 34),), (0, 16)),
    CtProtocol("child", "Child thorax", "CT Chest", 6, 320, (
        Phase("Thorax child", 3.4, 300, CHEST, kvp=80.0, pitch=1.5, dual=True),
    ), (0, 17)),
    CtProtocol("child", "Child abdomen", "CT Abdomen with contrast", 4, 420, (
        Phase("Abdomen child", 6, 380, ABDOMEN, True, kvp=80.0, pitch=1.2),
    ), (1, 17)),
)  # fmt: skip

"""What CT rooms do: protocols as lists of phases, with doses as surveys find them for people of usual size."""

from dataclasses import dataclass

from app.dicom.concept import Concept

HEAD_PHANTOM = Concept("113690", "DCM", "IEC Head Dosimetry Phantom")
BODY_PHANTOM = Concept("113691", "DCM", "IEC Body Dosimetry Phantom")

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
    type: Concept = SPIRAL
    contrast: bool = False
    kvp: float = 120.0
    pitch: float = 0.95
    rotation: float = 0.5  # in s
    collimation: tuple[float, float] = (0.625, 40.0)  # single and total, in mm
    dual: bool = False  # uses both sources where there are two
    chance: float = 1.0  # how often it is done

    @property
    def is_of_head(self) -> bool:
        """Whether its dose is that in the phantom of 16 cm, which does not depend on the trunk's size."""
        return self.region == HEAD


@dataclass(frozen=True)
class Protocol:
    """One kind of study: its names, where it is done, and its phases."""

    group: str
    name: str
    requested: str
    share: float
    phases: tuple[Phase, ...]
    localiser: float = 500.0  # its length in mm
    ages: tuple[float, float] = (18, 95)


def _scan(name, ctdivol, length, region, **more) -> Phase:
    return Phase(name, ctdivol, length, region, **more)


def _bolus(region: Concept) -> tuple[Phase, Phase]:
    """The scans that wait for the contrast medium."""
    same = {"type": STATIONARY, "pitch": 0.0, "collimation": (10.0, 10.0)}
    return Phase("PreMonitoring", 1.2, 10, region, **same), Phase("Monitoring", 4.8, 10, region, contrast=True, **same)


HEAD_SCAN = _scan("Head", 52, 165, HEAD, pitch=0.55, rotation=1.0, collimation=(0.6, 19.2))
NECK_SCAN = _scan("Cervical spine", 15, 215, NECK, pitch=0.8, rotation=1.0)
TRUNK = _scan("Thorax Abdomen Pelvis PV", 8.5, 650, BODY, contrast=True)

PROTOCOLS = (
    Protocol("head", "Head routine", "CT Head", 26, (HEAD_SCAN,), 250),
    Protocol("head", "Head sequential", "CT Head", 8, (
        _scan("Head seq", 56, 150, HEAD, type=SEQUENCE, pitch=1.0, rotation=1.0, collimation=(1.25, 20.0)),), 250),
    Protocol("head", "Head with contrast", "CT Head with contrast", 6, (
        HEAD_SCAN, _scan("Head +C", 48, 165, HEAD, pitch=0.55, rotation=1.0, contrast=True)), 250),
    Protocol("head", "Stroke", "CT Head, CT Angiography neck and head", 7, (
        HEAD_SCAN, *_bolus(NECK), _scan("CTA carotids", 9, 360, NECK, contrast=True, kvp=100.0, pitch=0.9),
        _scan("Perfusion", 160, 100, HEAD, type=STATIONARY, kvp=80.0, pitch=0.0, rotation=0.3, contrast=True, chance=0.5)), 300),
    Protocol("head", "Sinus", "CT Paranasal sinuses", 6, (_scan("Sinus", 6.5, 95, HEAD, kvp=100.0),), 200),
    Protocol("body", "Thorax routine", "CT Chest with contrast", 16, (
        _scan("Thorax", 7.0, 345, CHEST, contrast=True, pitch=1.2),), 450),
    Protocol("body", "Thorax low dose", "CT Chest low dose", 9, (_scan("Thorax LD", 1.7, 340, CHEST, kvp=100.0, pitch=1.4),), 450),
    Protocol("body", "Pulmonary embolism", "CT Pulmonary angiography", 12, (
        *_bolus(CHEST), _scan("CTPA", 6.0, 285, CHEST, contrast=True, kvp=100.0, pitch=1.3)), 450),
    Protocol("body", "Abdomen routine", "CT Abdomen and pelvis with contrast", 22, (
        _scan("Abdomen PV", 9.8, 465, ABDOMEN, contrast=True, dual=True),), 600),
    Protocol("body", "Liver 3-phase", "CT Liver multiphase", 7, (
        *_bolus(ABDOMEN), _scan("Arterial", 9.5, 260, ABDOMEN, contrast=True),
        _scan("Portal venous", 10, 465, ABDOMEN, contrast=True), _scan("Delayed", 9, 260, ABDOMEN, contrast=True, chance=0.6)), 600),
    Protocol("body", "Thorax abdomen pelvis", "CT Chest, abdomen and pelvis with contrast", 20, (TRUNK,), 800),
    Protocol("body", "Kidney stones low dose", "CT Kidneys ureters bladder", 9, (_scan("KUB LD", 3.4, 440, ABDOMEN, pitch=1.2),), 550),
    Protocol("body", "Urography", "CT Urogram", 4, (
        _scan("Native", 5, 440, ABDOMEN), _scan("Nephrographic", 9, 300, ABDOMEN, contrast=True),
        _scan("Excretory", 5.5, 440, ABDOMEN, contrast=True)), 600),
    Protocol("body", "Lumbar spine", "CT Lumbar spine", 6, (_scan("L-Spine", 17, 210, SPINE, pitch=0.8, rotation=1.0),), 400),
    Protocol("body", "Biopsy", "CT guided biopsy", 4, (
        _scan("Planning", 6, 180, CHEST), *(_scan(f"Biopsy {n}", 4, 15, CHEST, type=SEQUENCE, pitch=1.0, chance=0.75) for n in range(1, 9)),
        _scan("Control", 4, 180, CHEST)), 350),
    Protocol("cardiac", "Coronary CTA", "CT Coronary angiography", 12, (
        _scan("Calcium score", 2.2, 140, HEART, type=SEQUENCE, pitch=1.0, rotation=0.25, dual=True), *_bolus(HEART),
        _scan("CorCTA", 13, 135, HEART, contrast=True, kvp=100.0, pitch=0.25, rotation=0.25, dual=True)), 300),
    Protocol("cardiac", "Aorta flash", "CT Aortogram", 7, (
        *_bolus(CHEST), _scan("Aorta flash", 4.6, 670, BODY, contrast=True, kvp=100.0, pitch=3.2, rotation=0.25, dual=True)), 800),
    Protocol("trauma", "Polytrauma", "CT Trauma series", 10, (HEAD_SCAN, NECK_SCAN, TRUNK), 1200, (16, 90)),
    Protocol("petct", "PET-CT low dose", "PET-CT whole body", 20, (_scan("AC CT", 3.0, 960, BODY, pitch=1.4),), 1050),
    Protocol("planning", "Planning thorax 4D", "Radiotherapy planning thorax", 8, (
        _scan("4DCT", 23, 300, CHEST, pitch=0.06, collimation=(1.5, 24.0)),), 500),
    Protocol("planning", "Planning pelvis", "Radiotherapy planning pelvis", 12, (
        _scan("Pelvis planning", 15, 320, PELVIS, collimation=(0.75, 24.0)),), 450),
    Protocol("child", "Child head", "CT Head", 10, (
        _scan("Head child", 34, 145, HEAD, pitch=0.55, rotation=1.0),), 220, (0, 16)),
    Protocol("child", "Child thorax", "CT Chest", 6, (_scan("Thorax child", 3.4, 300, CHEST, kvp=80.0, pitch=1.5, dual=True),), 320, (0, 17)),
    Protocol("child", "Child abdomen", "CT Abdomen with contrast", 4, (
        _scan("Abdomen child", 6, 380, ABDOMEN, kvp=80.0, contrast=True, pitch=1.2),), 420, (1, 17)),
)  # fmt: skip

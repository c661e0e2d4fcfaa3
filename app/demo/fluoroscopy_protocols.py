"""What fluoroscopy rooms do: procedures with the doses that surveys find for people of usual size."""

from dataclasses import dataclass

from app.dicom.concept import Concept

HEART = Concept("80891009", "SCT", "Heart")
BRAIN = Concept("12738006", "SCT", "Brain")
CHEST = Concept("51185008", "SCT", "Chest")
ABDOMEN = Concept("113345001", "SCT", "Abdomen")
PELVIS = Concept("12921003", "SCT", "Pelvis")
LEG = Concept("61685007", "SCT", "Lower limb")
HIP = Concept("29836001", "SCT", "Hip")
ESOPHAGUS = Concept("32849002", "SCT", "Esophagus")
BILE = Concept("34707002", "SCT", "Biliary tract")
KIDNEY = Concept("64033007", "SCT", "Kidney")

DIAGNOSTIC = Concept("261004008", "SCT", "Diagnostic Intent")
THERAPEUTIC = Concept("262202000", "SCT", "Therapeutic Intent")
BOTH = Concept("371931008", "SCT", "Combined Diagnostic and Therapeutic Procedure")

# Projections as primary and secondary angle in degrees: left of the patient and towards the head are positive.
FRONTAL = ((0, 0),)
CORONARY = ((-30, 0), (-30, -25), (-30, 25), (0, 30), (0, -30), (45, 0), (45, 25), (45, -25), (90, 0))
CEREBRAL = ((0, 15), (0, 0), (-30, 0), (30, 0), (90, 0))
TRUNK = ((0, 0), (0, 0), (-20, 0), (25, 0), (0, 15))


@dataclass(frozen=True)
class Procedure:
    """One kind of procedure."""

    group: str
    name: str
    requested: str
    share: float
    area_product: float  # median in Gy·cm²
    minutes: float  # of fluoroscopy, median
    acquisitions: float  # median number of series; a few of them may be none
    region: Concept
    intent: Concept = DIAGNOSTIC
    angles: tuple[tuple[int, int], ...] = FRONTAL
    fluoro_part: float = 0.5  # of the dose
    field: float = 200  # side of the field in the image receptor in mm
    ages: tuple[float, float] = (18, 95)


PROCEDURES = (
    Procedure("heart", "Coronary angiography", "Coronary angiography", 30, 22, 4, 9, HEART, DIAGNOSTIC, CORONARY, 0.3, 180),
    Procedure("heart", "PCI", "Percutaneous coronary intervention", 18, 58, 12, 16, HEART, BOTH, CORONARY, 0.45, 160),
    Procedure("heart", "Pacemaker", "Pacemaker implantation", 9, 5, 5, 2, CHEST, THERAPEUTIC, TRUNK, 0.85),
    Procedure("heart", "Ablation", "Electrophysiology, ablation", 8, 11, 14, 2, HEART, THERAPEUTIC, CORONARY[:3], 0.85),
    Procedure("heart", "TAVI", "Transcatheter aortic valve implantation", 4, 65, 17, 10, HEART, THERAPEUTIC, CORONARY[:4], 0.5),
    Procedure("brain", "Cerebral angiography", "Cerebral angiography", 16, 65, 8, 12, BRAIN, DIAGNOSTIC, CEREBRAL, 0.25, 220),
    Procedure("brain", "Thrombectomy", "Mechanical thrombectomy", 10, 95, 24, 12, BRAIN, THERAPEUTIC, CEREBRAL, 0.45, 220),
    Procedure("brain", "Aneurysm coiling", "Embolisation of aneurysm", 5, 130, 42, 20, BRAIN, THERAPEUTIC, CEREBRAL, 0.45, 170),
    Procedure("vessels", "Leg angioplasty", "Angioplasty of the leg", 18, 32, 12, 12, LEG, BOTH, TRUNK, 0.35, 280),
    Procedure("vessels", "TACE", "Chemoembolisation of the liver", 7, 145, 15, 10, ABDOMEN, THERAPEUTIC, TRUNK, 0.45, 280),
    Procedure("vessels", "EVAR", "Endovascular aneurysm repair", 7, 150, 20, 9, ABDOMEN, THERAPEUTIC, TRUNK, 0.5, 300),
    Procedure("drainage", "Nephrostomy", "Nephrostomy", 10, 5, 3, 2, KIDNEY, THERAPEUTIC, FRONTAL, 0.8),
    Procedure("drainage", "ERCP", "Endoscopic cholangiography", 8, 12, 4, 3, BILE, BOTH, FRONTAL, 0.75, 250),
    Procedure("drainage", "PICC line", "Central venous catheter", 14, 1.0, 1, 1, CHEST, THERAPEUTIC, FRONTAL, 0.8),
    Procedure("bowel", "Barium swallow", "Barium swallow", 14, 8, 2.5, 6, ESOPHAGUS, DIAGNOSTIC, ((0, 0), (90, 0)), 0.5, 300),
    Procedure("bowel", "Swallowing study", "Videofluoroscopy of swallowing", 8, 2.6, 3.5, 0, ESOPHAGUS, DIAGNOSTIC, ((90, 0),), 1.0),
    Procedure("bowel", "Defecography", "Defecography", 4, 14, 2, 5, PELVIS, DIAGNOSTIC, ((90, 0),), 0.5, 300),
    Procedure("theatre", "Hip nailing", "Osteosynthesis of the hip", 14, 1.5, 1.2, 0, HIP, THERAPEUTIC, ((0, 0), (90, 0)), 1.0),
    Procedure("theatre", "Ureteroscopy", "Ureteroscopy", 8, 1.8, 0.9, 0, KIDNEY, THERAPEUTIC, FRONTAL, 1.0),
    Procedure("child", "Cystography", "Micturating cystourethrogram", 12, 0.25, 1.2, 3, PELVIS, DIAGNOSTIC, FRONTAL, 0.6, 200, (0, 10)),
    Procedure("child", "Upper bowel, child", "Upper gastrointestinal series", 8, 0.6, 1.8, 4, ABDOMEN, DIAGNOSTIC, FRONTAL, 0.6, 220, (0, 15)),
)  # fmt: skip

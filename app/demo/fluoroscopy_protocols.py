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

LOOK = Concept("261004008", "SCT", "Diagnostic Intent")
TREAT = Concept("262202000", "SCT", "Therapeutic Intent")
BOTH = Concept("371931008", "SCT", "Combined Diagnostic and Therapeutic Procedure")

# Projections as primary and secondary angle in degrees: to the patient's left and towards the head are positive.
FRONTAL = ((0, 0),)
LATERAL = ((90, 0),)
CROSSED = FRONTAL + LATERAL
CORONARY = ((-30, 0), (-30, -25), (-30, 25), (0, 30), (0, -30), (45, 0), (45, 25), (45, -25), (90, 0))
CEREBRAL = ((0, 15), (0, 0), (-30, 0), (30, 0), (90, 0))
OBLIQUE = ((0, 0), (0, 0), (-20, 0), (25, 0), (0, 15))


@dataclass(frozen=True)
class Procedure:
    """One kind of procedure."""

    group: str
    name: str
    requested: str
    share: float
    area_product: float  # median in Gy·cm²
    minutes: float  # of fluoroscopy, median
    series: float  # median number
    region: Concept
    intent: Concept
    angles: tuple[tuple[int, int], ...]
    fluoro_part: float  # of the dose
    field: float = 200  # mm, side of the field in the image receptor
    ages: tuple[float, float] = (18, 95)


PROCEDURES = (
    Procedure("heart", "Coronary angiography", "Coronary angiography", 30, 22, 4, 9, HEART, LOOK, CORONARY, 0.3, 180),
    Procedure("heart", "PCI", "Percutaneous coronary intervention", 18, 58, 12, 16, HEART, BOTH, CORONARY, 0.45, 160),
    Procedure("heart", "Pacemaker", "Pacemaker implantation", 9, 5, 5, 2, CHEST, TREAT, OBLIQUE, 0.85),
    Procedure("heart", "Ablation", "Electrophysiology, ablation", 8, 11, 14, 2, HEART, TREAT, CORONARY[:3], 0.85),
    Procedure("heart", "TAVI", "Aortic valve implantation", 4, 65, 17, 10, HEART, TREAT, CORONARY[:4], 0.5),
    Procedure("brain", "Cerebral angiography", "Cerebral angiography", 16, 65, 8, 12, BRAIN, LOOK, CEREBRAL, 0.25, 220),
    Procedure("brain", "Thrombectomy", "Mechanical thrombectomy", 10, 95, 24, 12, BRAIN, TREAT, CEREBRAL, 0.45, 220),
    Procedure("brain", "Aneurysm coiling", "Aneurysm embolisation", 5, 130, 42, 20, BRAIN, TREAT, CEREBRAL, 0.45, 170),
    Procedure("vessels", "Leg angioplasty", "Angioplasty of the leg", 18, 32, 12, 12, LEG, BOTH, OBLIQUE, 0.35, 280),
    Procedure("vessels", "TACE", "Chemoembolisation of the liver", 7, 145, 15, 10, ABDOMEN, TREAT, OBLIQUE, 0.45, 280),
    Procedure("vessels", "EVAR", "Endovascular aneurysm repair", 7, 150, 20, 9, ABDOMEN, TREAT, OBLIQUE, 0.5, 300),
    Procedure("drainage", "Nephrostomy", "Nephrostomy", 10, 5, 3, 2, KIDNEY, TREAT, FRONTAL, 0.8),
    Procedure("drainage", "ERCP", "Endoscopic cholangiography", 8, 12, 4, 3, BILE, BOTH, FRONTAL, 0.75, 250),
    Procedure("drainage", "PICC line", "Central venous catheter", 14, 1.0, 1, 1, CHEST, TREAT, FRONTAL, 0.8),
    Procedure("bowel", "Barium swallow", "Barium swallow", 14, 8, 2.5, 6, ESOPHAGUS, LOOK, CROSSED, 0.5, 300),
    Procedure("bowel", "Swallowing study", "Videofluoroscopy", 8, 2.6, 3.5, 0, ESOPHAGUS, LOOK, LATERAL, 1.0),
    Procedure("bowel", "Defecography", "Defecography", 4, 14, 2, 5, PELVIS, LOOK, LATERAL, 0.5, 300),
    Procedure("theatre", "Hip nailing", "Osteosynthesis of the hip", 14, 1.5, 1.2, 0, HIP, TREAT, CROSSED, 1.0),
    Procedure("theatre", "Ureteroscopy", "Ureteroscopy", 8, 1.8, 0.9, 0, KIDNEY, TREAT, FRONTAL, 1.0),
    Procedure("child", "Cystography", "Micturating cystourethrogram", 12, 0.25, 1.2, 3, PELVIS, LOOK, FRONTAL, 0.6,
              ages=(0, 10)),
    Procedure("child", "Upper bowel", "Upper gastrointestinal series", 8, 0.6, 1.8, 4, ABDOMEN, LOOK, FRONTAL, 0.6,
              ages=(0, 15)),
)  # fmt: skip

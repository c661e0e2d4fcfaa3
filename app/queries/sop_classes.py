"""What people call objects of the SOP classes that can tell of dose (PS3.4 B.5)."""

STORAGE = "1.2.840.10008.5.1.4.1.1."
WORDS = {
    "1": "computed radiography image",
    "1.1": "radiography image, for presentation",
    "1.1.1": "radiography image, for processing",
    "1.2": "mammography image, for presentation",
    "1.2.1": "mammography image, for processing",
    "1.3": "intra-oral image, for presentation",
    "1.3.1": "intra-oral image, for processing",
    "2": "CT image",
    "2.1": "enhanced CT image",
    "2.2": "converted CT image",
    "7": "secondary capture",
    "7.1": "secondary capture",
    "7.2": "secondary capture",
    "7.3": "secondary capture",
    "7.4": "secondary capture",
    "12.1": "angiography image",
    "12.1.1": "enhanced angiography image",
    "12.2": "fluoroscopy image",
    "12.2.1": "enhanced fluoroscopy image",
    "13.1.1": "3D angiography image",
    "13.1.2": "3D craniofacial image",
    "13.1.3": "breast tomosynthesis image",
    "13.1.4": "breast projection image, for presentation",
    "13.1.5": "breast projection image, for processing",
    "20": "nuclear medicine image",
    "128": "PET image",
    "128.1": "converted PET image",
    "130": "enhanced PET image",
    "88.11": "dose report as basic text",
    "88.22": "dose report as Enhanced SR",
    "88.33": "dose report as Comprehensive SR",
    "88.34": "dose report as Comprehensive 3D SR",
    "88.35": "dose report as Extensible SR",
    "88.67": "X-ray dose report",
    "88.68": "radiopharmaceutical dose report",
    "88.76": "enhanced X-ray dose report",
}


def in_words(sop_class_uid: str | None, modality: str | None, kind: str) -> str:
    """What an object is; of a class that is not in the list, its kind, with what an image says of its modality."""
    known = WORDS.get((sop_class_uid or "").removeprefix(STORAGE))
    return known or (f"{modality} image" if kind == "image" and modality else kind)

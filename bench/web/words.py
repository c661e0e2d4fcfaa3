"""The texts, codes and rooms of the made archive: as few different ones as hospitals have."""

from itertools import product

from app.models import Name

MODALITIES = ("CT", "RF", "MG", "DX", "NM")
ROOMS = ((1, 20), (21, 8), (29, 10), (39, 18), (57, 4))  # the first room of each modality, and how many it has
TITLES, COMBINED = 80, 4000  # titles, and combinations of protocols, of each modality
REQUESTED, STAFF, PROTOCOLS, JOINED = 401, 601, 1401, 2901  # the first name of each kind
AGENTS = JOINED + COMBINED * len(MODALITIES)

PARTS = ("Thorax", "Abdomen", "Schädel", "Becken", "Head", "Neck", "Knee", "Spine", "Hand", "Fuß", "Breast", "Heart",
         "Lung", "Liver", "Kidney", "Shoulder")  # fmt: skip
WAYS = ("routine", "native", "mit KM", "low dose", "high pitch", "follow-up", "biopsy", "angio", "child", "emergency")
ROLES = ("A", "B", "C", "D", "E")
CODES = (
    ("116152004", "SCT", "Spiral Acquisition"), ("113805", "DCM", "Constant Angle Acquisition"),
    ("51185008", "SCT", "Chest"), ("113691", "DCM", "IEC Body Dosimetry Phantom"), ("44491008", "SCT", "Fluoroscopy"),
    ("80248007", "SCT", "Left breast"), ("73056007", "SCT", "Right breast"), ("399162004", "SCT", "cranio-caudal"),
    ("399368009", "SCT", "medio-lateral oblique"), ("113622", "DCM", "Single Plane"),
    ("35321007", "SCT", "Fluorodeoxyglucose F^18^"), ("77004003", "SCT", "^18^Fluorine"),
)  # fmt: skip


def tables() -> dict[str, list[dict]]:
    """The rows of the small tables, by table."""
    return {
        "name": [_name(id, text) for id, text in enumerate(_texts(), start=1)],
        "code": [
            {"id": id, "value": value, "scheme": scheme, "meaning": meaning}
            for id, (value, scheme, meaning) in enumerate(CODES, start=1)
        ],
        "equipment": [
            {"id": low + number, "identity": f"{low + number}", "institution": _house(number),
             "display_name": f"{kind} {number + 1}, {_house(number)}", "manufacturer": "Maker",
             "model_name": f"Model {number % 7}", "station_name": f"{kind}ST{number + 1}"}
            for kind, (low, many) in zip(MODALITIES, ROOMS, strict=True)
            for number in range(many)
        ],
    }  # fmt: skip


def _house(number: int) -> str:
    return ("West", "East", "Children")[number % 3]


def _name(id: int, text: str) -> dict:
    text = f"{text} {id}"  # no two names are one
    return {"id": id, "text": text, "digest": Name.digest_of(text), "folded": Name.fold(text)}


def _texts() -> list[str]:
    pairs = [f"{part} {way}" for part, way in product(PARTS, WAYS)]
    titles = [f"{kind} {pairs[(place * 7) % len(pairs)]}" for kind in MODALITIES for place in range(TITLES)]
    requested = [f"Request {pairs[place % len(pairs)]}" for place in range(200)]
    staff = [f"Doe{place}^Jo" for place in range(800)]
    protocols = [f"{place:04}_{pairs[place % len(pairs)]}" for place in range(1500)]
    joined = [
        "\n".join(sorted(protocols[(place * step) % 1500] for step in range(3, 4 + place % 4)))
        for place in range(COMBINED * len(MODALITIES))
    ]
    return [*titles, *requested, *staff, *protocols, *joined, *(f"Agent {place}" for place in range(30))]

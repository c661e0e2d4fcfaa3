"""Which column is which, by its heading, in the languages that we know the words of."""

import re
from collections.abc import Sequence

from app.models import Name

# Without case and accents, as Name.fold leaves them.
WORDS = {
    "height": "height size stature grosse groesse korpergrosse koerpergroesse korperlange koerperlaenge lange taille "
    "hauteur altezza statura talla estatura altura lengte lichaamslengte langd hojde hoyde pituus wzrost vyska "
    "magassag testmagassag boy рост 身長 身高",
    "weight": "weight mass gewicht korpergewicht koerpergewicht masse poids peso vikt vaegt vekt paino waga hmotnost "
    "vaha suly testsuly agirlik kilo вес 体重",
    "accession": "accession accessionnumber accessionno accno acc anforderungsnummer auftragsnummer "
    "untersuchungsnummer zugangsnummer remissnummer bestillingsnummer rekvisition",
    "uid": "uid studyuid studyinstanceuid siuid",
    "patient": "patientid patid pid mrn patientennummer patientnumber patientnr ipp hospitalnumber",
    "date": "date datum studydate untersuchungsdatum fecha data dato datetime studiendatum datums дата",
}
OTHERS = {"bmi", "index", "bsa", "dose", "image", "file", "field", "pixel", "head", "birth", "born", "geburtsdatum",
          "naissance", "nacimiento"}  # fmt: skip
IDENTIFIERS = ("accession", "uid", "patient")


def guess(headings: Sequence[str]) -> dict[str, int]:
    """The columns that the headings tell, by what they are; each column is one thing at most."""
    found: dict[str, int] = {}
    for kind in WORDS:
        marks = [(_mark(kind, heading), -place) for place, heading in enumerate(headings)]
        mark, place = max((one for one in marks if -one[1] not in found.values()), default=(0, 0))
        if mark:
            found[kind] = -place
    return found


def _mark(kind: str, heading: str) -> int:
    """How well the heading tells the kind: 0 where not at all."""
    words, tokens = WORDS[kind].split(), re.findall(r"[^\W\d_]+", _parted(heading))
    whole = "".join(tokens)
    if not tokens or OTHERS.intersection(tokens):
        return 0
    if whole in words:
        return 4
    if any(
        "".join(tokens[start:end]) in words for start in range(len(tokens)) for end in range(start, len(tokens) + 1)
    ):
        return 3
    return 2 if any(len(word) > 4 and word in whole for word in words) else 0


def _parted(heading: str) -> str:
    """PatientHeight is two words."""
    return Name.fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading))

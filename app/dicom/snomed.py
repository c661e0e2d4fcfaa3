"""What a SNOMED CT identifier looks like, so that a code which can't be one is told from one we don't know."""

import re

CONCEPT = re.compile(r"[1-9]\d{2,14}[01]0\d")  # ends with the partition of concepts, 00 or 10, and a check digit

# Verhoeff's check digit (SNOMED CT Release File Specification, 6.2): the dihedral group and its permutations.
GROUP = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
PERMUTATIONS = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def is_identifier(value: str) -> bool:
    """Whether the text can be the identifier of a SNOMED CT concept."""
    if not CONCEPT.fullmatch(value):
        return False
    check = 0
    for place, digit in enumerate(reversed(value)):
        check = int(GROUP[check][int(PERMUTATIONS[place % 8][int(digit)])])
    return check == 0

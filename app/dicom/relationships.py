"""How each item of a dose report hangs on the one above it (PS3.16, TID 1002–1021 and 10001–10024)."""

from app.dicom.concept import Concept

# By its parent, by both, by itself; all others are contained.
WITH_PROPERTIES = {
    "113705", "113814", "113870", "113876", "113518", "349358000", "F-61FDB", "410675002", "G-C340",
}  # fmt: skip
METHODICAL = ("118538004", "G-D701", "80274001", "F-70210")
EXCEPTIONS = {
    ("113701", "113876"): "HAS OBS CONTEXT",
    ("113930", "370129005"): "HAS CONCEPT MOD",
    ("113839", "121406"): "HAS PROPERTIES",
    ("113930", "G-C036"): "HAS CONCEPT MOD",
    **{(above, below): "HAS CONCEPT MOD" for above in METHODICAL for below in ("370129005", "G-C036", "121050")},
}
RELATIONSHIPS = {
    value: relationship
    for relationship, values in {
        "HAS CONCEPT MOD": (
            "121058", "363703001", "G-C0E8", "113764", "113794", "272741003", "G-C171", "111032", "113744", "121401",
            "113606", "128552", "121049", "121046", "363589002", "G-C2D0", "363698007", "G-C0E3",
        ),
        "HAS OBS CONTEXT": (
            "121005", "121008", "121009", "121010", "121011", "121012", "121013", "121014", "121015", "121016",
            "121017", "113809", "113810", "113705", "113540",
        ),
        "INFERRED FROM": ("113931", "113932", "113933", "8278-4", "121420"),
    }.items()
    for value in values
}  # fmt: skip


def relationship(parent: Concept | None, child: Concept | None) -> str:
    """How the standard hangs the child on the parent."""
    above, below = (concept.value if concept else "" for concept in (parent, child))
    if above in WITH_PROPERTIES:
        return "HAS PROPERTIES"
    return EXCEPTIONS.get((above, below)) or RELATIONSHIPS.get(below, "CONTAINS")

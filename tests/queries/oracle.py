"""What each filter means, in plain Python."""

import unicodedata
from datetime import date
from decimal import Decimal


def lowered(text: str) -> str:
    """Without its case."""
    return text.lower()


def folded(text: str) -> str:
    """Without its case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def contains(text, typed: str, fold=folded) -> bool:
    """Whether the text has every word that is wanted and none that isn't, whatever the case."""
    return contains_any([text], typed, fold)


def contains_any(texts, typed: str, fold=folded) -> bool:
    """Whether one of the texts has every word that is wanted, and none of them a word that isn't."""
    texts = [fold(text) for text in texts if text is not None]
    words = [fold(word) for word in typed.split()]
    unwanted = [word[1:] for word in words if word.startswith("!") and word != "!"]
    wanted = [word for word in words if not word.startswith("!") or word == "!"]
    there = not wanted or any(all(word in text for word in wanted) for text in texts)
    return there and not any(word in text for text in texts for word in unwanted)


def from_day(study, value):
    return study["study_date"] is not None and study["study_date"] >= date.fromisoformat(value)


def until_day(study, value):
    return study["study_date"] is not None and study["study_date"] <= date.fromisoformat(value)


def at_least(name, factor="1"):
    return lambda study, value: study[name] is not None and study[name] >= float(Decimal(value) * Decimal(factor))


def at_most(name, factor="1"):
    return lambda study, value: study[name] is not None and study[name] <= float(Decimal(value) * Decimal(factor))


def in_room(name):
    return lambda study, value: contains(getattr(study.room, name, None), value, lowered)


def in_text(name):
    return lambda study, value: contains(study[name], value)


def _range(key, name, factor="1"):
    return {f"{key}__min": at_least(name, factor), f"{key}__max": at_most(name, factor)}


MEANINGS = {
    "date__from": from_day,
    "date__until": until_day,
    "description__has": in_text("description"),
    "procedure__has": in_text("procedure"),
    "requested__has": in_text("requested_procedure"),
    "physician__has": in_text("performing_physician"),
    "operator__has": in_text("operator"),
    "accession__has": lambda study, value: contains(study["accession_number"], value, lowered),
    "protocol__has": lambda study, value: contains_any(study.protocols, value),
    "agent__has": lambda study, value: contains_any(study.protocols, value),
    "name__has": in_room("display_name"),
    "hospital__has": in_room("institution"),
    "make__has": in_room("manufacturer"),
    "model__has": in_room("model_name"),
    "station__has": in_room("station_name"),
    "room": lambda study, value: study.room is not None and study.room.id == int(value),
    "problems": lambda study, value: (study["problem_count"] > 0) == (value == "yes"),
    "test": lambda study, value: (study["test_patient"] is not None) == (value == "only"),
    **_range("events", "number_of_events"),
    **_range("administrations", "number_of_administrations"),
    **_range("age", "patient_age"),
    **_range("weight", "patient_weight"),
    **_range("dlp", "dlp_total"),
    **_range("ctdivol", "ctdivol_maximum"),
    **_range("dap", "dap_total", "1e-6"),
    **_range("rp", "dose_rp_total", "1e-3"),
    **_range("time", "fluoro_time_total"),
    **_range("agd", "agd_maximum"),
    **_range("activity", "administered_activity_total"),
}  # fmt: skip


def finds(study, modality: str, query: dict) -> bool:
    """Whether the list of the modality shows the study."""
    return study["modality"] == modality.upper() and all(MEANINGS[name](study, value) for name, value in query.items())

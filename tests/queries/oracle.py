"""What each filter means, in plain Python."""

import re
import unicodedata
from datetime import date, timedelta
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


def since(study, value):
    return study["study_date"] is not None and study["study_date"] >= date.today() - timedelta(int(value))


def at_least(name, factor="1"):
    return lambda study, value: study[name] is not None and study[name] >= float(Decimal(value) * Decimal(factor))


def at_most(name, factor="1"):
    return lambda study, value: study[name] is not None and study[name] <= float(Decimal(value) * Decimal(factor))


def in_room(name):
    return lambda study, value: contains(getattr(study.room, name, None), value, lowered)


def in_text(name):
    return lambda study, value: contains(study[name], value)


def is_exactly(name):
    return lambda study, value: study[name] == value


def room_is(name):
    return lambda study, value: getattr(study.room, name, None) == value


def _range(key, name, factor="1"):
    return {f"{key}__min": at_least(name, factor), f"{key}__max": at_most(name, factor)}


def _counted(key, meaning):
    """Bounds of the number of events of the type; nothing is known where there are no events at all."""

    def count(study):
        types = [event.get("type") for event in study.all_events]
        return sum(one is not None and one.meaning == meaning for one in types) if types else None

    return {
        f"{key}__min": lambda study, value: count(study) is not None and count(study) >= float(value),
        f"{key}__max": lambda study, value: count(study) is not None and count(study) <= float(value),
    }


MEANINGS = {
    "date__from": from_day,
    "date__until": until_day,
    "date__last": since,
    "description": is_exactly("description"),
    "procedure": is_exactly("procedure"),
    "requested": is_exactly("requested_procedure"),
    "physician": is_exactly("performing_physician"),
    "operator": is_exactly("operator"),
    "protocol": lambda study, value: value in study.protocols,
    "agent": lambda study, value: value in study.protocols,
    "sex": is_exactly("patient_sex"),
    "hospital": room_is("institution"),
    "make": room_is("manufacturer"),
    "model": room_is("model_name"),
    "station": room_is("station_name"),
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
    **_counted("spiral", "Spiral Acquisition"),
    **_counted("sequenced", "Sequenced Acquisition"),
    **_counted("localizer", "Constant Angle Acquisition"),
    **_counted("stationary", "Stationary Acquisition"),
    **_counted("free", "Free Acquisition"),
    **_range("height", "patient_size"),
    **_range("agd", "agd_maximum"),
    **_range("agd_left", "agd_left_total"),
    **_range("agd_right", "agd_right_total"),
    **_range("activity", "administered_activity_total"),
}  # fmt: skip


OF_EVENT = {
    "event_protocol__has": lambda event, value: contains(event["protocol"], value),
    "view": is_exactly("image_view"),
    "laterality": is_exactly("laterality"),
    "exposure_mode": is_exactly("exposure_control_mode"),
    **_range("event_dlp", "dlp"),
    **_range("event_ctdivol", "mean_ctdivol"),
    **_range("event_dap", "dap", "1e-6"),
    **_range("event_rp", "dose_rp", "1e-3"),
    **_range("event_agd", "average_glandular_dose"),
    **_range("thickness", "compression_thickness"),
    **_range("event_activity", "administered_activity"),
}


def finds(study, modality: str, query: dict) -> bool:
    """Whether the list of the modality shows the study."""
    groups = {}
    for name, values in query.items():
        number, negated, parameter = re.fullmatch(r"(any\d[.])?(not[.])?(.+)", name).groups()
        values = values if isinstance(values, list) else [values]
        groups.setdefault(number, []).append((parameter, bool(negated), values))
    together = meets(study, groups.pop(None, []))
    return study["modality"] == modality.upper() and together and (
        not groups or any(meets(study, group) for group in groups.values())
    )  # fmt: skip


def meets(study, group) -> bool:
    """Whether the study meets all conditions of the group, and one of its events those of events."""
    wanted = [(parameter, values) for parameter, negated, values in group if parameter in OF_EVENT and not negated]
    unwanted = [(parameter, values) for parameter, negated, values in group if parameter in OF_EVENT and negated]
    of_study = [one for one in group if one[0] not in OF_EVENT]
    return (
        all(negated != any(MEANINGS[name](study, value) for value in values) for name, negated, values in of_study)
        and (not wanted or any(has_all(event, wanted) for event in study.all_events))
        and not any(has_all(event, [one]) for event in study.all_events for one in unwanted)
    )


def has_all(event, wanted) -> bool:
    """Whether the event is all that is wanted; of several values, one."""
    return all(any(OF_EVENT[name](event, value) for value in values) for name, values in wanted)

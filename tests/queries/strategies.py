"""Studies and questions about them, such as nobody would think of."""

from datetime import date, time

from hypothesis import strategies as st

from app.ingest.listed import TYPES
from app.queries.columns import columns_of
from app.queries.modalities import MODALITIES
from app.queries.view import SIZES
from tests.queries.archive import NAMED, Kept

WORDS = ["Thorax", "thörax", "SCHÄDEL", "École", "ÉCOLE", "Голова", "50%", "a_b", "x/y", "[q]", "Ωmega", "Abdomen", "!"]
PIECES = [*WORDS, *(word.swapcase() for word in WORDS), "th", "ä", "%", "_", "/", "é", "КОЛ", "голов"]

texts = st.none() | st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
days = st.none() | st.dates(date(2024, 1, 1), date(2024, 1, 9))
typed = st.lists(st.sampled_from(PIECES + [f"!{piece}" for piece in PIECES]), min_size=1, max_size=3).map(" ".join)


def numbers(most, digits=1):
    """Numbers that are often the same, some of them missing."""
    return st.none() | st.integers(0, 6).map(lambda step: round(step * most / 6, digits))


VIEWS = ("cranio-caudal", "medio-lateral oblique")
SIDES = ("Left", "Right")
MODES = ("AUTO_FILTER", "MANUAL")

events = st.fixed_dictionaries({
    "dlp": numbers(900),
    "mean_ctdivol": numbers(60),
    "dap": numbers(0.0006, 10),
    "dose_rp": numbers(0.6, 10),
    "average_glandular_dose": numbers(3),
    "compression_thickness": numbers(90),
    "administered_activity": numbers(800),
    "type": st.none() | st.sampled_from(sorted(set().union(*TYPES.values()), key=str)),
    "image_view": st.none() | st.sampled_from(VIEWS),
    "laterality": st.none() | st.sampled_from(SIDES),
    "exposure_control_mode": st.none() | st.sampled_from(MODES),
})  # fmt: skip


def studies(rooms, modality=None):
    """One study in one of the rooms or in none."""
    values = st.fixed_dictionaries({
        "modality": st.just(modality.upper()) if modality else st.sampled_from([key.upper() for key in MODALITIES]),
        "study_date": days,
        "study_time": st.none() | st.sampled_from([time(8), time(8, 30), time(23, 59, 59)]),
        **{name: texts for name in NAMED},
        "accession_number": texts,
        "patient_age": numbers(90),
        "patient_weight": numbers(120),
        "patient_size": numbers(1.8, 2),
        "patient_sex": st.none() | st.sampled_from("FMO"),
        "test_patient": st.none() | st.just("phy"),
        "problem_count": st.integers(0, 2),
        "number_of_events": st.integers(0, 4),
        "number_of_administrations": st.integers(0, 2),
        "dlp_total": numbers(900),
        "ctdivol_maximum": numbers(60),
        "dap_total": numbers(0.0006, 10),
        "dose_rp_total": numbers(0.6, 10),
        "fluoro_time_total": numbers(600),
        "agd_maximum": numbers(3),
        "agd_left_total": numbers(3),
        "agd_right_total": numbers(3),
        "administered_activity_total": numbers(800),
    })  # fmt: skip
    protocols = st.lists(st.tuples(texts, events), max_size=3)
    return st.builds(_kept, values, st.none() | st.sampled_from(rooms), protocols)


def _kept(values, room, events):
    return Kept(values, room, [protocol for protocol, _ in events], [more for _, more in events])


BOUNDS = {
    "age": 90,
    "weight": 120,
    "events": 4,
    "administrations": 2,
    "dlp": 900,
    "ctdivol": 60,
    "dap": 600,
    "rp": 600,
    "time": 600,
    **dict.fromkeys(("spiral", "sequenced", "localizer", "stationary", "free"), 3),
    "height": 1.8,
    "agd": 3,
    "agd_left": 3,
    "agd_right": 3,
    "event_dlp": 900,
    "event_ctdivol": 60,
    "event_dap": 600,
    "event_rp": 600,
    "event_agd": 3,
    "event_activity": 800,
    "thickness": 90,
    "activity": 800,
}


def answers(filter, rooms):
    """Values that the filter takes."""
    if filter.kind == "number":
        most = BOUNDS[filter.quantity.key]
        return st.sampled_from([f"{step * most / 6:.10g}" for step in range(7)] + [str(most + 0.5), "-1", "1e2"])
    return {
        "text": typed,
        "date": days.filter(bool).map(date.isoformat),
        "last": days.filter(bool).map(lambda day: str((date.today() - day).days)),
        "choice": st.sampled_from(sorted(getattr(filter, "answers", [""]))),
        "exact": st.lists(exact(filter.parameter, rooms), min_size=1, max_size=2, unique=True).map(as_given),
    }[filter.kind]


def exact(parameter, rooms):
    """Texts that some study may have, and some that none has."""
    of_rooms = {"station": "station_name", "hospital": "institution", "make": "manufacturer", "model": "model_name"}
    few = {"view": VIEWS, "laterality": SIDES, "exposure_mode": MODES, "sex": "FMOX"}
    if parameter == "room":
        return st.sampled_from([str(room.id) for room in rooms])
    if parameter in of_rooms:
        return st.sampled_from([getattr(room, of_rooms[parameter]) or "nowhere" for room in rooms])
    return st.sampled_from(few.get(parameter, WORDS))


def as_given(values):
    """Several values as a list, one as it is."""
    return values if len(values) > 1 else values[0]


prefixes = st.sampled_from(["", "", "not.", "any1.", "any2.", "any1.not.", "any2.not.", "any7."])


def questions(modality, rooms, most=3):
    """Some of the modality's filters with an answer each, joined in any way."""
    filters = MODALITIES[modality].filters
    chosen = st.lists(st.tuples(prefixes, st.sampled_from(sorted(filters))), unique=True, max_size=most)
    return chosen.flatmap(
        lambda names: st.fixed_dictionaries({before + name: answers(filters[name], rooms) for before, name in names})
    )


def views(modality):
    """Some of how the list may be sorted and cut into pages."""
    sorts = [sign + key for key in columns_of(MODALITIES[modality]) for sign in ("", "-")]
    return st.fixed_dictionaries({}, optional={
        "sort": st.sampled_from(sorts), "page": st.integers(1, 9).map(str), "size": st.sampled_from(SIZES).map(str),
    })  # fmt: skip

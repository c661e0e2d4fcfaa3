"""Every column of every list: sorted as plain Python sorts, shown as declared, chosen and remembered."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.extensions import db
from app.models import Name
from app.queries.columns import columns_of
from app.queries.listing import listing
from app.queries.modalities import MODALITIES
from app.queries.selection import BadParameter, Selection
from app.queries.tables import table_of
from tests.queries.archive import Kept, _listed, forget, keep
from tests.queries.strategies import studies
from tests.queries.test_selection import briefly, found

OF_STUDY = {
    "date": ("study_at",), "received": ("id",), "accession": ("accession_number",), "uid": ("id",),
    "age": ("patient_age",), "sex": ("patient_sex",), "height": ("patient_size",), "weight": ("patient_weight",),
    "test": ("test_patient",), "problems": ("problem_count",), "events": ("number_of_events",),
    "administrations": ("number_of_administrations",), "dlp": ("dlp_total",), "ctdivol": ("ctdivol_maximum",),
    "dlp_events": ("dlp_event_sum",), "dap": ("dap_total",), "dap_events": ("dap_event_sum",),
    "rp": ("dose_rp_total",), "rp_events": ("dose_rp_event_sum",), "time": ("fluoro_time_total",),
    "agd": ("agd_maximum",), "agd_left": ("agd_left_total",), "agd_right": ("agd_right_total",),
    "activity": ("administered_activity_total",), "spiral": ("spiral_events",), "sequenced": ("sequenced_events",),
    "localizer": ("localizer_events",), "stationary": ("stationary_events",), "free": ("free_events",),
}  # fmt: skip
NAMES = {
    "description": ("description",), "procedure": ("procedure",), "requested": ("requested_procedure",),
    "physician": ("performing_physician",), "operator": ("operator",),
    "study": ("description", "procedure", "requested_procedure"),
}  # fmt: skip
ROOMS = {"room": "display_name", "hospital": "institution", "make": "manufacturer", "model": "model_name",
         "station": "station_name"}  # fmt: skip


def told(study, key):
    """What the list is sorted by, as plain Python knows it."""
    if key in ROOMS:
        text = study.room and getattr(study.room, ROOMS[key])
        return (text and text.lower(),)
    if key in NAMES:
        text = next((study[name] for name in NAMES[key] if study[name]), None)
        return (text and Name.fold(text),)
    if key in ("protocol", "agent"):
        texts = sorted({text for text in study.protocols if text}, key=lambda text: (text.casefold(), text))
        return (Name.fold("\n".join(texts)) if texts else None,)
    values = study.values | _listed(study) | {"id": study.id}
    return tuple(values.get(name) for name in OF_STUDY[key])


def in_order(kept, key, reverse):
    """By the column, what is missing last, the id between equals."""
    rows = sorted(kept, key=lambda study: study.id, reverse=reverse)
    for place in reversed(range(len(OF_STUDY.get(key, "1")))):
        there = [study for study in rows if told(study, key)[place] is not None]
        missing = [study for study in rows if told(study, key)[place] is None]
        rows = sorted(there, key=lambda study: told(study, key)[place], reverse=reverse) + missing
    return [study.id for study in rows]


@pytest.mark.parametrize("modality", MODALITIES)
def test_every_list_is_sorted_by_every_column_as_plain_python_sorts(database_url, rooms, modality):
    @briefly
    @given(st.lists(studies(rooms, modality), max_size=7))
    def check(drawn):
        forget(db.session)
        kept = keep(db.session, drawn)
        for key in columns_of(MODALITIES[modality]).keys() - ON_THEIR_OWN:
            for sign in ("", "-"):
                wanted = in_order(kept, key, bool(sign))
                assert found(Selection.from_args(modality, {"sort": sign + key})) == wanted, sign + key

    check()


ON_THEIR_OWN = {"uid", "accession", "room", "hospital", "make", "model", "station"}  # by the order of the database


@pytest.mark.parametrize("modality", MODALITIES)
def test_texts_that_databases_order_in_their_own_way_are_sorted_too(database_url, rooms, modality):
    """Which letter comes first is a matter of the database's language: the same letters in another case here."""
    values = {"modality": modality.upper()}
    kept = keep(db.session, [Kept(values | {"accession_number": text}) for text in ("a2", None, "a1", "a3", "a1")])
    by_number = [kept[place].id for place in (2, 4, 0, 3, 1)]
    assert found(Selection.from_args(modality, {"sort": "accession"})) == by_number
    assert found(Selection.from_args(modality, {"sort": "-accession"})) == [kept[p].id for p in (3, 0, 4, 2, 1)]
    for key in ("uid", *ROOMS):
        assert set(found(Selection.from_args(modality, {"sort": key}))) == {study.id for study in kept}


def shown(columns, **query):
    """The cells of the first study, by the columns' keys."""
    table = table_of(listing(Selection.from_args("ct", query | {"columns": ",".join(columns)})))
    return dict(zip([column.key for column in table.columns], table.rows[0][1], strict=True))


def test_every_column_shows_what_the_study_has(database_url, rooms):
    values = {
        "study_date": date(2024, 1, 12), "study_time": time(10, 10), "accession_number": "A1", "description": "Thorax",
        "performing_physician": "Doctor", "operator": "Nurse", "patient_sex": "F", "patient_age": 63.0,
        "patient_size": 1.86, "patient_weight": 87.0, "test_patient": "phy", "problem_count": 2, "dlp_total": 724.52,
        "dlp_event_sum": 700.0, "number_of_events": 4,
    }  # fmt: skip
    keep(db.session, [Kept(values, rooms[0], ["Head", "angio", "Scout"])])
    cells = shown(columns_of(MODALITIES["ct"]))
    texts = {key: (cell.text, cell.note or "") for key, cell in cells.items()}
    assert texts.items() >= {
        "date": ("2024-01-12", "10:10"), "accession": ("A1", ""), "description": ("Thorax", ""),
        "physician": ("Doctor", ""), "operator": ("Nurse", ""), "age": ("63 y", "F"), "sex": ("F", ""),
        "height": ("1.86", ""), "weight": ("87", ""), "test": ("yes", "contains “phy”"), "problems": ("2", ""),
        "dlp": ("724.5", ""), "dlp_events": ("700.0", ""), "events": ("4", ""), "protocol": ("angio", "Head, Scout"),
        "study": ("Thorax", "acc. A1 · angio, Head, Scout"), "procedure": (None, ""), "ctdivol": (None, ""),
        "hospital": (rooms[0].institution, ""),
    }.items()  # fmt: skip
    assert [mark.words for mark in cells["study"].marks] == ["test patient", "2 problems"]
    assert cells["dlp"].share == 100 and cells["received"].text


def test_columns_come_in_one_order_however_they_were_asked_for_and_the_usual_ones_are_not_said(rooms):
    view = Selection.from_args("ct", {"columns": "dlp,accession,date,dlp"}).view
    assert [column.key for column in view.columns] == ["date", "accession", "dlp"]
    assert view.query == {"columns": "date,accession,dlp"}
    usual = [column.key for column in Selection.from_args("ct", {}).view.columns]
    assert usual == ["date", "room", "study", "age", "events", "dlp", "ctdivol"]
    assert Selection.from_args("ct", {"columns": ",".join(usual)}).query == {}


def test_a_column_that_there_is_not_is_refused(rooms):
    with pytest.raises(BadParameter, match="columns is “dap”; it takes date, received, room"):
        Selection.from_args("ct", {"columns": "date,dap"})


def test_what_is_remembered_is_for_one_list_but_sizes_are_for_all_and_what_is_gone_is_forgotten(rooms):
    view = Selection.from_args("ct", {"columns": "date,dlp", "size": "50"}).view
    told = view.remembered({"size": 100, "columns": {"rf": ["date"], "ct": ["room"]}})
    assert told == {"size": 50, "columns": {"rf": ["date"], "ct": ["date", "dlp"]}}
    fresh = Selection.from_args("ct", {}).view
    assert fresh.as_remembered(told) == view
    assert fresh.as_remembered({"size": 33, "columns": {"ct": ["colour", "dlp"]}}).query == {"columns": "dlp"}
    assert fresh.as_remembered(None) == fresh
    assert fresh.remembered(told) == {"size": 25, "columns": {"rf": ["date"]}}

"""A selection finds what plain Python finds, sorts as it says, and survives its own address."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.queries.listing import listing
from app.queries.modalities import MODALITIES
from app.queries.selection import BadParameter, Selection
from tests.queries import oracle
from tests.queries.archive import Kept, forget, keep
from tests.queries.strategies import answers, questions, studies, views

thoroughly = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
briefly = settings(thoroughly, max_examples=8)


def found(selection):
    ids = [study.id for study in db.session.scalars(selection.ordered())]
    assert [study.id for study in listing(selection).studies] == ids  # on one page
    return ids


def test_every_filter_has_a_meaning_in_plain_python():
    assert {
        name for modality in MODALITIES.values() for name in modality.filters
    } == oracle.MEANINGS.keys() | oracle.OF_EVENT.keys()


@pytest.mark.parametrize("modality", MODALITIES)
def test_the_filters_together_find_what_plain_python_finds(database_url, rooms, modality):
    @thoroughly
    @given(st.lists(studies(rooms), max_size=6), questions(modality, rooms))
    def check(drawn, question):
        forget(db.session)
        kept = keep(db.session, drawn)
        selection = Selection.from_args(modality, question)
        assert sorted(found(selection)) == sorted(one.id for one in kept if oracle.finds(one, modality, question))

    check()


def test_each_filter_alone_finds_what_plain_python_finds(database_url, rooms):
    for name in (*oracle.MEANINGS, *oracle.OF_EVENT):
        modality = next(key for key, one in MODALITIES.items() if name in one.filters)
        _check_alone(rooms, modality, MODALITIES[modality].filters[name])


def _check_alone(rooms, modality, one):
    @briefly
    @given(st.lists(studies(rooms, modality), min_size=1, max_size=4), answers(one, rooms))
    def check(drawn, answer):
        forget(db.session)
        kept = keep(db.session, drawn)
        wanted = sorted(study.id for study in kept if oracle.finds(study, modality, {one.parameter: answer}))
        assert sorted(found(Selection.from_args(modality, {one.parameter: answer}))) == wanted

    check()


@pytest.mark.parametrize("modality", MODALITIES)
def test_an_address_survives_being_read_and_written(rooms, modality):
    @thoroughly
    @given(questions(modality, rooms, most=6), views(modality))
    def check(question, view):
        query = Selection.from_args(modality, question | view).query
        assert Selection.from_args(modality, query).query == query
        assert query.keys() >= question.keys()
        assert not {("sort", "-date"), ("page", "1"), ("size", "25")} & {
            (name, str(value)) for name, value in query.items()
        }

    check()


SORTED_BY = {
    "date": ("study_at",),
    "age": ("patient_age",),
    "events": ("number_of_events",),
    "dlp": ("dlp_total",),
    "ctdivol": ("ctdivol_maximum",),
}


def in_order(kept, columns, reverse):
    """The studies as the list has them: by the columns, what is missing last, the id between equals."""
    rows = sorted(kept, key=lambda study: study.id, reverse=reverse)
    for column in reversed(columns):
        there = [study for study in rows if study[column] is not None]
        missing = [study for study in rows if study[column] is None]
        rows = sorted(there, key=lambda study: study[column], reverse=reverse) + missing
    return [study.id for study in rows]


def test_the_list_is_sorted_as_it_says_and_equals_keep_one_order(database_url, rooms):
    @thoroughly
    @given(st.lists(studies(rooms, "ct"), max_size=8), st.sampled_from(sorted(SORTED_BY)), st.booleans())
    def check(drawn, key, reverse):
        forget(db.session)
        kept = keep(db.session, drawn)
        selection = Selection.from_args("ct", {"sort": f"-{key}" if reverse else key})
        assert found(selection) == in_order(kept, SORTED_BY[key], reverse)

    check()


def test_rooms_and_descriptions_sort_by_their_texts_whatever_the_case(database_url, rooms):
    texts = ["abdomen", "Head", None, "thorax", "Knee"]
    kept = keep(db.session, [Kept({"description": text}) for text in texts])
    ids = dict(zip(texts, (study.id for study in kept), strict=True))
    order = ["abdomen", "Head", "Knee", "thorax", None]
    assert found(Selection.from_args("ct", {"sort": "study"})) == [ids[text] for text in order]
    of_rooms = keep(db.session, [Kept({"modality": "MG"}, room) for room in (rooms[0], None, rooms[1])])
    wanted = [of_rooms[2].id, of_rooms[0].id, of_rooms[1].id]
    assert found(Selection.from_args("mg", {"sort": "room"})) == wanted


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("SCHÄDEL", ["Schädel nativ", "schädel KM"]),
        ("école ÉCOLE", ["École"]),
        ("голова", ["ГОЛОВА"]),
        ("100%", ["dose 100% of"]),
        ("%", ["dose 100% of"]),
        ("_", ["a_b"]),
        ("/", ["c/d"]),
        ("schädel !km", ["Schädel nativ"]),
        ("!schädel !a_", ["c/d", "dose 100% of", "École", "ГОЛОВА", None]),
        ("schadel NATIV", ["Schädel nativ"]),
        ("ecole", ["École"]),
        ("a", ["Schädel nativ", "schädel KM", "a_b"]),
    ],
)
def test_texts_are_found_by_their_words_and_wildcards_are_letters(database_url, rooms, typed, finds):
    texts = ["Schädel nativ", "schädel KM", "École", "ГОЛОВА", "dose 100% of", "a_b", "c/d", None]
    kept = keep(db.session, [Kept({"description": text}) for text in texts])
    ids = set(found(Selection.from_args("ct", {"description__has": typed})))
    assert {study["description"] for study in kept if study.id in ids} == set(finds)


def test_a_protocol_without_a_word_is_a_study_without_an_event_of_that_name(database_url, rooms):
    _with_head, without, silent = keep(
        db.session, [Kept({}, protocols=["Head", "Thorax"]), Kept({}, protocols=["Thorax"]), Kept({})]
    )
    assert set(found(Selection.from_args("ct", {"protocol__has": "!head"}))) == {without.id, silent.id}
    assert found(Selection.from_args("ct", {"protocol__has": "thorax !head"})) == [without.id]
    assert found(Selection.from_args("ct", {"protocol__has": "thorax head"})) == []  # no one protocol has both


def test_dose_area_product_is_typed_as_people_write_it_and_the_bound_itself_is_included(database_url, rooms):
    (study,) = keep(db.session, [Kept({"modality": "RF", "dap_total": 0.000315})])
    assert found(Selection.from_args("rf", {"dap__min": "315", "dap__max": "315.0"})) == [study.id]
    assert not found(Selection.from_args("rf", {"dap__min": "315.0001"}))


def test_a_selection_says_itself(rooms):
    query = {"protocol__has": "thorax lung !head", "dlp__min": "500", "date__from": "2024-01-01", "test": "out",
             "age__max": "18", "name__has": "!west", "room": str(rooms[0].id)}  # fmt: skip
    assert Selection.from_args("ct", query).words == (
        "CT studies, protocol contains “thorax” and “lung” but not “head”, from 2024-01-01, DLP at least 500 mGy·cm, "
        "age at most 18 years, without test patients, display name without “west”, room is “CT 2, West”"
    )
    assert Selection.from_args("rf", {"dap__max": "12.5"}).words == "Fluoroscopy studies, DAP at most 12.5 cGy·cm²"
    assert Selection.from_args("dx", {}).words == "Radiography studies"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            {"dlp__min": "500", "not.station": ["A", "B"], "not.protocol__has": "head", "date__last": "90"},
            "last 90 days, DLP at least 500 mGy·cm, protocol does not contain “head”, station is neither “A” nor “B”",
        ),
        (
            {"any1.protocol__has": "thorax", "any2.protocol__has": "abdomen", "any2.not.dlp__min": "500", "sex": "F"},
            "sex is “female”, either protocol contains “thorax” or (protocol contains “abdomen”, DLP not at least "
            "500 mGy·cm)",
        ),
        (
            {"event_dlp__min": "500", "event_ctdivol__max": "9", "not.event_protocol__has": "scout"},
            "one event where DLP at least 500 mGy·cm and CTDIvol at most 9 mGy, no event where "
            "protocol contains “scout”",
        ),
        ({"any4.dlp__min": "5", "any4.test": "out"}, "DLP at least 5 mGy·cm, without test patients"),
        ({"station": ["A", "B"], "not.test": "out"}, "station is “A” or “B”, not without test patients"),
    ],
)
def test_alternatives_opposites_and_events_have_their_words(rooms, query, words):
    assert Selection.from_args("ct", query).words == f"CT studies, {words}"


def test_one_event_has_to_meet_all_that_is_asked_of_events(database_url, rooms):
    both = [{"dlp": 600.0, "mean_ctdivol": 5.0}, {"dlp": 100.0, "mean_ctdivol": 50.0}]
    apart, together = keep(
        db.session, [Kept({}, protocols=["a", "b"], events=both), Kept({}, protocols=["b"], events=[both[1]])]
    )
    query = {"event_dlp__max": "200", "event_ctdivol__min": "20"}
    assert sorted(found(Selection.from_args("ct", query))) == [apart.id, together.id]
    assert found(Selection.from_args("ct", query | {"event_dlp__min": "500", "event_dlp__max": "900"})) == []
    assert found(Selection.from_args("ct", {"event_dlp__min": "500", "any1.event_ctdivol__min": "20"})) == [apart.id]
    assert found(Selection.from_args("ct", {"not.event_dlp__min": "500"})) == [together.id]


def test_capitals_make_a_difference_where_a_text_is_chosen(database_url, rooms):
    upper, lower = keep(db.session, [Kept({}, protocols=["HEAD", "x"]), Kept({}, protocols=["head"])])
    assert found(Selection.from_args("ct", {"protocol": "HEAD"})) == [upper.id]
    assert sorted(found(Selection.from_args("ct", {"protocol": ["head", "x"]}))) == [upper.id, lower.id]
    assert found(Selection.from_args("ct", {"protocol": "hea"})) == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"dlp_min": "5"}, "There is no parameter “dlp_min” for CT studies."),
        ({"dap__min": "5"}, "There is no parameter “dap__min” for CT studies."),
        ({"dlp__min": "1,000"}, "DLP from is “1,000”; it takes a number such as 12.5."),
        ({"dlp__min": "nan"}, "DLP from is “nan”; it takes a number such as 12.5."),
        ({"dlp__max": "1e999"}, "DLP to is “1e999”; it takes a number such as 12.5."),
        (
            {"dlp__max": "1e99999999999999999999"},
            "DLP to is “1e99999999999999999999”; it takes a number such as 12.5.",
        ),
        ({"date__from": "1.2.2024"}, "From is “1.2.2024”; it takes a date such as 2024-12-31."),
        ({"test": "maybe"}, "Test patients is “maybe”; it takes out or only."),
        ({"room": "0x1"}, "Room is “0x1”; it takes the number of a room."),
        ({"room": "999"}, "There is no room 999."),
        ({"not.room": "999"}, "There is no room 999."),
        ({"any0.dlp__min": "5"}, "There is no parameter “any0.dlp__min” for CT studies."),
        ({"any10.dlp__min": "5"}, "There is no parameter “any10.dlp__min” for CT studies."),
        ({"not.not.dlp__min": "5"}, "There is no parameter “not.not.dlp__min” for CT studies."),
        ({"not.any1.dlp__min": "5"}, "There is no parameter “not.any1.dlp__min” for CT studies."),
        ({"any1.sort": "dlp"}, "There is no parameter “any1.sort” for CT studies."),
        ({"not.": "5"}, "There is no parameter “not.” for CT studies."),
        ({"any2.not.dlp__min": "many"}, "DLP from is “many”; it takes a number such as 12.5."),
        ({"date__last": "0"}, "When is “0”; it takes a number of days from 1 to 36500."),
        ({"date__last": "²"}, "When is “²”; it takes a number of days from 1 to 36500."),
        ({"station": "a\0b"}, "Station has a character that no text has."),
        ({"station": [str(n) for n in range(51)]}, "Station has 51 values; it takes at most 50."),
        ({"page": "0"}, "page is “0”; it takes a number from 1."),
        ({"page": "-1"}, "page is “-1”; it takes a number from 1."),
        ({"size": "30"}, "size is “30”; it takes 25, 50, 100, 250, 500."),
        ({"description__has": "a\0b"}, "Study description has a character that no text has."),
        ({"description__has": "a " * 21}, "Study description has 21 words; it takes at most 20."),
    ],
)
def test_what_is_not_known_is_said_by_its_name(rooms, query, sentence):
    with pytest.raises(BadParameter) as told:
        Selection.from_args("ct", query)
    assert str(told.value) == sentence


def test_what_is_wrong_is_named_as_the_address_has_it(rooms):
    with pytest.raises(BadParameter) as told:
        Selection.from_args("ct", {"any2.not.dlp__min": "many", "dlp__min": "5"})
    assert told.value.parameter == "any2.not.dlp__min"


def test_an_address_may_not_ask_more_than_a_database_answers(rooms):
    names = [f"any{n}.{negation}{name}" for n in range(1, 10) for negation in ("", "not.")
             for name in ("dlp__min", "dlp__max", "age__min", "age__max", "weight__min", "weight__max")]  # fmt: skip
    query = dict.fromkeys(names, "5")
    with pytest.raises(BadParameter, match="The address asks 108 things; it may ask 100"):
        Selection.from_args("ct", query)
    assert found(Selection.from_args("ct", dict(list(query.items())[:100]))) == []


def test_an_unknown_sort_is_answered_with_those_there_are(rooms):
    with pytest.raises(BadParameter, match="sort is “dap”; it takes date, -date, received, -received, room"):
        Selection.from_args("ct", {"sort": "dap"})


@pytest.mark.parametrize(
    ("query", "crossed"),
    [
        ({"date__from": "2024-02-01", "date__until": "2024-01-31"}, ["date__from", "date__until"]),
        ({"age__min": "9", "dlp__min": "100", "dlp__max": "99.5"}, ["dlp__min", "dlp__max"]),
        ({"dap__min": "1", "dap__max": "1", "date__from": "2024-01-31", "date__until": "2024-01-31"}, []),
        ({"dap__min": "5", "age__max": "1"}, []),
        ({"not.dlp__min": "9", "dlp__max": "1"}, []),
        ({"any1.dlp__min": "9", "any2.dlp__max": "1"}, []),
        ({"any1.dlp__min": "9", "any1.dlp__max": "1", "any1.not.dlp__max": "2"}, ["any1.dlp__min", "any1.dlp__max"]),
        ({"date__last": "9", "date__until": "2024-01-31"}, []),
    ],
)
def test_a_range_whose_ends_are_crossed_is_noticed(rooms, query, crossed):
    modality = "rf" if "dap__min" in query else "ct"
    found = Selection.from_args(modality, query).crossed or ()
    assert [end.name for end in found] == crossed


def test_two_answers_to_one_question_are_refused_and_empty_ones_ask_nothing(rooms):
    args = MultiDict([("dlp__min", ""), ("dlp__min", "5"), ("sort", "")])
    assert Selection.from_args("ct", args).query == {"dlp__min": "5"}
    with pytest.raises(BadParameter, match="DLP from is there twice"):
        Selection.from_args("ct", MultiDict([("dlp__min", "4"), ("dlp__min", "5")]))


def test_a_click_on_a_heading_sorts_highest_first_and_texts_alphabetically_and_the_next_click_reverses(rooms):
    selection = Selection.from_args("ct", {"page": "3", "dlp__min": "5"})
    assert selection.sorted_by("dlp").query == {"sort": "-dlp", "dlp__min": "5"}
    assert selection.sorted_by("dlp").sorted_by("dlp").query == {"sort": "dlp", "dlp__min": "5"}
    assert selection.sorted_by("room").view.sort == "room"
    assert selection.sorted_by("room").sorted_by("room").view.direction("room") == "descending"
    assert selection.view.direction("room") == "none"


def test_what_is_remembered_of_a_question_is_of_this_one_and_of_today(monkeypatch):
    class Tomorrow(date):
        @classmethod
        def today(cls):
            return date.today() + timedelta(1)

    asked = {"date__last": "7", "station": ["A", "B"]}
    digest = Selection.from_args("ct", asked).digest
    assert Selection.from_args("ct", asked | {"sort": "dlp", "page": "2"}).digest == digest
    others = [Selection.from_args("rf", asked), Selection.from_args("ct", asked | {"station": ["A"]})]
    monkeypatch.setattr("app.queries.selection.date", Tomorrow)
    others.append(Selection.from_args("ct", asked))
    assert len({digest, *(one.digest for one in others)}) == 4

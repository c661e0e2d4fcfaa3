"""Tables of text as people save them."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sizes.headings import guess
from app.sizes.plan import doubts, guessed, lines
from app.sizes.table import NotATable, Table

HEADINGS = {"accession": "Accession number", "height": "Größe", "weight": "Gewicht", "note": "Bemerkung"}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
# Rows as one system tells them: the identifier, height in cm, weight in kg, and a text that may have any sign.
ROWS = st.lists(
    st.tuples(
        st.text("ABC0123456789-_/", min_size=1, max_size=16),
        st.decimals(40, 220, places=1),
        st.decimals(3, 200, places=1),
        st.text("abc ,;|\tü\"'0.", max_size=12),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda row: row[0],
)


def saved(path, rows, delimiter, encoding, decimal, order, end="\r\n"):
    """The rows as a program would save them."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow([HEADINGS[name] for name in order])
    for identifier, height, weight, note in rows:
        told = {"accession": identifier, "height": str(height).replace(".", decimal)}
        told |= {"weight": str(weight).replace(".", decimal), "note": note}
        writer.writerow([told[name] for name in order])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@settings(deadline=None)
@given(
    ROWS,
    st.sampled_from(",;\t|"),
    st.sampled_from(ENCODINGS),
    st.sampled_from(".,"),
    st.permutations(list(HEADINGS)),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_the_same_rows_give_the_same_sizes_however_they_are_saved(
    tmp_path_factory, rows, delimiter, encoding, decimal, order, end
):
    path = saved(tmp_path_factory.mktemp("t") / "t.csv", rows, delimiter, encoding, decimal, order, end)
    table = Table.of(path)
    plan = guessed(table, ["accession", "uid"])
    assert [order[column] for column in plan.columns] == ["accession", "height", "weight"]
    plain = saved(tmp_path_factory.mktemp("p") / "p.csv", rows, ",", "utf-8", ".", list(HEADINGS))
    of_plain = Table.of(plain)
    expected = [(line.written, dict(line.values)) for line in lines(of_plain, guessed(of_plain, ["accession"]))]
    assert [(line.written, dict(line.values)) for line in lines(table, plan)] == expected
    assert len(expected) == len(rows)


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        ("Accession No.;Patient Size;Patient Weight", {"accession": 0, "height": 1, "weight": 2}),
        ("Gewicht (kg);Körpergröße [cm];Anforderungsnummer", {"accession": 2, "height": 1, "weight": 0}),
        ("N° accession;Taille;Poids", {"accession": 0, "height": 1, "weight": 2}),
        ("StudyInstanceUID;talla;peso", {"uid": 0, "height": 1, "weight": 2}),
        ("BMI;PatientHeight;patient_weight;AccessionNumber", {"height": 1, "weight": 2, "accession": 3}),
        ("Patient ID;Study date;Height;Weight", {"patient": 0, "date": 1, "height": 2, "weight": 3}),
        ("acc;vikt;längd", {"accession": 0, "weight": 1, "height": 2}),
        ("accnummer;Name;Birth date;Dose", {}),
    ],
)
def test_columns_are_known_by_their_headings_in_several_languages(headings, columns):
    found = guess(headings.split(";"))
    assert {kind: place for kind, place in found.items() if kind in columns} == columns
    if not columns:
        assert "date" not in found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing in it"),
        (b"\r\n\r\n", "nothing in it"),
        (b"Height\r\n1.75\r\n", "one column"),
        (b"PK\x03\x04zip", "workbook"),
        (b"%PDF-1.7\na,b\n1,2\n", "document"),
        (b"{\\rtf1 a,b\n1,2\n", "document"),
        (b"\r\n<!DOCTYPE html>\n<p>a,b\n<p>1,2\n", "document"),
        (b'<?xml version="1.0"?>\n<a>a,b\n1,2</a>\n', "document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "no text"),
        (b"\x01\x02,\x03\r\n", "no text"),
        (b'a,b\r\n1,"' + b"x" * 200_000, "never closed"),
        (b",".join([b"a"] * 1001), "more than 1,000 columns"),
    ],
)
def test_what_is_no_table_is_told_in_a_sentence(tmp_path, content, words):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(NotATable, match=words):
        list(Table.of(path).rows())


def read(tmp_path, text):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8", newline="")
    return Table.of(tmp_path / "t.csv")


@pytest.mark.parametrize("sign", "^~#*:! ")
def test_any_sign_may_part_the_columns(tmp_path, sign):
    table = read(tmp_path, "Acc,Height,Weight\nA1,1.75,70\n".replace(",", sign))
    assert (table.headings, list(table.rows())) == (("Acc", "Height", "Weight"), [(2, ["A1", "1.75", "70"])])


def test_words_of_a_single_column_are_no_columns(tmp_path):
    with pytest.raises(NotATable, match="one column"):
        read(tmp_path, "Height in cm\n175\n162\n")


def test_a_line_that_tells_spreadsheets_the_separator_is_no_heading(tmp_path):
    table = read(tmp_path, "sep=;\r\nAcc;Height;Weight\r\nA1;1,75;70\r\n")
    assert table.headings == ("Acc", "Height", "Weight")
    assert list(table.rows()) == [(3, ["A1", "1,75", "70"])]


def test_rows_are_numbered_as_spreadsheets_number_them_and_short_ones_are_filled(tmp_path):
    table = read(tmp_path, 'Acc,Height,Weight\nA1,1.75\n\n,,\n"A\n2",1.8,80,more\n')
    assert list(table.rows()) == [(2, ["A1", "1.75", ""]), (5, ["A\n2", "1.8", "80"])]


@pytest.mark.parametrize(
    ("rows", "units"),
    [
        ("1.75,70 1.62,55 0.5,3.5", ("m", "kg")),
        ("175,70 162,55 50,3.5", ("cm", "kg")),
        ("50,3.4 52,4.1 48,2.9", ("cm", "kg")),
        ("70,154 64,121 68,200 66,150 72,230 63,110 69,180 67,175 71,201 65,132", ("in", "lb")),
    ],
)
def test_units_are_guessed_from_the_values(tmp_path, rows, units):
    table = read(tmp_path, "Acc,Height,Weight\n" + "".join(f"A{n},{row}\n" for n, row in enumerate(rows.split())))
    plan = guessed(table, ["accession"])
    assert (plan.height_unit, plan.weight_unit) == units
    assert doubts(table, plan) == []


def test_units_of_headings_and_cells_go_before_guesses(tmp_path):
    table = read(tmp_path, "Acc,Height (in),Weight [lb]\nA1,70,150\nA2,175 cm,70kg\n")
    first, second = lines(table, guessed(table, ["accession"]))
    assert first.values == {"height": 1.778, "weight": 68.038855}
    assert second.values == {"height": 1.75, "weight": 70}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A1,2.7,80", "Height would be 2.7 m"),
        ("A1,0.1,80", "Height would be 0.1 m"),
        ("A1,1.75,0.2", "Weight would be 0.2 kg"),
        ("A1,1.75,401", "Weight would be 401 kg"),
        ("A1,tall,80", "Height is no number"),
        ("A1,1.75,8O", "Weight is no number"),
        ("A1,0.70,175", "can't be of one person. They look swapped"),
        ("A1,0,0", "Height would be 0 m"),
        ("A1,-1.75,80", "Height would be -1.75 m"),
        ("A1,nan,80", "no number"),
        ("A1,1e2,80", "no number"),
        ("A1,,", "neither"),
        (",1.75,80", "no identifier"),
    ],
)
def test_what_can_not_be_true_is_rejected_with_the_reason(tmp_path, row, words):
    table = read(tmp_path, f"Acc,Height (m),Weight (kg)\n{row}\n")
    (line,) = lines(table, guessed(table, ["accession"]))
    assert words in line.reason
    assert "8O" not in line.reason and "tall" not in line.reason


@pytest.mark.parametrize("unit", ["cm", "m"])
def test_swapped_columns_are_noticed_before_anything_is_imported(tmp_path, unit):
    people = [(175, 70), (162, 55), (181, 90), (158, 64)]
    text = "".join(f"A{n},{kg},{cm / (100 if unit == 'm' else 1)}\n" for n, (cm, kg) in enumerate(people))
    table = read(tmp_path, f"Acc,Height,Weight\n{text}")
    assert "swapped" in doubts(table, guessed(table, ["accession"]))[0]


def test_few_numbers_that_may_be_inches_or_swapped_are_asked_about(tmp_path):
    rows = "A1,70,154\nA2,64,121\n"
    untold = read(tmp_path, f"Acc,Height,Weight\n{rows}")
    assert "swapped" in doubts(untold, guessed(untold, ["accession"]))[0]
    told = read(tmp_path, f"Acc,Height (in),Weight (lb)\n{rows}")
    assert not doubts(told, guessed(told, ["accession"]))


def test_a_unit_that_does_not_fit_is_told_with_the_one_that_does(tmp_path):
    table = read(tmp_path, "Acc,Height (m),Weight\nA1,175,70\nA2,180,80\n")
    assert "In cm they would be" in doubts(table, guessed(table, ["accession"]))[0]

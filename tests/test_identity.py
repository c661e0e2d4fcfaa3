"""What tells patients apart, where a site wants that."""

from datetime import date

import pytest

from app.identity import HASHED, NONE, STORED, Identity, normal, readable, words_of

HASHING = Identity(HASHED, "a secret of this site")


@pytest.mark.parametrize("written", ["ab-0012 34", "AB 001234", " Ab.0012/34 ", "ab\u00ad001234", "ＡＢ００１２３４"])
def test_one_id_is_one_however_it_is_written(written):
    assert normal(written) == "ab001234"
    assert HASHING.key(written) == HASHING.key("AB001234")


def test_leading_zeros_tell_ids_apart():
    assert HASHING.key("0012") != HASHING.key("12")


@pytest.mark.parametrize("written", ["", "  ", "---"])
def test_an_id_that_says_nothing_is_nobodys(written):
    assert HASHING.key(written) is None
    assert HASHING.columns(written, "CITYHOSP") == {}


def test_a_site_that_keeps_none_has_nothing_to_tell():
    assert Identity(NONE, "secret").columns("1234", "CITYHOSP") == {}
    assert Identity(NONE, "secret").key("1234") is None


def test_a_hash_says_nothing_without_the_secret_of_the_site():
    assert HASHING.key("1234") != Identity(HASHED, "another secret").key("1234")
    assert "secret" not in repr(HASHING)


def test_the_id_itself_is_kept_as_it_was_written_only_where_the_site_says_so():
    columns = Identity(STORED, HASHING.secret).columns(" AB-0012 ", "CITYHOSP")
    assert columns["patient_id"] == "AB-0012"
    hashed = HASHING.columns(" AB-0012 ", "CITYHOSP")
    assert hashed == columns | {"patient_id": None}
    assert (len(hashed["patient_key"]), len(hashed["patient_issuer"])) == (64, 16)


NAMING = Identity(secret="a secret of this site", name=HASHED)
NAME = "Müller-Lüdenscheidt^Anna Maria^Sophie^Dr."


@pytest.mark.parametrize(
    "typed",
    [
        "Müller-Lüdenscheidt, Anna Maria Sophie", "anna maria sophie muller ludenscheidt", NAME.removesuffix("^Dr."),
        "MUELLER LUEDENSCHEIDT ANNA MARIA", "Anna Müller-Lüdenscheidt", " müller-lüdenscheidt^anna ",
        "Ａnna Müller Lüdenscheidt",
    ],
)  # fmt: skip
def test_a_name_is_found_as_people_type_it(typed):
    assert NAMING.name_key(typed) in NAMING.name_keys(NAME)


@pytest.mark.parametrize(
    "typed", ["Müller-Lüdenscheidt", "Anna", "Müller Anna", "Anna Maria", "Berta Müller-Lüdenscheidt"]
)
def test_of_a_hashed_name_a_part_is_not_found(typed):
    assert NAMING.name_key(typed) not in NAMING.name_keys(NAME)


def test_a_part_finds_a_name_that_is_stored():
    naming = Identity(secret="a secret of this site", name=STORED)
    assert {naming.name_key(part) for part in ("LUEDENSCHEIDT", "Anna", "Sophie")} <= set(naming.name_keys(NAME))
    assert naming.name_key("Dr.") not in naming.name_keys(NAME)


def test_each_way_in_which_a_device_writes_a_name_finds_it():
    keys = NAMING.name_keys("Yamada^Tarou=山田^太郎=やまだ^たろう")
    assert {NAMING.name_key(typed) for typed in ("Tarou Yamada", "山田 太郎", "やまだ たろう")} <= set(keys)


@pytest.mark.parametrize("name", ["", "^^^", " "])
def test_a_name_that_says_nothing_finds_nobody(name):
    assert (NAMING.name_keys(name), NAMING.name_key(name)) == ([], None)
    assert Identity(NONE, "secret").name_keys(NAME) == []


def test_a_name_in_one_part_is_found_by_it():
    assert NAMING.name_key("Cher") in NAMING.name_keys("CHER")
    assert words_of("Strauß") == words_of("STRAUSS")


def test_name_and_birthday_are_kept_as_written_only_where_the_site_says_so():
    born = date(1950, 1, 31)
    assert NAMING.person(NAME, born) == {}
    told = Identity(name=STORED, birth_date=STORED).person(NAME, born)
    assert told == {"patient_name": NAME, "patient_birth_date": born}
    assert readable(NAME) == "Müller-Lüdenscheidt, Anna Maria Sophie"


def test_an_accession_number_is_kept_as_the_site_wants_it():
    assert Identity().accession_key("AC-17") == "AC-17"
    assert Identity(accession=NONE, secret="secret").accession_key("AC-17") is None
    hashing = Identity(accession=HASHED, secret="secret")
    assert hashing.accession_key("AC-17") == hashing.accession_key(" ac 17 ") == hashing.hashed("AC17")
    assert hashing.accession_key(hashing.hashed("AC17")) == hashing.hashed("AC17"), "a hash is not hashed again"


def test_accession_numbers_in_addresses_are_hashed_where_the_site_keeps_hashes():
    hashing = Identity(accession=HASHED, secret="secret")
    hashed = hashing.hashed("AC17")
    asked = [("accession__has", "AC-17"), ("any2.not.accession__has", "!ac17"), ("protocol__has", "AC-17")]
    told = [("accession__has", hashed), ("any2.not.accession__has", f"!{hashed}"), ("protocol__has", "AC-17")]
    assert hashing.in_address(asked) == hashing.in_address(told) == told
    assert Identity().in_address(asked) == asked

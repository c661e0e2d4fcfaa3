"""What tells patients apart, where a site wants that."""

import pytest

from app.identity import HASHED, NONE, STORED, Identity, normal

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

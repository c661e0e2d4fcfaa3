"""Which passwords are too easy to guess."""

import pytest

from app import accounts, passwords

COMMON = "little more than common words"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", "at least 12 characters"),
        ("a" * 1001, "at most 1000 characters"),
        ("aaaaaaaaaaaa", "at least 5 different characters"),
        ("abcabcabcabc", "at least 5 different characters"),
        ("jane.doe-is-here", "must not contain the user name"),
        ("JANE.DOE-is-here", "must not contain the user name"),
        ("Password123!", COMMON),
        ("P@ssw0rd2026!", COMMON),
        ("passwordpassword", COMMON),
        ("1qaz2wsx3edc", COMMON),
        ("qwertyuiop[]", COMMON),
        ("123456789012", COMMON),
        ("zaq12wsxcde3", COMMON),
        ("19.07.1984-1984", COMMON),
        ("Radiology2026", COMMON),
        ("Krankenhaus1!", COMMON),
        ("iloveyou1234", COMMON),
        ("Xy7-Xy7-Xy7-Xy7-", "at least 5 different characters"),
    ],
)
def test_what_would_be_guessed_is_refused_with_its_reason(password, reason):
    with pytest.raises(passwords.TooEasy, match=reason):
        passwords.check(password, "jane.doe")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple",
     "blue-tractor-77", "ein langer Satz von mir", "gZ1-x8_Qa2vLw", "сорок четыре ёжика",
     "purple banana coffee dragon july", "放射線量の監視は大切です。", "é" * 4 + "àçù-jardin"],
)  # fmt: skip
def test_what_belongs_to_one_person_is_taken(password):
    passwords.check(password, "jane.doe")


def test_passwords_that_are_made_up_are_taken():
    for _ in range(200):
        passwords.check(accounts.made_up_password(), "admin")


def test_a_site_has_a_list_of_its_own(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes("St. Elsewhere ward 7\r\ncaf\xe9\r\n".encode("latin-1"))
    with pytest.raises(passwords.TooEasy, match="Many people use this password"):
        passwords.check("st. elsewhere WARD 7", "jane", str(path))
    passwords.check("St. Elsewhere ward 8", "jane", str(path))
    with pytest.raises(passwords.TooEasy, match="COMMON_PASSWORDS names a file that can't be read"):
        passwords.check("St. Elsewhere ward 8", "jane", str(tmp_path / "absent.txt"))

"""Which passwords are too easy to guess."""

import random

import pytest

from app import accounts, passwords

COMMON = "little more than common words"
# What people choose who are asked for twelve characters, as lists of stolen ones tell, and as one would in a hospital.
USUAL = """
password1234 password12345 password123456 Password1234 Password123! Password1234! P@ssw0rd1234 P@ssword1234
Passw0rd1234 passw0rd2026 password2026 Password2025! Passwort2026! Passwort1234 passwort123456 mypassword123
MyPassword1! newpassword1 newpassword123 yourpassword yourpassword1 thepassword1 thisismypassword mypasswordis1
qwertyuiop12 qwertyuiop123 qwertyuiop[] qwertyuiopas qwertyuiopasdfghjkl qwerty123456 qwerty1234567 123456qwerty
123qweasdzxc qweasdzxc123 qwe123qwe123 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc zaq1zaq1zaq1 zaq12wsxcde3
!QAZ2wsx#EDC qazwsxedcrfv asdfghjkl123 asdfghjkl;'# zxcvbnm12345 asdfasdfasdf asdf1234asdf abcdefghijkl
abcdef123456 abcd12345678 abc123456789 a12345678901 1a2b3c4d5e6f a1b2c3d4e5f6 123456abcdef 1234567890ab
1234567890abc 1234567890qw 123456789abc 12345678910a 012345678910 123456789012 1234567891011 121212121212
123123123123 123321123321 112233445566 987654321012 111222333444 147258369147 159753159753 741852963741
102030405060 135792468013 010203040506 31415926535897 3.1415926535 hospital2026 hospital1234 Hospital2026!
radiology123 radiology1234 Radiology2026! radiographer1 radiologist12 mammography1 fluoroscopy1 openrem12345
OpenREM2026! openremadmin openremopenrem openrem-admin ctscanner123 ct-scanner-1 xrayxrayxray xray2026xray
medphys12345 medicalphysics medicalphysics1 medicalphysicist physicist123 physics12345 nuclearmedicine
nuclearmed123 radiotherapy radiotherapy1 radiationdose radiation123 dosemonitor1 dosemonitoring radiographie1
krankenhaus12 universitaet1 uniklinik2026 klinikum2026 Klinikum2026! nhs-england1 nhshospital1 mriscanner12
dicomserver1 ultrasound12 sonography12 oncology1234 cardiology123 emergency123 administrator administrator1
Administrator! admin1234567 admin123456789 adminadminadmin admin@123456 Admin@123456 Admin1234567! root12345678
rootroot1234 superadmin12 superuser123 letmein12345 letmeinplease letmeinnow123 letmein2026! welcome12345
Welcome2026! Welcome1234! welcome@1234 welcomehome1 Willkommen1! willkommen123 changeme1234 ChangeMe123!
changemenow1 changeit1234 default12345 secret123456 topsecret123 supersecret1 supersecret! trustno1trustno1
iloveyou1234 iloveyou2026 iloveyousomuch iloveyouforever iloveyoubaby1 loveyouforever princess1234 sunshine1234
Sunshine2026 football1234 liverpool123 liverpoolfc1 manchesterutd manchesterunited chelseafc123 arsenal12345
realmadrid12 barcelona123 fcbarcelona1 bayernmuenchen bayernmunich borussiadortmund dragon123456 monkey123456
master123456 shadow123456 superman1234 batman123456 spiderman123 starwars1234 startrek1234 harrypotter1
harrypotter123 lordoftherings gameofthrones pokemon12345 minecraft123 computer1234 internet1234 microsoft123
windows12345 facebook1234 google123456 samsung12345 linkedin1234 michael12345 jennifer1234 jonathan1234
christopher1 christopher123 elizabeth123 stephanie123 katherine123 alexander123 maximilian123 sebastian123
chocolate123 strawberry12 strawberries raspberry123 butterfly123 snoopysnoopy basketball12 volleyball12
skateboarding motorcycle12 summer2026!! Summer2026!! Sommer2026!! Winter2026!! Winter202526 Autumn2026!!
Spring2026!! Herbst2026!! Fruehling2026! September2026 september2026! November2026! Dezember2026! January2026!
Monday123456 Montag123456 Januar2026!! London2026!! london123456 Birmingham1! birmingham12 Manchester1!
edinburgh123 Deutschland1! Schweiz12345 Frankfurt123 Stuttgart123 Frankreich12 newyorkcity1 unitedkingdom
unitedstates1 greatbritain australia123 correcthorsebatterystaple CorrectHorse1 tobeornottobe
maytheforcebewithyou thequickbrownfox loremipsum12 opensesame12 abracadabra1 hellohello12 helloworld12
helloworld123 HelloWorld1! goodmorning1 goodluck1234 test12345678 testtesttest testing12345 test1234test
guest1234567 user12345678 temppassword temporary123 temp12345678 Passwort!234 GeheimesPasswort geheim123456
Hallo1234567 hallohallo12 hallo123hallo schatz123456 ichliebedich1 praisethelord blessed12345 motdepasse12
azertyuiop12 azerty123456 contraseña12 contrasena12 teamomucho12 wachtwoord12 welkom123456 Welkom2026!!
lozenord1234 salasana1234 qwertz123456 qwertzuiop12 123456qwertz abc123abc123 abc123def456 aaa111bbb222
aabbccddeeff aaaabbbbcccc p4ssw0rdp4ss pa$$w0rd1234 Pa$$word1234 Pa55word1234 Pa55w0rd1234 drowssap1234
nothing12345 whatever1234 idontknow123 idontknow1234 forgotpassword forgetmenot1 ihatepasswords nopassword12
security1234 cybersecurity1 database1234 oracle123456 postgres1234 mysql1234567 linux1234567 ubuntu123456
raspberrypi1 docker123456 support12345 service12345 helpdesk1234 manager12345 director1234 doctor123456
nurse1234567 patient12345 medicine1234 healthcare12 health123456 surgery12345 pharmacy1234 laboratory12
siemens12345 philipshealthcare philips12345 gehealthcare ge-healthcare1 toshiba12345 canonmedical1 somatom12345
fujifilm1234 hologic12345 siemenshealthineers sectra123456 agfahealthcare carestream12 pacspacspacs pacsadmin123
dicomdicom12 doseview1234 dosewatch123 radimetrics1 teamplay1234 Пароль123456 snoopysnoopy unknownpassword
correct-horse-battery-staple
"""


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
        ("janedoe-is-here", "must not contain the user name"),
        ("Jane-1984-jane!", COMMON),
        ("StMarys-Hosp12", COMMON),
        ("correct horse battery staple", COMMON),
        ("Geselle-2026!", "One word with numbers or signs"),
        ("Xy7-Xy7-Xy7-Xy7-", "at least 5 different characters"),
    ],
)
def test_what_would_be_guessed_is_refused_with_its_reason(password, reason):
    with pytest.raises(passwords.TooEasy, match=reason):
        passwords.check(password, "jane.doe", site=["dose.stmarys.example"])


def test_what_most_people_choose_is_refused():
    assert not [password for password in USUAL.split() if is_taken(password)]


def is_taken(password):
    try:
        passwords.check(password, "jane.doe")
    except passwords.TooEasy:
        return False
    return True


@pytest.mark.parametrize(
    "password",
    ["the red bus stops at nine", "two teapots sing", "xkqzvwbtlpmr",
     "blue-tractor-77", "ein langer Satz von mir", "gZ1-x8_Qa2vLw", "сорок четыре ёжика",
     "purple banana coffee dragon july", "放射線量の監視は大切です。", "é" * 4 + "àçù-jardin"],
)  # fmt: skip
def test_what_belongs_to_one_person_is_taken(password):
    passwords.check(password, "jane.doe")


def test_passwords_that_are_made_up_are_taken_even_where_chance_is_against_it(app, monkeypatch):
    letters = iter("a" * 16)
    monkeypatch.setattr(accounts.secrets, "choice", lambda some: next(letters, None) or random.choice(some))
    with app.app_context():
        for _ in range(200):
            passwords.check(accounts.made_up_password("admin"), "admin")


def test_a_site_has_a_list_of_its_own(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes("St. Elsewhere ward 7\r\ncaf\xe9\r\n".encode("latin-1"))
    with pytest.raises(passwords.TooEasy, match="Many people use this password"):
        passwords.check("st. elsewhere WARD 7", "jane", str(path))
    passwords.check("St. Elsewhere ward 8", "jane", str(path))
    with pytest.raises(passwords.TooEasy, match="COMMON_PASSWORDS names a file that can't be read"):
        passwords.check("St. Elsewhere ward 8", "jane", str(tmp_path / "absent.txt"))

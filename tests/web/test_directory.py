"""Sign-in by the hospital's directory, through the pages, against real servers."""

import re
from dataclasses import fields, replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from app import accounts, attempts, audit
from app.extensions import db
from app.models import AuditEntry, User
from app.settings import Settings, load
from app.transactions import writing
from tests import oidc
from tests.servers import free_port
from tests.slapd import PASSWORD as AT_THE_HOSPITAL
from tests.web.checks import text_of
from tests.web.visitor import PASSWORD, Visitor, make_user

HOSTILE = (
    "/sign-in/openid/answer",
    "/sign-in/openid/answer?state=%C3%A9&code=",
    "/sign-in/openid/answer?state=x&state=y&iss=z",
    "/sign-in/openid?next=http://[",
    "/signed-out",
)


def with_directory(settings, *environments):
    """The settings, with a directory's besides."""
    environment = {"INSTANCE": str(settings.instance)}
    for one in environments:
        environment |= one
    chosen = load(environment)
    names = [field.name for field in fields(Settings) if field.name.startswith(("oidc_", "ldap_", "directory_"))]
    return replace(settings, **{name: getattr(chosen, name) for name in names})


@pytest.fixture
def settings(settings, directories):
    """A site that asks the directories of the test."""
    return with_directory(settings, *directories)


@pytest.fixture
def directories(request):
    """Those whose fixtures the test names."""
    names = [name for name in ("slapd", "provider", "away") if name in request.fixturenames]
    return [request.getfixturevalue(name).environment for name in names]


@pytest.fixture
def go_and_come_back(provider):
    """Follows the button to the provider and back; gives the visitor's answer."""

    def go(person, path="/sign-in/openid", **told):
        sent = person.get(path)
        assert sent.status_code == 303, sent.text
        page = requests.get(sent.location, timeout=60).text
        back = urlsplit(re.search(r'href="([^"]+)"', page)[1].replace("&amp;", "&"))
        assert f"{back.scheme}://{back.netloc}" == "http://localhost"
        brought = {name: values[0] for name, values in parse_qs(back.query).items()} | told
        return person.get(back.path, query_string=brought)

    return go


def entries(app, action=None):
    """What was written down, oldest first."""
    with app.app_context():
        found = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
        return [one for one in found if action in (None, one.action)]


def user(app, name):
    with app.app_context():
        return accounts.find(name)


def told(person, path="/sign-in"):
    return text_of(person.get_page(path, part=False))


# What the account here has


@pytest.mark.usefixtures("slapd")
def test_who_has_no_password_here_is_not_offered_to_change_it_and_is_told_where(app):
    ann = Visitor(app)
    ann.sign_in("ann", AT_THE_HOSPITAL)
    page = ann.get_page("/account", part=False)
    assert "/account/password" not in page and "password of your organisation" in text_of(page)
    for answer in (ann.get("/account/password"), ann.post("/account/password", {"new": PASSWORD})):
        assert answer.status_code == 403 and "change it there" in answer.text
    assert user(app, "ann").password_hash is None


# LDAP


@pytest.mark.usefixtures("slapd")
def test_somebody_of_the_directory_gets_an_account_without_a_password(app):
    ann = Visitor(app)
    assert ann.sign_in("ann", AT_THE_HOSPITAL).status_code == 303
    assert ann.get("/ct/").status_code == 200
    made = user(app, "ann")
    assert (made.issuer, made.roles, made.password_hash) == ("ldap", ["viewgroup"], None)
    assert [(one.action, one.username, one.outcome) for one in entries(app)] == [
        (audit.CREATE_USER, "ann", audit.DONE),
        (audit.SIGN_IN, "ann", audit.DONE),
    ]


@pytest.mark.usefixtures("slapd")
def test_another_password_is_wrong_as_everywhere_and_is_counted(app):
    ann = Visitor(app)
    for _ in range(5):
        assert "User name or password is wrong." in ann.sign_in("ann", "wrong").text
    assert "Too many attempts" in ann.sign_in("ann", AT_THE_HOSPITAL).text
    assert user(app, "ann") is None


@pytest.mark.usefixtures("slapd")
def test_who_is_in_no_group_gets_no_account_and_is_told(app):
    answer = Visitor(app).sign_in("eve", AT_THE_HOSPITAL)
    assert answer.status_code == 422 and "none of your groups may use OpenREM" in answer.text
    assert user(app, "eve") is None
    [entry] = entries(app)
    assert (entry.action, entry.username, entry.outcome) == (audit.SIGN_IN, "eve", audit.REFUSED)
    assert entry.details["by"] == "LDAP"


def test_what_the_groups_give_counts_at_each_sign_in(app, slapd):
    cleo = slapd.add_person("cleo")
    slapd.join("dose admins", cleo)
    person = Visitor(app)
    assert person.sign_in("cleo", AT_THE_HOSPITAL).status_code == 303
    assert user(app, "cleo").roles == ["admingroup"]
    slapd.leave("dose admins", cleo)
    assert "none of your groups" in Visitor(app).sign_in("cleo", AT_THE_HOSPITAL).text
    assert user(app, "cleo").roles == []
    assert person.get("/ct/").status_code == 403, "the session that there is may nothing any more"
    [change] = entries(app, audit.CHANGE_ROLES)
    assert change.username == "cleo"
    assert change.details == {"before": ["admingroup"], "after": [], "by": "the directory"}


def test_somebody_with_a_new_name_is_the_same_and_somebody_else_with_the_old_name_is_not(app, slapd):
    dan = slapd.add_person("dan")
    slapd.join("dose viewers", dan)
    Visitor(app).sign_in("dan", AT_THE_HOSPITAL)
    first = user(app, "dan").id
    slapd.leave("dose viewers", dan)
    slapd.join("dose viewers", slapd.rename(dan, "daniel"))
    assert Visitor(app).sign_in("daniel", AT_THE_HOSPITAL).status_code == 303
    assert user(app, "daniel").id == first and user(app, "dan") is None
    assert entries(app, audit.RENAME_USER)[0].details == {"before": "dan", "after": "daniel"}
    slapd.join("dose viewers", slapd.add_person("dan"))
    assert Visitor(app).sign_in("dan", AT_THE_HOSPITAL).status_code == 303
    assert user(app, "dan").id != first


@pytest.mark.usefixtures("slapd")
def test_a_local_account_is_never_taken_over_and_its_password_is_not_sent_elsewhere(app):
    make_user(app, "ann", "admin")
    assert "User name or password is wrong." in Visitor(app).sign_in("ann", AT_THE_HOSPITAL).text
    assert Visitor(app).sign_in("ann").status_code == 303
    assert user(app, "ann").issuer is None


@pytest.mark.usefixtures("slapd")
def test_a_name_that_differs_only_in_case_from_somebody_elses_is_refused(app):
    make_user(app, "Ann", "admin")
    answer = Visitor(app).sign_in("ann", AT_THE_HOSPITAL)
    assert "There is another account here with your user name" in answer.text
    assert user(app, "ann") is None


@pytest.mark.usefixtures("slapd")
def test_who_is_disabled_here_stays_out(app):
    ann = Visitor(app)
    ann.sign_in("ann", AT_THE_HOSPITAL)
    with app.app_context(), writing():
        accounts.disable(accounts.find("ann"))
    assert ann.get("/ct/").status_code == 302
    assert "Your account here is disabled" in Visitor(app).sign_in("ann", AT_THE_HOSPITAL).text
    assert "User name or password is wrong." in Visitor(app).sign_in("ann", "wrong").text


@pytest.mark.usefixtures("slapd")
def test_nobody_gives_somebody_of_the_directory_a_password_or_other_roles_here(app):
    Visitor(app).sign_in("ann", AT_THE_HOSPITAL)
    with app.app_context():
        with pytest.raises(accounts.NotPossible, match="in the directory"):
            accounts.set_password(accounts.find("ann"), PASSWORD)
        with pytest.raises(accounts.NotPossible, match="groups of the directory"):
            accounts.set_roles(accounts.find("ann"), ["admingroup"])
    make_user(app, "boss", "admin")
    boss = Visitor(app)
    boss.sign_in("boss")
    page = boss.get_page(f"/users/{user(app, 'ann').id}")
    assert "The groups of the directory say so" in text_of(page)


class Away:
    """Directories that nobody reaches."""

    def __init__(self):
        self.environment = {
            "LDAP_URL": f"ldaps://localhost:{free_port()}",
            "LDAP_USER_BASE": "dc=example",
            "OIDC_ISSUER": f"http://localhost:{free_port()}",
            "OIDC_CLIENT_ID": "openrem",
            "OIDC_CLIENT_SECRET": "secret",
            "DIRECTORY_ROLES": "doctors=viewgroup",
        }


@pytest.fixture
def away():
    """The settings name directories, which are away."""
    return Away()


@pytest.mark.usefixtures("away")
def test_local_accounts_work_while_the_directory_is_away(app):
    make_user(app, "boss", "admin")
    answer = Visitor(app).sign_in("ann", AT_THE_HOSPITAL)
    assert answer.status_code == 422
    assert "The directory does not answer as it should" in answer.text
    person = Visitor(app)
    assert person.get("/sign-in/openid").location == "/sign-in"
    assert "The provider does not answer as it should" in told(person)
    assert person.sign_in("boss").status_code == 303
    assert [one.outcome for one in entries(app, audit.SIGN_IN)] == [audit.REFUSED, audit.REFUSED, audit.DONE]


@pytest.mark.usefixtures("away")
def test_nobody_is_locked_out_because_the_directory_was_away(app):
    for _ in range(attempts.LOCKED_AT + 1):
        assert "The directory does not answer" in Visitor(app).sign_in("ann", AT_THE_HOSPITAL).text


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("path", HOSTILE)
def test_whatever_is_asked_of_the_pages_they_answer(app, path):
    assert Visitor(app).get(path).status_code in (200, 303)


# OpenID Connect


def test_without_a_directory_there_is_no_button(app):
    person = Visitor(app)
    assert "Sign in with" not in told(person)
    for path in ("/sign-in/openid", "/sign-in/openid/answer", "/signed-out"):
        assert person.get(path).status_code == 404


@pytest.mark.usefixtures("provider")
def test_the_button_stands_beside_the_form(app):
    page = Visitor(app).get_page("/sign-in?next=/ct/")
    [button] = [link for link in page.iter() if link.get("href", "").startswith("/sign-in/openid")]
    assert text_of(button) == "Sign in with the hospital"
    assert button.get("href") == "/sign-in/openid?next=/ct/"


def test_who_comes_back_from_the_provider_is_signed_in_where_it_was(app, provider, go_and_come_back):
    person = Visitor(app)
    answer = go_and_come_back(person, "/sign-in/openid?next=/ct/?page%3D2")
    assert (answer.status_code, answer.location) == (303, "/ct/?page=2")
    assert person.get("/ct/").status_code == 200
    made = user(app, "ann")
    assert (made.issuer, made.subject, made.roles) == (provider.issuer, "1234-ann", ["viewgroup"])
    assert [(one.action, one.username) for one in entries(app)] == [
        (audit.CREATE_USER, "ann"),
        (audit.SIGN_IN, "ann"),
    ]


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
def test_the_provider_leads_back_to_no_other_site(app, go_and_come_back, elsewhere):
    answer = go_and_come_back(Visitor(app), f"/sign-in/openid?next={elsewhere}")
    assert answer.location == "/"


def test_an_answer_counts_once(app, go_and_come_back, provider):
    person = Visitor(app)
    go_and_come_back(person)
    person.post("/sign-out")
    answer = person.get("/sign-in/openid/answer?code=x&state=y")
    assert answer.location == "/sign-in"
    assert "not begun in this browser" in told(person)


def test_another_browser_can_not_use_the_answer(app, go_and_come_back):
    """Whoever is led to the answer of somebody else would work in that person's name."""
    person, victim = Visitor(app), Visitor(app)
    sent = person.get("/sign-in/openid").location
    page = requests.get(sent, timeout=60).text
    back = re.search(r'href="http://localhost([^"]+)"', page)[1].replace("&amp;", "&")
    assert victim.get(back).location == "/sign-in"
    assert victim.get("/").status_code == 302
    victim.get("/sign-in/openid")
    assert victim.get(back).location == "/sign-in"
    assert victim.get("/").status_code == 302


def test_a_token_that_is_no_proof_signs_nobody_in_and_is_written_down(app, provider, go_and_come_back, caplog):
    provider.spoiled = {"nonce": "another"}
    person = Visitor(app)
    assert go_and_come_back(person).location == "/sign-in"
    assert "no proof of who you are" in told(person)
    assert person.get("/").status_code == 302
    [entry] = entries(app)
    assert (entry.action, entry.username, entry.outcome) == (audit.SIGN_IN, None, audit.REFUSED)
    assert "nonce" in caplog.text


def test_the_provider_never_takes_over_a_local_account_or_one_of_another_provider(app, provider, go_and_come_back):
    make_user(app, "ann", "admin")
    person = Visitor(app)
    go_and_come_back(person)
    assert "There is another account here with your user name" in told(person)
    assert person.get("/").status_code == 302
    assert user(app, "ann").issuer is None and person.sign_in("ann").status_code == 303


def test_the_same_name_of_another_subject_is_somebody_else(app, provider, go_and_come_back):
    go_and_come_back(Visitor(app))
    provider.person["sub"] = "another"
    person = Visitor(app)
    go_and_come_back(person)
    assert "There is another account here with your user name" in told(person)


def test_roles_by_the_provider_are_fresh_at_each_sign_in(app, provider, go_and_come_back):
    go_and_come_back(Visitor(app))
    provider.person["groups"] = ["dose-admins", "dose-viewers"]
    go_and_come_back(Visitor(app))
    assert user(app, "ann").roles == ["viewgroup", "admingroup"]
    provider.person["groups"] = []
    person = Visitor(app)
    go_and_come_back(person)
    assert "none of your groups" in told(person)
    assert user(app, "ann").roles == []


def test_who_came_by_the_provider_can_sign_out_there_too(app, provider, go_and_come_back):
    person = Visitor(app)
    go_and_come_back(person)
    assert person.post("/sign-out").location == "/signed-out"
    assert person.get("/").status_code == 302
    page = person.get_page("/signed-out")
    [link] = [one.get("href") for one in page.iter() if one.get("href", "").startswith(provider.issuer)]
    assert parse_qs(urlsplit(link).query)["post_logout_redirect_uri"] == ["http://localhost/sign-in"]
    provider.discovered = {"end_session_endpoint": None}
    assert "Sign out there too" not in told(person, "/signed-out")


@pytest.mark.usefixtures("provider")
def test_who_has_a_password_here_signs_out_as_always(app):
    make_user(app, "boss", "admin")
    boss = Visitor(app)
    boss.sign_in("boss")
    assert boss.post("/sign-out").location == "/sign-in"


def test_people_with_strange_names_get_no_account(app, provider, go_and_come_back):
    for name in ("x" * 81, "a\nb", " "):
        provider.person["preferred_username"] = name
        person = Visitor(app)
        assert go_and_come_back(person).location == "/sign-in"
        assert "A user name has" in told(person)
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count(User.id))) == 0


def test_the_secret_is_on_no_page_and_in_no_log(app, go_and_come_back, caplog):
    person = Visitor(app)
    go_and_come_back(person, error="access_denied")
    assert oidc.CLIENT_SECRET not in caplog.text + person.get("/sign-in").text

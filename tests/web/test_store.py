"""The pages of the DICOM store: what listeners tell, who may send, what is ignored, questions before a lock-out."""

import json
import time
from dataclasses import asdict, replace

import pytest
from sqlalchemy import select

from app import heard, listening, queue
from app.extensions import db
from app.heard import Association, Heartbeat, Running
from app.models import AuditEntry, IgnoreRule, Job, StoreListener, StoreSender
from app.reception import configuration
from tests import servers
from tests.web.checks import text_of

NOW = time.time()


@pytest.fixture
def boss(visitor):
    return visitor("admin")


@pytest.fixture
def tell(redis_server):
    """As a listener tells it."""

    def tell(*associations, free_mb=9000, error="", since=NOW - 3600, address="", port=8104):
        endpoint = Running("Main", "STOREOPENREM", "0.0.0.0", port, False, since, error, 1)
        full = free_mb < 500
        beat = Heartbeat("dose1", 4711, NOW - 3600, NOW, 1, (endpoint,), "", free_mb, 500, full, 3, 12, address=address)
        client = redis_server.client
        client.set("openrem:store:listener:dose1:4711", json.dumps(asdict(beat)), ex=20)
        for one in associations:
            client.lpush("openrem:store:associations", json.dumps(asdict(one)))
            if one.objects.get(heard.KEPT):
                client.zadd("openrem:store:senders", {json.dumps([one.ae_title, one.address]): one.began})
                client.hincrby(f"openrem:store:hour:{int(one.began // 3600)}", heard.KEPT, one.objects[heard.KEPT])

    return tell


def association(ae_title="CT1", address="10.1.2.3", outcome=heard.RELEASED, reason="", called="STOREOPENREM", **more):
    kept = {heard.KEPT: 12} if outcome == heard.RELEASED else {}
    told = {"known": False, "tls": False, "objects": kept, "bytes": 4000} | more
    return Association(NOW - 60, 1.5, ae_title, called, address, "Main", outcome, reason, **told)


def words(boss, path="/store/"):
    return text_of(boss.get_page(path, part=False))


def test_without_a_listener_the_pages_raise_an_alarm_and_say_how_to_start_it(boss, study):
    study()
    for path in ("/", "/store/"):
        assert "No listener runs: nothing that modalities send arrives." in words(boss, path)
    assert "Nobody has sent anything yet." in words(boss)
    assert "Nobody has connected yet." in words(boss)


def addresses(boss):
    """What is to be typed in as the address, as the first page and that of the store say."""
    pages = (boss.get_page(path, part=False) for path in ("/", "/store/"))
    return [[button.get("data-copy") for button in page.iter("button") if button.get("data-copy")][1] for page in pages]


def test_modalities_are_told_where_the_listener_is_and_not_where_the_web_server_is(
    app, settings, boss, tell, monkeypatch
):
    app.config["SETTINGS"] = replace(settings, store_host="0.0.0.0")
    monkeypatch.setattr(heard, "own_address", lambda: "10.0.0.1")
    assert addresses(boss) == ["10.0.0.1"] * 2, "as far as anybody knows"
    tell(address="10.0.0.2", port=settings.store_port)
    assert addresses(boss) == ["10.0.0.2"] * 2
    app.config["SETTINGS"] = replace(settings, store_address="dose.example")
    assert addresses(boss) == ["dose.example"] * 2


def test_only_administrators_are_alarmed(visitor, study):
    study()
    assert "No listener runs" not in text_of(visitor("view").get_page("/"))


def test_a_listener_says_since_when_it_runs_and_what_to_type_in(boss, tell, settings):
    tell()
    page = boss.get_page("/store/")
    told = text_of(page)
    for wanted in ("Listens on dose1 at 0.0.0.0 port 8104 since", "1 association open now", "9,000 MB of disk free"):
        assert wanted in told
    copied = [button.get("data-copy") for button in page.iter("button") if button.get("data-copy")]
    assert copied == [settings.store_ae_title, settings.store_host, str(settings.store_port)]
    assert "No listener runs" not in told


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"free_mb": 700}, "The disk of dose1 is low: 700 MB are free."),
        ({"free_mb": 100}, "The disk of dose1 is full: 100 MB are free, 500 MB have to stay. Nothing is taken"),
        ({"error": "The port is taken", "since": None}, "The port is taken."),
        ({"since": None}, "“Main” does not listen."),
    ],
)
def test_what_is_wrong_with_a_listener_is_an_alarm_on_both_pages(boss, tell, study, told, sentence):
    study()
    tell(**told)
    assert sentence in words(boss) and sentence in words(boss, "/")


def test_while_the_queue_is_away_the_page_says_that_nothing_is_known(app, visitor, settings, redis_of_our_own):
    redis_of_our_own.stop()
    app.config["SETTINGS"] = replace(settings, redis_url=redis_of_our_own.url)
    seen = words(visitor("admin"))
    assert "nothing is known of listeners" in seen and "Who has connected is not known now." in seen
    assert "0 hours" not in seen and "Nobody has" not in seen
    redis_of_our_own.start()


def test_associations_are_filtered_by_sender_and_outcome(boss, tell):
    tell(association(), association("XA1", "10.1.2.4", heard.REJECTED, "the sender is not known", "OTHER"))

    def found(query):
        page = boss.get_page(f"/store/?{query}", part=False)
        return text_of(page.find(".//section[@id='associations']"))

    assert "2 of the last 2" in found("") and "12 kept" in found("") and "4.0 kB" in found("")
    assert "1 of the last 2" in found("sender=XA1") and "the sender is not known" in found("sender=XA1")
    assert "1 of the last 2" in found("sender=10.1.2.3&outcome=released")
    assert "None of the last 2 matches." in found("sender=XA1&outcome=released")
    assert boss.get("/store/?outcome=odd").status_code == 400
    assert boss.get("/store/?other=x").status_code == 400


def test_an_unknown_sender_is_allowed_with_one_click(app, boss, tell, settings):
    tell(association())
    assert "CT1 at 10.1.2.3 not known" in words(boss)
    answer = boss.post("/store/senders/allow", {"ae_title": "CT1", "address": "10.1.2.3"})
    assert (answer.status_code, answer.location) == (303, "/store/#senders")
    assert "CT1 at 10.1.2.3 yes" in words(boss)
    assert listening.published(settings).senders == (listening.Sender("CT1", "10.1.2.3"),)
    boss.post("/store/senders/allow", {"ae_title": "CT1", "address": "10.1.2.3"})
    with app.app_context():
        assert len(configuration.senders()) == 1
        assert (
            db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(1)).one() == "add sender"
        )
    for wrong in ({}, {"ae_title": "A" * 17}, {"address": "somewhere"}):
        assert boss.post("/store/senders/allow", wrong).status_code == 400


def test_a_sender_that_was_not_heard_for_weeks_is_silent(app, boss, tell, redis_server):
    tell()
    redis_server.client.zadd("openrem:store:senders", {json.dumps(["MG1", "10.1.2.9"]): NOW - 40 * 86400})
    day = time.strftime("%Y-%m-%d", time.localtime(NOW - 40 * 86400))
    assert f"silent since {day}" in words(boss)


POLICY = {"least_free_mb": "500", "accept_more": "", "delete_nomatch": "y"}


def test_the_policy_is_changed_and_listeners_hear_of_it(app, boss, settings):
    form = {"least_free_mb": "800", "accept_more": "1.2.840.10008.5.1.4.1.1.2\n1.2.3", "delete_mg": "y"}
    assert boss.post("/store/policy", form).status_code == 303
    published = listening.published(settings)
    assert published.least_free_mb == 800 and published.accept_more == ("1.2.840.10008.5.1.4.1.1.2", "1.2.3")
    with app.app_context():
        assert configuration.policy().deleted == {"mg"}
    page = boss.get_page("/store/policy")
    assert {box.get("name") for box in page.iter("input") if box.get("checked") is not None} == {"delete_mg"}


def test_a_form_without_the_classes_leaves_them_as_they_are(boss, settings):
    boss.post("/store/policy", POLICY | {"accept_more": "1.2.3"})
    assert boss.post("/store/policy", {"least_free_mb": "700"}).status_code == 303
    assert listening.published(settings).accept_more == ("1.2.3",)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (POLICY | {"least_free_mb": "-1"}, "Disk that stays free, in megabytes: it takes a whole number from 0"),
        (POLICY | {"accept_more": "CT"}, "“CT” is no SOP class UID"),
    ],
)
def test_a_policy_that_can_not_be_is_said_and_nothing_changes(boss, settings, form, sentence):
    answer = boss.post("/store/policy", form)
    assert answer.status_code == 422 and sentence in answer.text
    assert listening.published(settings) is None


def test_before_everybody_is_locked_out_the_page_asks(app, boss, tell, settings):
    tell(association())
    answer = boss.post("/store/policy", POLICY | {"only_known": "y"})
    assert answer.status_code == 422 and "No sender is known: nobody could send anything." in answer.text
    boss.post("/store/senders/allow", {"ae_title": "MG1", "address": ""})
    answer = boss.post("/store/policy", POLICY | {"only_known": "y"})
    assert answer.status_code == 422 and "CT1 at 10.1.2.3 sent lately and would be refused." in answer.text
    assert not listening.published(settings).only_known
    assert boss.post("/store/policy", POLICY | {"only_known": "y", "sure": "yes"}).status_code == 303
    assert listening.published(settings).only_known
    assert "nobody could send anything" in words(boss, "/store/senders/1/remove")


def listener_form(**changes):
    form = {"active": "y", "name": "Main", "ae_title": "STOREOPENREM", "port": "8104", "host": "0.0.0.0"}
    form |= {
        "associations": "50",
        "pdu_bytes": "131072",
        "acse_seconds": "30",
        "dimse_seconds": "60",
        "network_seconds": "600",
    }
    return {name: value for name, value in (form | changes).items() if value is not None}


def test_a_listener_is_added_changed_and_taken_away(app, boss, settings):
    assert boss.post("/store/listeners/new", listener_form(name="TLS", port="2762")).status_code == 303
    assert [one.port for one in listening.published(settings).listeners] == [settings.store_port, 2762]
    assert boss.post("/store/listeners/2", listener_form(name="Second", port="2762")).status_code == 303
    assert [one.name for one in listening.published(settings).listeners] == ["Main", "Second"]
    assert "Nothing listens on port 2762 any more" in words(boss, "/store/listeners/2/remove")
    assert boss.post("/store/listeners/2/remove").status_code == 303
    answer = boss.post("/store/listeners/1/remove", follow_redirects=True)
    assert "One listener has to stay" in answer.text
    with app.app_context():
        assert [one.name for one in db.session.scalars(select(StoreListener))] == ["Main"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter a name."),
        ({"port": "70000"}, "Port: it takes a whole number from 1 to 65,535."),
        ({"port": "many"}, "Not a valid integer value."),
        ({"ae_title": "back\\slash"}, "is no AE title"),
        ({"tls": "y"}, "TLS needs a certificate"),
        ({"name": " Main "}, "Two listeners have the same name."),
    ],
)
def test_a_listener_that_can_not_be_is_said_beside_its_field(boss, settings, changes, sentence):
    boss.get_page("/store/")
    answer = boss.post("/store/listeners/new", listener_form(**({"name": "New", "port": "2762"} | changes)))
    assert answer.status_code == 422 and sentence in answer.text


def test_a_listener_that_takes_another_name_seriously_asks_first(boss, tell, settings):
    tell(association(called="OLDNAME"))
    boss.get_page("/store/")  # which makes the first listener
    form = listener_form(port=str(settings.store_port), check_called="y")
    answer = boss.post("/store/listeners/1", form)
    assert answer.status_code == 422 and "Senders lately called us OLDNAME" in answer.text
    assert boss.post("/store/listeners/1", form | {"sure": "yes"}).status_code == 303


def test_a_listener_is_switched_off_after_a_warning_and_on_again_as_it_was(app, boss, settings):
    boss.get_page("/store/")  # which makes the first listener
    (before,) = configuration_of(app).listeners
    on = listener_form(port=str(before.port), host=before.host, check_called="y")
    boss.post("/store/listeners/1", on | {"sure": "yes"})
    off = on | {"active": None}
    off = {name: value for name, value in off.items() if value}
    answer = boss.post("/store/listeners/1", off)
    assert answer.status_code == 422 and f"Nothing listens on port {before.port} until it is switched on" in answer.text
    assert "Every listener would be switched off: nothing that modalities send would arrive." in answer.text
    assert listening.published(settings).active
    assert boss.post("/store/listeners/1", off | {"sure": "yes"}).status_code == 303
    assert not listening.published(settings).active
    assert "Main switched off" in words(boss)
    assert last_audit(app) == ("change listener", {"before": {"active": True}, "after": {"active": False}})
    boss.post("/store/listeners/1", on)
    (now,) = listening.published(settings).active
    assert now == replace(before, check_called=True)


def test_a_sender_is_switched_off_and_allowed_again(app, boss, settings, tell):
    tell(association())
    boss.post("/store/senders/allow", {"ae_title": "CT1", "address": "10.1.2.3"})
    boss.post("/store/policy", POLICY | {"only_known": "y"})
    off = {"name": "", "ae_title": "CT1", "address": "10.1.2.3", "port": ""}
    answer = boss.post("/store/senders/1", off)
    assert answer.status_code == 422 and "nobody could send anything" in answer.text
    boss.post("/store/senders/1", off | {"sure": "yes"})
    assert not listening.published(settings).knows("CT1", "10.1.2.3")
    assert "CT1 at 10.1.2.3 switched off" in words(boss)
    assert last_audit(app) == ("change sender", {"before": {"active": True}, "after": {"active": False}})
    boss.post("/store/senders/allow", {"ae_title": "CT1", "address": "10.1.2.3"})
    assert listening.published(settings).senders == (listening.Sender("CT1", "10.1.2.3"),)


def configuration_of(app):
    with app.app_context():
        return configuration.store()


def last_audit(app):
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        return entry.action, entry.details


def test_a_sender_is_added_changed_and_forgotten(app, boss, settings):
    form = {"active": "y", "name": "CT 1, West", "ae_title": "CT1", "address": "10.1.0.0/16", "port": "104"}
    assert boss.post("/store/senders/new", form).status_code == 303
    assert boss.post("/store/senders/1", form | {"ae_title": "CT2"}).status_code == 303
    assert listening.published(settings).senders == (listening.Sender("CT2", "10.1.0.0/16"),)
    assert "CT 1, West" in words(boss)
    for wrong in ({"ae_title": "", "address": ""}, {"address": "ten"}, {"port": "0"}):
        assert boss.post("/store/senders/new", form | wrong).status_code == 422
    assert boss.post("/store/senders/1/remove").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(StoreSender)) is None


def test_before_a_rule_is_made_the_page_says_what_it_would_mean(app, boss, study):
    for station in ("CT1", "CT2", "XA1"):
        study(StationName=station)
    assert "fits 2 of the last 3 stored studies: Maker Model CT" in words(boss, "/store/ignored/?station_name=ct*")
    assert "fits 0 of the last 3" in words(boss, "/store/ignored/?station_name=ct*&manufacturer=other")
    assert boss.get("/store/ignored/?colour=red").status_code == 400
    assert boss.post("/store/ignored/", {"station_name": "ct*"}).status_code == 303
    assert "station “ct*”" in words(boss, "/store/ignored/")
    assert boss.post("/store/ignored/", {}).status_code == 400
    boss.post("/store/ignored/", {"station_name": "ct*"})
    with app.app_context():
        (rule,) = db.session.scalars(select(IgnoreRule))
        number = rule.id
    assert boss.post(f"/store/ignored/{number}/remove").status_code == 303
    assert "No device is ignored" in words(boss, "/store/ignored/")


def test_a_sender_is_asked_for_an_answer_by_a_worker(app, boss, run_jobs):
    form = {"host": "127.0.0.1", "port": str(servers.free_port()), "called": "CT1", "calling": "OPENREM"}
    answer = boss.post("/store/echo", form)
    run_jobs(queue.EXPORT)
    assert "nothing listens at this port" in text_of(boss.get_page(answer.location))
    with app.app_context():
        assert db.session.scalar(select(Job.title)) == f"C-ECHO to CT1 at 127.0.0.1 port {form['port']}"
    for wrong in ({"host": ""}, {"port": "0"}, {"called": "A" * 17}, {"calling": "back\\slash"}):
        assert boss.post("/store/echo", form | wrong).status_code == 422
    assert "10.1.2.3" in boss.get("/store/echo?host=10.1.2.3&called=CT1").text


def test_the_page_needs_few_statements(boss, tell):
    tell(*(association(f"CT{number}") for number in range(40)))
    boss.get("/store/")
    with boss.counted() as statements:
        assert boss.get("/store/").status_code == 200
    assert len(statements) <= 9, "\n".join(statements)

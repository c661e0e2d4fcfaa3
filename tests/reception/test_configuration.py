"""What the database says of listeners and objects: where it begins, who hears of changes."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app import audit, listening
from app.extensions import db
from app.ingest.policy import KINDS
from app.models import AuditEntry, IgnoreRule, StoreListener, StorePolicy, StoreSender
from app.models.reception import ONE
from app.queue import connect
from app.reception import acts, configuration, current
from app.reception.acts import NotPossible
from app.reception.publishing import publish_again, publish_at_start
from app.transactions import writing
from worker import QuickWorker


def entries():
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


@pytest.mark.usefixtures("database_url")
def test_the_environment_says_what_it_begins_with_and_nothing_later(app, database, settings):
    app.config["SETTINGS"] = replace(settings, store_ae_title="FIRST", rm_dcm_mg=True)
    assert configuration.policy().deleted == {"mg", "nomatch"}, "before anything was chosen"
    (endpoint,) = configuration.store().listeners
    assert (endpoint.ae_title, endpoint.host, endpoint.port) == ("FIRST", settings.store_host, settings.store_port)
    app.config["SETTINGS"] = replace(settings, store_ae_title="SECOND", rm_dcm_mg=False)
    assert configuration.store().listeners == (endpoint,)
    assert configuration.policy().deleted == {"mg", "nomatch"}


@pytest.mark.usefixtures("database_url")
def test_each_change_is_audited_and_published_at_once(database, settings):
    before = configuration.store()
    acts.add(StoreSender(name="CT 1", ae_title="CT1", address="10.1.0.0/16"), audit.ADD_SENDER)
    acts.change(StorePolicy, ONE, audit.CHANGE_POLICY, {"only_known": True, "delete_dx": True})
    published = listening.published(settings)
    assert published == configuration.store()
    assert published.only_known and published.version == before.version + 2
    assert published.senders == (listening.Sender("CT1", "10.1.0.0/16"),)
    added, changed = entries()
    assert (added.action, added.what) == (audit.ADD_SENDER, "sender CT1 at 10.1.0.0/16")
    assert changed.details["before"] == {"only_known": False, "delete_dx": False}
    assert changed.details["after"] == {"only_known": True, "delete_dx": True}
    acts.remove(StoreSender, configuration.senders()[0].id, audit.REMOVE_SENDER)
    assert listening.published(settings).senders == ()


def test_what_no_listener_could_do_is_refused_and_nothing_changes(database, settings):
    (one,) = configuration.listeners()
    wrong = StoreListener(name=one.name, ae_title="OTHER", port=one.port + 1)
    for act in (
        lambda: acts.remove(StoreListener, one.id, audit.REMOVE_LISTENER),
        lambda: acts.change(StoreListener, one.id, audit.CHANGE_LISTENER, {"port": 70000}),
        lambda: acts.change(StoreListener, one.id, audit.CHANGE_LISTENER, {"tls": True}),
        lambda: acts.add(StoreSender(ae_title="A", address="ten"), audit.ADD_SENDER),
        lambda: acts.add(wrong, audit.ADD_LISTENER),
    ):
        with pytest.raises(NotPossible):
            act()
    assert configuration.store().version == 1 and not entries()


def test_what_redis_has_lost_or_has_wrong_is_published_again(database, settings, redis_server):
    told = configuration.store()
    for lost in (redis_server.client.flushall, lambda: redis_server.client.set(listening.KEY, "no JSON")):
        lost()
        publish_again()
        assert listening.published(settings) == told


def test_a_change_while_redis_is_away_is_kept_and_published_later(app, database, settings, redis_of_our_own):
    app.config["SETTINGS"] = settings = replace(settings, redis_url=redis_of_our_own.url)
    redis_of_our_own.stop()
    acts.change(StorePolicy, ONE, audit.CHANGE_POLICY, {"least_free_mb": 900})
    publish_again()
    redis_of_our_own.start()
    publish_again()
    assert listening.published(settings).least_free_mb == 900


def test_workers_ask_for_the_policy_seldom_and_their_own_changes_count_at_once(database):
    assert current.policy().deleted == {"nomatch"}
    configuration.policy_row()
    with writing():  # as another process
        db.session.execute(update(StorePolicy).values({f"delete_{kind}": True for kind in (*KINDS, "nomatch")}))
    assert current.policy().deleted == {"nomatch"}
    acts.add(IgnoreRule(manufacturer="Acme*"), audit.ADD_RULE)
    assert current.policy().deleted == {*KINDS, "nomatch"}
    assert [rule.words for rule in current.policy().rules] == ["maker “Acme*”"]


def test_a_worker_that_tidies_up_publishes_what_redis_has_lost(app, settings, redis_server):
    with connect(settings.redis_url) as connection:
        worker = QuickWorker(["ingest"], connection=connection)
        worker.app = app
        worker.settle()
    assert listening.published(settings).version == 1


def test_the_web_server_publishes_as_it_starts_and_waits_for_no_database(app, settings, redis_server):
    publish_at_start(app)
    assert listening.published(settings).version == 1
    with app.app_context():
        db.drop_all()
    publish_at_start(app)

"""What listeners are told, and in which order they believe it."""

import json
from dataclasses import replace

import pytest

from app import listening
from app.listening import Endpoint, Sender, Store, WrongStore

STORE = Store(
    7,
    (Endpoint("ct", "STORE_CT", port=11112), Endpoint("tls", "STORE_TLS", port=2762, tls=True, certificate="ours.pem")),
    senders=(Sender("CT1"), Sender("", "10.1.0.0/16"), Sender("MG", "192.168.7.9")),
    only_known=True,
    accept_more=("1.2.840.10008.5.1.4.1.1.2",),
)


def test_what_is_published_is_what_listeners_read(settings):
    assert listening.published(settings) is None
    listening.publish(settings, STORE)
    assert listening.published(settings) == listening.at_start(settings) == STORE


def test_of_two_who_publish_at_once_the_newer_words_stay(settings):
    newer, asked = replace(STORE, version=8), []

    def current():
        asked.append(None)
        if len(asked) > 1:
            return newer
        listening.publish(settings, newer)  # somebody else has changed it since we looked, and is quicker
        return STORE

    listening.publish_current(settings, current)
    assert listening.published(settings) == newer and len(asked) == 2


def test_an_older_version_is_published_where_it_is_what_is_wanted_by_now(settings):
    listening.publish(settings, STORE)
    listening.publish(settings, replace(STORE, version=3))  # a database that was restored
    assert listening.published(settings).version == 3


def test_without_redis_a_listener_starts_with_what_it_last_used_then_with_the_environment(settings):
    away = replace(settings, redis_url="unix:///nowhere/redis.sock")
    assert listening.at_start(away).listeners[0].port == settings.store_port
    listening.remember(away, STORE)
    assert listening.at_start(away) == STORE
    assert (settings.instance / listening.COPY).stat().st_mode & 0o777 == 0o600


def test_what_a_newer_one_added_is_left_out_and_what_an_older_one_lacked_has_its_first_value(settings):
    text = json.dumps({"version": 1, "listeners": [{"name": "a", "ae_title": "A", "colour": "red"}], "moon": 1})
    assert listening.from_json(text) == Store(1, (Endpoint("a", "A"),))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda told: told.update(listeners=[]), "no listener"),
        (lambda told: told.update(listeners=3), "can't be read"),
        (lambda told: told.update(version="7"), "version"),
        (lambda told: told["listeners"][0].update(port="11112"), "port"),
        (lambda told: told["listeners"][0].update(port=70000), "port"),
        (lambda told: told["listeners"][0].update(check_called=1), "check_called"),
        (lambda told: told["listeners"][0].update(ae_title="SEVENTEEN LETTERS"), "AE title"),
        (lambda told: told["listeners"][0].update(name="tls"), "same name"),
        (lambda told: told["listeners"][0].update(port=2762), "same port"),
        (lambda told: told["listeners"][1].update(certificate=""), "certificate"),
        (lambda told: told["listeners"][1].update(client_certificates=True), "vouch"),
        (lambda told: told["senders"][1].update(address="10.1.0.0/66"), "10.1.0.0/66"),
        (lambda told: told.update(accept_more=["CT Image Storage"]), "SOP class"),
        (lambda told: told.pop("listeners"), "can't be read"),
    ],
)
def test_what_no_listener_could_use_is_refused_with_a_sentence(settings, redis_server, change, words):
    told = json.loads(listening.as_json(STORE))
    change(told)
    with pytest.raises(WrongStore, match=words):
        listening.from_json(json.dumps(told))
    redis_server.client.set(listening.KEY, json.dumps(told))
    assert listening.at_start(settings) == listening.of_environment(settings)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "3", "[" * 100_000])
def test_noise_is_refused(text):
    with pytest.raises(WrongStore):
        listening.from_json(text)


@pytest.mark.parametrize(
    ("title", "address", "is_known"),
    [
        ("CT1", "172.16.0.1", True),
        ("CT2", "172.16.0.1", False),
        ("CT2", "10.1.255.255", True),
        ("CT2", "::ffff:10.1.0.1", True),
        ("CT2", "fe80::1%eth0", False),
        ("MG", "192.168.7.9", True),
        ("MG", "192.168.7.10", False),
    ],
)
def test_a_sender_is_known_by_its_title_its_address_or_both(title, address, is_known):
    assert STORE.knows(title, address) == is_known

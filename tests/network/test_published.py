"""The listener follows what is published, and nobody who sends meanwhile notices."""

import socket
from dataclasses import replace

import pytest
from pydicom.uid import ExplicitVRLittleEndian, XRayRadiationDoseSRStorage

from app import heard, listening
from app.listening import Endpoint, Sender, Store
from app.network import listener as listeners
from tests import certificates
from tests.network.sender import association, dose_report, send
from tests.servers import free_port, wait_until

REPORTS = (XRayRadiationDoseSRStorage, ExplicitVRLittleEndian)


@pytest.fixture(autouse=True)
def look_often(monkeypatch):
    monkeypatch.setattr(listeners, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(heard, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(heard, "TELL_SECONDS", 0.05)


def endpoint(name="listener", **changes):
    return Endpoint(name, **{"ae_title": "STORE", "host": "127.0.0.1", "port": free_port()} | changes)


def at(settings, one):
    """The settings with which a sender finds this endpoint."""
    return replace(settings, store_port=one.port, store_ae_title=one.ae_title)


def answers(settings, one):
    try:
        socket.create_connection((one.host, one.port), timeout=1).close()
    except OSError:
        return False
    return True


def running(settings):
    """What the one listener tells of its ports, by name."""
    told = heard.listeners(settings)
    return {one.name: one for one in told[0].endpoints} if told else {}


def trouble(settings, name="listener"):
    return running(settings)[name].error if running(settings) else ""


def test_several_ports_answer_each_under_its_own_title(settings, start):
    ct, mg = endpoint("ct", ae_title="STORE_CT", check_called=True), endpoint("mg", ae_title="STORE_MG")
    listening.publish(settings, Store(1, (ct, mg)))
    start()
    assert send(at(settings, ct), dose_report()) == send(at(settings, mg), dose_report()) == [0]
    wait_until(lambda: len(heard.associations(settings)) == 2, "both were told of")
    assert {one.endpoint for one in heard.associations(settings)} == {"ct", "mg"}
    assert {one.port for one in running(settings).values()} == {ct.port, mg.port}


def test_what_is_published_later_is_followed_and_kept_for_the_next_start(settings, start):
    listener = start()
    assert answers(settings, listening.of_environment(settings).listeners[0])
    one = endpoint()
    listening.publish(settings, Store(2, (one,)))
    wait_until(lambda: answers(settings, one), "the new port answers")
    wait_until(lambda: not answers(settings, listening.of_environment(settings).listeners[0]), "the old one does not")
    wait_until(lambda: listener.store.version == 2, "all was done")
    assert listening.from_json((settings.instance / listening.COPY).read_text()) == Store(2, (one,))


def test_a_listener_that_is_switched_off_stops_to_answer_and_answers_again(settings, start):
    one = endpoint()
    listening.publish(settings, Store(1, (one,)))
    start()
    assert answers(settings, one)
    listening.publish(settings, Store(2, (replace(one, active=False),)))
    wait_until(lambda: not answers(settings, one), "it does not answer")
    wait_until(lambda: not running(settings), "the heartbeat tells of no port")
    listening.publish(settings, Store(3, (one,)))
    wait_until(lambda: answers(settings, one), "it answers again")


def test_a_sender_that_is_switched_off_is_refused_like_any_unknown_one(settings, start):
    one, scanner = endpoint(), Sender("SCANNER")
    listening.publish(settings, Store(1, (one,), (scanner,), only_known=True))
    listener = start()
    assert send(at(settings, one), dose_report()) == [0]
    listening.publish(settings, Store(2, (one,), (replace(scanner, active=False),), only_known=True))
    wait_until(lambda: listener.store.version == 2, "it was told")
    with association(at(settings, one), REPORTS) as opened:
        assert opened.is_rejected


def test_an_association_outlives_changes_of_its_port_and_of_others(settings, start):
    ct, mg = endpoint("ct"), endpoint("mg")
    listening.publish(settings, Store(1, (ct, mg)))
    listener = start()
    with association(at(settings, ct), REPORTS) as opened:
        for version, changed in enumerate([(ct,), (replace(ct, ae_title="OTHER"), mg), (endpoint("ct"),)], 2):
            listening.publish(settings, Store(version, changed))
            wait_until(lambda version=version: listener.store.version == version, "the change was followed")
            assert opened.send_c_store(dose_report()).Status == 0
    assert not answers(settings, ct)


def test_a_port_that_another_program_has_leaves_the_old_one_until_it_is_free(settings, start):
    old, new = endpoint(), endpoint()
    listening.publish(settings, Store(1, (old,)))
    start()
    with socket.create_server((new.host, new.port)):
        listening.publish(settings, Store(2, (new,)))
        wait_until(lambda: trouble(settings), "the trouble is told")
        assert "another program has it" in running(settings)["listener"].error
        assert send(at(settings, old), dose_report()) == [0]
    wait_until(lambda: answers(settings, new), "the new port answers")
    wait_until(lambda: not answers(settings, old), "the old one does not")
    wait_until(lambda: not trouble(settings), "no trouble is told")


def test_two_ports_may_swap_their_names(settings, start):
    ct, mg = endpoint("ct", ae_title="STORE_CT"), endpoint("mg", ae_title="STORE_MG")
    listening.publish(settings, Store(1, (ct, mg)))
    start()
    listening.publish(settings, Store(2, (replace(ct, port=mg.port), replace(mg, port=ct.port))))
    wait_until(lambda: running(settings).get("ct") and running(settings)["ct"].port == mg.port, "they swapped")
    assert running(settings)["mg"].port == ct.port


def test_the_same_port_may_move_to_another_address(settings, start):
    old = endpoint(host="127.0.0.1")
    listening.publish(settings, Store(1, (old,)))
    listener = start()
    listening.publish(settings, Store(2, (replace(old, host="0.0.0.0"),)))
    wait_until(lambda: listener.store.version == 2, "the change was followed")
    assert running(settings)["listener"].error == "" and send(at(settings, old), dose_report()) == [0]


def test_a_bad_certificate_leaves_the_old_settings_until_it_is_mended(settings, start, tmp_path):
    old = endpoint()
    listening.publish(settings, Store(1, (old,)))
    start()
    files = {"certificate": str(tmp_path / "site.pem"), "key": str(tmp_path / "site.key")}
    listening.publish(settings, Store(2, (replace(old, tls=True, **files),)))
    wait_until(lambda: trouble(settings), "the trouble is told")
    assert "certificates" in running(settings)["listener"].error
    assert send(at(settings, old), dose_report()) == [0]
    certificates.self_signed(tmp_path)
    wait_until(lambda: running(settings)["listener"].tls, "it is encrypted now")
    assert not running(settings)["listener"].error


@pytest.mark.parametrize("text", ["{", '{"version": 3, "listeners": []}', '{"version": 3}'])
def test_what_cannot_be_read_changes_nothing_and_is_told(settings, start, redis_server, text):
    one = endpoint()
    listening.publish(settings, Store(1, (one,)))
    start()
    redis_server.client.set(listening.KEY, text)
    wait_until(lambda: heard.listeners(settings) and heard.listeners(settings)[0].error, "the trouble is told")
    assert send(at(settings, one), dose_report()) == [0]


def test_an_empty_redis_changes_nothing(settings, start, redis_server):
    one = endpoint()
    listening.publish(settings, Store(1, (one,)))
    listener = start()
    redis_server.client.flushall()
    wait_until(lambda: heard.listeners(settings), "the listener tells of itself again")
    assert send(at(settings, one), dose_report()) == [0]
    assert listener.store.version == 1


def test_a_start_without_redis_uses_what_worked_last(settings, start):
    one = endpoint()
    listening.remember(replace(settings), Store(1, (one,)))
    start(replace(settings, redis_url="unix:///nowhere/redis.sock"))
    assert send(at(settings, one), dose_report()) == [0]


def test_what_was_set_on_a_page_and_cannot_be_had_does_not_end_the_listener(settings, start):
    bad, good = endpoint("bad"), endpoint("good")
    listening.publish(settings, Store(1, (bad, good)))
    with socket.create_server((bad.host, bad.port)):
        start()
        assert send(at(settings, good), dose_report()) == [0]
        wait_until(lambda: running(settings), "the listener tells of itself")
        assert running(settings)["bad"].since is None and "another program" in running(settings)["bad"].error
    wait_until(lambda: answers(settings, bad), "the port answers once it is free")

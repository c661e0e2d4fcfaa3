"""A site on several hosts, some of which are cut off: nothing is lost, nothing is there twice, and all go on."""

import re
import shutil
import threading
import time

import pytest
from sqlalchemy import select

from app.extensions import db
from app.jobs.housekeeping import LOST
from app.models import Job
from app.queue import EXPORT, INGEST
from chaos.objects import WHOLE
from tests.conftest import missing
from tests.hosts import network
from tests.hosts.site import Site, running
from tests.servers import wait_until

# Of the networks that are made here; there is no way from them to others.
THEIRS = [f"{network.NETWORK}.{number}" for number in range(1, 10)]
pytestmark = pytest.mark.allow_hosts(["127.0.0.1", *THEIRS])

STUDIES = 12_000
QUEUED, READ_AGAIN = 60, 120  # seconds


@pytest.fixture(scope="module")
def site():
    if lacking := network.lacking() + [name for name in ("storescu",) if shutil.which(name) is None]:
        missing(f"not installed: {', '.join(lacking)}")
    if reason := network.forbidden():
        pytest.skip(reason)
    with running(STUDIES) as made:
        yield made


@pytest.fixture(autouse=True)
def _told(site, request):
    """Where a test fails, what the programs said."""
    yield
    if site.folder.exists():
        for path in sorted(site.folder.glob("*.log")):
            print(f"--- {path.name}\n{path.read_text(errors='replace')[-2500:]}")


def jobs(site: Site) -> dict[str, tuple]:
    """State, message and studies of each export."""
    with site.app.app_context():
        found = db.session.execute(select(Job.id, Job.state, Job.message, Job.done).where(Job.kind.like("ct-%"))).all()
        db.session.remove()
    return {id: tuple(rest) for id, *rest in found}


def all_stored(site: Site) -> bool:
    verdict = site.stored()
    return verdict.stored + verdict.quarantined == len(site.ledger.sent)


def ask_for_exports(site: Site, number: int):
    def ask():
        person = site.person()
        assert person.sign_in()
        for _ in range(number):
            assert person.export("ct-xlsx") == 303

    site.hosts["web"].do(ask)


def states(site: Site) -> list[str]:
    return sorted(state for state, _, _ in jobs(site).values())


def test_what_one_listener_receives_is_read_by_workers_of_other_hosts_and_seen_on_the_web(site):
    sent = site.send(10)
    assert site.ledger.answered == {one.sop for one in sent}
    wait_until(lambda: all_stored(site), "all is stored", QUEUED)
    assert site.waiting_in("listener") == 0
    assert not site.stored().wrong
    assert not [name for name in ("web", "worker1", "worker2") if site.waiting_in(name)]
    whole = next(one for one in sent if one.state == WHOLE)

    def look():
        person = site.person()
        person.sign_in()
        return person.ask("GET", f"/study/{whole.study}")[0]

    assert site.hosts["web"].do(look) == 200


def test_a_worker_host_that_is_cut_off_amid_its_work_loses_nothing_and_comes_back(site):
    ask_for_exports(site, 2)  # one for each of the two hosts
    wait_until(lambda: states(site).count("running") == 2, "two exports are made", QUEUED)
    sending = threading.Thread(target=site.send, args=(60,))
    sending.start()
    held = _cut_mid_import(site, "worker1")
    sending.join()
    assert len(site.ledger.answered) == len(site.ledger.sent)
    began = time.monotonic()
    wait_until(lambda: all_stored(site), "what the other host held is read as well", READ_AGAIN)
    print(f"{held} was held; all was stored after {time.monotonic() - began:.0f} s")
    wait_until(lambda: states(site) == ["failed", "ready"], "one export is whole, the other failed", READ_AGAIN)
    assert [message for state, message, _ in jobs(site).values() if state == "failed"] == [LOST]
    assert site.connections_of("worker1") == 0, "what it had locked is free"
    site.cables.join("worker1")
    read, exported = (site.said(f"worker1-{name}").count("waiting for work") for name in (INGEST, EXPORT))
    ask_for_exports(site, 2)  # again one for each: the one that was away makes its own
    wait_until(lambda: states(site).count("running") == 2, "both hosts make exports", READ_AGAIN)
    site.send(10)
    wait_until(lambda: all_stored(site), "all is stored", READ_AGAIN)
    wait_until(lambda: states(site) == ["failed", "ready", "ready", "ready"], "all exports are whole", READ_AGAIN)
    _exports_are_whole(site)
    assert not site.ended()
    for name, before in ((INGEST, read), (EXPORT, exported)):
        assert site.said(f"worker1-{name}").count("waiting for work") <= before + 1, "it does not start over and over"


def test_a_listener_host_that_sees_only_its_modality_says_success_and_brings_everything_later(site):
    site.cables.cut("listener")
    sent = site.send(25)
    assert {one.sop for one in sent} <= site.ledger.answered
    assert site.waiting_in("listener") == len(sent)
    site.cables.join("listener")
    wait_until(lambda: all_stored(site), "all is stored", READ_AGAIN)
    wait_until(lambda: site.waiting_in("listener") == 0, "the spool is empty", READ_AGAIN)


def test_nothing_was_lost_or_is_there_twice_and_no_program_has_ended(site):
    verdict = site.whole()
    assert verdict.wrong == []
    assert verdict.stored + verdict.quarantined == len(site.ledger.sent) == 105
    assert site.ended() == []
    assert site.keys("incoming") == []


def _cut_mid_import(site: Site, name: str) -> str:
    """Cut the host off while it reads an object; gives which."""
    for _ in range(100):
        if site.held_by(name):
            site.cables.cut(name)
            time.sleep(0.5)
            if held := site.held_by(name):
                return held[0]
            site.cables.join(name)
        time.sleep(0.02)
    raise AssertionError(f"{name} was never met amid reading")


def _exports_are_whole(site: Site):
    """What the web gives of each export that is ready has as many studies as it says, and nothing else is kept."""
    ready = {id: done for id, (state, _, done) in jobs(site).items() if state == "ready"}
    assert all(ready.values())
    kept = {re.search(r"-([0-9a-f]{8})\.", key)[1] for key in site.keys("exports")}
    assert kept == {id[:8] for id in ready}

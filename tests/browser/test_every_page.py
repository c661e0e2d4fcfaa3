"""Every page that links lead to: nothing that axe calls serious, and nothing wider than a narrow phone."""

from datetime import date
from io import BytesIO
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from app import audit, heard
from app.demo.study import study
from app.exports.kinds import KINDS
from app.extensions import db
from app.identity import HASHED, Identity
from app.ingest.receive import receive
from app.jobs import control
from app.jobs.ingest import ingest
from app.models import IgnoreRule, Job, StoreSender, User
from app.models.job import DELETE
from app.network.listener import Listener
from app.network.peer import Peer, echo
from app.queries.selection import Selection
from app.reception import acts
from tests import servers
from tests.factories import REPORT
from tests.web.visitor import make_user

STUDIES = 24  # of all kinds
GRAVE = ("serious", "critical")
NARROW = 360  # px, the least that pages are made for
# How a window may look: its colours, its width in px, and which of axe's rules that can break; colours cost the most.
LOOKS = (
    ("light", 1400, {}),
    ("dark", 1400, {"runOnly": {"type": "rule", "values": ["color-contrast"]}}),
    ("light", NARROW, {"rules": {"color-contrast": {"enabled": False}}}),
)
# What is asked for by pages and not by people: parts, files, what a program reads.
NO_PAGES = {"static", "exports.unfinished", "exports.download", "exports.provenance"}
NO_PAGES |= {"studies.event", "studies.openskin", "studies.openskin_origin", "quarantine.download"}
NO_PAGES |= {"sizes.log", "sizes.rejected", "audit.download", "saved.show", "jobs.sign"}
NO_PAGES |= {"directory.begin", "directory.answer", "health.alive", "health.working", "metrics.index"}
# Pages that no link of this site leads to: before signing in, from a search, after an upload, where there are very many
# studies.
WITHOUT_LINK = {"account.login", "directory.signed_out", "search.index", "studies.count", "sizes.choose"}
# Pages whose links stand where a crawler that reads does not look, or whose address is a question.
ALSO = ("/ct/?protocol__has=thorax&dlp__min=1&sort=-dlp", "/ct/?dlp__min=1000000", "/mg/?dlp__min=1", "/nowhere",
        "/ct/alternatives?any1.protocol__has=thorax", "/ct/choices/protocol?like=a", "/ct/count?protocol__has=thorax",
        "/search", "/search?accession=A", "/study/2.25.1")  # fmt: skip


@pytest.fixture
def site(app, settings):
    """Studies of all kinds, a refused object, an export and another job, a listener that was asked for an answer."""
    settings.spool.mkdir(parents=True)
    listener = Listener(settings)
    listener.start()
    (settings.spool / "text.dcm").write_bytes(b"no DICOM")
    make_user(app, "anna", "export")  # listed before the administrator: of others there is more to see
    with app.app_context():
        for number in range(STUDIES):
            for file in study(1, number, date(2026, 1, 16), REPORT).files:
                receive(BytesIO(file), settings.test_patient_patterns, identity=Identity(HASHED, "a secret"))
        ingest(str(settings.spool / "text.dcm"))
        owner = db.session.scalar(db.select(User.id))
        control.request(KINDS["ct-csv"], Selection.from_args("ct", {}), owner)
        control.submit(Job(kind=DELETE, owner_id=owner, title="Delete CT studies", query={}))
        acts.add(StoreSender(name="CT 1", ae_title="CT1"), audit.ADD_SENDER)
        acts.add(IgnoreRule(station_name="nowhere"), audit.ADD_RULE)
    echo(Peer("127.0.0.1", settings.store_port))
    servers.wait_until(lambda: heard.associations(settings) and heard.listeners(settings), "the listener is heard")
    yield
    listener.stop()


@pytest.fixture
def open_site(app, served, open_window):
    """Opens a window of the site for the administrator, signed in or not."""
    make_user(app, "boss", "admin")
    return lambda signed_in=True, **options: open_window(
        served, "/account/password", "boss" if signed_in else None, **options
    )


def kind_of_page(app, address):
    """The view that answers at the address, and the modality it is about; None for what is no page of ours."""
    parts = urlsplit(address)
    try:
        endpoint, arguments = app.url_map.bind("").match(parts.path)
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return None
    return None if endpoint in NO_PAGES else (endpoint, arguments.get("modality"))


def pages(app, window):
    """An address for each kind of page, found by following links."""
    found, waiting = {}, ["/ct/?protocol__has=thorax", "/"]
    while waiting:
        path = waiting.pop(0)
        kind = kind_of_page(app, path)
        if kind is None or kind in found:
            continue
        found[kind] = path
        window.goto(path)
        links = window.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
        waiting += [urljoin(path, link).partition("#")[0] for link in links if not urlsplit(link).netloc]
    return found


def complaints(window, path):
    """What axe finds gravely wrong with the page, however it looks, and whether it has to be scrolled sideways."""
    window.goto(path)
    return [f"{path}{told}" for look in LOOKS for told in complaints_of(window, *look)]


def complaints_of(window, colours, width, options):
    window.emulate_media(color_scheme=colours)
    window.set_viewport_size({"width": width, "height": 900})
    for one in Axe().run(window, options=options or None).response["violations"]:
        if one["impact"] in GRAVE:
            places = [node["target"] for node in one["nodes"]][:3]
            yield f" in {colours}, {width} px: {one['id']} ({one['impact']}): {one['help']}: {places}"
    if (wide := window.evaluate("document.documentElement.scrollWidth") - width) > 0:
        yield f": {wide} px wider than a window of {width}"


@pytest.mark.usefixtures("site")
def test_links_lead_to_every_page_and_everybody_can_use_it(app, open_site):
    window = open_site()
    found = pages(app, window)
    answers = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods} - NO_PAGES
    assert answers - {endpoint for endpoint, _ in found} == WITHOUT_LINK
    told = [complaint for path in (*found.values(), *ALSO) for complaint in complaints(window, path)]
    assert not told, "\n".join(told)


def test_everybody_can_sign_in_and_begin(open_site):
    assert not complaints(open_site(signed_in=False), "/sign-in")
    assert not complaints(open_site(), "/")

"""Audit entries reach a syslog server, each whole and in order, whatever happens to the server meanwhile."""

import re
import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from app import audit
from app.extensions import db
from app.models import AuditEntry
from app.trail import dicom
from app.trail.forward import forward, waiting
from app.trail.syslog import written
from app.transactions import writing
from tests.servers import wait_until

HEADER = re.compile(
    rb"<8[45]>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]+ OpenREM \d+ DICOM\+RFC3881 - \xef\xbb\xbf(.*)", re.S
)
UIDS = [f"1.2.826.{number}" for number in range(120)]


class Receiver:
    """A syslog server of the kind; it keeps what it received, message by message."""

    def __init__(self, protocol, port=0, context=None):
        self.messages, self.protocol, self.context, self.connection = [], protocol, context, None
        kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)  # datagrams wait while we are busy
        self.socket.bind(("127.0.0.1", port))
        self.socket.settimeout(0.1)
        self.port, self.stopped = self.socket.getsockname()[1], threading.Event()
        if protocol != "udp":
            self.socket.listen()
        self.thread = threading.Thread(target=self._datagrams if protocol == "udp" else self._frames)
        self.thread.start()

    def stop(self):
        self.stopped.set()
        self.thread.join()
        self.socket.close()

    def _datagrams(self):
        while not self.stopped.is_set():
            with suppress(TimeoutError):
                self.messages.append(self.socket.recv(70_000))

    def _frames(self):
        while not self.stopped.is_set():
            try:
                connection, _ = self.socket.accept()
            except TimeoutError:
                continue
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            connection.settimeout(0.1)
            with connection:
                self._read(connection)

    def _read(self, connection):
        """Octet counting (RFC 6587, 3.4.1): the length, a space, so many octets."""
        pending = b""
        while not self.stopped.is_set():
            try:
                received = connection.recv(65536)
            except TimeoutError:
                continue
            if not received:
                return
            pending += received
            while (frame := re.match(rb"(\d+) ", pending)) and len(pending) >= frame.end() + int(frame[1]):
                end = frame.end() + int(frame[1])
                self.messages.append(pending[frame.end() : end])
                pending = pending[end:]


@pytest.fixture
def receive():
    """Starts a server; all are stopped at the end."""
    started = []

    def start(protocol, **options):
        started.append(Receiver(protocol, **options))
        return started[-1]

    yield start
    for one in started:
        if not one.stopped.is_set():
            one.stop()


@pytest.fixture
def forwarding(app, settings):
    """Forwards to the server, until the test ends."""
    stop, threads = threading.Event(), []

    def start(server, **values):
        told = {"syslog_host": "localhost", "syslog_port": server.port, "syslog_protocol": server.protocol} | values
        app.config["SETTINGS"] = replace(settings, **told)
        threads.append(threading.Thread(target=run, args=(app.config["SETTINGS"],)))
        threads[-1].start()

    def run(settings):
        with app.app_context():
            forward(settings, stop)

    yield start
    stop.set()
    for thread in threads:
        thread.join()


def act(app, number=1, **values):
    """Records so many acts."""
    with app.app_context(), writing():
        for _ in range(number):
            told = {"username": "owner", "details": {"studies": ["1.2.3"]}} | values
            audit.record(audit.DELETE_STUDIES, "Canary in a filter", **told)


def numbers(server):
    """The numbers of the entries that the server has heard of, in its order."""
    return [int(entry_of(ElementTree.fromstring(xml_of(one))).get("ParticipantObjectID")) for one in server.messages]


def xml_of(message):
    return HEADER.fullmatch(message)[1]


def entry_of(tree):
    (found,) = [one for one in objects(tree) if one.find("ParticipantObjectIDTypeCode").get("csd-code") == "entry"]
    return found


def objects(tree):
    return tree.findall("ParticipantObjectIdentification")


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_entries_arrive_whole_and_in_order(app, receive, forwarding, protocol):
    server = receive(protocol)
    act(app, 3)
    forwarding(server)
    wait_until(lambda: len(server.messages) == 3, "what was there before is told")
    act(app, 150)
    wait_until(lambda: len(server.messages) == 153, "what is new is told")
    assert numbers(server) == list(range(1, 154))
    assert b"Canary" not in b"".join(server.messages)


def waits_at(app):
    with app.app_context():  # each time anew: within one, a database shows what there was when it was first asked
        return waiting()


def test_what_happens_while_the_server_is_away_is_told_later(app, receive, forwarding):
    server = receive("tcp")
    forwarding(server)
    act(app)
    wait_until(lambda: len(server.messages) == 1, "the first is told")
    server.stop()
    act(app, 2)
    again = receive("tcp", port=server.port)
    wait_until(lambda: len(again.messages) == 2, "the others are told", seconds=30)
    assert numbers(again) == [2, 3]
    wait_until(lambda: waits_at(app) == 0, "nothing waits")


def test_a_server_that_never_answers_holds_nobody_up(app, settings):
    app.config["SETTINGS"] = replace(settings, syslog_host="192.0.2.1", syslog_protocol="tcp")
    act(app)
    with app.app_context():
        assert db.session.scalar(db.select(AuditEntry.id)) == 1


@pytest.fixture
def certificate(tmp_path):
    """A certificate of this machine's own, and its key."""
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    files = tmp_path / "server.pem", tmp_path / "server.key"
    subprocess.run([*words.split(), "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


def test_entries_go_over_tls_to_a_server_that_is_trusted(app, receive, forwarding, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = receive("tls", context=context)
    act(app, 5)
    forwarding(server, syslog_ca=str(certificate[0]))
    wait_until(lambda: len(server.messages) == 5, "all are told")
    assert numbers(server) == [1, 2, 3, 4, 5]


# What PS3.15 A.5.1.1 demands of each element: attributes that must be there, those that may, and what it contains in
# order, each with how often at least and at most.
CODED = ({"csd-code", "codeSystemName", "originalText"}, {"displayName"}, ())
MANY = 10_000
SCHEMA = {
    "AuditMessage": (set(), set(), (
        ("EventIdentification", 1, 1), ("ActiveParticipant", 1, MANY), ("AuditSourceIdentification", 1, 1),
        ("ParticipantObjectIdentification", 0, MANY))),
    "EventIdentification": ({"EventDateTime", "EventOutcomeIndicator"}, {"EventActionCode"}, (
        ("EventID", 1, 1), ("EventTypeCode", 0, MANY), ("EventOutcomeDescription", 0, 1))),
    "ActiveParticipant": (
        {"UserID", "UserIsRequestor"},
        {"AlternativeUserID", "UserName", "NetworkAccessPointID", "NetworkAccessPointTypeCode"},
        (("RoleIDCode", 0, MANY), ("MediaIdentifier", 0, 1))),
    "AuditSourceIdentification": ({"AuditSourceID"}, {"AuditEnterpriseSiteID"}, (("AuditSourceTypeCode", 0, MANY),)),
    "ParticipantObjectIdentification": (
        {"ParticipantObjectID"},
        {"ParticipantObjectTypeCode", "ParticipantObjectTypeCodeRole", "ParticipantObjectDataLifeCycle"},
        (("ParticipantObjectIDTypeCode", 1, 1), ("ParticipantObjectName", 1, 1), ("ParticipantObjectDetail", 0, MANY))),
    "ParticipantObjectDetail": ({"type", "value"}, set(), ()),
    "ParticipantObjectName": (set(), set(), ()),
    "EventOutcomeDescription": (set(), set(), ()),
} | dict.fromkeys(("EventID", "EventTypeCode", "RoleIDCode", "ParticipantObjectIDTypeCode"), CODED)  # fmt: skip
VALUES = {
    "EventActionCode": set("CRUDE"),
    "EventOutcomeIndicator": {"0", "4", "8", "12"},
    "UserIsRequestor": {"true", "false"},
    "ParticipantObjectTypeCode": set("1234"),
    "NetworkAccessPointTypeCode": set("12345"),
}


def check(element):
    """Fails where the element is not as the schema has it."""
    required, optional, content = SCHEMA[element.tag]
    given = set(element.keys())
    assert required <= given <= required | optional, (element.tag, element.attrib)
    assert all(element.get(name) in VALUES[name] for name in given & VALUES.keys())
    children = [one.tag for one in element]
    assert children == [name for name, *_ in content for _ in range(children.count(name))], (element.tag, children)
    assert all(least <= children.count(name) <= most for name, least, most in content), (element.tag, children)
    for child in element:
        check(child)


@pytest.mark.parametrize("action", audit.actions())
@pytest.mark.parametrize("outcome", [audit.DONE, audit.REFUSED])
def test_every_action_is_a_message_as_the_standard_has_it(app, action, outcome):
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.7"}), writing():
        audit.record(action, "Canary", outcome=outcome, username='\x01<&"odd', details={"study": "1.2.3"})
    with app.app_context():
        (message,) = dicom.messages(db.session.scalars(db.select(AuditEntry)).one(), "here")
    tree = ElementTree.fromstring(message)
    check(tree)
    assert (b"Canary" in message, tree.find("*[@EventOutcomeIndicator]").get("EventOutcomeIndicator") == "0") == (
        False,
        outcome == audit.DONE,
    )
    assert [one.get("ParticipantObjectID") for one in objects(tree)] == ["1.2.3", "1"]
    assert tree.find("ActiveParticipant").get("NetworkAccessPointID") == "192.0.2.7"


def test_many_studies_are_told_in_messages_that_fit_into_datagrams(app):
    act(app, details={"studies": UIDS})
    with app.app_context():
        entry = db.session.scalars(db.select(AuditEntry)).one()
        told = list(dicom.messages(entry, "here"))
        assert all(len(written(message, entry.at)) < 65_000 for message in told)
        trees = [ElementTree.fromstring(message) for message in told]
    assert [
        one.get("ParticipantObjectID")
        for tree in trees
        for one in objects(tree)
        if one.get("ParticipantObjectID") != "1"
    ] == UIDS


@pytest.mark.parametrize(
    ("action", "code"),
    [(audit.EXPORT, "110106"), (audit.DELETE_STUDIES, "110105"), (audit.UPLOAD_FILES, "110107"),
     (audit.VIEW_PATIENT, "110103"), (audit.SEARCH_PATIENT, "110112"), (audit.CREATE_USER, "110113")],
)  # fmt: skip
def test_what_the_standard_has_a_code_for_has_that_code(app, action, code):
    with app.app_context():
        with writing():
            audit.record(action, "act")
        (message,) = dicom.messages(db.session.scalars(db.select(AuditEntry)).one(), "here")
    assert ElementTree.fromstring(message).find("EventIdentification/EventID").get("csd-code") == code


def test_every_act_has_its_event():
    assert sorted(dicom.EVENTS) == audit.actions()

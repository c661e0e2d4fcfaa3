"""Hostile values in every parameter of every view, of every form, by everybody: nothing breaks, leaks or gets through.

`make hostile` sends each value to each parameter; here each parameter gets one, so that each value is sent somewhere.
"""

import os
from datetime import date
from io import BytesIO
from itertools import count, cycle
from urllib.parse import quote_plus, unquote_to_bytes

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.security import generate_password_hash

from app import queue
from app.demo.study import study as made_study
from app.extensions import db
from app.identity import STORED, Identity
from app.ingest.receive import receive
from app.jobs import arrivals
from app.jobs.ingest import ingest
from app.models import Refusal, SavedFilter, Study, User
from app.models.job import SIZES
from app.models.user import ADMINISTRATORS
from app.transactions import writing
from tests.factories import REPORT, ct_report, report_file
from tests.web.hostile.judge import complaints
from tests.web.hostile.questions import harvest
from tests.web.hostile.values import IN_PATHS, MARK, VALUES
from tests.web.test_access import ALLOWED, ROLES, a_job, path_of
from tests.web.visitor import HTMX, PASSWORD, Visitor, make_user

EACH = len(VALUES) if os.environ.get("HOSTILE") == "all" else 1  # values for one parameter
URLENCODED, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
STUDIES = 8
LAST = ("delete", "forget", "erase", "dismiss", "password", "disable", "logout")  # what takes away goes last
CHEAP = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")  # who is thrown out often comes in again quickly
SCRIPT = f'"><{MARK} on{MARK}="1">{{{{7*7}}}}'


@pytest.fixture
def site(app, settings):
    """Studies of all kinds, one of a device that means harm, a refused object, an export and a saved filter."""
    settings.spool.mkdir(parents=True)
    (settings.spool / "text.dcm").write_bytes(b"no DICOM")
    make_user(app, "boss", "admin")
    harm = {"StudyDescription": SCRIPT, "StationName": SCRIPT[:16], "InstitutionName": SCRIPT, "PatientID": SCRIPT}
    with app.app_context():
        identity = Identity(STORED, "a secret")
        for number in range(STUDIES):
            for file in made_study(1, number, date(2026, 1, 16), REPORT).files:
                receive(BytesIO(file), settings.test_patient_patterns, identity=identity)
        receive(report_file(ct_report({"acquisition_protocol": SCRIPT}), **harm), identity=identity)
        ingest(str(settings.spool / "text.dcm"))
        with writing():
            owner = db.session.scalar(db.select(User.id))
            words = {"name": SCRIPT, "words": SCRIPT, "query": {"protocol__has": SCRIPT}}
            db.session.add(SavedFilter(owner_id=owner, modality="ct", shared=True, **words))
    return app


@pytest.fixture
def paths(site):
    """An address of every view by every method, of things that are there."""
    with site.app_context():
        uid = db.session.scalar(db.select(Study.study_instance_uid).order_by(Study.id.desc()))
        refused = db.session.scalar(db.select(Refusal.id))
    values = {"filename": "app.css", "modality": "ct", "uid": uid, "kind": "ct-csv", "name": "ct-1"}
    found = {}
    for endpoint, method in ALLOWED:
        numbered = "<int:id>" in next(site.url_map.iter_rules(endpoint)).rule
        values["id"] = refused if endpoint.startswith("quarantine") else 1 if numbered else a_job(site, "boss")
        if "<batch>" in next(site.url_map.iter_rules(endpoint)).rule:
            values["batch"] = a_batch(site)
        values["name"] = "protocol" if endpoint == "filters.choose" else "ct-1"
        found[endpoint, method] = path_of(site, endpoint, values)
    return found


def a_batch(site):
    """A table of sizes that waits for its columns to be chosen."""
    table = FileStorage(BytesIO(b"<b>,height,weight\n=1+1,1.8,80\n"), f"{MARK}<{MARK}>.csv")
    with site.app_context():
        batch, owner_id = arrivals.new_batch(), db.session.scalar(db.select(User.id).where(User.username == "boss"))
        arrivals.add(batch, owner_id, [(table.filename, table.save)], SIZES)
    return batch


class Attacker(Visitor):
    """Somebody who sends what they like; whoever is thrown out comes in again, and what is wrong is written down."""

    def __init__(self, app, redis, username=None):
        super().__init__(app)
        self.redis, self.username, self.told, self.sent = redis, username, [], count()
        self.come_in()

    def come_in(self):
        """Sign in, whatever has become of the account."""
        if not self.username:
            return
        self.redis.client.flushdb()
        with self.app.app_context(), writing():
            user = db.session.scalar(db.select(User).where(User.username == self.username))
            user.password_hash = CHEAP
            user.active, user.must_change_password = True, False
            user.roles = [ADMINISTRATORS] if self.username == "boss" else user.roles
        self.client.post("/sign-out", data={"csrf_token": self._token()})
        assert self.sign_in(self.username).status_code == 303

    def send(self, method, path, query="", body="", what="", **options):
        """Send it once, as a page or as a part, and judge the answer."""
        options["headers"] = HTMX if next(self.sent) % 4 in (0, 3) else {}
        if method == "POST":
            options |= {"data": f"csrf_token={self.token}&{body}"} if "data" not in options else {}
            options.setdefault("content_type", URLENCODED)
        answer = self.client.open(path, method=method, query_string=query, buffered=True, **options)
        self.told += [f"{method} {path[:200]}?{query[:200]} {body[:200]} ({what}): {one}" for one in complaints(answer)]
        if self.username and is_sent_to_sign_in(answer):
            self.come_in()
            del self.token
        return answer

    @property
    def token(self):
        """The token for forms; asked for once a session."""
        if "token" not in vars(self):
            vars(self)["token"] = quote_plus(self._token())
        return vars(self)["token"]

    @token.deleter
    def token(self):
        vars(self).pop("token", None)


def is_sent_to_sign_in(answer):
    """Whether the site asks who it is."""
    return (answer.location or answer.headers.get("HX-Redirect", "")).startswith("/sign-in")


def encoded(fields, name=None, raw=None):
    """The fields as they stand, one of them with the hostile value."""
    kept = [f"{quote_plus(key)}={quote_plus(value)}" for key, value in fields.items() if key != name and value]
    return "&".join([*kept, *([f"{quote_plus(name)}={raw.replace('{name}', quote_plus(name))}"] if name else [])])


def attack(person, question, values):
    """Send hostile values in each parameter of one question, the others as they stand."""
    for place, name in enumerate(question.query):
        for number, what in enumerate([next(values) for _ in range(EACH)]):
            query = encoded({} if (place + number) % 2 else question.query, name, VALUES[what])
            person.send(question.method, question.path, query, encoded(question.form), what)
    for name in question.form:
        for what in (next(values) for _ in range(EACH)):
            body = encoded(question.form, name, VALUES[what])
            person.send(question.method, question.path, encoded(question.query), body, what)


def attack_lightly(person, question, values):
    """Send hostile values in many parameters at once and, where the person may ask that at all, in one alone."""
    names = [*question.query, *question.form][:10]
    if not names:
        return
    together = "&".join(encoded({}, name, VALUES[next(values)]) for name in names)
    answer = person.send(question.method, question.path, together, together, "many")
    if answer.status_code not in (401, 403, 404) and not is_sent_to_sign_in(answer):
        what = next(values)
        raw = encoded({}, names[next(person.sent) % len(names)], VALUES[what])
        person.send(question.method, question.path, raw, raw, what)


def in_order(questions):
    """First those that ask, last those that take something away."""
    return sorted(questions, key=lambda one: (one.method != "GET", any(word in one.endpoint for word in LAST)))


def test_no_parameter_of_any_view_lets_anything_hostile_through(site, redis_server, paths, database_url):
    boss = Attacker(site, redis_server, "boss")
    questions = harvest(site, boss, ["/", "/ct/?protocol__has=thorax", "/mg/", "/rf/", "/dx/", "/nm/"], paths)
    assert {(one.endpoint, one.method) for one in questions} == ALLOWED.keys()
    parameters = sum(len(one.query) + len(one.form) for one in questions)
    assert parameters > 300, "forms were not found"
    values = cycle(VALUES)
    for _ in range(0 if database_url.startswith("sqlite") else len(VALUES) // 2):
        next(values)  # the two databases get different ones
    for question in in_order(questions):
        attack(boss, question, values)
    assert not boss.told, "\n".join(boss.told)
    with site.app_context():
        assert db.session.scalar(db.select(db.func.count(User.id))) >= 1


def test_no_part_of_any_address_lets_anything_hostile_through(site, redis_server, database_url):
    boss, values = Attacker(site, redis_server, "boss"), cycle(IN_PATHS.items())
    for rule in site.url_map.iter_rules():
        for name in rule.arguments:
            for what, raw in (next(values) for _ in range(max(EACH, 6))):
                others = {other: {"modality": "ct", "kind": "ct-csv"}.get(other, "1") for other in rule.arguments}
                given = others | {name: raw}
                address = "".join(given[text] if is_argument else text for is_argument, text in _pieces(rule))
                for method in rule.methods - {"HEAD", "OPTIONS"}:
                    boss.send(method, address, what=what)
    assert not boss.told, "\n".join(boss.told)


def _pieces(rule):
    """The parts of the address: whether it is an argument, and which."""
    return [(is_argument, text) for is_argument, text in rule._trace if text != "|"]


def test_nobody_gets_anything_hostile_through_whatever_they_may(site, redis_server, paths):
    values = cycle(VALUES)
    for role in [role for role in ROLES if role != "admin"]:
        if role:
            make_user(site, role, role)
        person = Attacker(site, redis_server, role)
        for question in in_order(harvest(site, person, ["/", "/ct/?protocol__has=thorax"], paths)):
            attack_lightly(person, question, values)
        assert not person.told, "\n".join([f"{role}:", *person.told])


HEADERS = ["HX-Request", "HX-Target", "HX-Current-URL", "HX-Trigger", "Referer", "Origin", "Accept", "Accept-Language",
           "Accept-Encoding", "User-Agent", "Authorization", "Range", "If-None-Match", "If-Modified-Since",
           "X-Unattended", "X-CSRFToken", "X-Requested-With"]  # fmt: skip


def test_no_header_lets_anything_hostile_through(site, redis_server):
    boss, nobody = Attacker(site, redis_server, "boss"), Attacker(site, redis_server)
    texts = {what: unquote_to_bytes(raw.replace("+", " ")).decode("latin-1") for what, raw in VALUES.items()}
    for what, text in texts.items():
        if text.isprintable():  # others no server lets through
            for person in (boss, nobody):
                for path in ("/ct/", "/static/app.css"):
                    answer = person.client.get(path, headers=dict.fromkeys(HEADERS, text), buffered=True)
                    person.told += [f"{path} ({what}): {one}" for one in complaints(answer)]
            boss.client.set_cookie("theme", text[:900])
    assert not boss.told + nobody.told, "\n".join(boss.told + nobody.told)


BODIES = {
    "no form": (b"\xff\x00{}", "application/octet-stream"),
    "JSON": (b'{"csrf_token": {"a": [1]}}', "application/json"),
    "broken JSON": (b"{", "application/json"),
    "XML with a file in it": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "application/xml"),
    "parts without an end": (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n", f"{PARTS}; boundary=x"),
    "parts without parts": (b"a=1", PARTS),
    "bytes that are no UTF-8": (b"\xff=\xfe&csrf_token=\xff", URLENCODED),
    "very many fields": (b"&".join(b"a%d=1" % number for number in range(20_000)), URLENCODED),
    "too much": (b"a=" + b"x" * (3 << 20), URLENCODED),
}  # fmt: skip


def test_what_is_no_form_of_ours_is_refused_by_every_view(site, redis_server, paths):
    boss = Attacker(site, redis_server, "boss")
    for what, (body, content_type) in BODIES.items():
        for path in [path for (_, method), path in paths.items() if method == "POST"]:
            answer = boss.send("POST", path, what=what, data=body, content_type=content_type)
            assert answer.status_code in (302, 303, 400, 401, 404, 405, 413, 415, 422), f"{path} takes {what}"
    assert not boss.told, "\n".join(boss.told)


def test_no_view_takes_a_form_without_the_token_of_the_session(site, redis_server, paths):
    boss, of_another_session = Attacker(site, redis_server, "boss"), Visitor(site)._token()
    for token in (None, "", "nonsense", "a\0", of_another_session):
        form = {} if token is None else {"csrf_token": token}
        for (endpoint, method), path in paths.items():
            for headers in ({}, HTMX, {"X-Requested-With": "XMLHttpRequest"}) if method != "GET" else ():
                answer = boss.client.open(path, method=method, data=form, headers=headers)
                assert answer.status_code == 400, f"{endpoint} takes it with the token {token}"
    assert boss.get("/ct/").status_code == 200, "the person is still signed in"


NAMES = ["../../../../../../etc/cron.d/x", "..\\..\\x", "/etc/passwd", f'"><{MARK}>.dcm', "a" * 5000, "..", "a\r\nX",
         "\u202efdp.dcm", "=1+1.csv", "con.dcm", "a/b/../../../../c.dcm", "%2e%2e%2fx", "x.zip"]  # fmt: skip


def test_no_file_gets_anywhere_by_its_name(site, settings, redis_server, paths, tmp_path, run_jobs):
    boss = Attacker(site, redis_server, "boss")
    questions = [one for one in harvest(site, boss, ["/"], paths) if one.files]
    assert questions, "no form that takes files was found"
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(settings.instance)}
    answers = {}
    for question in questions:
        for name in NAMES:
            form = {"csrf_token": boss._token()} | {key: value or "" for key, value in question.form.items()}
            form |= {field: (BytesIO(b"PK\3\4" + b"=1+1,<b>\n" * 10), name) for field in question.files}
            answer = boss.client.post(question.path, data=form, content_type="multipart/form-data", buffered=True)
            boss.told += [f"{question.path} {name}: {one}" for one in complaints(answer)]
            answers[question.path, name] = answer
    for queue_name in (queue.EXPORT, queue.INGEST):
        run_jobs(queue_name)
    for (_, name), answer in answers.items():
        if answer.status_code == 303:
            boss.send("GET", answer.location, what=name)
    assert not boss.told, "\n".join(boss.told)
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(settings.instance)} == before

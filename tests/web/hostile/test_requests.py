"""Headers, bodies, tokens and files as no browser of ours sends them."""

from io import BytesIO
from urllib.parse import unquote_to_bytes

from app import queue
from tests.web.hostile.attacker import PARTS, URLENCODED, Attacker
from tests.web.hostile.judge import complaints
from tests.web.hostile.questions import harvest
from tests.web.hostile.values import MARK, VALUES
from tests.web.visitor import HTMX, Visitor

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

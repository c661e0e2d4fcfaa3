"""Who means harm, and how."""

import os
from itertools import count
from urllib.parse import quote_plus

from app.extensions import db
from app.models import User
from app.models.user import ADMINISTRATORS
from app.transactions import writing
from tests.web.hostile.judge import complaints
from tests.web.hostile.values import VALUES
from tests.web.visitor import HTMX, PASSWORD, Visitor

EACH = len(VALUES) if os.environ.get("HOSTILE") == "all" else 1  # values for one parameter
URLENCODED, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
LAST = ("delete", "forget", "erase", "dismiss", "password", "disable", "logout")  # what takes away goes last


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
            user.set_password(PASSWORD)
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

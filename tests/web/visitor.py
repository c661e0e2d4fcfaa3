"""Somebody who uses the pages, without a browser."""

import re
from contextlib import contextmanager
from xml.etree.ElementTree import Element

from sqlalchemy import event
from werkzeug.test import TestResponse

from app import accounts
from app.extensions import db
from app.transactions import writing
from tests.web.checks import check_page, check_part

PASSWORD = "a password for tests"
# The roles of people whom tests ask for, by what they may.
ROLES = {
    "view": ["viewgroup"],
    "export": ["exportgroup"],
    "pid": ["pidgroup"],
    "export-pid": ["exportgroup", "pidgroup"],
    "sizes": ["importsizegroup"],
    "query": ["importqrgroup"],
    "admin": ["admingroup"],
    "nothing": [],
}
HTMX = {"HX-Request": "true"}


class Visitor:
    """A client that sends tokens with its forms, and looks closely at every page."""

    def __init__(self, app):
        self.app = app
        self.client = app.test_client()

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        """Fill in the form."""
        return self.post("/sign-in", {"username": username, "password": password})

    def get(self, path: str, **options) -> TestResponse:
        """The answer as it is."""
        return self.client.get(path, buffered=True, **options)

    def get_page(self, path: str, status: int = 200, part: bool = True) -> Element:
        """The page's tree; the page is sound, and what htmx would get is a part of it."""
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path} answers {answer.status}"
        tree = check_page(answer.text)
        if part:
            check_part(self.client.get(path, headers=HTMX).text, answer.text)
        return tree

    def post(self, path: str, data: dict | None = None, **options) -> TestResponse:
        """Send a form, with the token that its page would have."""
        return self.client.post(path, data={"csrf_token": self._token()} | (data or {}), **options)

    @contextmanager
    def counted(self):
        """A list that fills with the SQL statements made meanwhile."""
        statements: list[str] = []

        def note(_connection, _cursor, statement, *_rest):
            statements.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def _token(self) -> str:
        some_page = self.client.get("/account/password", follow_redirects=True).text
        return re.search(r'"X-CSRFToken": "([^"]+)"', some_page)[1]


def make_user(app, username: str, role: str) -> None:
    """An account with the password for tests."""
    with app.app_context(), writing():
        accounts.create(username, PASSWORD, ROLES[role])

"""What can be sent: every form and every link with parameters that pages have, and every view of the address map."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from inspect import getmodule, getsource
from urllib.parse import parse_qsl, urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.web.checks import parsed
from tests.web.visitor import Visitor

ADDRESSES = ("href", "src", "hx-get", "formaction")
READ = re.compile(r"(?:request\.args|request\.form|given|args)(?:\.get|\.getlist|\.poplist)?[(\[]\"(\w+)\"")
Fields = dict[str, str | None]  # what a field holds before anybody changes it; None where it is not sent then


@dataclass
class Question:
    """A view by one method, at one address, with what it takes in the address and in the form."""

    endpoint: str
    method: str
    path: str
    query: Fields = field(default_factory=dict)
    form: Fields = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    def merge(self, query: Fields, form: Fields, files: set[str]) -> None:
        """Learn what else it takes."""
        self.query = query | self.query
        self.form = form | self.form
        self.files |= files


class Questions:
    """All that can be asked of the site, as far as one person's pages tell."""

    def __init__(self, app: Flask):
        self.app = app
        self.map = app.url_map.bind("localhost")
        self.found: dict[tuple[str, str, str], Question] = {}

    def note(self, method: str, address: str, form: Fields | None = None, files: set[str] = frozenset()) -> None:
        """Learn that pages ask this."""
        parts = urlsplit(address)
        place = self._place(method, parts.path)
        if place:
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            question = self.found.setdefault(place, Question(place[0], method, parts.path))
            question.merge(query, form or {}, files)

    def complete(self, paths: dict[tuple[str, str], str]) -> None:
        """Learn of views that no page leads to, and of parameters that only the program names."""
        for (endpoint, method), path in paths.items():
            self.note(method, path)
            view = self.app.view_functions[endpoint]
            names = dict.fromkeys(READ.findall(getsource(getmodule(view)))) if endpoint != "static" else {}
            for question in [one for one in self.found.values() if one.endpoint == endpoint and one.method == method]:
                question.merge(dict(names), dict(names) if method == "POST" else {}, set())

    def _place(self, method: str, path: str) -> tuple[str, str, str] | None:
        """Which view it is, and of which kind of thing."""
        try:
            endpoint, arguments = self.map.match(path, method)
        except (HTTPException, RequestRedirect):
            return None
        return endpoint, method, str(arguments.get("modality") or arguments.get("kind") or "")


def harvest(app: Flask, person: Visitor, starts: list[str], paths: dict[tuple[str, str], str]) -> list[Question]:
    """Everything that can be asked, found by following the links of the person's pages."""
    questions, seen, waiting = Questions(app), set(), [*starts, *paths.values()]
    while waiting:
        address = waiting.pop(0)
        place = questions._place("GET", urlsplit(address).path)
        if place is None or place in seen:
            continue
        seen.add(place)
        answer = person.get(address, follow_redirects=True)
        if answer.mimetype == "text/html" and answer.text.startswith("<!doctype"):
            waiting += _read(questions, answer.request.path, answer.text)
    questions.complete(paths)
    return list(questions.found.values())


def _read(questions: Questions, base: str, html: str) -> Iterator[str]:
    tree = parsed(html)
    for form in tree.iter("form"):
        method = (form.get("method") or "get").upper()
        fields, files = _fields(form)
        address = urljoin(base, form.get("action") or "")
        if method == "GET":
            questions.note("GET", address)
            questions.note("GET", address.partition("?")[0], None)
            place = questions._place("GET", urlsplit(address).path)
            if place:
                questions.found[place].merge(fields, {}, set())
        else:
            questions.note(method, address, fields, files)
    for one in tree.iter():
        for address in (urljoin(base, one.get(name)) for name in ADDRESSES if one.get(name)):
            if not urlsplit(address).netloc:
                questions.note("GET", address)
                yield address.partition("#")[0]


def _fields(form: Element) -> tuple[Fields, set[str]]:
    fields: Fields = {}
    for one in form.iter():
        name, kind = one.get("name"), one.get("type", "")
        if one.tag == "select" and name:
            chosen = [option.get("value") for option in one.iter("option") if option.get("selected") is not None]
            fields[name] = chosen[0] if chosen else None
        elif one.tag in ("input", "button", "textarea") and name and kind != "file":
            ticked = (kind not in ("checkbox", "radio", "submit") and one.tag != "button") or one.get(
                "checked"
            ) is not None
            if ticked or name not in fields:
                fields[name] = (one.get("value") or "") if ticked else None
    fields.pop("csrf_token", None)
    return fields, {one.get("name") for one in form.iter("input") if one.get("type") == "file" and one.get("name")}

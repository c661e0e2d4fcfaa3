"""What goes on meanwhile: modalities send, people look at pages, exports are asked for; outages are borne."""

import http.client
import logging
import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlencode

from app.settings import Settings
from chaos import senders
from chaos.ledger import Ledger
from chaos.objects import NO_DOSE, TRUNCATED, WHOLE, Maker
from chaos.site import NAME, PASSWORD, Site

PAGES = ("/", "/ct/", "/rf/", "/ct/?sort=-dlp", "/ct/?dlp__min=500", "/exports/", "/account/password")
EXPORTS = ("ct-csv", "ct-xlsx", "rf-xlsx", "ct-csv")
MOST_AT_ONCE = 8  # objects of an association
MOST_UNFINISHED = 2  # exports
FORM = "application/x-www-form-urlencoded"

log = logging.getLogger(__name__)


class Person:
    """Somebody at a browser."""

    def __init__(self, settings: Settings):
        self._settings, self._cookie = settings, ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of the answer. Raises OSError and HTTPException."""
        connection = http.client.HTTPConnection(self._settings.web_host, self._settings.web_port, timeout=10)
        try:
            body = urlencode(form) if form is not None else None
            connection.request(method, path, body, {"Cookie": self._cookie, "Content-Type": FORM} | headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            self._cookie = (answer.headers["Set-Cookie"] or self._cookie).partition(";")[0]
            return answer.status, text
        finally:
            connection.close()

    def sign_in(self) -> bool:
        """Whether the person is signed in now."""
        form = {"username": NAME, "password": PASSWORD, "csrf_token": self._token("/sign-in")}
        return self.ask("POST", "/sign-in", form)[0] == 303

    def export(self, kind: str) -> int:
        """Ask for an export of everything; gives the answer's status."""
        return self.ask("POST", f"/exports/{kind}", {"csrf_token": self._token("/account/password")})[0]

    def _token(self, path: str) -> str:
        text = self.ask("GET", path)[1]
        found = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"|"X-CSRFToken": "([^"]+)"', text)
        return (found[1] or found[2]) if found else ""


class Load:
    """Everything that goes on, until stopped."""

    def __init__(self, site: Site, maker: Maker, ledger: Ledger, seed: int):
        self.site, self.maker, self.ledger = site, maker, ledger
        self.pages: Counter[int] = Counter()  # answers by status; 0 where there was none
        self._random = random.Random(seed)
        self._stopping = threading.Event()
        works: tuple[tuple[Callable[[], None], float], ...] = (
            (self._send_with_dcmtk, 2.0), (self._send_with_dcmtk, 2.0), (self._send_with_ours, 2.0),
            (self._browse(), 0.5), (self._browse(), 0.5), (self._export(), 1.5),
        )  # fmt: skip
        self._threads = [threading.Thread(target=self._go_on, args=work, daemon=True) for work in works]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, work: Callable[[], None], pause: float) -> None:
        while not self._stopping.wait(pause * self._random.uniform(0.5, 1.5)):
            try:
                work()
            except (OSError, http.client.HTTPException):
                self.pages[0] += 1  # nobody is there just now

    def _send_with_dcmtk(self) -> None:
        states = (WHOLE, NO_DOSE)
        some = self.ledger.again(*states) or [self.maker.one(*states) for _ in range(self._many())]
        senders.dcmtk(self.site.settings, self.ledger, some)

    def _send_with_ours(self) -> None:
        states = (TRUNCATED,)
        some = self.ledger.again(*states) + [self.maker.one(*states) for _ in range(self._many() // 2 + 1)]
        senders.ours(self.site.settings, self.ledger, some)

    def _many(self) -> int:
        return self._random.randint(1, MOST_AT_ONCE)

    def _browse(self) -> Callable[[], None]:
        person = Person(self.site.settings)

        def look() -> None:
            status, _ = person.ask("GET", self._random.choice(PAGES))
            self.pages[status] += 1
            if status in (302, 303, 401):
                person.sign_in()

        return look

    def _export(self) -> Callable[[], None]:
        person = Person(self.site.settings)

        def ask() -> None:
            status, text = person.ask("GET", "/exports/unfinished", None, **{"HX-Request": "true"})
            if status != 200:
                person.sign_in()
            elif sum(map(int, re.findall(r"\b\d+\b", re.sub(r"<[^>]*>", " ", text))[:1])) < MOST_UNFINISHED:
                person.export(self._random.choice(EXPORTS))

        return ask

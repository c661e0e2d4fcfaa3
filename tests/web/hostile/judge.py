"""What must not come of it."""

import re
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from tests.web.hostile.values import ELSEWHERE, MARK

UNESCAPED = re.compile(
    rf"<{MARK}|<script>{MARK}|\son{MARK}=[\"']|{MARK}49|\s(?:href|src|action|formaction)=[\"']?\s*javascript:",
    re.IGNORECASE,
)
LEAKED = re.compile(r"root:.*:0:0:|Traceback \(most recent|sqlalchemy|psycopg|sqlite3|scrypt:\d", re.IGNORECASE)


def complaints(answer: TestResponse) -> list[str]:
    """What is wrong with the answer."""
    told = [f"it answers {answer.status}"] if answer.status_code >= 500 else []
    if f"X-{MARK}" in answer.headers:
        told.append("a header was smuggled in")
    if any(cookie.startswith(MARK) for cookie in answer.headers.getlist("Set-Cookie")):
        told.append("a cookie was smuggled in")
    for name in ("Location", "HX-Redirect", "HX-Push-Url", "HX-Replace-Url"):
        if _leads_elsewhere(answer.headers.get(name, "")):
            told.append(f"{name} leads to {answer.headers[name]}")
    if answer.mimetype in ("text/html", "image/svg+xml"):
        told += [f"the page has {found[0]} in it" for found in (UNESCAPED.search(answer.text),) if found]
        told += [f"the page shows {found[0]}" for found in (LEAKED.search(answer.text),) if found]
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        told.append("a browser may guess what it is")
    return told


def _leads_elsewhere(address: str) -> bool:
    """As a browser reads it: a backslash is a slash, and what cannot be seen is not there."""
    seen = re.sub(r"[\t\r\n]", "", address).strip().replace("\\", "/")
    return urlsplit(seen).netloc not in ("", "localhost") or seen.lower().startswith(("javascript:", f"//{ELSEWHERE}"))

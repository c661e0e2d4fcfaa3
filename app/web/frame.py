"""What the frame around every page shows; asked for only where a whole page is rendered."""

import json
from functools import cached_property

from flask import Flask, g, request
from flask_login import current_user

from app import __version__
from app.queries import home as queries
from app.queries import jobs
from app.remembered import remembered
from app.web.queue_sign import Sign, sign

THEMES = ("light", "dark")
HTMX = {
    "historyCacheSize": 0,  # patients do not stay in the browser
    "refreshOnHistoryMiss": True,  # going back loads the page anew: answers that come late can't mix with it
    "allowEval": False,
    "reportValidityOfForms": True,  # a field that is not sent says why
    "includeIndicatorStyles": False,  # they would be an inline style
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},  # the form again, with what is wrong
        {"code": "[45]..", "swap": False, "error": True},
    ],
}


class Frame:
    """What the bar shows to the person."""

    @cached_property
    def tabs(self) -> list[queries.Tab]:
        """The modalities that have studies."""
        return queries.tabs(counts())

    @cached_property
    def waiting(self) -> jobs.Waiting:
        """What waits for the person: exports, and for administrators refused objects."""
        return jobs.waiting(current_user)

    @cached_property
    def sign(self) -> Sign:
        """What the queue is doing."""
        return sign(self.waiting)


def counts() -> dict[str, int]:
    """The number of studies of each modality, worked out or remembered once a request."""
    if "counts" not in g:
        g.counts = remembered("studies", queries.counts)
    return dict(g.counts)


def init_app(app: Flask) -> None:
    """Give every template the frame."""
    app.context_processor(_frame)


def _frame() -> dict[str, object]:
    theme = request.cookies.get("theme", "")
    return {
        "frame": Frame(),
        "theme": theme if theme in THEMES else "",
        "version": __version__,
        "htmx_config": json.dumps(HTMX),
    }

"""The DICOM store: whether listeners run, who sends and what becomes of it; for administrators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, current_app, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app import audit, heard
from app.heard import Association
from app.jobs import echo as echoes
from app.listening import is_ae_title
from app.models import StorePolicy
from app.models.reception import ONE
from app.queries.filters import BadParameter
from app.reception import acts, configuration
from app.reception.configuration import DELETIONS
from app.reception.seen import Drawing, Seen, seen, senders
from app.settings import Settings
from app.web import store_forms
from app.web.access import needs
from app.web.home import reached_at
from app.web.pages import page
from app.web.store_forms import PolicyForm, Question, words

OUTCOMES = (heard.RELEASED, heard.REJECTED, heard.ABORTED)
MOST_SHOWN = 50
LINES = 100
LONGEST_FILTER = 64
ECHO_PORT = 104

bp = Blueprint("store", __name__, url_prefix="/store")


@dataclass(frozen=True)
class Asked:
    """Which associations the address asks for."""

    sender: str = ""  # AE title or address
    outcome: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "Asked":
        """The selection. Raises BadParameter for what is not known."""
        for name in args:
            if name not in ("sender", "outcome"):
                raise BadParameter(f"There is no filter “{name}” here.", name)
        outcome, sender = args.get("outcome", ""), args.get("sender", "").strip()
        if outcome and outcome not in OUTCOMES:
            raise BadParameter(f"The outcome is “{outcome}”; it takes {' or '.join(OUTCOMES)}.", "outcome")
        if len(sender) > LONGEST_FILTER:
            raise BadParameter(f"The sender is too long; it takes {LONGEST_FILTER} letters.", "sender")
        return cls(sender, outcome)

    def matching(self, associations: Sequence[Association]) -> list[Association]:
        """Those that were asked for, in their order."""
        return [
            one
            for one in associations
            if self.outcome in ("", one.outcome) and self.sender in ("", one.ae_title, one.address)
        ]


class EchoForm(FlaskForm):
    """Who is to answer."""

    host = words("Address", "A name or an IP address.", most=255, required="Enter an address.")
    port = IntegerField(
        "Port",
        [InputRequired("Enter a port."), NumberRange(1, 65535, "A port is a number from 1 to 65535.")],
        description="Its own, not ours; most modalities use 104.",
    )
    called = words("AE title", "What it calls itself.", most=16, required="Enter an AE title.")
    calling = words("Our AE title", "As whom we ask; some answer only whom they know.", most=16, required="Enter one.")


@bp.get("/")
@needs("admin")
def index():
    """How all is now, and the associations that match the address."""
    asked, told = Asked.from_args(request.args), seen(_settings())
    configured, known = configuration.listeners(), configuration.senders()
    found = asked.matching(told.associations)
    part = "associations" if request.headers.get("HX-Target") == "associations" else "now"
    return page(
        "store/index.html",
        part,
        told=told,
        states=_states(told),
        listeners=configured,
        senders=senders(known, told),
        policy=configuration.policy_row(),
        drawing=Drawing(told.hours),
        address=lambda listener: reached_at(listener, told.listeners, _settings()),
        asked=asked,
        outcomes=OUTCOMES,
        found=found[:MOST_SHOWN],
        count=len(found),
        lines=told.lines[:LINES],
    )


@bp.route("/policy", methods=["GET", "POST"])
@needs("admin")
def policy():
    """Who may send, how much disk stays free, and what becomes of objects."""
    row = configuration.policy_row()
    fields = ("only_known", "least_free_mb", *DELETIONS)
    form = PolicyForm(data={name: getattr(row, name) for name in fields} | {"accept_more": "\n".join(row.accept_more)})
    deletions = [name for name in DELETIONS if name != "delete_nomatch"]
    question = Question(
        "Who may send, and what becomes of objects",
        url_for(".index"),
        (
            ("Who may send what", ("only_known", "least_free_mb", "accept_more"), False),
            ("Delete objects once they were read", [*deletions, "delete_nomatch"], False),
        ),
    )
    if not form.validate_on_submit():
        return store_forms.ask(question, form), 422 if form.errors else 200
    values = {name: form[name].data for name in fields}
    values["accept_more"] = form.more_classes
    told = {name: values[name] for name in ("only_known", "least_free_mb")}
    after = replace(configuration.store(), accept_more=tuple(values["accept_more"]), **told)
    return store_forms.settle(
        question, form, after, lambda: acts.change(StorePolicy, ONE, audit.CHANGE_POLICY, values), "Saved."
    )


@bp.get("/echo")
@needs("admin")
def ask():
    """Whom to ask for an answer; the address may say it."""
    for name in request.args:
        if name not in ("host", "port", "called"):
            raise BadParameter(f"There is no “{name}” here.", name)
    given = {name: request.args.get(name, "")[:255] for name in ("host", "called")}
    port = request.args.get("port", type=int, default=ECHO_PORT)
    calling = configuration.listeners()[0].ae_title
    return store_forms.ask(_echo_question(), EchoForm(formdata=None, data={**given, "port": port, "calling": calling}))


@bp.post("/echo")
@needs("admin")
def echo():
    """Have a worker ask; the page of the job says what came of it."""
    form = EchoForm()
    titles = [form.called, form.calling]
    if form.validate():
        for field in titles:
            if not is_ae_title(field.data):
                field.errors = ["An AE title takes 1 to 16 letters of ASCII without a backslash."]
    if form.errors or any(field.errors for field in titles):
        return store_forms.ask(_echo_question(), form), 422
    back = url_for(".index")
    told = form.host.data, form.port.data, form.called.data, form.calling.data
    return redirect(url_for("jobs.show", id=echoes.request(*told, back, current_user.id)), 303)


def _states(told: Seen) -> dict[str, list[tuple[heard.Heartbeat, heard.Running]]]:
    """By the name of a listener of ours, every process that has it, and how it is there."""
    found: dict[str, list[tuple[heard.Heartbeat, heard.Running]]] = {}
    for process in told.listeners:
        for endpoint in process.endpoints:
            found.setdefault(endpoint.name, []).append((process, endpoint))
    return found


def _echo_question() -> Question:
    fields = ("host", "port", "called", "calling")
    return Question("Ask a sender for an answer (C-ECHO)", url_for(".index"), (("", fields, False),), "Ask")


def _settings() -> Settings:
    return current_app.config["SETTINGS"]

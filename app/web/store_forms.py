"""The forms of the DICOM store: what can be chosen, and the question before a change that keeps somebody out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import current_app, flash, redirect, request
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.ingest.policy import WORDS
from app.listening import MOST_ASSOCIATIONS, Store, problems
from app.models.reception import LONGEST_NAME, LONGEST_PATTERN
from app.reception import configuration
from app.reception.acts import NotPossible
from app.reception.lockout import lockouts
from app.reception.seen import seen
from app.web.pages import page

LONGEST_TITLE = 16


def stripped(text: str | None) -> str:
    """The text without spaces around it, and with one where there are several."""
    return " ".join((text or "").split())


def words(label: str, hint: str = "", *, most: int, required: str = "") -> StringField:
    """A field for a short text."""
    checks = [DataRequired(required)] if required else []
    return StringField(label, [*checks, Length(max=most)], filters=[stripped], description=hint)


def number(label: str, hint: str, least: int, most: int) -> IntegerField:
    """A field for a whole number."""
    told = f"{label}: it takes a whole number from {least:,} to {most:,}."
    return IntegerField(label, [InputRequired(told), NumberRange(least, most, told)], description=hint)


class ListenerForm(FlaskForm):
    """One port at which objects are received; its fields are those of `app.listening.Endpoint`."""

    active = BooleanField("Switched on", description="Off: it keeps its settings, and nothing listens at its port.")
    name = words("Name", "What people call it here.", most=LONGEST_NAME, required="Enter a name.")
    ae_title = words(
        "AE title", "What modalities call us: up to 16 letters, mostly capitals and digits.", most=LONGEST_TITLE,
        required="Enter an AE title.",
    )  # fmt: skip
    port = number("Port", "104 is DICOM’s own, but needs the right to use it; 8104 and 11112 are usual.", 1, 65535)
    host = words(
        "Address of ours", "0.0.0.0 listens at all of this machine’s addresses, :: at those of IPv6 too.", most=255,
        required="Enter an address; 0.0.0.0 for all.",
    )  # fmt: skip
    check_called = BooleanField(
        "Refuse who calls us by another AE title", description="Off: any name will do, as long as the port is right."
    )
    associations = number(
        "Associations at the same time", "Those beyond are refused, and try again.", 1, MOST_ASSOCIATIONS
    )
    pdu_bytes = number("Longest message part, in bytes", "The PDU size that we offer.", 4096, 16 * 1024 * 1024)
    acse_seconds = number("Seconds to say what is wanted", "For who has connected; then we hang up.", 1, 86400)
    dimse_seconds = number("Seconds of pause within an object", "Then the association is cut off.", 1, 86400)
    network_seconds = number("Seconds without a word", "For which an association may stay open.", 1, 86400)
    tls = BooleanField("TLS", description="Who sends has to speak TLS at this port; add a listener to have both.")
    certificate = words("Our certificate", "A file on the listener’s machine, PEM, with those above it.", most=1024)
    key = words("Its private key", "A file, PEM without password; empty where the same file has it.", most=1024)
    authorities = words("Authorities of senders", "A file with certificates that vouch for senders, PEM.", most=1024)
    client_certificates = BooleanField(
        "Refuse senders without a certificate", description="One that these authorities vouch for (mutual TLS)."
    )


class SenderForm(FlaskForm):
    """Somebody who sends."""

    active = BooleanField(
        "Switched on", description="Off: as if it were not known, which matters where only known senders may send."
    )
    name = words("Name", "What people call it here, such as CT 1, West.", most=LONGEST_NAME)
    ae_title = words("AE title", "What it calls itself, capitals as they are. Empty: any.", most=LONGEST_TITLE)
    address = words("Address", "An IP address, or a network such as 10.1.0.0/16. Empty: anywhere.", most=64)
    port = IntegerField(
        "Its own port",
        [Optional(), NumberRange(1, 65535, "A port is a number from 1 to 65535.")],
        description="At which it answers C-ECHO; most modalities use 104. Empty where it is not known.",
    )

    def validate(self, extra_validators=None) -> bool:
        """Whether it says who is meant."""
        sound = super().validate(extra_validators)
        if sound and not self.ae_title.data and not self.address.data:
            self.ae_title.errors = ["Enter an AE title, an address, or both."]
            return False
        return sound


class PolicyForm(FlaskForm):
    """What holds for all listeners, and what becomes of objects."""

    only_known = BooleanField(
        "Take objects from known senders only",
        description="Off: everybody who reaches the port may send; unknown senders are listed and logged.",
    )
    least_free_mb = number(
        "Disk that stays free, in megabytes", "With less, senders hear “out of resources”, keep it and try again.",
        0, 10_000_000,
    )  # fmt: skip
    accept_more = TextAreaField(
        "SOP classes taken besides",
        description="UIDs, one a line. All that can carry dose are taken anyway; CT and MR images are refused before "
        "they cross the network.",
    )
    delete_rdsr = BooleanField(
        "Dose reports",
        description="Off, here as below: kept without the patient, to be read again by later versions.",
    )
    delete_mg = BooleanField("Mammography images")
    delete_dx = BooleanField("Radiography and fluoroscopy images")
    delete_ctphil = BooleanField("Secondary captures of CT, such as Philips’ dose screens")
    delete_nm = BooleanField("Nuclear medicine and PET images")
    delete_nomatch = BooleanField(
        "What says nothing of dose", description="On: a line stays that says what it was, from where and why."
    )

    @property
    def more_classes(self) -> list[str]:
        """The UIDs that were typed."""
        return (self.accept_more.data or "").replace(",", " ").split()


class RuleForm(FlaskForm):
    """A device whose objects are ignored."""

    class Meta:
        """It only asks; the form that makes the rule has its token."""

        csrf = False

    manufacturer = words(WORDS["manufacturer"].capitalize(), most=LONGEST_PATTERN)
    model_name = words(WORDS["model_name"].capitalize(), most=LONGEST_PATTERN)
    station_name = words(WORDS["station_name"].capitalize(), most=LONGEST_PATTERN)
    software_versions = words(WORDS["software_versions"].capitalize(), most=LONGEST_PATTERN)
    serial_number = words(WORDS["serial_number"].capitalize(), most=LONGEST_PATTERN)


@dataclass(frozen=True)
class Question:
    """What a page with a form asks, and where it leads back to."""

    title: str
    back: str  # an address
    groups: Sequence[tuple[str, Sequence[str], bool]]  # a heading, names of fields, whether they are folded away
    button: str = "Save"


def ask(question: Question, form: FlaskForm, doubts: Sequence[str] = ()):
    """The page with the form."""
    return page("store/form.html", "form", question=question, form=form, doubts=doubts)


def doubts_about(after: Store) -> list[str]:
    """Whom the change would keep out, unless the person has said that this is meant."""
    if "sure" in request.form:
        return []
    return lockouts(configuration.store(), after, seen(current_app.config["SETTINGS"]))


def settle(question: Question, form: FlaskForm, after: Store, act: Callable[[], None], done: str):
    """Make the change; or the form again, with what is wrong or whom it would keep out."""
    wrong = next(problems(after), None)
    if wrong is None and (doubts := doubts_about(after)):
        return ask(question, form, doubts), 422
    try:
        if wrong:
            raise NotPossible(f"{wrong}.")
        act()
    except NotPossible as reason:
        form.form_errors.append(str(reason))
        return ask(question, form), 422
    flash(done)
    return redirect(question.back, 303)

"""Devices whose objects are not wanted: the rules, and what a rule would mean before it is made."""

from flask import Blueprint, abort, flash, redirect, request, url_for

from app import audit
from app.extensions import db
from app.ingest.policy import ATTRIBUTES, Rule
from app.models import IgnoreRule
from app.queries.filters import BadParameter
from app.reception import acts, configuration
from app.reception.devices import preview
from app.web.access import needs
from app.web.pages import page
from app.web.store_forms import RuleForm

bp = Blueprint("ignored", __name__, url_prefix="/store/ignored")


@bp.get("/")
@needs("admin")
def index():
    """The rules, and how many of the last studies the one that the address names would have kept out."""
    for name in request.args:
        if name not in ATTRIBUTES:
            raise BadParameter(f"A rule knows no “{name}”.", name)
    form = RuleForm(request.args)
    rule, wanted = _rule(form), None
    if not form.validate():
        return page("store/ignored.html", "rules", form=form, rules=_rules(), rule=rule, wanted=None), 422
    if rule != Rule():
        wanted = preview(rule)
    return page("store/ignored.html", "rules", form=form, rules=_rules(), rule=rule, wanted=wanted)


@bp.post("/")
@needs("admin")
def create():
    """Ignore such devices from now on."""
    form = RuleForm(request.form)
    rule = _rule(form)
    if not form.validate() or rule == Rule():
        abort(400, "It was not said which devices are meant.")
    if rule not in [one for _, one in _rules()]:
        acts.add(IgnoreRule(**{name: getattr(rule, name) for name in ATTRIBUTES}), audit.ADD_RULE)
    flash("Objects of such devices are ignored from now on. They are kept with the refused objects for a while.")
    return redirect(url_for(".index"), 303)


@bp.post("/<int:id>/remove")
@needs("admin")
def remove(id):
    """Take the rule away."""
    if db.session.get(IgnoreRule, id) is None:
        abort(404, "There is no such rule.")
    acts.remove(IgnoreRule, id, audit.REMOVE_RULE)
    flash("The rule is taken away. What it kept out is with the refused objects: try it again there.")
    return redirect(url_for(".index"), 303)


def _rule(form: RuleForm) -> Rule:
    return Rule(**{name: form[name].data or "" for name in ATTRIBUTES})


def _rules() -> list[tuple[IgnoreRule, Rule]]:
    return [(row, configuration.as_rule(row)) for row in configuration.rules()]

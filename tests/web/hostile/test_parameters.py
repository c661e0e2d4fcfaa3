"""Hostile values in every parameter of every view, of every form, by everybody: nothing breaks, leaks or gets through.

`make hostile` sends each value to each parameter; here each parameter gets one, so that each value is sent somewhere.
"""

from itertools import cycle

from app.extensions import db
from app.models import User
from tests.web.hostile.attacker import EACH, Attacker, attack, attack_lightly, in_order
from tests.web.hostile.questions import harvest
from tests.web.hostile.values import IN_PATHS, VALUES
from tests.web.test_access import ALLOWED, ROLES
from tests.web.visitor import make_user


def test_no_parameter_of_any_view_lets_anything_hostile_through(site, redis_server, paths, database_url):
    boss = Attacker(site, redis_server, "boss")
    questions = harvest(site, boss, ["/", "/ct/?protocol__has=thorax", "/mg/", "/rf/", "/dx/", "/nm/"], paths)
    assert {(one.endpoint, one.method) for one in questions} == ALLOWED.keys()
    parameters = sum(len(one.query) + len(one.form) for one in questions)
    assert parameters > 300, "forms were not found"
    values = cycle(VALUES)
    for _ in range(0 if database_url.startswith("sqlite") else len(VALUES) // 2):
        next(values)  # the two databases get different ones
    for question in in_order(questions):
        attack(boss, question, values)
    assert not boss.told, "\n".join(boss.told)
    with site.app_context():
        assert db.session.scalar(db.select(db.func.count(User.id))) >= 1


def test_no_part_of_any_address_lets_anything_hostile_through(site, redis_server, database_url):
    boss, values = Attacker(site, redis_server, "boss"), cycle(IN_PATHS.items())
    for rule in site.url_map.iter_rules():
        for name in rule.arguments:
            for what, raw in (next(values) for _ in range(max(EACH, 6))):
                others = {other: {"modality": "ct", "kind": "ct-csv"}.get(other, "1") for other in rule.arguments}
                given = others | {name: raw}
                address = "".join(given[text] if is_argument else text for is_argument, text in _pieces(rule))
                for method in rule.methods - {"HEAD", "OPTIONS"}:
                    boss.send(method, address, what=what)
    assert not boss.told, "\n".join(boss.told)


def _pieces(rule):
    """The parts of the address: whether it is an argument, and which."""
    return [(is_argument, text) for is_argument, text in rule._trace if text != "|"]


def test_nobody_gets_anything_hostile_through_whatever_they_may(site, redis_server, paths):
    values = cycle(VALUES)
    for role in [role for role in ROLES if role != "admin"]:
        if role:
            make_user(site, role, role)
        person = Attacker(site, redis_server, role)
        for question in in_order(harvest(site, person, ["/", "/ct/?protocol__has=thorax"], paths)):
            attack_lightly(person, question, values)
        assert not person.told, "\n".join([f"{role}:", *person.told])

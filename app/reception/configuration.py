"""What the database says of listeners, senders and what becomes of objects; it begins with the environment's words."""

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.ingest.policy import KINDS, NO_MATCH, Policy, Rule
from app.listening import Endpoint, Sender, Store
from app.models import IgnoreRule, StoreListener, StorePolicy, StoreSender
from app.models.reception import ONE
from app.settings import Settings
from app.transactions import writing

ENDPOINT = tuple(Endpoint.__dataclass_fields__)
RULE = tuple(Rule.__dataclass_fields__)
DELETIONS = tuple(f"delete_{kind}" for kind in (*KINDS, NO_MATCH))


def policy_row() -> StorePolicy:
    """The one row of what holds for all; made at first use, with the first listener, from the environment."""
    row = db.session.get(StorePolicy, ONE)
    return row or _begin()


def listeners() -> list[StoreListener]:
    """All listeners, by name."""
    policy_row()
    return list(db.session.scalars(select(StoreListener).order_by(func.lower(StoreListener.name), StoreListener.id)))


def senders() -> list[StoreSender]:
    """All known senders, by name and title."""
    order = (func.lower(StoreSender.name), StoreSender.ae_title, StoreSender.address, StoreSender.id)
    return list(db.session.scalars(select(StoreSender).order_by(*order)))


def rules() -> list[IgnoreRule]:
    """All rules by which objects are ignored, the newest first."""
    return list(db.session.scalars(select(IgnoreRule).order_by(IgnoreRule.id.desc())))


def store() -> Store:
    """What listeners are told."""
    told = listeners()
    row = policy_row()
    return Store(
        row.version,
        tuple(Endpoint(**{name: getattr(one, name) for name in ENDPOINT}) for one in told),
        tuple(as_sender(one) for one in senders()),
        row.only_known,
        row.least_free_mb,
        tuple(row.accept_more),
    )


def policy() -> Policy:
    """What becomes of objects; before anything was chosen, what the environment says."""
    row = db.session.get(StorePolicy, ONE)
    chosen = {name: getattr(row, name) for name in DELETIONS} if row else _of_environment(_settings())
    deleted = frozenset(kind for kind in (*KINDS, NO_MATCH) if chosen[f"delete_{kind}"])
    return Policy(deleted, tuple(as_rule(one) for one in rules()))


def as_sender(row: StoreSender) -> Sender:
    """The sender as listeners know it."""
    return Sender(row.ae_title, row.address, row.active)


def as_rule(row: IgnoreRule) -> Rule:
    """The rule as the importer knows it."""
    return Rule(**{name: getattr(row, name) for name in RULE})


def _begin() -> StorePolicy:
    """Write down what the environment says, unless another process was quicker."""
    settings = _settings()
    try:
        with writing():
            db.session.add(StorePolicy(id=ONE, version=1, accept_more=[], **_of_environment(settings)))
            told = {"ae_title": settings.store_ae_title, "host": settings.store_host, "port": settings.store_port}
            db.session.add(StoreListener(name="Main", **told))
    except IntegrityError:
        pass
    return db.session.get_one(StorePolicy, ONE)


def _of_environment(settings: Settings) -> dict[str, bool]:
    return {name: getattr(settings, f"rm_dcm_{name.removeprefix('delete_')}") for name in DELETIONS}


def _settings() -> Settings:
    return current_app.config["SETTINGS"]

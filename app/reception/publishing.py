"""Tells listeners what the database says, at each change and whenever Redis has lost it."""

import logging

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from app import listening
from app.extensions import db
from app.listening import Store, WrongStore
from app.queue import QueueAway
from app.reception import configuration

log = logging.getLogger(__name__)


def publish() -> bool:
    """Tell the listeners, unless they are told already; gives whether Redis took it."""
    try:
        listening.publish_current(current_app.config["SETTINGS"], _wanted)
    except QueueAway as error:
        log.warning("what listeners are to do could not be published: %s", type(error).__name__)
        return False
    except WrongStore as reason:
        log.error("what the database says of listeners can't be published: %s", reason)
        return False
    return True


def publish_again() -> None:
    """Tell them where Redis has nothing, or something else than the database says; in silence where it is away."""
    try:
        listening.published(current_app.config["SETTINGS"])
    except QueueAway:
        return  # somebody tells it once it is back
    except WrongStore:
        pass  # written by another version, or damaged
    publish()


def _wanted() -> Store:
    """What the database says by now; returns the connection."""
    db.session.rollback()
    try:
        return configuration.store()
    finally:
        db.session.rollback()


def publish_at_start(app: Flask) -> None:
    """Tell the listeners, unless the database does not answer yet: a worker tells them later. Keeps no connection."""
    with app.app_context():
        try:
            publish_again()
        except SQLAlchemyError as error:
            log.warning("the database does not answer: %s", type(error).__name__)
        finally:
            db.session.remove()
            db.engine.dispose()  # a process that is forked must not inherit one

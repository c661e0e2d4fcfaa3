"""What holds for every account, whoever makes or changes it."""

from sqlalchemy import select

from app.extensions import db
from app.models import User
from app.models.user import RIGHTS

SHORTEST_PASSWORD = 12  # characters


class NotPossible(ValueError):
    """What was asked for an account can't be; the sentence says why."""


def create(username: str, password: str, role: str) -> User:
    """A new account, in the session's transaction. Raises NotPossible for a name in use or a short password."""
    if find(username) is not None:
        raise NotPossible(f"There is a user “{username}” already.")
    if role not in RIGHTS:
        raise NotPossible(f"There is no role “{role}”; there are {', '.join(RIGHTS)}.")
    user = User(username=username, role=role)
    set_password(user, password)
    db.session.add(user)
    return user


def set_password(user: User, password: str) -> None:
    """Give the account another password. Raises NotPossible for a short one."""
    if len(password) < SHORTEST_PASSWORD:
        raise NotPossible(f"A password has at least {SHORTEST_PASSWORD} characters.")
    user.set_password(password)


def find(username: str) -> User | None:
    """The account of that name."""
    return db.session.scalar(select(User).where(User.username == username))

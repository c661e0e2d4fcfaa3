"""Who may use the system, and for what."""

from collections.abc import Iterable
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import JSON, Boolean, DateTime, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from app.extensions import db

VIEW, EXPORT, PID, SIZES, QUERY, ADMIN = RIGHTS = ("view", "export", "pid", "sizes", "query", "admin")
HASHING = "scrypt"  # with the costs that Werkzeug recommends
VIEWERS, ADMINISTRATORS = "viewgroup", "admingroup"

# The built-in roles: what each may do, and for people, what that is.
ROLES = {
    VIEWERS: frozenset({VIEW}),
    "exportgroup": frozenset({VIEW, EXPORT}),
    "pidgroup": frozenset({VIEW, PID}),
    "importsizegroup": frozenset({VIEW, SIZES}),
    "importqrgroup": frozenset({VIEW, QUERY}),
    ADMINISTRATORS: frozenset(RIGHTS),
}
WORDS = {
    VIEWERS: "View studies and charts",
    "exportgroup": "View and export",
    "pidgroup": "View, and see and search patient identifiers where this site keeps any",
    "importsizegroup": "View, and import heights and weights of patients",
    "importqrgroup": "View, and query and retrieve from other systems",
    ADMINISTRATORS: "Everything: view, export, patients, users, settings, deleting",
}


class User(UserMixin, db.Model):
    """A person who signs in."""

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))  # none: who it is, another system says
    issuer: Mapped[str | None] = mapped_column(String(255))  # that other system: see app.directory
    subject: Mapped[str | None] = mapped_column(String(255))  # who it is there, whatever the name
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)  # somebody else has chosen it
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)  # names of ROLES, in their order
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    lists: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))  # how lists look: see queries.view
    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())
    signed_in_at: Mapped[datetime | None] = mapped_column(DateTime)  # the last time, UTC

    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    @property
    def is_active(self) -> bool:
        """Whether the account may sign in."""
        return self.active

    def set_password(self, password: str) -> None:
        """Keep the password as a salted hash."""
        self.password_hash = hash_of(password)

    def check_password(self, password: str) -> bool:
        """Whether this is the password."""
        return self.password_hash is not None and check_password_hash(self.password_hash, password)

    def may(self, right: str) -> bool:
        """Whether one of the roles gives the right; who has no role may nothing."""
        return right in rights_of(self.roles)


def hash_of(password: str) -> str:
    """What is kept in place of a password: scrypt, salted."""
    return generate_password_hash(password, method=HASHING)


def rights_of(roles: Iterable[str]) -> frozenset[str]:
    """What the roles together allow; a role that there is not any more allows nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))

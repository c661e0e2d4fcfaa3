"""Who may use the system, and for what."""

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import JSON, Boolean, DateTime, String, func
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from app.extensions import db

# What each role may do; "pid" is to see and to search patients' IDs, where the site keeps any.
RIGHTS = {
    "view": frozenset({"view"}),
    "pid": frozenset({"view", "pid"}),
    "export": frozenset({"view", "export"}),
    "export-pid": frozenset({"view", "pid", "export"}),
    "admin": frozenset({"view", "pid", "export", "admin"}),
}


class User(UserMixin, db.Model):
    """A person who signs in."""

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16), default="view")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    lists: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))  # how lists look: see queries.view
    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())

    @property
    def is_active(self) -> bool:
        """Whether the account may sign in."""
        return self.active

    def set_password(self, password: str) -> None:
        """Keep the password as a salted scrypt hash."""
        self.password_hash = generate_password_hash(password, method="scrypt")

    def check_password(self, password: str) -> bool:
        """Whether this is the password."""
        return check_password_hash(self.password_hash, password)

    def may(self, right: str) -> bool:
        """Whether the role gives the right."""
        return right in RIGHTS[self.role]

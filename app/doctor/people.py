"""Whether somebody can sign in and administer."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.doctor.database import connectable
from app.doctor.finding import Finding, attention, ok, wrong
from app.models import User
from app.models.user import ADMINISTRATORS
from app.settings import Settings

PART = "People"
TO_DO = f"Make one: flask user create NAME --role {ADMINISTRATORS}"


def examine(settings: Settings) -> Iterator[Finding]:
    """An administrator who can come in, with a password of this site best."""
    engine = connectable(settings)
    try:
        with engine.connect() as connection:
            rows = connection.execute(select(User.roles, User.password_hash.is_not(None)).where(User.active)).all()
    except SQLAlchemyError:
        yield wrong(PART, "are not known: the database does not tell.", "Look at the database first.")
        return
    finally:
        engine.dispose()
    has_password = [own for roles, own in rows if ADMINISTRATORS in roles]
    if any(has_password):
        yield ok(PART, f"can sign in: {len(rows)}, of whom {len(has_password)} administer.")
    elif has_password or settings.oidc_issuer or settings.ldap_url:
        yield attention(PART, "who administer come from the directory only, which can be away.", TO_DO)
    else:
        yield wrong(PART, "who administer are not there: nobody can sign in and change anything.", TO_DO)

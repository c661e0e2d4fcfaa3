"""A process that writes audit entries as fast as it can, for tests of many at once."""

import sys

from app import audit, create_app
from app.extensions import db
from app.models import User
from app.transactions import writing


def main(name: str, count: int) -> None:
    """Write so many entries, each in a transaction that changes something else first."""
    with create_app().app_context():
        for number in range(count):
            with writing():
                db.session.add(User(username=f"{name}-{number}", password_hash="none"))
                audit.record(audit.EXPORT, f"{name} {number}", username=name, details={"number": number})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

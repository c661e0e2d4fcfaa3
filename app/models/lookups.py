"""What many rows share and filters search: names (free text) and codes."""

import unicodedata
from hashlib import sha256

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.dicom.concept import Concept
from app.extensions import db

# Letters that Unicode does not take apart, as people type them on other keyboards.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})
ACCENTS = dict.fromkeys(range(0x300, 0x370))


class Name(db.Model):
    """A free text that many rows share: a protocol, a description, a person of the staff."""

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # texts may be longer than an index takes
    text: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)  # what searches look into: without case and accents, see fold

    # No number twice: who remembers that of a text which was deleted must not mean another one by it.
    __table_args__ = ({"sqlite_autoincrement": True},)

    @staticmethod
    def digest_of(text: str) -> str:
        """The SHA-256 of the text, by which it is found."""
        return sha256(text.encode()).hexdigest()

    @staticmethod
    def fold(text: str) -> str:
        """The text as a search sees it: Schädel, SCHADEL and schadel are one, and so are Fuß and FUSS."""
        apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        return apart.translate(ACCENTS).casefold().translate(LETTERS)


class Code(db.Model):
    """A coded value as it occurred; the meaning is the standard's where the standard has the code."""

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(String(128))
    meaning: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("scheme", "value"),)

    @property
    def concept(self) -> Concept:
        """The code as a concept."""
        return Concept(self.value, self.scheme, self.meaning)

"""What tells patients apart, as far as a site wants that: a keyed hash of the ID, and the ID itself if it says so."""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, field

NONE, HASHED, STORED = "none", "hashed", "stored"
LONGEST_ID = 64  # characters (PS3.5, LO)
KEY_LETTERS, ISSUER_LETTERS = 64, 16  # of the hashes; issuers are few


@dataclass(frozen=True)
class Identity:
    """What the site keeps of patients' IDs, and the secret without which nobody can tell whose a hash is."""

    keeps: str = NONE
    secret: str = field(default="", repr=False)

    def columns(self, patient_id: str, issuer: str) -> dict[str, str | None]:
        """What a study keeps of the ID and of who issued it; nothing where the site keeps none, or there is none."""
        key = self.key(patient_id)
        if key is None:
            return {}
        shown = patient_id.strip()[:LONGEST_ID] if self.keeps == STORED else None
        return {"patient_key": key, "patient_issuer": self._hash("issuer", issuer, ISSUER_LETTERS), "patient_id": shown}

    def key(self, patient_id: str) -> str | None:
        """The same for each way to write one ID; none where the site keeps none, or nothing is written."""
        return None if self.keeps == NONE else self._hash("patient", patient_id, KEY_LETTERS)

    def _hash(self, what: str, written: str, letters: int) -> str | None:
        plain = normal(written)
        message = f"{what}\0{plain}".encode()
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()[:letters] if plain else None


def normal(written: str) -> str:
    """Letters and digits alone, in lower case: people and devices add spaces and dashes. Leading zeros stay."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", written).casefold() if sign.isalnum())

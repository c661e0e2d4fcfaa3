"""What was sent, and what was answered with success: what we hold the database against."""

import threading
from collections.abc import Iterable

from chaos.objects import Made


class Ledger:
    """Every object that was ever sent; those without an answer are sent again, as modalities do."""

    def __init__(self) -> None:
        self.sent: dict[str, Made] = {}
        self.answered: set[str] = set()
        self.times_sent = 0
        self._again: list[Made] = []
        self._turn = threading.Lock()

    def note(self, objects: Iterable[Made], answered: set[str]) -> None:
        """These were sent, and those of them answered with success."""
        with self._turn:
            for one in objects:
                self.times_sent += 1
                self.sent[one.sop] = one
                if one.sop in answered:
                    self.answered.add(one.sop)
                else:
                    self._again.append(one)

    def again(self, *states: str) -> list[Made]:
        """Those that have to be sent again by somebody who can send objects in these states."""
        with self._turn:
            mine = [one for one in self._again if one.state in states]
            self._again = [one for one in self._again if one.state not in states]
            return mine

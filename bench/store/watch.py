"""What else is to be seen while objects come in: the listener's memory, and how long the CT list takes."""

import threading
import time

import psutil

from app.settings import Settings
from bench.web.server import connection_to

EVERY_SECONDS = 1.0
LIST = "/ct/"


class Watch(threading.Thread):
    """Looks every second, until stopped."""

    def __init__(self, listener_pid: int, settings: Settings, cookie: str):
        super().__init__(name="watch", daemon=True)
        self.megabytes: list[float] = []
        self.list_ms: list[float] = []
        self._process = psutil.Process(listener_pid)
        self._settings, self._headers = settings, {"Cookie": cookie}
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look."""
        while True:
            self.megabytes.append(self._process.memory_info().rss / 1e6)
            self.list_ms.append(self._page())
            if self._stopping.wait(EVERY_SECONDS):
                return

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self.join()

    def _page(self) -> float:
        begun = time.perf_counter()
        connection = connection_to(self._settings)
        connection.request("GET", LIST, headers=self._headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{LIST} answers {answer.status}")
        return 1000 * (time.perf_counter() - begun)

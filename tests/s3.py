"""A store that speaks as S3 does, on this machine, which tests may stop and start; what it holds survives that."""

import logging
from contextlib import contextmanager
from urllib.request import Request, urlopen

from moto.server import ThreadedMotoServer

from tests.servers import free_port

BUCKET = "openrem"
KEYS = {"STORAGE_KEY": "somebody", "STORAGE_SECRET": "not a secret"}


class S3Server:
    """The server, with one bucket."""

    def __init__(self):
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._server: ThreadedMotoServer | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Settings of a site whose files are there."""
        return {"STORAGE_URL": f"s3://{BUCKET}/site", "STORAGE_ENDPOINT": self.endpoint} | KEYS

    def start(self):
        """Answer from now on."""
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._server.start()

    def start_again(self):
        """The same, where it was stopped."""
        if self._server is None:
            self.start()

    def stop(self):
        """Be away."""
        if self._server:
            self._server.stop()
            self._server = None

    def empty(self):
        """Have the bucket, and nothing in it."""
        self._ask("POST", "moto-api/reset")
        self._ask("PUT", BUCKET)

    def _ask(self, method: str, path: str):
        with urlopen(Request(f"{self.endpoint}/{path}", method=method)):
            pass


@contextmanager
def s3():
    """Such a server, gone at the end."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = S3Server()
    server.start()
    try:
        yield server
    finally:
        server.stop()

"""How long it takes until every process answers again."""

import http.client
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rq import Queue

from app.network.peer import NoAnswer, Peer, echo
from app.queue import EXPORT, INGEST, QueueAway, connect
from chaos.site import Site, now, registered

PATIENCE_SECONDS = 90
ASK_AGAIN_SECONDS = 2.0


class Watch:
    """Asks each process until it has answered; those that were killed have to be replaced first."""

    def __init__(self, site: Site, killed: set[int]):
        self.site, self.killed = site, killed
        self._traces: dict[str, tuple[Path, float]] = {}
        self._conditions: dict[str, Callable[[], bool]] = {
            "listener": self._listener, "web": self._web, "ingest": self._ingest, "export": self._export,
            "processes": self._complete,
        }  # fmt: skip

    def seconds(self, since: float) -> dict[str, float]:
        """Seconds from then until each has answered; infinite where one does not."""
        took: dict[str, float] = {}
        while len(took) < len(self._conditions) and now() - since < PATIENCE_SECONDS:
            for name, holds in self._conditions.items():
                if name not in took:
                    with suppress(OSError, http.client.HTTPException, QueueAway, NoAnswer):
                        if holds():
                            took[name] = now() - since
            time.sleep(0.05)
        return {name: took.get(name, float("inf")) for name in self._conditions}

    def _listener(self) -> bool:
        settings = self.site.settings
        return echo(Peer(settings.store_host, settings.store_port, settings.store_ae_title, seconds=2)) >= 0

    def _web(self) -> bool:
        settings = self.site.settings
        connection = http.client.HTTPConnection(settings.web_host, settings.web_port, timeout=2)
        try:
            connection.request("GET", "/sign-in")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    def _ingest(self) -> bool:
        return self._does_work(INGEST)

    def _export(self) -> bool:
        return self._does_work(EXPORT)

    def _complete(self) -> bool:
        """Whether every process is there, and of those of a kind that was hit every worker serves the queue."""
        there = self.site.processes()
        pids = {one.pid for some in there.values() for one in some}
        if pids & self.killed or any(len(there[kind]) < count for kind, count in self.site.wanted.items()):
            return False
        workers = {one.pid for kind in ("ingest", "export") for one in there[kind]}
        return not self.killed or workers <= registered(self.site)

    def _does_work(self, queue_name: str) -> bool:
        trace, asked = self._traces.get(queue_name, (None, 0.0))
        if trace is not None and trace.exists():
            return True
        if now() - asked > ASK_AGAIN_SECONDS:
            trace = trace or self.site.folder / f"{queue_name}-{uuid.uuid4()}"
            with connect(self.site.settings.redis_url) as connection:
                queue = Queue(queue_name, connection=connection)
                queue.enqueue("chaos.ping.answer", str(trace), at_front=True, result_ttl=5, failure_ttl=5)
            self._traces[queue_name] = (trace, now())
        return False

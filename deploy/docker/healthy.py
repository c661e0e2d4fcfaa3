"""Whether the part that this container runs answers: healthy.py web|listener|worker; exit code 0 where it does."""

import http.client
import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

SILENCE = timedelta(minutes=2)  # a worker that waits tells every half minute that it lives, one that works more often


def web() -> bool:
    """The application answers, whatever else is broken: to start it again would not mend the database."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("WEB_PORT", "8000")), timeout=5)
    connection.request("GET", "/healthz")
    return connection.getresponse().status == 200


def listener() -> bool:
    """The port takes a connection."""
    with socket.create_connection(("127.0.0.1", int(os.environ.get("STORE_PORT", "8104"))), timeout=5):
        return True


def worker() -> bool:
    """The queue has heard of a worker on this machine lately."""
    from redis import Redis

    queue = Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5, decode_responses=True)
    for key in queue.smembers("rq:workers"):
        hostname, heard = queue.hmget(key, "hostname", "last_heartbeat")
        if hostname == socket.gethostname() and heard:
            return datetime.now(UTC) - datetime.fromisoformat(heard) < SILENCE
    return False


if __name__ == "__main__":
    try:
        healthy = {"web": web, "listener": listener, "worker": worker}[sys.argv[1]]()
    except Exception as error:
        sys.exit(f"{sys.argv[1]}: {type(error).__name__}: {error}")
    sys.exit(0 if healthy else f"{sys.argv[1]}: nothing heard")

"""Asking a sender for an answer (C-ECHO), because somebody wants to know whether it can be reached."""

import logging

from app import audit
from app.extensions import db
from app.faults import described
from app.jobs import control
from app.jobs.clock import now
from app.jobs.progress import advance
from app.models import Job
from app.models.job import ECHO
from app.network.peer import NoAnswer, Peer, echo

FAULT = "It could not be asked, and the log says why. Try again."

log = logging.getLogger(__name__)


def request(host: str, port: int, called: str, calling: str, back: str, owner_id: int) -> str:
    """Ask for it; gives the job's id."""
    title = f"C-ECHO to {Peer(host, port, called).words}"
    query = {"host": host, "port": port, "called": called, "calling": calling, "back": back}
    asked = control.asking(audit.ECHO, title, host=host, port=port, called=called, calling=calling)
    return control.submit(Job(kind=ECHO, owner_id=owner_id, title=title, query=query), asked)


def work(job_id: str) -> None:
    """Do it. Whatever happens, the job ends ready or failed."""
    if not advance(job_id, "waiting", state="running", started_at=now()):
        return  # aborted before we came to it
    query = db.session.get_one(Job, job_id).query
    db.session.rollback()  # returns the connection
    try:
        peer = Peer(query["host"], query["port"], query["called"], query["calling"])
        end = {"state": "ready", "message": f"It answered in {echo(peer) * 1000:.0f} ms."}
    except NoAnswer as reason:
        end = {"state": "failed", "message": str(reason)}
    except Exception as error:
        log.error("a C-ECHO failed\n%s", described(error))
        end = {"state": "failed", "message": FAULT}
    advance(job_id, "running", "aborting", **end, finished_at=now())

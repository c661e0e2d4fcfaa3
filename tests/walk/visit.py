"""A person and a modality at a site: visit.py ADDRESS CERTIFICATE PASSWORD; fails where one is turned away."""

import sys
from pathlib import Path
from uuid import uuid4

from pydicom import dcmread
from pynetdicom import AE

from tests.factories import ct_report, report_file
from tests.nginx import Client, Site
from tests.servers import wait_until

USER = "physicist"


def main(address: str, certificate: str, password: str) -> None:
    """Sign in, send a report, see its study."""
    person = Client(Site(address, Path(certificate)))
    _sign_in(person, password, password[::-1])
    study = f"2.25.{uuid4().int}"
    report = dcmread(report_file(ct_report({}), SOPInstanceUID=f"2.25.{uuid4().int}", StudyInstanceUID=study))
    assert _send(report) == 0, "the listener did not take the report"
    wait_until(lambda: f"/study/{study}" in person.get("/ct/").text, "the study is in the list", 20)
    assert person.get(f"/study/{study}").status == 200
    print(f"{address} shows the study of the report that was sent")


def _sign_in(person: Client, given: str, own: str) -> None:
    """With the password that was given; at the first time it has to be changed to one's own."""
    if person.post("/sign-in", {"username": USER, "password": own}).status == 303:
        return
    answer = person.post("/sign-in", {"username": USER, "password": given})
    assert answer.status == 303, f"signing in: {answer.status}"
    answer = person.post("/account/password", {"current": given, "new": own, "repeated": own})
    assert answer.status == 303, f"changing the password: {answer.status}"


def _send(report) -> int:
    modality = AE(ae_title="WALK")
    modality.add_requested_context(report.SOPClassUID, report.file_meta.TransferSyntaxUID)
    association = modality.associate("127.0.0.1", 8104, ae_title="STOREOPENREM")
    assert association.is_established, "the listener does not answer"
    try:
        return association.send_c_store(report).Status
    finally:
        association.release()


if __name__ == "__main__":
    main(*sys.argv[1:])

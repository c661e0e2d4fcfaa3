"""A real server that takes mails, for tests."""

import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.servers import free_port


@dataclass
class MailServer:
    """Where it is, and what it has taken."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    refuses: bool = False  # whatever comes

    async def handle_DATA(self, _server, _session, envelope):
        """Take a mail."""
        if self.refuses:
            return "452 Insufficient system storage"
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"

    @property
    def subjects(self) -> list[str]:
        """What they are about, without whose they are."""
        return [mail["Subject"].partition(": ")[2] for mail in self.mails]


@contextmanager
def mail_server(certificate=None, password=""):
    """A server on a free port; with a certificate (its file and its key's) it wants TLS, with a password a sign-in."""
    told = MailServer()
    options = {}
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        options |= {"tls_context": context, "require_starttls": True}
    if password:
        options |= {
            "authenticator": _only("openrem", password),
            "auth_required": True,
            "auth_exclude_mechanism": ["LOGIN"],
        }
    controller = Controller(told, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    told.port = controller.port
    try:
        yield told
    finally:
        controller.stop()


def _only(user, password):
    def right(_server, _session, _envelope, _mechanism, given):
        is_right = (given.login, given.password) == (user.encode(), password.encode())
        return AuthResult(success=is_right, handled=False)  # the server answers

    return right

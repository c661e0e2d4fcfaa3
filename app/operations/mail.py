"""A mail to those who look after the site."""

import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from app.settings import Settings

PATIENCE_SECONDS = 10
USUAL_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class NotSent(Exception):
    """The mail could not be sent; the sentence says why."""


def send(settings: Settings, subject: str, text: str) -> None:
    """Send it to everybody who is to hear of alarms. Raises NotSent."""
    if not settings.mails:
        raise NotSent("SMTP_HOST and ALARM_TO say where mails go; they are not set.")
    message = _message(settings, subject, text)
    try:
        with _server(settings) as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            refused = server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(f"{settings.smtp_host} did not take the mail: {_reason(error)}") from None
    if refused:
        raise NotSent(f"{settings.smtp_host} does not send to {', '.join(refused)}")


def _message(settings: Settings, subject: str, text: str) -> EmailMessage:
    here = socket.gethostname()
    message = EmailMessage()
    message["From"] = settings.alarm_from or f"openrem@{here}"
    message["To"] = ", ".join(settings.alarm_to)
    message["Subject"] = f"OpenREM on {here}: {subject}"
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid("openrem", domain=here)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence should answer
    message.set_content(text)
    return message


def _server(settings: Settings) -> smtplib.SMTP:
    port = settings.smtp_port or USUAL_PORTS[settings.smtp_tls]
    context = ssl.create_default_context(cafile=settings.smtp_ca or None)
    if settings.smtp_tls == "tls":
        return smtplib.SMTP_SSL(settings.smtp_host, port, timeout=PATIENCE_SECONDS, context=context)
    server = smtplib.SMTP(settings.smtp_host, port, timeout=PATIENCE_SECONDS)
    if settings.smtp_tls == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {said}"
    return str(error) or type(error).__name__

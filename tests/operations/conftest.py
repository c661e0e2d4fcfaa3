"""A site that mails its alarms to a real server."""

from dataclasses import replace

import pytest

from tests.smtp import mail_server


@pytest.fixture
def server():
    """Takes mails, and has them."""
    with mail_server() as server:
        yield server


@pytest.fixture
def mailed(settings, server):
    """The settings of a site whose alarms somebody hears of."""
    told = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none"}
    return replace(settings, alarm_to=("physics@hospital.example", "it@hospital.example"), **told)

"""What scripts do, below a prefix and over TLS."""

import os
from dataclasses import replace

import pytest

from app.ingest.receive import receive
from tests.factories import ct_report, report_file
from tests.nginx import behind_nginx, missing
from tests.web.visitor import PASSWORD, make_user


@pytest.fixture
def site(app, settings, tmp_path):
    """Two studies, behind nginx."""
    if missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not installed: {', '.join(missing())}")
    make_user(app, "boss", "admin")
    with app.app_context():
        receive(report_file(ct_report({"dlp": 100.0})))
        receive(report_file(ct_report({"dlp": 900.0})))
    with behind_nginx(replace(settings, proxies=1), tmp_path / "nginx") as site:
        yield site


def test_filters_and_colours_work_below_the_prefix(site, open_window):
    window = open_window(site.address, f"{site.address}/ct/", ignore_https_errors=True)
    window.get_by_label("User name").fill("boss")
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign in").click()
    window.wait_for_url(f"{site.address}/ct/")
    window.locator("th a", has_text="DLP").first.click()
    window.wait_for_url(f"{site.address}/ct/?sort=*")
    assert window.locator("#results tbody tr").count() == 2
    window.get_by_text("boss", exact=True).click()
    with window.expect_response("**/openrem/account/theme") as told:
        window.get_by_role("button", name="Dark").click()
    assert told.value.status == 303
    window.goto(f"{site.address}/ct/")
    assert window.evaluate("document.documentElement.dataset.theme") == "dark"
    assert "theme" not in window.evaluate("document.cookie")

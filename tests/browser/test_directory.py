"""Sign-in by the hospital's directory, as people see it in a browser."""

import os
from dataclasses import replace

import pytest

from tests.browser.test_every_page import complaints
from tests.nginx import behind_nginx, missing
from tests.slapd import PASSWORD as AT_THE_HOSPITAL
from tests.web.test_directory import with_directory


@pytest.fixture
def settings(settings, request):
    """A site that asks the directory of the test."""
    names = [name for name in ("slapd", "provider") if name in request.fixturenames]
    return with_directory(settings, *(request.getfixturevalue(name).environment for name in names))


def sign_in_with_the_button(window, address):
    """From the form to the provider, and back to where it was."""
    window.get_by_role("link", name="Sign in with the hospital").click()
    window.get_by_role("heading", name="The provider").wait_for()
    window.get_by_role("link", name="Go on").click()
    window.wait_for_url(address)
    assert window.locator("header").get_by_text("ann", exact=True).is_visible()


def sign_out_everywhere(window, form):
    """Here, and then at the provider, which leads back to the form."""
    window.locator("header").get_by_text("ann", exact=True).click()
    window.get_by_role("button", name="Sign out").click()
    window.get_by_role("link", name="Sign out there too").click()
    window.wait_for_url(form)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_people_sign_in_at_the_provider_and_out_again(provider, served, open_window, scripts):
    window = open_window(served, "/ct/?dlp__min=1", scripts=scripts)
    sign_in_with_the_button(window, "**/ct/?dlp__min=1")
    sign_out_everywhere(window, "**/sign-in")
    window.goto("/ct/")
    window.get_by_role("heading", name="Sign in").wait_for()


def test_what_the_provider_refuses_is_told_above_the_form(provider, served, open_window):
    window = open_window(served, "/sign-in")
    provider.person["groups"] = []
    window.get_by_role("link", name="Sign in with the hospital").click()
    window.get_by_role("link", name="Go on").click()
    window.wait_for_url("**/sign-in")
    assert window.get_by_text("none of your groups may use OpenREM").is_visible()


def test_people_sign_in_with_the_name_and_password_of_the_hospital(slapd, served, open_window):
    window = open_window(served, "/ct/")
    window.get_by_label("User name").fill("ann")
    window.get_by_label("Password").fill(AT_THE_HOSPITAL)
    window.get_by_role("button", name="Sign in").click()
    window.wait_for_url("**/ct/")
    assert window.locator("header").get_by_text("ann", exact=True).is_visible()


def test_everybody_can_use_the_pages(provider, served, open_window):
    window = open_window(served, "/sign-in")
    for path in ("/sign-in", "/signed-out"):
        assert not complaints(window, path)


@pytest.fixture
def site(app, settings, provider, tmp_path):
    """The site below a prefix, over TLS."""
    if missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not installed: {', '.join(missing())}")
    behind = replace(settings, proxies=1, allowed_hosts=("localhost",))
    with behind_nginx(behind, tmp_path / "nginx") as site:
        yield site


def test_people_sign_in_below_a_prefix_and_over_tls(site, provider, open_window):
    window = open_window(site.address, f"{site.address}/ct/", ignore_https_errors=True)
    sign_in_with_the_button(window, f"{site.address}/ct/")
    sign_out_everywhere(window, f"{site.address}/sign-in")
    assert [one["redirect_uri"] for one in provider.asked] == [f"{site.address}/sign-in/openid/answer"]

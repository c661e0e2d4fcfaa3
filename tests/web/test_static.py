"""Style sheets and scripts are kept by browsers for as long as they are the same."""

import os
import re

import pytest


@pytest.fixture
def client(app):
    """A browser."""
    return app.test_client()


def test_every_file_of_ours_is_linked_with_its_contents_hash_and_kept_for_a_year(client):
    linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/sign-in").text)
    assert len(linked) >= 4
    for address in linked:
        assert re.search(r"\?v=[0-9a-f]{12}$", address), address
        with client.get(address) as answer:
            headers = answer.headers
        assert (answer.status_code, headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        assert "Set-Cookie" not in headers and "Cookie" not in headers.get("Vary", "")


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789ab"])
def test_without_the_right_hash_a_browser_asks_again(client, query):
    with client.get(f"/static/app.css{query}") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_the_hash_changes_with_the_content(app, tmp_path):
    app.static_folder = str(tmp_path)
    addresses = set()
    for content in ("a {}", "b {}"):
        (tmp_path / "app.css").write_text(content)
        os.utime(tmp_path / "app.css", (len(addresses), len(addresses)))
        with app.test_request_context():
            addresses.add(app.url_for("static", filename="app.css"))
    assert len(addresses) == 2


@pytest.mark.parametrize("name", ["nowhere.css", "../settings.py", "vendor"])
def test_what_is_no_file_of_ours_has_no_hash_and_is_not_kept(app, client, name):
    with app.test_request_context():
        assert "?v=" not in app.url_for("static", filename=name)
    assert client.get(f"/static/{name}?v=0123456789ab").status_code == 404

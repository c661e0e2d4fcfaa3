"""The web server's way in."""

from app import create_app

app = create_app()

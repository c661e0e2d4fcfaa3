"""The application, with `flask up` made known."""

from app import create_app
from app.commands.up import register

app = create_app()
register(app)

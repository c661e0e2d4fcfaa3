"""OpenREM: a radiation dose monitor for hospitals."""

__version__ = "0.1.0"


def create_app(settings=None):
    """The Flask application. Flask is imported here, so that the listener can import app.settings without it."""
    from app.web import build

    return build(settings)

"""The web server's way in."""

import gc

from app import create_app

app = create_app()
gc.freeze()  # what is there now stays: who looks for garbage while pages are made need not look at it

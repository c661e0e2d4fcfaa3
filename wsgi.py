"""The web server's way in."""

import gc
import sys

from app import create_app, logs
from app.settings import WrongSetting, load

try:
    settings = load()
    logs.begin(settings, "command", quiet=True)  # the web server has begun by itself
    app = create_app(settings)
except WrongSetting as reason:
    sys.exit(f"OpenREM can't start. {reason}.")
gc.freeze()  # what is there now stays: who looks for garbage while pages are made need not look at it

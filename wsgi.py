"""The web server's way in."""

import gc
import sys

from app import create_app
from app.settings import WrongSetting

try:
    app = create_app()
except WrongSetting as reason:
    sys.exit(f"OpenREM can't start. {reason}.")
gc.freeze()  # what is there now stays: who looks for garbage while pages are made need not look at it

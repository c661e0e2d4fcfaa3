"""Accession numbers in addresses, where the site keeps them as hashes: they are hashed at the door.

What is remembered of an address, saved filters, exports, deletions, then has no number either.
"""

from urllib.parse import urlencode

from flask import Flask, current_app, redirect, request


def init_app(app: Flask) -> None:
    """Send whoever asks for a number to the address that has its hash."""
    app.before_request(_hash_numbers)
    app.jinja_env.globals["accession_numbers"] = app.config["SETTINGS"].accession_number


def _hash_numbers():
    asked = list(request.args.items(multi=True))
    told = current_app.config["SETTINGS"].identity.in_address(asked)
    if told == asked:
        return None
    address = f"{request.script_root}{request.path}?{urlencode(told)}"
    return redirect(address, 303 if request.method in ("GET", "HEAD") else 307)

"""The network's way in: listens for dose objects until told to stop."""

import signal
import sys
import threading

from app import logs
from app.network.listener import CannotListen, Listener
from app.settings import WrongSetting, keep_files_private, load


def main():
    """Listen until SIGTERM or SIGINT."""
    keep_files_private()
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    try:
        settings = load()
    except WrongSetting as reason:
        sys.exit(f"OpenREM can't start. {reason}.")
    logs.begin(settings, "listener")
    listener = Listener(settings)
    try:
        listener.start()
    except (CannotListen, OSError) as error:
        sys.exit(str(error))
    told_to_stop.wait()
    listener.stop()


if __name__ == "__main__":
    main()

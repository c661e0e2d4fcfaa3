"""What gunicorn has to say goes where all our lines go."""

import logging
from typing import Any

from gunicorn.glogging import Logger


class WebLog(Logger):
    """Leaves it to the log of this process how lines look and where they go."""

    def setup(self, cfg: Any) -> None:
        """The same, without handlers of its own."""
        super().setup(cfg)
        for handler in list(self.error_log.handlers):
            self.error_log.removeHandler(handler)
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)

"""What a worker is asked to see whether it answers."""

from pathlib import Path


def answer(path: str) -> None:
    """Leave a trace."""
    Path(path).touch()

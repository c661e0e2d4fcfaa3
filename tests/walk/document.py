"""The commands of a document: fenced blocks that begin with ```bash walk."""

import re
from dataclasses import dataclass

FENCE = re.compile(r"^```bash walk(?P<fetch> fetch)?\n(?P<commands>.*?)^```$", re.M | re.S)
HEADING = re.compile(r"^#+ (.+)$", re.M)


@dataclass(frozen=True)
class Block:
    """Commands that belong together."""

    heading: str
    commands: str
    fetches: bool  # from the internet; everything else has to do without


def blocks(text: str) -> list[Block]:
    """What is to be done, in order."""
    found = []
    for fence in FENCE.finditer(text):
        heading = HEADING.findall(text[: fence.start()])[-1]
        found.append(Block(heading, fence["commands"], bool(fence["fetch"])))
    return found

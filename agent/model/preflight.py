"""What a look at the surroundings finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: fine, worth a look, or the agent cannot do its work."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: about what, in words, and what to do about it (None where nothing needs doing)."""

    level: Level
    subject: str
    text: str
    mend: str | None = None

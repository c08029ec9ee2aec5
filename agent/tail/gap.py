"""A piece of a log that nobody could read: what is known of it."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Reason(StrEnum):
    """How it was lost."""

    TRUNCATED = "truncated"  # cut in place: what was written since the last look is unknown
    GONE = "gone"  # the file that was being read is not found again
    UNSEEN = "unseen"  # files came and went between two looks
    ARCHIVE = "archive"  # a compressed file that is damaged or cannot be unpacked


ADVICE = MappingProxyType(
    {
        Reason.TRUNCATED: "what was written between the last look and the cut is not known; let the wrapper "
        "roll its log itself (wrapper.logfile.maxsize) instead of copying and truncating it",
        Reason.GONE: "the file was deleted or rolled off before it was read to its end; keep more rolled "
        "files (wrapper.logfile.maxfiles)",
        Reason.UNSEEN: "more files rolled between two looks than are kept; keep more of them "
        "(wrapper.logfile.maxfiles), or larger ones (wrapper.logfile.maxsize)",
        Reason.ARCHIVE: "the archive is damaged or there is no room to unpack it; mend it and read it with "
        "wmtls explain",
    }
)
"""What to do so that a gap does not come again."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One loss: the offsets of the first byte not read, and of the last one known to have been there.

    `last` stands before `first` where no byte is known to be lost.
    """

    file: str
    first: int
    last: int
    reason: Reason

    @property
    def bytes(self) -> int:
        """How many bytes are known to be lost; there may be more."""
        return max(0, self.last + 1 - self.first)

"""One log, looked at in a thread of its own: a file system that hangs holds up this log and no other."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.model.block import Block
from agent.tail import naming
from agent.tail.errand import Errand
from agent.tail.follower import Follower, TailState
from agent.tail.gap import Gap

END_SECONDS = 1.0
"""How long looks under way are waited for at the end, so that files are closed."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found.

    `blocks` are whole lines, `moved` is what the counters of the tail went up by, `lag` the bytes that wait
    to be read; `drained` says that no complete line does. `gone` says that no live file is there, no rolled
    one, and nothing to be read.
    """

    blocks: list[Block]
    moved: dict[str, int]
    gaps: list[Gap]
    lag: int
    drained: bool
    problem: str | None
    missing: bool
    gone: bool


class Lookout:
    """Follows one log; used by one thread.

    Asked for a number of bytes, it looks at the disk once; asked for none, it only takes up its position.
    `state` may be read while nothing is asked, or the answer is there. None before the first answer.
    """

    def __init__(
        self,
        path: Path,
        *,
        start: Literal["end", "beginning"],
        saved: TailState | None = None,
        news: threading.Event | None = None,
    ) -> None:
        self._path, self._start, self._saved = path, start, saved
        self._follower: Follower | None = None
        self.errand: Errand[int | None, Look] = Errand(self._look, news)

    @property
    def state(self) -> TailState | None:
        """The follower's state."""
        return self._follower.state if self._follower is not None else None

    def close(self) -> None:
        """Close the files, unless the file system hangs."""
        if self._follower is not None and (self.errand.answered or not self.errand.out):
            self._follower.close()
        self.errand.end()

    def _look(self, limit: int | None) -> Look:
        if self._follower is None:
            self._follower = Follower(self._path, start=self._start, saved=self._saved)
            self._saved = None
        follower = self._follower
        before = counts(follower.state)
        blocks = follower.poll(limit) if limit is not None else []
        after, lag = counts(follower.state), follower.lag()
        return Look(
            blocks=blocks,
            moved={name: after[name] - before[name] for name in after},
            gaps=follower.gaps,
            lag=lag,
            drained=follower.drained,
            problem=follower.problem,
            missing=follower.missing,
            gone=follower.missing and not lag and not has_siblings(self._path),
        )


def counts(state: TailState) -> dict[str, int]:
    """Return the counters of a tail by the names that `metrics.count_reading` gives them."""
    return {
        "read_bytes": state.bytes_read,
        "lines": state.lines_read,
        "rotations": state.rotations,
        "truncations": state.truncations,
        "gaps": state.gaps,
    }


def has_siblings(path: Path) -> bool:
    """Return whether rolled files of a log are there: it will come back, and they are read already."""
    try:
        return any(place for place, _ in naming.members(path, (one.name for one in path.parent.iterdir())))
    except OSError:
        return True  # a folder that cannot be looked at proves nothing

"""A log directory that the tests write to as the wrapper does, and a reader's view of what was handed out."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from agent import codec
from agent.model.block import Block
from agent.tail.follower import Follower, TailState

NOBODY = 65534


@dataclass
class Writer:
    """Writes and rolls one log; `path` is the live file."""

    path: Path

    def append(self, text: str) -> None:
        """Append, creating the file if need be."""
        with self.path.open("ab") as stream:
            stream.write(text.encode())

    def sibling(self, number: int) -> Path:
        """Return the path of a rolled file."""
        return self.path.with_name(f"{self.path.name}.{number}")

    def roll(self, keep: int = 10) -> None:
        """Rename the chain upwards, highest number first, as the wrapper does; no new file yet."""
        self.sibling(keep).unlink(missing_ok=True)
        for number in range(keep - 1, 0, -1):
            if self.sibling(number).exists():
                self.sibling(number).rename(self.sibling(number + 1))
        if self.path.exists():
            self.path.rename(self.sibling(1))

    def truncate(self) -> None:
        """Empty the live file in place."""
        os.truncate(self.path, 0)


@dataclass
class Tail:
    """A follower that can be stopped and started again, and everything it handed out."""

    path: Path
    start: Literal["end", "beginning"] = "beginning"
    saved: bytes | None = None
    blocks: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start following."""
        state = codec.decode(self.saved, TailState) if self.saved else None
        self.follower = Follower(self.path, start=self.start, saved=state)

    @property
    def state(self) -> TailState:
        """The follower's state."""
        return self.follower.state

    def poll(self, limit: int = 1 << 20) -> str:
        """Look once; return the text that was handed out."""
        found = self.follower.poll(limit)
        self.blocks += found
        return "".join(block.data.decode() for block in found)

    def save(self) -> bytes:
        """Return the state as the store keeps it."""
        return codec.encode(self.state)

    def restart(self, saved: bytes | None = None) -> None:
        """Stop, and start with what was saved last, or with the state given."""
        self.saved = saved or self.save()
        self.follower.close()
        self.__post_init__()

    def places(self) -> list[tuple[str, int, int]]:
        """Return file, offset and line of all blocks."""
        return [(one.start.file, one.start.offset, one.start.line) for one in self.blocks]


@pytest.fixture
def log(tmp_path: Path) -> Writer:
    """Return a writer of wrapper.log in a directory of its own."""
    return Writer(tmp_path / "wrapper.log")


@pytest.fixture
def tail(log: Writer) -> Iterator[Callable[..., Tail]]:
    """Return what starts to follow the log."""
    started: list[Tail] = []

    def follow(start: Literal["end", "beginning"] = "beginning", saved: bytes | None = None) -> Tail:
        started.append(Tail(log.path, start, saved))
        return started[-1]

    yield follow
    for one in started:
        one.follower.close()


@pytest.fixture
def nobody() -> Iterator[Path]:
    """Return a directory that all may enter, and be nobody in it: permissions do not stop root."""
    folder = Path(tempfile.mkdtemp(prefix="tail-"))
    user = os.geteuid()
    if user == 0:
        os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o2755)
    if user == 0:
        os.seteuid(NOBODY)
    yield folder
    if user == 0:
        os.seteuid(user)
    shutil.rmtree(folder)

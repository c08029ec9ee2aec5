"""`wmtls` itself, with a tap: the numbers of the lines that were read are committed with the log's memory.

usage: python -m tests.killing.tapped run --config FILE

They change in the transaction in which counters and position change, and say of each line whether it was read
and how often. One log only.
"""

import json
import re
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent import cli, config, engine
from agent.model.block import Block
from agent.pipeline import Pipeline, PipelineOutcome
from agent.store import FILE_NAME

_NUMBER = re.compile(rb"seq=(\d{9}) ")


@dataclass(slots=True)
class Numbers:
    """Numbers that came: spans without a hole, first and one past the last, and those that came again."""

    spans: list[list[int]] = field(default_factory=list)
    again: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Take note of a number; most follow the one before."""
        if self.spans and self.spans[-1][1] == number:
            self.spans[-1][1] += 1
        elif any(first <= number < end for first, end in self.spans):
            self.again.append(number)
        else:
            self.spans.append([number, number + 1])

    def all(self) -> set[int]:
        """Return the numbers, each once."""
        return {number for first, end in self.spans for number in range(first, end)}


def load(state: Path) -> Numbers:
    """Return what was committed in a state directory."""
    file = state / FILE_NAME
    if not file.exists():
        return Numbers()
    with closing(sqlite3.connect(file)) as db:
        tables = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'assemblies'").fetchone()[0]
        rows = db.execute("SELECT state FROM assemblies").fetchall() if tables else []
    for (row,) in rows:
        tap = json.loads(row).get("tap")
        if tap is not None:
            return Numbers(**tap)
    return Numbers()


def tap(numbers: Numbers) -> type[Pipeline]:
    """Return a pipeline that takes note of what it is fed."""

    class Tapped(Pipeline):
        """The pipeline, and the numbers."""

        def feed(self, block: Block) -> list[PipelineOutcome]:
            for found in _NUMBER.finditer(block.data):
                numbers.add(int(found[1]))
            return super().feed(block)

        def save(self) -> bytes:
            told: dict[str, Any] = {"spans": numbers.spans, "again": numbers.again}
            return super().save()[:-1] + b',"tap":' + json.dumps(told).encode() + b"}"

    return Tapped


def main() -> int:
    """Run `wmtls` with the tap."""
    file = Path(sys.argv[sys.argv.index("--config") + 1])
    numbers = load(config.load(file, {}).state.directory)
    engine.Pipeline = tap(numbers)  # type: ignore[attr-defined]
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

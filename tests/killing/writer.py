"""A server that writes numbered lines as fast as it is told to, in a process of its own, and rolls its log.

usage: python -m tests.killing.writer LOG --style STYLE --seconds 60 [--size BYTES] [--keep 3] [--rate LINES]

The styles: `wrapper` rolls by itself, between two lines; with `mv` another renames the log, and the writer
goes on in the renamed file for a while; with `copytruncate` logrotate copies and empties it. Text is written
in pieces of 4 KiB, as stdio does, so that lines are torn. Prints how many lines it wrote, and how often it
rolled.
"""

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

PIECE = 4096
LOGROTATE = shutil.which("logrotate", path="/usr/sbin:/usr/bin:/sbin:/bin")
STYLES = ("wrapper", "mv", "copytruncate")

LINE = "INFO   | jvm 1    | 2026/11/23 12:00:00 | seq=%09d the usual talk of a server that has a lot to do\n"

LINGERED = 2000
"""Lines that a writer still puts into a file that was renamed."""

COPIES = 500
"""Copies that logrotate keeps: all, so that every line that it did not lose is still there at the end."""


@dataclass(frozen=True, slots=True)
class Pace:
    """For how long and how fast: lines a second, bytes after which a file rolls, rolled files that stay."""

    seconds: float = 60.0
    size: int = 6 << 20
    rate: int = 10_000
    keep: int = 3


class Log:
    """One log, open for writing."""

    def __init__(self, path: Path, keep: int) -> None:
        self.path, self._keep, self.rolls = path, keep, 0
        self._fd = self._open()

    def write(self, data: bytes) -> None:
        """Write at the end."""
        os.write(self._fd, data)

    def size(self) -> int:
        """Return how long the open file is."""
        return os.fstat(self._fd).st_size

    def reopen(self) -> None:
        """Write to what has the log's name now."""
        os.close(self._fd)
        self._fd = self._open()

    def rename(self) -> None:
        """Rename the files as the wrapper does: the highest number goes, the others move up."""
        names = [
            self.path,
            *(self.path.with_name(f"{self.path.name}.{number}") for number in range(1, self._keep + 1)),
        ]
        names[-1].unlink(missing_ok=True)
        for older, younger in itertools.pairwise(reversed(names)):
            if younger.exists():
                younger.rename(older)
        self.rolls += 1

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)


def pieces(rate: int, seconds: float) -> Iterator[tuple[bytes, int]]:
    """Yield text and the lines begun so far, some of them at a time; the last text ends with a line."""
    begun, carry, start = 0, b"", time.monotonic()
    while (now := time.monotonic() - start) < seconds:
        due = int(now * rate) - begun
        if due < rate // 10:
            time.sleep(0.02)
            continue
        text = carry + "".join(LINE % number for number in range(begun, begun + due)).encode()
        begun += due
        whole = len(text) // PIECE * PIECE
        for at in range(0, whole, PIECE):
            yield text[at : at + PIECE], begun
        carry = text[whole:]
    yield carry, begun


def write(path: Path, style: str, pace: Pace) -> tuple[int, int]:
    """Write and roll; return how many lines were written, and how often was rolled."""
    log, lines, lingering, rotating = Log(path, pace.keep), 0, 0, None
    config = path.with_name("logrotate.conf")
    config.write_text(
        f'"{path}" {{\n  rotate {COPIES}\n  size 1\n  copytruncate\n  nocreate\n  missingok\n}}\n'
    )
    for piece, lines in pieces(pace.rate, pace.seconds):
        text = piece
        if style == "copytruncate":
            if log.size() > pace.size and (rotating is None or rotating.poll() is not None):
                rotating = _rotate(config)
                log.rolls += 1
        elif lingering and lines >= lingering:
            text, lingering = _reopened(log, text), 0
        elif log.size() > pace.size and not lingering:
            log.rename()
            if style == "wrapper":
                text = _reopened(log, text)
            else:
                lingering = lines + LINGERED
        log.write(text)
    if rotating is not None:
        rotating.wait()
    return lines, log.rolls


def _reopened(log: Log, text: bytes) -> bytes:
    """Write the rest of a line to the old file, and return what goes to the new one."""
    cut = text.find(b"\n") + 1
    log.write(text[:cut])
    log.reopen()
    return text[cut:]


def _rotate(config: Path) -> "subprocess.Popen[bytes]":
    if LOGROTATE is None:
        raise SystemExit("logrotate is missing; install it")
    state = config.with_name("logrotate.state")
    return subprocess.Popen([LOGROTATE, "--force", "--state", str(state), str(config)])


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.killing.writer")
    parser.add_argument("log", type=Path)
    parser.add_argument("--style", choices=STYLES, required=True)
    for one in fields(Pace):
        parser.add_argument(f"--{one.name}", type=type(one.default), default=one.default)
    args = parser.parse_args()
    pace = Pace(seconds=args.seconds, size=args.size, rate=args.rate, keep=args.keep)
    lines, rolls = write(args.log, args.style, pace)
    sys.stdout.write(f"{lines} {rolls}\n")


if __name__ == "__main__":
    main()

"""A log that is written and rolled while the agent is killed again and again; what came of each line."""

import dataclasses
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.killing import tapped
from tests.killing.process import ROOT, Agent, Scraper, pause, until
from tests.killing.writer import Pace

_NUMBER = re.compile(rb"seq=(\d{9}) [^\n]*\n")


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a storm.

    `lost` are lines that were not read though they are on disk, or though no gap was told. `gone` are those
    that nobody can have: lost by logrotate between copying and truncating, or in files that made room for
    others while the agent was down; `gaps` were told then. `fell` are counters that a scrape showed less of
    than the one before.
    """

    style: str
    written: int
    rolls: int
    kills: int
    scrapes: int
    lost: tuple[int, ...]
    doubled: tuple[int, ...]
    gone: int
    gaps: int
    fell: tuple[tuple[str, float, float], ...]
    counted: int
    read: int

    @property
    def exact(self) -> bool:
        """Whether each line was read once and counted once, and no counter went back.

        What logrotate tore counts as a line of its own.
        """
        whole = self.counted == self.read if self.style != "copytruncate" else self.counted >= self.read
        return whole and not (self.lost or self.doubled or self.fell)


def settle(agent: Agent) -> None:
    """Wait until nothing more is read, for a second."""
    last, same = -1.0, 0

    def still() -> bool:
        nonlocal last, same
        now = agent.total("wmtls_log_lines_read_total")
        last, same = now, same + 1 if now == last else 0
        return same > 20

    if not until(still):
        raise AssertionError("the agent did not come to an end")


def play(place: Path, style: str, pace: Pace) -> Outcome:
    """Write for some seconds, and kill the agent 50 to 800 ms after each of its starts."""
    dice = random.Random(style)  # noqa: S311 - dice, no secret
    agent = Agent(place, module="tests.killing.tapped")
    options = [f"--{name}={value}" for name, value in dataclasses.asdict(pace).items()]
    command = [sys.executable, "-m", "tests.killing.writer", str(agent.log), "--style", style, *options]
    agent.start()
    scraper, kills = Scraper(agent), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        while writer.poll() is None:
            pause(dice.uniform(0.05, 0.8))
            agent.end(signal.SIGKILL)
            kills += 1
            agent.start()
        said = writer.stdout.read() if writer.stdout is not None else ""
    written, rolls = map(int, said.split())
    settle(agent)
    scraper.stop()
    counters = agent.counters()
    gaps = int(sum(value for name, value in counters.items() if name.startswith("wmtls_log_gaps_total")))
    counted = int(agent.total("wmtls_log_lines_read_total"))
    agent.end(signal.SIGTERM)
    numbers = tapped.load(agent.state)
    read = numbers.all()
    there = {
        int(number)
        for file in agent.log.parent.glob("wrapper.log*")
        for number in _NUMBER.findall(file.read_bytes())
    }
    missing = set(range(written)) - read
    lost = missing & there if gaps else missing
    return Outcome(
        style=style,
        written=written,
        rolls=rolls,
        kills=kills,
        scrapes=scraper.scrapes,
        lost=tuple(sorted(lost)),
        doubled=tuple(numbers.again),
        gone=len(missing - lost),
        gaps=gaps,
        fell=tuple(scraper.fell),
        counted=counted,
        read=len(read) + len(numbers.again),
    )

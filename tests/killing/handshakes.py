"""Handshakes that fail, written piece by piece while the log rolls and the agent is killed amid them."""

import json
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.store import Store
from tests.killing.process import ROOT, Agent, Receiver, Scraper, pause, until
from tests.killing.storm import settle

CASE = ROOT / "tests/corpus/jsse/8.srv-self-signed.client.ssl-handshake/wrapper.log"
"""A real log, in which a client refuses the certificate of a server that it names, twice."""

HOSTS = 12
"""Servers that are refused in turn: fewer than would be told as a storm."""

ROLL = 300_000
"""Bytes after which the log rolls."""

_TIME = re.compile(rb"2026([-/])11[-/]\d\d \d\d:\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often each server's certificate was refused by the log itself, by the state, and by the messages.

    `opened` counts the different messages that opened an incident, by server; `posts` all posts, and `ids`
    the different ones among them. `failures` is what /metrics shows.
    """

    written: dict[str, int]
    counted: dict[str, int]
    opened: dict[str, int]
    failures: int
    kills: int
    rolls: int
    posts: int
    ids: int
    fell: tuple[tuple[str, float, float], ...]

    @property
    def exact(self) -> bool:
        """Whether each failure was counted once, and each incident told under one id."""
        once = dict.fromkeys(self.written, 1)
        total = sum(self.written.values())
        return (self.written, self.opened, self.failures, self.fell) == (self.counted, once, total, ())


def stream(copies: int) -> bytes:
    """Return handshakes as the server would have printed them just now, each on a thread of its own."""
    now = datetime.now(UTC)
    text = CASE.read_bytes()
    text = _TIME.sub(
        lambda found: now.strftime(f"%Y{found[1].decode()}%m{found[1].decode()}%d %H:%M:%S").encode(), text
    )
    return b"".join(
        text.replace(b"is.acme.example", f"h{number % HOSTS:02}.acme.example".encode())
        .replace(b"Thread c12", f"Thread c{2 * number + 100}".encode())
        .replace(b"Thread c13", f"Thread c{2 * number + 101}".encode())
        for number in range(copies)
    )


def play(place: Path, *, copies: int, kills: int, seed: int = 0) -> Outcome:
    """Write so many copies of the handshakes and kill the agent so often."""
    dice = random.Random(seed)  # noqa: S311 - dice, no secret
    receiver = Receiver()
    agent = Agent(place, receiver=receiver)
    data = stream(copies)
    whole = place / "whole.log"
    whole.write_bytes(data)
    agent.log.touch()
    agent.start()
    scraper, killed, rolls, at = Scraper(agent), 0, 0, 0
    dying = sorted(dice.sample(range(len(data)), kills))
    while at < len(data):
        size, full = dice.randint(200, 20_000), agent.log.exists() and agent.log.stat().st_size > ROLL
        if full:  # it rolls between two lines, as the wrapper does
            size = (data.find(b"\n", at + size) + 1 or len(data)) - at
        with agent.log.open("ab") as log:
            log.write(data[at : at + size])
        at += size
        if full:
            roll(agent.log)
            rolls += 1
        if killed < len(dying) and at > dying[killed]:
            agent.end(signal.SIGKILL)
            killed += 1
            for _ in range(dice.randint(0, 5)):
                with agent.log.open("ab") as log:
                    log.write(data[at : at + 3000])
                at += 3000
            agent.start()
        pause(dice.uniform(0, 0.03))
    settle(agent)
    until(lambda: agent.total("wmtls_delivery_queue_length") == 0)
    failures = int(agent.total("wmtls_handshake_failures_total"))
    scraper.stop()
    agent.end(signal.SIGTERM)
    receiver.stop()
    opened = {post["id"]: post for post in receiver.posts if post["type"] == "incident.opened"}
    return Outcome(
        written=explained(whole),
        counted=remembered(agent.state),
        opened=dict(Counter(post["handshake"]["server_name"] for post in opened.values())),
        failures=failures,
        kills=killed,
        rolls=rolls,
        posts=len(receiver.posts),
        ids=len({post["id"] for post in receiver.posts}),
        fell=tuple(scraper.fell),
    )


def roll(log: Path) -> None:
    """Roll as the wrapper does; all files stay."""
    numbers = sorted((int(file.suffix[1:]) for file in log.parent.glob("wrapper.log.*")), reverse=True)
    for number in numbers:
        log.with_name(f"wrapper.log.{number}").rename(log.with_name(f"wrapper.log.{number + 1}"))
    log.rename(log.with_name("wrapper.log.1"))


def explained(log: Path) -> dict[str, int]:
    """Return the failures by server that are in a log, read at once."""
    command = [sys.executable, "-m", "agent", "explain", "--format", "jsonl", str(log)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(Counter(one["server_name"] for one in told if one["kind"] == "handshake"))


def remembered(state: Path) -> dict[str, int]:
    """Return the failures of each open incident, by server, as they were committed."""
    with Store.open(state) as store:
        lives = [json.loads(life) for life in store.load().open_incidents.values()]
    return {life["other_side"].removeprefix("server_name "): life["count"] for life in lives}

"""How long a new line of one log waits while others are far behind.

    python -m bench.fairness [--gigabytes 1] [--behind 1]

The real engine, with its store on disk, follows a log of real handshakes of that size (or several that have
the size together), and one more to which a line is written every tenth of a second. Printed is the time from
a line's newline to the commit that counted it, and how fast the backlog was read meanwhile.
"""

import argparse
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from agent import config
from agent.engine import Clock, Doors, Engine
from agent.knowledge import catalogue
from agent.store import Store
from agent.telemetry.metrics import Snapshot

CAPTURES = Path(__file__).parent.parent / "demo" / "captures"
PERIOD = 0.1
LINES = ("wmtls_log_lines_read_total", ("live",))
BYTES = "wmtls_log_bytes_read_total"


class Latency:
    """When each line was written, and when it was counted."""

    def __init__(self) -> None:
        self.written: list[float] = []
        self.waited: list[float] = []
        self.read = 0.0

    def publish(self, snapshot: Snapshot) -> None:
        """Note what is committed now."""
        now = time.monotonic()
        self.waited += [now - at for at in self.written[len(self.waited) : int(snapshot.counters[LINES])]]
        self.read = sum(value for (name, _), value in snapshot.counters.items() if name == BYTES)


def backlog(path: Path, size: int) -> None:
    """Write real handshakes, again and again."""
    text = b"".join(one.read_bytes() for one in sorted(CAPTURES.iterdir()))
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(text)


def write(path: Path, latency: Latency, ended: threading.Event) -> None:
    """Write a line now and then."""
    with path.open("ab", buffering=0) as file:
        while not ended.wait(PERIOD):
            file.write(b"INFO   | jvm 1    | 2026/11/23 07:49:02 | something happened\n")
            latency.written.append(time.monotonic())


def measure(folder: Path, size: int, behind: int) -> str:
    """Return one line: how long lines waited while everything was read."""
    names = [f"behind{number}" for number in range(behind)]
    for name in names:
        backlog(folder / f"{name}.log", size // behind)
    (folder / "live.log").touch()
    (folder / "config.toml").write_text(
        "".join(
            f'[[log]]\nname = "{name}"\npath = "{folder / name}.log"\nstart = "beginning"\n'
            for name in (*names, "live")
        )
    )
    settings, latency, ended = config.load(folder / "config.toml", {}), Latency(), threading.Event()
    clock = Clock(now=lambda: datetime.now(UTC), seconds=time.monotonic)
    doors = Doors(clock=clock, zone=UTC, publish=latency.publish, announce=lambda: None)
    with Store.open(folder / "state") as store:
        engine = Engine(settings, store, catalogue.load(), doors)
        writer = threading.Thread(target=write, args=(folder / "live.log", latency, ended))
        writer.start()
        began = time.monotonic()
        while engine.turn():
            pass
        spent = time.monotonic() - began
        ended.set()
        writer.join()
        engine.close()
    waited = sorted(latency.waited)
    return (
        f"{behind:>4} behind, {latency.read / 1e6:,.0f} MB at {latency.read / 1e6 / spent:.0f} MB/s; "
        f"{len(waited)} lines waited {waited[len(waited) // 2]:.2f} s (median), "
        f"{waited[int(len(waited) * 0.99)]:.2f} s (99 %), {waited[-1]:.2f} s (longest)"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--behind", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(measure(Path(folder), int(options.gigabytes * 1e9), options.behind) + "\n")


if __name__ == "__main__":
    main()

"""The agent as a process of its own, on one log."""

import json
import subprocess
import sys
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, Signals

from tests.following.world import append, lines, text

ROOT = Path(__file__).parent.parent.parent

DEADLINE = 120.0
"""Seconds after which a test gives up waiting; what is waited for takes a few."""


class Process:
    """Writes a log, and starts and ends an agent that reads it from its beginning.

    `scraped` are the counted lines as /metrics showed them, in the order in which they were asked for.
    """

    def __init__(self, place: Path) -> None:
        self.log = place / "logs" / "wrapper.log"
        self.log.parent.mkdir()
        self.written = 0
        self.scraped: list[int] = []
        self.address = ""
        self._config = place / "config.toml"
        self._config.write_text(
            f'[[log]]\nname = "is"\npath = "{self.log}"\nstart = "beginning"\n'
            f'[state]\ndirectory = "{place / "state"}"\n[http]\nlisten = "127.0.0.1:0"\n'
        )
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """The number of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def write(self, count: int) -> None:
        """Append numbered lines in one write."""
        append(self.log, text(lines(self.written, count)))
        self.written += count

    def start(self) -> None:
        """Start the agent and wait until it listens."""
        self._process = subprocess.Popen(  # noqa: S603  (our own command)
            [sys.executable, "-m", "agent", "run", "--config", str(self._config)],
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        listening = threading.Event()
        self._reader = threading.Thread(target=self._listen, args=(self._process, listening))
        self._reader.start()
        assert listening.wait(DEADLINE)

    def _listen(self, process: "subprocess.Popen[str]", listening: threading.Event) -> None:
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                event = json.loads(line)
                if event["event"] == "agent.started":
                    self.address = event["listen"]
                    listening.set()

    def stop(self, *signals: Signals) -> int:
        """Send signals and return the exit code."""
        assert self._process is not None
        assert self._reader is not None
        for number in signals:
            self._process.send_signal(number)
        code = self._process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        self._process = None
        return code

    def end(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            self.stop(SIGKILL)

    def scrape(self) -> int:
        """Return the counted lines that /metrics shows; what it showed before while nothing is shown yet."""
        with suppress(OSError), urllib.request.urlopen(f"http://{self.address}/metrics", timeout=30) as page:
            rows = page.read().decode().splitlines()
            found = [row for row in rows if row.startswith('wmtls_log_lines_read_total{log="is"}')]
            self.scraped += [int(float(row.rpartition(" ")[2])) for row in found]
        return self.scraped[-1] if self.scraped else 0

    def wait_for_lines(self, count: int) -> int:
        """Return the counted lines when there are so many."""
        pause, tries = threading.Event(), int(DEADLINE / 0.05)
        for _ in range(tries):
            if self.scrape() >= count:
                return self.scraped[-1]
            pause.wait(0.05)
        raise AssertionError(f"{self.scraped[-1:]} lines, {count} expected")

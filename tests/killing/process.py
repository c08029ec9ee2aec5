"""The agent as a process that is started, asked and killed; and a receiver of its messages."""

import json
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
DEADLINE = 60.0
"""Seconds after which we give up; what is waited for takes a few."""

_PAUSE = threading.Event()


def pause(seconds: float) -> None:
    """Let time pass."""
    _PAUSE.wait(seconds)


def until(holds: Callable[[], bool]) -> bool:
    """Wait until something holds; False if it does not in time."""
    for _ in range(int(DEADLINE / 0.05)):
        if holds():
            return True
        pause(0.05)
    return False


class Receiver(ThreadingHTTPServer):
    """Takes messages of the format `generic`, all posts of them."""

    daemon_threads = True

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def stop(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Agent:
    """`wmtls run` on one log, in a directory of its own; `module` is the agent, or the tapped one."""

    def __init__(self, place: Path, *, module: str = "agent", receiver: Receiver | None = None) -> None:
        self.log, self.state = place / "logs" / "wrapper.log", place / "state"
        self.log.parent.mkdir(exist_ok=True)
        self._config, self._module = place / "config.toml", module
        text = (
            f'[[log]]\nname = "is"\npath = "{self.log}"\nstart = "beginning"\ntime_zone = "UTC"\n'
            f'[state]\ndirectory = "{self.state}"\n[http]\nlisten = "127.0.0.1:0"\n'
        )
        if receiver is not None:
            text += f'[[receiver]]\nname = "ops"\nurl = "{receiver.url}"\n'
        self._config.write_text(text)
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.address = ""
        self.said: list[dict[str, Any]] = []

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = [sys.executable, "-m", self._module, "run", "--config", str(self._config)]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        listening = threading.Event()
        self._reader = threading.Thread(target=self._listen, args=(self._process, listening), daemon=True)
        self._reader.start()
        if not listening.wait(DEADLINE):
            raise AssertionError(f"the agent did not start: {self.said[-3:]}")

    def _listen(self, process: "subprocess.Popen[str]", listening: threading.Event) -> None:
        if process.stderr is None:
            return
        with process.stderr:
            for line in process.stderr:
                with suppress(ValueError):
                    event = json.loads(line)
                    self.said.append(event)
                    if event["event"] == "agent.started":
                        self.address = event["listen"]
                        listening.set()

    def end(self, number: int = signal.SIGKILL) -> int:
        """Send a signal; return the exit code."""
        if self._process is None or self._reader is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        self._process = None
        return code

    def counters(self) -> dict[str, float]:
        """Return what /metrics shows, by name and labels; {} while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=5) as answer:
                rows = answer.read().decode().splitlines()
        except (OSError, ValueError):
            return {}
        return {
            row.rpartition(" ")[0]: float(row.rpartition(" ")[2]) for row in rows if row[:1] not in {"#", ""}
        }

    def total(self, name: str) -> float:
        """Return the sum of a metric over its labels."""
        return sum(value for row, value in self.counters().items() if row.partition("{")[0] == name)


class Scraper:
    """Asks for the counters again and again, as Prometheus does, and notes each that is less than before."""

    def __init__(self, agent: Agent) -> None:
        self.fell: list[tuple[str, float, float]] = []
        self.scrapes = 0
        self._agent, self._last = agent, dict[str, float]()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(0.03):
            now = self._agent.counters()
            self.scrapes += bool(now)
            for name, value in now.items():
                if not name.startswith("wmtls_") or "_total" not in name:
                    continue
                if value < self._last.get(name, 0):
                    self.fell.append((name, self._last[name], value))
                self._last[name] = value

    def stop(self) -> None:
        """Ask no more."""
        self._over.set()
        self._thread.join(DEADLINE)

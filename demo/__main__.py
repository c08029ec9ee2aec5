"""`make demo`: the real agent follows a wrapper.log that is being written from captured handshakes.

On the way the log is rotated, as the wrapper does it, and the agent is killed and started again. What a chat
would get is printed as it arrives; at the end the counters are compared with what was written. Everything
lives in one temporary directory and ends with this program.
"""

import html
import json
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CAPTURES = Path(__file__).parent / "captures"
SECONDS = 20.0
"""How long the writing takes."""

PIECE = 4096
"""Bytes written at once; lines are torn on purpose, as a tailer sees them."""

_CONFIG = """
[[log]]
name = "demo"
path = "{log}"
start = "beginning"
time_zone = "UTC"

[state]
directory = "{state}"

[http]
listen = "127.0.0.1:0"

[[receiver]]
name = "chat"
format = "slack"
url = "http://127.0.0.1:{port}/chat"

[[receiver]]
name = "machine"
format = "generic"
url = "http://127.0.0.1:{port}/machine"

[logging]
format = "json"
"""


def say(text: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Receiver(ThreadingHTTPServer):
    """Takes what the agent posts: prints the chat's message, and notes the ids of the machine's."""

    daemon_threads = True

    def __init__(self) -> None:
        self.incidents: dict[str, str] = {}
        self.posts = 0
        super().__init__(("127.0.0.1", 0), _Handler)

    def chat(self, message: dict[str, Any]) -> None:
        """Print a message as a chat would show it: the first one whole, of the others the first line."""
        say(f"  chat | {message['text']}")
        if self.posts:
            return
        for block in message["blocks"][1:]:
            parts = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
            for line in "\n".join(html.unescape(part["text"]) for part in parts if part).splitlines():
                say("       | " + textwrap.shorten(line.replace("*", ""), 100, placeholder=" ..."))


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/chat":
            self.server.chat(body)
        else:
            self.server.posts += 1
            if body["issue"] is not None:  # a trouble of the agent itself has none
                self.server.incidents[body["id"]] = body["issue"]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Keep the screen for the messages."""


class Agent:
    """`wmtls run` as a process of its own."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self.address = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it says where it listens."""
        command = [sys.executable, "-m", "agent", "run", "--config", str(self._config)]
        self._process = subprocess.Popen(  # noqa: S603  (our own command)
            command, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        ready = threading.Event()
        threading.Thread(target=self._listen, args=(self._process, ready), daemon=True).start()
        if not ready.wait(20):
            raise SystemExit("the agent did not start; run it by hand: wmtls run --config FILE")

    def _listen(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        assert process.stderr is not None  # noqa: S101  (opened as a pipe)
        for line in process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                say(f"  agent | {line.rstrip()}")
                continue
            if event["event"] == "agent.started":
                self.address = event["listen"]
                ready.set()
            if event["event"].startswith(("tail.rotated", "tail.gap", "store.")):
                say(f"  agent | {event['event']}")

    def stop(self, number: int) -> int:
        """Send a signal, wait, and return the exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(number)
        return self._process.wait(20)

    def counters(self) -> Counter[str]:
        """Return the failures by issue that /metrics shows."""
        try:
            with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=5) as answer:
                text = answer.read().decode()
        except (urllib.error.URLError, OSError):
            return Counter()
        found: Counter[str] = Counter()
        for line in text.splitlines():
            if line.startswith("wmtls_handshake_failures_total{"):
                issue = line.partition('issue="')[2].partition('"')[0]
                found[issue] += int(float(line.rpartition(" ")[2]))
        return +found


def write(log: Path, agent: Agent) -> None:
    """Write the captures piece by piece; rotate and kill on the way."""
    whole = b"".join(capture.read_bytes() for capture in sorted(CAPTURES.glob("*.log")))
    pieces = [whole[i : i + PIECE] for i in range(0, len(whole), PIECE)]
    roll, kill = len(pieces) // 3, len(pieces) * 2 // 3
    shown: Counter[str] = Counter()
    for number, piece in enumerate(pieces):
        with log.open("ab") as file:
            file.write(piece)
        if number == roll:
            say("-- the wrapper rolls its log: wrapper.log becomes wrapper.log.1")
            log.rename(log.with_name("wrapper.log.1"))
        if number == kill:
            say("-- kill -9: the agent dies without a word; the server writes on")
            agent.stop(signal.SIGKILL)
        if number == kill + len(pieces) // 10:
            say("-- the agent is started again")
            agent.start()
        if number % max(1, len(pieces) // 40) == 0:
            shown = show(agent, shown)
        time.sleep(SECONDS / len(pieces))  # noqa: TID251  (a demo is watched at a person's pace)


def show(agent: Agent, shown: Counter[str]) -> Counter[str]:
    """Print the counters when they have changed."""
    counted = agent.counters()
    if counted and counted != shown:
        say("  /metrics | " + ", ".join(f"{issue} {n}" for issue, n in sorted(counted.items())))
        return counted
    return shown


def explained(*logs: Path) -> Counter[str]:
    """Return the failures by issue that `wmtls explain` finds when it reads the finished files at once."""
    command = [sys.executable, "-m", "agent", "explain", "--format", "jsonl", *map(str, logs)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)  # noqa: S603  (our own)
    summary = json.loads(done.stdout.splitlines()[-1])
    return Counter(summary["failures"])


def settled(agent: Agent, receiver: Receiver, wanted: Counter[str]) -> bool:
    """Wait until counters are right and each issue was heard of; False after a while."""
    for _ in range(60):
        if agent.counters() == wanted and set(receiver.incidents.values()) == set(wanted):
            return True
        time.sleep(0.25)  # noqa: TID251  (as above)
    return False


def main() -> int:
    """Run the demo; 0 if nothing was lost and nothing was counted twice."""
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="wmtls-demo-") as name:
        place = Path(name)
        log = place / "logs" / "wrapper.log"
        log.parent.mkdir()
        config = place / "config.toml"
        config.write_text(
            _CONFIG.format(log=log, state=place / "state", port=receiver.server_address[1]), encoding="utf-8"
        )
        agent = Agent(config)
        try:
            agent.start()
            say(f"-- the agent follows {log} and serves http://{agent.address}/metrics")
            write(log, agent)
            wanted = explained(log.with_name("wrapper.log.1"), log)
            right = settled(agent, receiver, wanted)
            show(agent, Counter())
        finally:
            code = agent.stop(signal.SIGTERM)
            receiver.shutdown()
            receiver.server_close()
    say(f"-- written and, by `wmtls explain`, really in the log: {wanted.total()} failed handshakes")
    say(f"-- counted on /metrics over the kill: {'the same' if right else 'NOT the same'}")
    say(f"-- messages received: {len(receiver.incidents)}, of {len(set(receiver.incidents.values()))} issues")
    say(f"-- the agent left with code {code}; nothing is left running")
    return 0 if right and code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())

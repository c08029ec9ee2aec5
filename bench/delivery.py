"""What reaches a receiver: how soon when all is well, whether all of it when nothing is, and at what cost.

    python -m bench.delivery [--failures 1000] [--kills 20] [--dead 100000] [calm] [chaos] [dead]

The real agent follows logs that are being written, and posts to receivers in this process. Each failure is of
another other side, an incident of its own; so that they are no storm there are as many logs as it takes.

calm   A receiver that answers. Time from the last line of a failed handshake to its message; for 2 seconds of
       it more reports of the same failure are waited for, which the log dates to whole seconds.
chaos  A receiver that answers 200, 429 with Retry-After and 500, hangs, resets and is gone for a while, at
       random, while the agent is killed (SIGKILL). Incidents that arrived and that were lost, messages that
       came again with the same id, and incidents that were told under two ids.
dead   A receiver that is never there. Memory of the agent, messages that wait and size of the state.
"""

import argparse
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIDES = 20
"""Other sides that fail in one log: as many as are told one by one within ten minutes."""
SEED = 20261123
DEADLINE = 1_800.0

_FAILED = """\
javax.net.ssl|FINE|{tid:X}|worker {tid}|{when} UTC|ClientHello.java:1|Produced ClientHello handshake message (
"ClientHello": {{
  "client version"      : "TLSv1.2",
  "session id"          : "",
  "cipher suites"       : "[TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384(0xC030)]",
  "extensions"          : [
    "server_name (0)": {{
      type=host_name (0), value={name}
    }},
    "supported_versions (43)": {{
      "versions": [TLSv1.2]
    }}
  ]
}}
)
javax.net.ssl|SEVERE|{tid:X}|worker {tid}|{when} UTC|TransportContext.java:324|\
Fatal (HANDSHAKE_FAILURE): Received fatal alert: handshake_failure (
"throwable" : {{
  javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure
    at sun.security.ssl.Alert.createSSLException(Alert.java:131)}}

)
javax.net.ssl|FINE|{tid:X}|worker {tid}|{when} UTC|SSLSocketImpl.java:1|close the underlying socket
javax.net.ssl|FINE|{tid:X}|worker {tid}|{when} UTC|SSLSocketImpl.java:1|close the SSL connection (initiative)
"""


def failure(number: int) -> str:
    """Return the lines of one failed handshake, by the wrapper."""
    now = datetime.now(UTC)
    prefix = now.strftime("INFO   | jvm 1    | %Y/%m/%d %H:%M:%S | ")
    when = now.isoformat(sep=" ", timespec="milliseconds").partition("+")[0]
    text = _FAILED.format(tid=number % 500 + 16, when=when, name=side(number))
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


def side(number: int) -> str:
    """Return the name of the other side."""
    return f"side-{number}.example.com"


@dataclass
class Posts:
    """What a receiver got: how often each id, under which ids each other side, and when that was first."""

    ids: Counter[str] = field(default_factory=Counter)
    opened: dict[str, set[str]] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    summarised: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: dict[str, object], at: float) -> None:
        """Take a message that was answered with 200, or whose answer may have got lost."""
        with self.turn:
            name = str(body["id"])
            self.ids[name] += 1
            handshake, storm = body["handshake"], body["storm"]
            if isinstance(storm, dict):
                self.summarised += int(storm["kinds"])
            if isinstance(handshake, dict) and body["type"] in {"incident.opened", "incident.resolved"}:
                server = str(handshake["server_name"])
                if body["type"] == "incident.opened":
                    self.opened.setdefault(server, set()).add(name)
                self.heard.setdefault(server, at)


Answer = Callable[["Handler"], bool]
"""Answers a request; says whether the receiver took the message."""


class Handler(BaseHTTPRequestHandler):
    """Reads a message, and lets the server's mood answer."""

    server: "Receiver"

    def do_POST(self) -> None:
        """Take a message as the mood wants it."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        at = time.monotonic()
        if self.server.mood()(self):
            self.server.posts.take(body, at)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Receiver(ThreadingHTTPServer):
    """A receiver with a mood."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, mood: Callable[[], Answer], port: int = 0, posts: Posts | None = None) -> None:
        self.mood, self.posts = mood, posts or Posts()
        super().__init__(("127.0.0.1", port), Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """Say nothing of callers that are killed."""

    def gone(self) -> None:
        """Close the door."""
        self.shutdown()
        self.server_close()


def _status(code: int, **headers: str) -> Answer:
    def answer(handler: Handler) -> bool:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return code == 200  # noqa: PLR2004  (OK)

    return answer


def _hang(handler: Handler) -> bool:
    handler.connection.settimeout(30)
    with suppress(OSError):
        handler.connection.recv(1)
    return False


def _reset(handler: Handler) -> bool:
    linger_none = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_none)
    handler.connection.close()
    return False


CHAOS = (
    (90, _status(200)),
    (3, _status(500)),
    (3, _status(429, Retry_After="1")),
    (3, _reset),
    (1, _hang),
)
"""Answers and how many in a hundred."""


@dataclass
class Agent:
    """`wmtls run` as a process of its own."""

    config: Path
    process: "subprocess.Popen[bytes] | None" = None
    address: str = ""

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = [sys.executable, "-m", "agent", "run", "--config", str(self.config)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=ROOT)
        assert self.process.stderr is not None  # noqa: S101  (a pipe)
        for line in self.process.stderr:
            event = json.loads(line)
            if event["event"] == "agent.started":
                self.address = event["listen"]
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def stop(self, number: int) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def metrics(self) -> dict[str, float]:
        """Return the sum of each metric's series."""
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=30) as answer:
            found: Counter[str] = Counter()
            for line in answer.read().decode().splitlines():
                if not line.startswith("#"):
                    series, _, value = line.rpartition(" ")
                    found[series.partition("{")[0]] += float(value)  # type: ignore[assignment]
        return dict(found)

    def resident(self) -> float:
        """Return megabytes of memory."""
        assert self.process is not None  # noqa: S101  (it runs)
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def world(logs: int, port: int) -> Iterator[tuple[Path, Agent]]:
    """Give a directory with so many empty logs, and an agent that is not started."""
    with tempfile.TemporaryDirectory(prefix="wmtls-bench-") as name:
        place = Path(name)
        tables = [f'[state]\ndirectory = "{place / "state"}"\n[http]\nlisten = "127.0.0.1:0"\n']
        for number in range(logs):
            path = place / f"wrapper-{number}.log"
            path.touch()
            tables.append(f'[[log]]\nname = "log{number}"\npath = "{path}"\nstart = "beginning"\n')
        tables.append(
            f'[[receiver]]\nname = "ops"\nurl = "http://127.0.0.1:{port}/"\nper_minute = 6000\n'
            '[logging]\nformat = "json"\n'
        )
        config = place / "config.toml"
        config.write_text("".join(tables), "utf-8")
        agent = Agent(config)
        try:
            yield place, agent
        finally:
            agent.stop(signal.SIGKILL)


def write(place: Path, logs: int, number: int) -> None:
    """Let one more handshake fail, in the log whose turn it is."""
    with (place / f"wrapper-{number % logs}.log").open("a", encoding="utf-8") as file:
        file.write(failure(number))


def calm(failures: int) -> None:
    """Print the time from line to receiver."""
    logs = -(-failures // SIDES)
    receiver = Receiver(lambda: _status(200))
    written: dict[str, float] = {}
    with world(logs, receiver.server_port) as (place, agent):
        agent.start()
        for number in range(failures):
            write(place, logs, number)
            written[side(number)] = time.monotonic()
            time.sleep(0.05)
        until(lambda: len(receiver.posts.heard) >= failures, 60)
        spent = agent.metrics()["process_cpu_seconds_total"]
        agent.stop(signal.SIGTERM)
    receiver.gone()
    seconds = sorted(at - written[name] for name, at in receiver.posts.heard.items())
    median, p99 = statistics.median(seconds), seconds[int(len(seconds) * 0.99)]
    print(
        f"calm   {failures} failures in {logs} logs: {len(seconds)} told; from line to receiver "
        f"median {median:.2f} s, p99 {p99:.2f} s, worst {seconds[-1]:.2f} s; "
        f"{spent / failures * 1000:.0f} ms of CPU for each, the start included"
    )


def chaos(failures: int, kills: int) -> bool:
    """Print what arrived through it all; return whether nothing was lost or told under two ids."""
    logs = -(-failures // SIDES)
    dice = random.Random(SEED)  # noqa: S311  (a seed, so that it can be repeated)
    answers, weights = [answer for _, answer in CHAOS], [weight for weight, _ in CHAOS]

    def mood() -> Answer:
        return dice.choices(answers, weights)[0]

    receiver = Receiver(mood)
    port, posts = receiver.server_port, receiver.posts
    begun = time.monotonic()
    with world(logs, port) as (place, agent):
        agent.start()
        for number in range(failures):
            write(place, logs, number)
            if kills and number % (failures // kills) == failures // kills // 2:
                time.sleep(dice.uniform(0.1, 3))
                agent.stop(signal.SIGKILL)
                agent.start()
            if number % (failures // 3) == failures // 6:
                receiver.gone()
                time.sleep(5)
                receiver = Receiver(mood, port, posts)
        until(lambda: len(posts.heard) + posts.summarised >= failures, DEADLINE)
        until(lambda: agent.metrics()["wmtls_delivery_queue_length"] == 0, DEADLINE)
        counted = agent.metrics()
        agent.stop(signal.SIGTERM)
    receiver.gone()
    lost = max(0, failures - len(posts.heard) - posts.summarised)
    twice = sum(len(ids) > 1 for ids in posts.opened.values())
    again = sum(count - 1 for count in posts.ids.values())
    print(
        f"chaos  {failures} failures in {logs} logs, {kills} kills, {time.monotonic() - begun:.0f} s: "
        f"{len(posts.heard)} incidents delivered, {posts.summarised} more in summaries, {lost} lost; "
        f"{again} messages came again with the same id, "
        f"{twice} incidents under two ids; counted on /metrics: "
        f"{counted['wmtls_handshake_failures_total']:.0f} failures, "
        f"{counted['wmtls_deliveries_total']:.0f} attempts, "
        f"{counted['wmtls_delivery_failures_total']:.0f} of them failed"
    )
    return lost == 0 and twice == 0 and counted["wmtls_handshake_failures_total"] == failures


def dead(failures: int) -> None:
    """Print what a receiver that is never there costs."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        with world(1, port) as (place, agent):
            agent.start()
            print("dead   failures   memory MB   messages waiting   state MB")
            done = 0
            for share in (0, 1, 2, 4, 8, 16):
                end = failures * share // 16
                with (place / "wrapper-0.log").open("a", encoding="utf-8") as file:
                    file.writelines(failure(number) for number in range(done, end))
                done = end
                until(lambda: agent.metrics().get("wmtls_handshake_failures_total", 0) >= done, DEADLINE)  # noqa: B023
                time.sleep(2)
                size = sum(file.stat().st_size for file in (place / "state").iterdir()) / 1e6
                waiting = agent.metrics()["wmtls_delivery_queue_length"]
                print(f"       {done:>8,}   {agent.resident():>9.1f}   {waiting:>16.0f}   {size:>8.1f}")
            agent.stop(signal.SIGTERM)


def until(there: Callable[[], bool], seconds: float) -> None:
    """Wait until something is so, or for so long."""
    end = time.monotonic() + seconds
    while not there() and time.monotonic() < end:
        time.sleep(0.2)


def main() -> int:
    """Run what is asked for, all of it unless told otherwise."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=["calm", "chaos", "dead"])
    parser.add_argument("--failures", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--dead", type=int, default=100_000)
    options = parser.parse_args()
    right = True
    if "calm" in options.parts:
        calm(min(options.failures, 400))
    if "chaos" in options.parts:
        right = chaos(options.failures, options.kills)
    if "dead" in options.parts:
        dead(options.dead)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())

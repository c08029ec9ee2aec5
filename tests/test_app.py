"""The agent as a process: what it reads, counts and sends, over kills and restarts."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agent import app, cli
from agent.errors import ConfigError
from agent.store import Commit, Store
from tests.test_store import incident

ROOT = Path(__file__).parent.parent
DEADLINE = 30.0
"""Seconds after which a test gives up waiting; what is waited for takes a few."""

REFUSED = """\
jvm 1    | ssl_debug({n}): Received certificate handshake message with server certificate.
jvm 1    | ssl_debug({n}): Sending alert: Alert Fatal: bad certificate
jvm 1    | ssl_debug({n}): Shutting down SSL layer...
jvm 1    | ssl_debug({n}): SSLException while handshaking: Server certificate rejected by ChainVerifier
jvm 1    | ssl_debug({n}): Closing transport...
"""


class Receiver(ThreadingHTTPServer):
    """Takes incidents and tells waiting tests."""

    daemon_threads = True

    def __init__(self) -> None:
        self.incidents: list[dict[str, object]] = []
        self.changed = threading.Condition()
        super().__init__(("127.0.0.1", 0), _Handler)

    def ids(self) -> set[object]:
        """Return the ids that came, each once."""
        return {one["id"] for one in self.incidents}

    def wait_for(self, number: int) -> list[dict[str, object]]:
        """Return the incidents when so many different ones are there."""
        with self.changed:
            enough = self.changed.wait_for(
                lambda: len({one["id"] for one in self.incidents}) >= number, DEADLINE
            )
            assert enough, f"{len(self.incidents)} incidents came"
            return list(self.incidents)


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.changed:
            self.server.incidents.append(body)
            self.server.changed.notify_all()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class World:
    """A log directory, a configuration, and the agent's process."""

    place: Path
    receiver: Receiver
    process: "subprocess.Popen[str] | None" = None
    reader: threading.Thread | None = None
    address: str = ""
    said: list[dict[str, object]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """The live log."""
        return self.place / "wrapper.log"

    @property
    def config(self) -> Path:
        """The configuration, written when first asked for."""
        file = self.place / "config.toml"
        if not file.exists():
            port = self.receiver.server_address[1]
            file.write_text(
                f'[[log]]\nname = "is"\npath = "{self.log}"\nstart = "beginning"\n'
                f'[state]\ndirectory = "{self.place / "state"}"\n[http]\nlisten = "127.0.0.1:0"\n'
                f'[[receiver]]\nname = "ops"\nurl = "http://127.0.0.1:{port}/hook-with-a-secret"\n'
            )
        return file

    def start(self) -> None:
        """Start the agent and wait until it listens."""
        self.process = subprocess.Popen(  # noqa: S603  (our own command)
            [sys.executable, "-m", "agent", "run", "--config", str(self.config)],
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        listening = threading.Event()
        self.reader = threading.Thread(target=self._listen, args=(self.process, listening))
        self.reader.start()
        assert listening.wait(DEADLINE), self.said

    def _listen(self, process: "subprocess.Popen[str]", listening: threading.Event) -> None:
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                event = json.loads(line)
                self.said.append(event)
                if event["event"] == "agent.started":
                    self.address = event["listen"]
                    listening.set()

    def stop(self, number: int) -> int:
        """Send a signal and return the exit code."""
        assert self.process is not None
        assert self.reader is not None
        self.process.send_signal(number)
        code = self.process.wait(DEADLINE)
        self.reader.join(DEADLINE)
        self.process = None
        return code

    def get(self, path: str) -> tuple[int, str]:
        """Return status and text of a page."""
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def failures(self) -> float:
        """Return all failures that /metrics shows."""
        _, text = self.get("/metrics")
        rows = [row for row in text.splitlines() if row.startswith("wmtls_handshake_failures_total{")]
        return sum(float(row.rpartition(" ")[2]) for row in rows)

    def wait_for_failures(self, number: int) -> None:
        """Wait until /metrics shows so many."""
        patience = threading.Event()
        for _ in range(int(DEADLINE / 0.05)):
            if self.failures() >= number:
                return
            patience.wait(0.05)
        raise AssertionError(f"{self.failures()} failures were counted")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give a directory, a receiver that listens, and no process left behind."""
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    world = World(tmp_path, receiver)
    yield world
    if world.process is not None:
        world.stop(signal.SIGKILL)
    receiver.shutdown()
    receiver.server_close()


def append(log: Path, text: str) -> None:
    """Let the server write."""
    with log.open("a") as file:
        file.write(text)


def test_a_failure_reaches_the_receiver_and_the_counters(world: World) -> None:
    """The main job: a growing log in, an incident and a counter out, and a clean stop."""
    world.log.touch()
    world.start()
    append(world.log, REFUSED.format(n=1))
    (incident,) = world.receiver.wait_for(1)

    assert incident["issue"] == "server_certificate_rejected"
    assert incident["article_issue"] == 3
    assert incident["log"] == "is"
    assert world.failures() == 1
    assert world.get("/-/healthy")[0] == 200
    assert world.get("/-/ready")[0] == 200
    assert world.stop(signal.SIGTERM) == 0


def test_killed_again_and_again_nothing_is_lost_or_counted_twice(world: World) -> None:
    """SIGKILL amid handshakes, rotation while the agent is dead: each counts once, all are one incident."""
    lines = "".join(REFUSED.format(n=n) for n in range(1, 31)).splitlines(keepends=True)
    pieces = [lines[at : at + 13] for at in range(0, len(lines), 13)]  # cuts within a handshake
    for number, piece in enumerate(pieces):
        append(world.log, "".join(piece))
        if number % 3 == 0:
            world.start()
            world.wait_for_failures(max(1, number * 13 // 5 - 3))
            assert world.stop(signal.SIGKILL) == -signal.SIGKILL
        if number == len(pieces) // 2:
            world.log.rename(world.log.with_name("wrapper.log.1"))
    world.start()
    world.wait_for_failures(30)
    messages = world.receiver.wait_for(1)

    assert world.failures() == 30
    assert {(one["type"], one["id"], one["incident"]) for one in messages} == {
        ("incident.opened", messages[0]["id"], messages[0]["id"])
    }
    assert world.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize("damage", ["file", "record"])
def test_a_damaged_state_is_set_aside_and_told_until_it_is_acknowledged(world: World, damage: str) -> None:
    """The agent works on with a new state, says so in its log, and is not ready until the old one is gone."""
    state = world.place / "state"
    world.log.touch()
    world.start()
    assert world.stop(signal.SIGTERM) == 0
    if damage == "file":
        (state / "wmtls.db").write_bytes(b"torn" * 1000)
    else:
        with closing(sqlite3.connect(state / "wmtls.db")) as db, db:
            db.execute("UPDATE tails SET state = x'00'")
    world.start()
    events = [one["path"] for one in world.said if one["event"] == "store.set_aside"]
    assert events == [str(state / "wmtls.db.corrupt-1")]
    status, text = world.get("/-/ready")
    assert (status, "wmtls.db.corrupt-1" in text) == (503, True)
    for file in state.glob("wmtls.db.corrupt-1*"):
        file.unlink()
    assert world.get("/-/ready")[0] == 200
    assert world.stop(signal.SIGTERM) == 0


def test_the_receivers_url_is_in_nothing_that_is_written(world: World) -> None:
    """The URL is a credential: neither the state, nor a log line, nor a page holds it."""
    append(world.log, REFUSED.format(n=1))
    world.start()
    world.receiver.wait_for(1)
    pages = world.get("/metrics")[1] + world.get("/")[1]
    assert world.stop(signal.SIGINT) == 0

    state = b"".join(file.read_bytes() for file in (world.place / "state").iterdir())
    assert "hook-with-a-secret" not in pages + json.dumps(world.said)
    assert b"hook-with-a-secret" not in state


def test_notify_tells_each_receivers_answer(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A marked sample of every event, and what came of each."""
    assert app.notify_test(world.config) == 0
    incidents = world.receiver.wait_for(9)
    assert [one["test"] for one in incidents] == [True] * 9
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" (HTTP 204) in ")[0] for line in lines[:3]] == [
        *("ops: opened: delivered", "ops: updated: delivered", "ops: resolved: delivered"),
    ]
    assert len(lines) == 9


def test_notify_can_show_what_it_would_send(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is sent, and the URL is not shown."""
    assert app.notify_test(world.config, dry_run=True) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("# ops (generic): opened\nPOST [redacted]\nContent-Type: application/json\n")
    assert "hook-with-a-secret" not in shown
    assert world.receiver.incidents == []


def test_notify_without_a_receiver_says_what_to_add(world: World) -> None:
    """Nothing to test is a mistake in the configuration."""
    text = world.config.read_text().partition("[[receiver]]")[0]
    world.config.write_text(text)
    with pytest.raises(ConfigError, match="add a \\[\\[receiver\\]\\]"):
        app.notify_test(world.config)


def test_the_outbox_can_be_looked_at(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """While the agent runs, and only for receivers that there are."""
    world.log.touch()
    world.start()
    config = ["--config", str(world.config)]
    assert cli.main(["outbox", "list", *config]) == 0
    assert cli.main(["outbox", "retry", *config, "--receiver", "ops"]) == 0
    assert cli.main(["outbox", "drop", *config]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "0 waiting, 0 given up",
        "0 messages will be tried within a minute of the agent's running",
        "0 messages dropped",
    ]
    assert cli.main(["outbox", "drop", "--receiver", "nobody", *config]) == 64
    assert "there is no receiver nobody; there are: ops" in capsys.readouterr().err
    assert world.stop(signal.SIGTERM) == 0


def test_a_url_file_that_is_missing_is_told_with_its_mend(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither start nor test hides behind "connect": both name the file."""
    text = world.config.read_text().replace("url = ", "url_file = ").replace("http://", "")
    world.config.write_text(text)
    assert app.notify_test(world.config) == 1
    assert "cannot be read (No such file or directory)" in capsys.readouterr().out
    world.log.touch()
    world.start()
    assert world.stop(signal.SIGTERM) == 0
    (warning,) = (event for event in world.said if event["event"] == "delivery.url_missing")
    assert "cannot be read (No such file or directory)" in str(warning["advice"])


def test_messages_of_a_receiver_that_was_taken_out_are_told(world: World) -> None:
    """How many wait for it to come back, and how many were given up."""
    now = datetime.now(UTC)  # noqa: TID251  (the agent's process has the real one)
    with Store.open(world.place / "state") as store:
        store.commit(Commit(at=now - timedelta(days=8), outbox=[("gone", incident(1))]))
        store.commit(Commit(at=now, outbox=[("gone", incident(2)), ("ops", incident(2))]))
    world.log.touch()
    world.start()
    assert world.stop(signal.SIGTERM) == 0
    (told,) = (event for event in world.said if event["event"] == "delivery.abandoned")
    assert (told["receiver"], told["waiting"], told["dropped"]) == ("gone", 1, 1)

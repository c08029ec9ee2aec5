"""The engine over a real directory, a real store and a clock that the test turns."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import ANY

import pytest

from agent import codec, config
from agent.engine import QUIET_SECONDS, Clock, Doors, Engine
from agent.errors import StateError
from agent.knowledge import catalogue
from agent.model.block import Block, Where
from agent.model.delivery import Delivery
from agent.model.incident import Incident
from agent.pipeline import CUT_SECONDS, Ended, Pipeline
from agent.roster import HUNG_SECONDS
from agent.store import Commit, Store
from agent.telemetry.metrics import Snapshot
from tests.hanging import hanging

ARTICLE_3 = b"""\
jvm 1    | ssl_debug(1): Received certificate handshake message with server certificate.
jvm 1    | ssl_debug(1): Server sent a 2048 bit RSA certificate, chain has 2 elements.
jvm 1    | ssl_debug(1): Sending alert: Alert Fatal: bad certificate
jvm 1    | ssl_debug(1): Shutting down SSL layer...
jvm 1    | ssl_debug(1): SSLException while handshaking: Server certificate rejected by ChainVerifier
jvm 1    | ssl_debug(1): Closing transport...
"""
CHATTER = b"jvm 1    | 2026-11-23 12:00:00 UTC [ISS.0025.0001I] nothing of ours\n"
JSSE = "javax.net.ssl|ERROR|41|main|2026-11-23 12:00:20.123 UTC|TransportContext.java:1|"
FAILURES = ("wmtls_handshake_failures_total", ("default", "server_certificate_rejected", "client", "iaik"))


@dataclass
class World:
    """A log directory, a store and a clock."""

    place: Path
    seconds: float = 0.0
    shown: list[Snapshot] = field(default_factory=list)
    announced: int = 0
    patience: float = 30.0
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    urgent: list[tuple[str, Incident]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """The live log."""
        return self.place / "wrapper.log"

    @property
    def clock(self) -> Clock:
        """A clock that stands still until the test moves it."""
        start = datetime(2026, 11, 23, 12, tzinfo=UTC)
        return Clock(
            now=lambda: start + timedelta(seconds=self.seconds),
            seconds=lambda: self.seconds,
            patience=self.patience,
        )

    def announce(self) -> None:
        """Count how often the senders were woken."""
        self.announced += 1

    def engine(
        self, store: Store, path: str = "wrapper.log", start: str = "beginning", chat: str = ""
    ) -> Engine:
        """Return an engine with one log and two receivers; `chat` has more keys of the second."""
        file = self.place / "config.toml"
        file.write_text(
            f'[[log]]\nname = "default"\npath = "{self.place / path}"\nstart = "{start}"\n'
            '[[receiver]]\nname = "ops"\nurl = "http://127.0.0.1:9/"\n'
            f'[[receiver]]\nname = "chat"\nurl = "http://127.0.0.1:9/"\n{chat}'
        )
        doors = Doors(
            clock=self.clock,
            zone=UTC,
            publish=self.shown.append,
            announce=self.announce,
            deliveries=lambda: self.deliveries,
            urgent=self.urgent.extend,
        )
        return Engine(config.load(file, {}), store, catalogue.load(), doors)

    def append(self, data: bytes) -> None:
        """Let the server write."""
        with self.log.open("ab") as file:
            file.write(data)

    def turns(self, engine: Engine, seconds: float = 3.0, chatter: bytes = b"") -> None:
        """Turn four times a second for so long, while an application writes its lines."""
        for _ in range(int(seconds * 4)):
            self.seconds += 0.25
            if chatter:
                self.append(chatter)
            engine.turn()

    def failures(self) -> float:
        """Return what /metrics shows."""
        return self.shown[-1].counters[FAILURES]


def told(store: Store, receiver: str = "ops") -> list[str]:
    """Return what waits for a receiver: the event and the trouble or the number of failures."""
    waiting = [json.loads(one.incident) for one in store.letters() if one.receiver == receiver]
    return [
        f"{one['event']} {one['notice']['trouble'] if one['notice'] else one['count']}"
        + (f" {one['resolution']}" if one["resolution"] else "")
        for one in waiting
    ]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Give an empty directory."""
    return World(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an open store beside it."""
    with Store.open(tmp_path / "state") as opened:
        yield opened


def test_a_failure_is_counted_and_waits_for_every_receiver(world: World, store: Store) -> None:
    """One failed handshake: one count, one message, and the receivers are woken."""
    world.append(ARTICLE_3)
    engine = world.engine(store)
    world.turns(engine)

    (waiting,) = store.due("ops", world.clock.now(), 10)
    incident = json.loads(waiting.incident)
    assert world.failures() == 1
    assert world.announced == 1
    assert incident["failure"]["diagnosis"]["issue"] == "server_certificate_rejected"
    assert incident["log"] == "default"
    engine.close()


def test_every_combination_is_shown_at_zero_before_anything_failed(world: World, store: Store) -> None:
    """rate() sees the first failure only if the series was there before."""
    world.append(b"")
    engine = world.engine(store)
    world.turns(engine, 1)
    assert world.failures() == 0
    engine.close()


def test_a_busy_log_tells_a_failure_as_soon_as_a_silent_one(world: World, store: Store) -> None:
    """What an application writes meanwhile, four times a second, is no debug text and breaks no silence."""
    world.append(ARTICLE_3)
    engine = world.engine(store)
    world.turns(engine, QUIET_SECONDS, CHATTER)
    assert world.failures() == 0
    world.turns(engine, 0.5, CHATTER)
    assert world.failures() == 1
    engine.close()


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        (
            JSSE + "Fatal (CERTIFICATE_UNKNOWN): PKIX path building failed (\n",
            '"throwable" : {\n  javax.net.ssl.SSLException: no\n  \tat java.base/a.B.c(B.java:131)}\n\n)\n',
        ),
        (
            "*** ClientHello, TLSv1.2\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\n",
            "***\nmain, WRITE: TLSv1.2 Handshake, length = 6\nmain, RECV TLSv1 ALERT:  fatal, decode_error\n",
        ),
        (
            "ssl_debug(1): SSLException while handshaking:\n",
            "ssl_debug(1): iaik.security.ssl.SSLException: Server certificate rejected by ChainVerifier\n",
        ),
    ],
)
def test_what_begins_after_a_long_silence_is_read_to_its_end(
    world: World, store: Store, first: str, rest: str
) -> None:
    """The silence before a record that is half written says nothing of the rest of it."""
    engine = world.engine(store)
    world.turns(engine, 20, CHATTER)
    world.append(first.encode())
    world.turns(engine, 0.5)
    world.append(rest.encode())
    world.turns(engine, CUT_SECONDS + 1)
    (told,) = store.due("ops", world.clock.now(), 10)
    failure = codec.decode(told.incident, Incident).failure
    assert failure is not None
    handshake = failure.handshake
    at = handshake.first
    pipeline = Pipeline(catalogue.load(), UTC)
    whole = Block(Where(at.file, at.identity, 0, 1), world.log.read_bytes())
    assert [*pipeline.feed(whole), *pipeline.finish()] == [Ended(handshake, ANY)]
    engine.close()


def test_silence_is_not_judged_while_much_is_unread(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a log holds that is not read yet may be what a handshake goes on with."""
    for most in ("TURN_BYTES", "SHARE_BYTES", "LEAST_BYTES"):
        monkeypatch.setattr(f"agent.rounds.{most}", 1 << 10)
    lines = ARTICLE_3.splitlines(keepends=True)
    world.append(b"".join([*lines[:4], CHATTER * 200, *lines[4:]]))
    engine = world.engine(store)
    world.turns(engine, 10)
    (told,) = store.due("ops", world.clock.now(), 10)
    assert json.loads(told.incident)["failure"]["handshake"]["last"]["line"] == len(lines) + 200
    engine.close()


def test_a_restart_goes_on_in_the_middle_of_a_handshake(world: World, store: Store) -> None:
    """Stopped between two lines of a handshake, and started again: counted once, with all its facts."""
    lines = ARTICLE_3.splitlines(keepends=True)
    world.append(b"".join(lines[:3]))
    engine = world.engine(store)
    world.turns(engine, 0.5)
    engine.close()

    world.append(b"".join(lines[3:]))
    engine = world.engine(store)
    world.turns(engine)
    (waiting,) = store.due("ops", world.clock.now(), 10)
    handshake = json.loads(waiting.incident)["failure"]["handshake"]
    assert world.failures() == 1
    assert handshake["first"]["line"] == 1
    engine.close()


def test_work_that_was_never_committed_is_done_again_once(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that dies before its commit leaves nothing behind that the next one would count twice."""
    world.append(ARTICLE_3)
    dying = world.engine(store)
    with monkeypatch.context() as killed:
        killed.setattr(dying, "_commit", lambda _: False)
        world.turns(dying)
    dying._roster.close()

    engine = world.engine(store)
    world.turns(engine)
    assert world.failures() == 1
    assert len(store.due("ops", world.clock.now(), 10)) == 1
    engine.close()


def test_nothing_is_exposed_or_read_while_the_store_cannot_be_written(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: not ready, no count shown, nothing lost; when there is room again all is there once."""
    engine = world.engine(store)
    world.turns(engine, 1)

    def full(_: Commit) -> None:
        raise StateError("the disk is full: free some space")

    with monkeypatch.context() as broken:
        broken.setattr(store, "commit", full)
        world.append(ARTICLE_3)
        world.turns(engine)
        world.append(ARTICLE_3.replace(b"(1)", b"(2)"))
        world.turns(engine)
        assert world.failures() == 0
        assert engine.obstacles() == ["the disk is full: free some space"]

    world.turns(engine, 6)
    assert world.failures() == 2
    assert engine.obstacles() == []
    engine.close()


def test_what_the_debug_text_gives_away_is_a_gauge(world: World, store: Store) -> None:
    """Keys in a log are told apart from application data, and from nothing."""
    world.log.write_bytes(b"*** ClientHello, TLSv1.2\n***\nmain, WRITE: TLSv1.2 Handshake, length = 64\n")
    engine = world.engine(store)
    with world.log.open("ab") as file:
        file.write(
            b"Master Secret:\n0000: 07 74 AB FB 57 4E AA FB   BA E9 30 93 70 AD 2D 00  .t..WN....0.p.-.\n" * 3
        )
    world.turns(engine, 10)
    assert world.shown[-1].gauges["wmtls_debug_leaking", ("default", "keys")] == 1
    assert world.shown[-1].gauges["wmtls_debug_leaking", ("default", "plaintext")] == 0
    engine.close()


def test_a_log_that_is_not_there_yet_is_waited_for(world: World, store: Store) -> None:
    """Not ready, with the reason; then it comes and is read from its first line."""
    engine = world.engine(store)
    world.turns(engine, 1)
    assert engine.obstacles() == [f"log default: waiting for {world.log}"]

    world.append(ARTICLE_3)
    world.turns(engine)
    assert world.failures() == 1
    assert engine.obstacles() == []
    engine.close()


def test_a_file_that_a_glob_finds_later_is_read_from_its_first_line(world: World, store: Store) -> None:
    """`start` is for what was there before the log was ever looked at; a file found later is all new."""
    (world.place / "wrapper_a.log").write_bytes(ARTICLE_3)
    engine = world.engine(store, "wrapper_*.log", "end")
    world.turns(engine)
    assert world.failures() == 0

    (world.place / "wrapper_b.log").write_bytes(ARTICLE_3.replace(b"(1)", b"(2)"))
    world.turns(engine, 10)
    assert world.failures() == 1
    engine.close()

    (world.place / "wrapper_c.log").write_bytes(ARTICLE_3.replace(b"(1)", b"(3)"))
    engine = world.engine(store, "wrapper_*.log", "end")
    world.turns(engine)
    assert world.failures() == 2
    engine.close()


def test_a_globbed_file_that_is_gone_is_forgotten(world: World, store: Store) -> None:
    """Instances come and go; the agent stays ready, and its state does not grow."""
    old = world.place / "wrapper_a.log"
    old.write_bytes(ARTICLE_3)
    engine = world.engine(store, "wrapper_*.log")
    world.turns(engine)
    (world.place / "wrapper_b.log").touch()
    old.unlink()
    world.turns(engine, 70)

    assert world.failures() == 1
    assert engine.obstacles() == []
    assert list(store.load().tails) == [str(world.place / "wrapper_b.log")]
    engine.close()


def test_a_handshake_over_midnight_is_one(world: World, store: Store) -> None:
    """A log with a file for each day is one log: what began in one file ends in the next."""
    half = ARTICLE_3.find(b"\n", len(ARTICLE_3) // 2) + 1
    (world.place / "wrapper-20261123.log").write_bytes(ARTICLE_3[:half])
    engine = world.engine(store, "wrapper-*.log")
    world.turns(engine)
    (world.place / "wrapper-20261124.log").write_bytes(ARTICLE_3[half:])
    world.turns(engine, 10)
    assert world.failures() == 1
    assert list(store.load().tails) == [str(world.place / "wrapper-YYYYMMDD.log")]
    engine.close()


def test_a_log_that_was_rolled_and_is_silent_is_not_forgotten(world: World, store: Store) -> None:
    """The wrapper makes the new file with its next line, hours later perhaps: nothing is read again then."""
    world.append(ARTICLE_3)
    engine = world.engine(store, "wrapper*.log")
    world.turns(engine)
    world.log.rename(world.place / "wrapper.log.1")
    world.turns(engine, 100)
    world.append(ARTICLE_3.replace(b"(1)", b"(2)"))
    world.turns(engine, 10)
    assert world.failures() == 2
    engine.close()


def test_one_file_under_two_names_is_followed_once(world: World, store: Store) -> None:
    """A link to a log beside it is the same log."""
    world.append(ARTICLE_3)
    (world.place / "other").mkdir()
    (world.place / "other" / "wrapper.log").symlink_to(world.log)
    engine = world.engine(store, "**/wrapper.log")
    world.turns(engine)
    assert world.failures() == 1
    engine.close()


def test_a_loss_of_state_keeps_the_agent_from_being_ready_until_it_is_acknowledged(
    world: World, store: Store
) -> None:
    """Counters that began anew are something a person has to know of; taking the old file away says so."""
    world.log.touch()
    engine = world.engine(store)
    world.turns(engine)
    assert engine.obstacles() == []
    aside = store.begin_anew()
    assert [str(aside) in one for one in engine.obstacles()] == [True]
    aside.unlink()
    assert engine.obstacles() == []
    engine.close()


def test_a_log_whose_disk_hangs_stops_neither_the_others_nor_the_commits(
    tmp_path: Path, store: Store
) -> None:
    """What the other log tells is committed; the agent says what hangs, rests, and can be stopped."""
    world, share = World(tmp_path, patience=2.0), tmp_path / "share"
    share.mkdir()
    (share / "wrapper.log").touch()
    world.log.touch()
    engine = world.engine(store, "**/wrapper.log")
    world.turns(engine, 1)
    with hanging(share):
        world.append(ARTICLE_3)
        world.turns(engine, 2 * HUNG_SECONDS)
        assert world.failures() == 1
        assert len(engine.obstacles()) == 2, "neither the file nor the look for files is answered"
        assert world.shown[-1].gauges["wmtls_log_problems", ("default", "hung")] == 2
        assert engine.turn() is False
        engine.close()


def test_what_cannot_be_read_is_told_and_that_it_can(world: World, store: Store) -> None:
    """A log without permission is a trouble of the agent, on /metrics and for people, until it is mended."""
    open_troubles = ("wmtls_operational_incidents_open", ("log_unreadable",))
    world.log.mkdir()
    engine = world.engine(store)
    world.turns(engine, 90)
    assert told(store) == ["operational log_unreadable"]
    assert world.shown[-1].gauges[open_troubles] == 1
    engine.close()
    engine = world.engine(store)
    world.turns(engine, 5)
    assert told(store) == ["operational log_unreadable"], "a restart neither ends it nor tells it again"
    world.log.rmdir()
    world.append(ARTICLE_3)
    world.turns(engine, 5)
    assert told(store) == [
        "operational log_unreadable",
        "operational log_unreadable mended",
        "opened 1",
    ]
    assert world.shown[-1].gauges[open_troubles] == 0
    engine.close()


def test_a_gap_is_told_with_what_is_known_of_it(world: World, store: Store) -> None:
    """A log that is cut in place: the file and the first byte that nobody could read."""
    world.append(ARTICLE_3)
    engine = world.engine(store)
    world.turns(engine, 5)
    world.log.write_bytes(b"anew\n")
    world.turns(engine, 5)
    (_, gap) = (json.loads(one.incident) for one in store.due("ops", world.clock.now(), 99))
    assert gap["notice"]["details"] == [
        ["file", "wrapper.log"],
        ["reason", "truncated"],
        ["first byte", str(len(ARTICLE_3))],
    ]
    engine.close()


def test_a_receiver_that_fails_is_told_to_the_others(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five minutes of failing are a trouble; a restart or a full disk does not end it, a delivery does."""
    world.log.touch()
    engine = world.engine(store)
    world.deliveries["ops"] = Delivery("server_error", 503)
    world.turns(engine, 310)
    assert (told(store), told(store, "chat")) == ([], ["operational receiver_failing"])
    engine.close()

    world.deliveries.clear()
    engine = world.engine(store)
    world.turns(engine, 5)
    assert told(store, "chat") == ["operational receiver_failing"]
    world.deliveries["ops"] = Delivery("server_error", 503)

    def full(_: Commit) -> None:
        raise StateError("the disk is full: free some space")

    with monkeypatch.context() as broken:
        broken.setattr(store, "commit", full)
        world.append(ARTICLE_3)
        world.turns(engine, 5)
    world.turns(engine, 1)
    assert told(store, "chat") == ["operational receiver_failing", "opened 1"]
    world.deliveries["ops"] = Delivery(None, 200)
    world.turns(engine, 5)
    assert told(store, "chat")[2:] == ["operational receiver_failing mended"]
    engine.close()


def test_a_receiver_gets_what_its_filters_let_through(world: World, store: Store) -> None:
    """A failure of the client's goes where clients' are wanted, and is an incident all the same."""
    world.append(ARTICLE_3)
    engine = world.engine(store, chat='roles = ["server"]\n')
    world.turns(engine, 5)
    assert (told(store), told(store, "chat")) == (["opened 1"], [])
    engine.close()


def test_a_full_disk_is_told_at_once(world: World, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be put into the outbox goes out past it; when there is room again it is there, too."""
    engine = world.engine(store)
    world.turns(engine, 1)

    def full(_: Commit) -> None:
        raise StateError("the disk is full: free some space")

    with monkeypatch.context() as broken:
        broken.setattr(store, "commit", full)
        world.append(ARTICLE_3)
        world.turns(engine, 30)
        (first, second) = world.urgent
        assert (first[0], second[0]) == ("ops", "chat")
        assert first[1].notice is not None
        assert first[1].notice.mend == "The disk is full: free some space."
    world.turns(engine, 5)
    assert told(store) == ["operational state_full", "opened 1", "operational state_full mended"]
    engine.close()

"""Which of an engine's handshakes a line belongs to."""

import pytest

from agent.assembly.engines import (
    LIVE_LIMIT,
    NAMES_LIMIT,
    Engines,
    candidates,
    learn,
    new,
    note,
    speaks,
    tidy,
)
from agent.assembly.threads import Phase, Thread
from agent.model.block import Where
from agent.model.events import AlertSeen, Ended, Event, Fact, FactKind, Failed, Happening, Speaker, Throwable
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Role

RECORD = Fact(FactKind.PROTOCOL, "TLSv1.2")
FLIGHT = [Message.CLIENT_HELLO, Message.SERVER_HELLO_DONE]


def line(what: Happening = RECORD, thread: str = "io", text: str = "") -> Event:
    """Return a line of a thread."""
    return Event(Where("w", "i", 0, 1), None, Speaker(Dialect.JSSE_LEGACY, 1, thread, thread), what, text)


def failed(text: str) -> Failed:
    """Return an exception."""
    return Failed((Throwable("javax.net.ssl.SSLHandshakeException", text),))


def at(*places: Thread) -> tuple[Engines, dict[str, Thread]]:
    """Return handshakes at these places."""
    engines, threads = Engines(seen=True), dict[str, Thread]()
    for place in places:
        threads[new(engines, threads)] = place
    return engines, threads


def server(**fields: object) -> Thread:
    """Return a server's handshake."""
    return Thread(Phase.TALKING, Role.SERVER, **fields)  # type: ignore[arg-type] # the fields of a Thread


PLACES = at(
    server(said=[Message.CLIENT_HELLO]),  # has read the hello
    server(said=FLIGHT),  # has printed its flight
    server(said=FLIGHT, writes=1),  # has sent it
    server(said=[*FLIGHT, Message.CLIENT_KEY_EXCHANGE], writes=1),
    server(writes=1, ciphers=[False]),
    server(writes=1, ciphers=[False], finished=[False]),
    server(writes=1, ciphers=[False, True], finished=[False]),
    Thread(Phase.FAILED, Role.SERVER),
)


@pytest.mark.parametrize(
    ("event", "record", "fit"),
    [
        (line(), "WRITE Handshake", [2]),
        (line(), "READ Change Cipher Spec", [4]),
        (line(), "READ Handshake", [5]),
        (line(), "WRITE Change Cipher Spec", [6]),
        (line(failed("no cipher suites in common")), "", [1, 2]),
        (line(failed("null cert chain")), "", [3, 4]),
        (line(failed("Unrecognized SSL message, plaintext connection?")), "", []),
        (line(AlertSeen(sent=False, level="fatal", description="certificate_unknown")), "", [3, 4]),
        (line(AlertSeen(sent=False, level="fatal", description="internal_error")), "", [3, 4, 5, 6, 7]),
        (line(Ended()), "", [8]),
    ],
)
def test_place_of_a_line(event: Event, record: str, fit: list[int]) -> None:
    """A line belongs to what is at the place for it."""
    assert candidates(*PLACES, event, record) == [f"\0engine {n}" for n in fit]


def test_end_of_ones_own() -> None:
    """Of several that failed, a thread closes the one that it has spoken for."""
    engines, threads = at(Thread(Phase.FAILED), Thread(Phase.FAILED))
    note(engines.last, "io", "\0engine 2")
    assert candidates(engines, threads, line(Ended()), "") == ["\0engine 2"]


def test_records_without_a_pause() -> None:
    """The Finished is written by the thread that has changed the cipher, whoever else writes meanwhile."""
    engines, threads = at(server(writes=1, ciphers=[True]), server(said=FLIGHT))
    note(engines.last, "t1", "\0engine 1")
    told = [candidates(engines, threads, line(thread=t), "WRITE Handshake") for t in ("t1", "t2")]
    assert told == [["\0engine 1"], ["\0engine 2"]]


def test_what_a_thread_uses() -> None:
    """Words that only one of engine and socket prints tell; before that the open handshakes do."""
    engines, threads = at(server(said=FLIGHT))
    assert speaks(engines, threads, [], line(thread="task"), "WRITE Handshake")
    assert not speaks(engines, threads, [], line(thread="new"), "READ Handshake")
    for text in ("a, called closeSocket(true)", "b, called closeOutbound()"):
        learn(engines, line(Ended(), text[0], text))
    assert engines.socket == {"a": True, "b": False}
    assert [speaks(engines, threads, [], line(thread=t), "READ Handshake") for t in "ab"] == [False, True]


def test_engine_proves_itself() -> None:
    """A log that begins late does not show that engines are in use, until one gives up."""
    engines = Engines()
    learn(engines, line(failed("null cert chain"), "t", "t, fatal error: 42: null cert chain"))
    assert (engines.seen, engines.socket) == (True, {"t": False})


def test_bounds() -> None:
    """The oldest handshakes and names are given up; complete ones are forgotten."""
    engines, threads = at(*(server() for _ in range(LIVE_LIMIT + 1)))
    assert (len(engines.live), len(threads), "\0engine 1" in threads) == (LIVE_LIMIT, LIVE_LIMIT, False)
    threads["\0engine 2"].phase = Phase.OPEN
    tidy(engines, threads)
    assert (len(engines.live), "\0engine 2" in threads) == (LIVE_LIMIT - 1, False)
    for n in range(NAMES_LIMIT + 1):
        note(engines.socket, f"t{n}", value=True)
    assert (len(engines.socket), "t0" in engines.socket) == (NAMES_LIMIT, False)

"""Clients before their first record."""

import pytest

from agent.assembly.starts import (
    SHARED_LIMIT,
    STALE_EVENTS,
    STARTS_LIMIT,
    Start,
    announce,
    begin_client,
    take_hello,
)
from agent.assembly.threads import Thread
from agent.model.block import Where
from agent.model.events import Event, Fact, FactKind, Happening, Hello, Perhaps, Said, Speaker
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Role


def event(line: int, what: Happening) -> Event:
    """Return an event of a line."""
    return Event(Where("w", "i", 80 * line, line), None, Speaker(Dialect.JSSE_LEGACY, 1, None, ""), what, "")


def hello(line: int, name: str | None = None) -> Event:
    """Return the ClientHello of a line."""
    return event(line, Said(Message.CLIENT_HELLO, sent=None, hello=Hello(("TLSv1.2",), server_name=name)))


def begin(starts: list[Start], line: int) -> list[tuple[int, str | None]]:
    """Return line and server name of what the first record of a client tells, "?" for one that may be its."""
    told = []
    for one in begin_client(starts, Thread(), event(line, Fact(FactKind.PROTOCOL, "TLSv1.2")), late=False):
        said = one.what.said if isinstance(one.what, Perhaps) else one.what
        assert isinstance(said, Said)
        name = said.hello.server_name if said.hello else "-"
        told.append((one.at.line, f"?{name}" if isinstance(one.what, Perhaps) else name))
    return told


def test_one() -> None:
    """Alone, its hello is where it was printed."""
    starts: list[Start] = []
    announce(starts, 1)
    take_hello(starts, hello(2, "a"), 2)
    assert (begin(starts, 3), starts) == ([(2, "a")], [])


@pytest.mark.parametrize(
    ("told", "late", "proven"),
    [
        ((True,), False, True),
        ((True, True), False, True),
        ((True, False), False, False),
        ((), False, False),
        ((True,), True, False),
    ],
)
def test_whether_it_is_a_client(told: tuple[bool, ...], *, late: bool, proven: bool) -> None:
    """A line that only a client prints proves one, unless its thread may be amid another handshake."""
    starts: list[Start] = []
    for line, by_client in enumerate(told, 1):
        announce(starts, line, told=by_client)
    thread = Thread()
    begin_client(starts, thread, event(9, Fact(FactKind.PROTOCOL, "TLSv1.2")), late=late)
    assert (thread.role, thread.proven) == (Role.CLIENT, proven)


def test_hello_without_an_announcement() -> None:
    """It is one itself."""
    starts: list[Start] = []
    take_hello(starts, hello(2, "a"), 2)
    assert begin(starts, 3) == [(2, "a")]


def test_equal_hellos() -> None:
    """What all of them say is said of each; where its own stands is not known but of the last one."""
    starts: list[Start] = []
    for line in (1, 2, 3):
        take_hello(starts, hello(line, "a"), line)
    assert [begin(starts, line) for line in (4, 5, 6)] == [[(4, "a")], [(5, "a")], [(3, "a")]]


def test_unequal_hellos() -> None:
    """Each may be any one's, to the last: that one's own may have been taken for another's before."""
    starts: list[Start] = []
    for line in (1, 2):
        take_hello(starts, hello(line, "ab"[line - 1]), line)
    both = [(1, "?a"), (2, "?b")]
    assert [begin(starts, line) for line in (4, 5)] == [[(4, "-"), *both], [(5, "-"), *both]]


def test_hello_that_is_still_to_come() -> None:
    """While one is missing it may have been left out, and so nothing is sure."""
    starts: list[Start] = []
    announce(starts, 1)
    take_hello(starts, hello(2, "a"), 2)
    announce(starts, 3)
    assert begin(starts, 4) == [(4, "-"), (2, "?a")]
    take_hello(starts, hello(5, "b"), 5)
    assert begin(starts, 6) == [(5, "b")]


def test_many_hellos() -> None:
    """More than a few tell nothing, and are not told."""
    starts: list[Start] = []
    for line in range(SHARED_LIMIT + 1):
        take_hello(starts, hello(line, f"n{line}"), line)
    assert begin(starts, 9) == [(9, "-")]


def test_bounds() -> None:
    """The oldest ones are forgotten, by number and by the events that came since."""
    starts: list[Start] = []
    for now in range(STARTS_LIMIT + 1):
        announce(starts, now)
    assert (len(starts), starts[0].announced) == (STARTS_LIMIT, 1)
    announce(starts, STALE_EVENTS + STARTS_LIMIT)
    assert [start.announced for start in starts] == [STARTS_LIMIT, STALE_EVENTS + STARTS_LIMIT]

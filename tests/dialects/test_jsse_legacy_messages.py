"""Open messages and what waits behind them."""

from datetime import UTC, datetime

import pytest

from agent.dialects.jsse_legacy_messages import (
    LOOSE_LINES,
    OPEN_BYTES_LIMIT,
    WAITING_LIMIT,
    Kind,
    Queue,
    Waiting,
    cookie_time,
)
from agent.model.block import Where
from agent.model.events import Certificate, Ended, Event, Said, Speaker, Started
from agent.model.tls import Message
from agent.model.vocabulary import Dialect


def event(line: int, *, offset: int = 0) -> Event:
    """Return an event on a line."""
    speaker = Speaker(Dialect.JSSE_LEGACY, None, None, "")
    return Event(Where("w", "i", offset, line), None, speaker, Ended(), "")


def opened(waiting: list[Waiting]) -> Queue:
    """Return a queue with an open chain on line 1."""
    queue = Queue(waiting, UTC)
    queue.open(Kind.CHAIN, event(1)).message = Message.CERTIFICATE
    return queue


def test_whole_events_pass_while_nothing_is_open() -> None:
    """Without an open message an event leaves at once."""
    queue = Queue([], UTC)
    queue.put(event(1))
    assert queue.leave(event(1).at) == [event(1)]


def test_events_wait_behind_an_open_message() -> None:
    """An event behind an open message leaves after it."""
    waiting: list[Waiting] = []
    queue = opened(waiting)
    queue.put(event(2))
    assert queue.leave(event(2).at) == []
    queue.end(event(9).at)
    assert [(e.at.line, type(e.what)) for e in queue.leave(event(9).at)] == [(1, Said), (2, Ended)]
    assert waiting == []


def test_two_open_chains_tell_no_certificates() -> None:
    """Which lines belong to which of two chains cannot be told, so neither tells any."""
    queue = opened([])
    queue.body("chain [0] = [")
    queue.body("Subject: CN=a")
    mixed = queue.interrupt(Kind.CHAIN)
    queue.open(Kind.CHAIN, event(5)).mixed = mixed
    queue.body("chain [0] = [")
    queue.end(event(8).at)
    queue.end(event(9).at)
    said = Said(Message.CERTIFICATE, sent=None, certificates=None)
    assert [e.what for e in queue.leave(event(9).at)] == [said, said]


def test_end_of_an_interrupted_message_is_no_empty_chain() -> None:
    """Releases that print nothing for an empty chain show it by its end alone; another's end does not."""
    for interrupted, told in ((False, ()), (True, None)):
        queue = Queue([], UTC)
        if interrupted:
            queue.open(Kind.HELLO, event(1))
            queue.interrupt(Kind.DONE)
        queue.open(Kind.CHAIN, event(5)).message = Message.CERTIFICATE
        queue.end(event(6).at)
        queue.end(event(7).at)
        said = Said(Message.CERTIFICATE, sent=None, certificates=told)
        assert [e.what for e in queue.leave(event(9).at)][-1] == said


def test_certificate_out_of_turn() -> None:
    """A second first certificate is another chain's."""
    queue = opened([])
    for _ in range(2):
        queue.body("chain [0] = [")
        queue.body("Subject: CN=a")
    queue.end(event(9).at)
    assert [e.what for e in queue.leave(event(9).at)] == [Said(Message.CERTIFICATE, sent=None)]


@pytest.mark.parametrize(
    ("text", "told"),
    [("*** ServerHelloDone", True), ("chain [1] = [", False), ("found key for : a", False)],
)
def test_end_that_the_next_line_denies(text: str, told: bool) -> None:  # noqa: FBT001 - a parameter
    """The line that ends a chain can be the first one of a key's chain, too."""
    queue = opened([])
    queue.body("chain [0] = [")
    queue.body("Subject: CN=a")
    queue.end(event(5).at)
    assert queue.leave(event(5).at) == []
    queue.settle(text)
    assert bool(queue.leave(event(6).at)) is told


def test_end_at_the_end_of_the_log() -> None:
    """A chain that has ended is whole, though no line follows."""
    queue = opened([])
    queue.body("chain [0] = [")
    queue.body("Subject: CN=a")
    queue.end(event(5).at)
    queue.cut()
    said = Said(Message.CERTIFICATE, sent=None, certificates=(Certificate(subject="CN=a"),))
    assert [e.what for e in queue.leave(event(5).at)] == [said]


def test_limits_cut_off_an_open_message() -> None:
    """Too many events behind it, or too many bytes, end an open message."""
    queue = opened([])
    for line in range(WAITING_LIMIT + 1):
        queue.put(event(line + 2))
    assert len(queue.leave(event(99).at)) == WAITING_LIMIT + 2
    queue = opened([])
    assert len(queue.leave(event(99, offset=OPEN_BYTES_LIMIT + 1).at)) == 1


def test_request_without_its_end_tells_no_list() -> None:
    """A list that anything but the ServerHelloDone ends may be cut short."""
    for expected, names in ((True, ("CN=a",)), (False, None)):
        queue = Queue([], UTC)
        queue.open(Kind.REQUEST, event(1))
        queue.body("Cert Authorities:")
        queue.body("<CN=a>")
        queue.interrupt(Kind.DONE, expected_after_request=expected)
        said = Said(Message.CERTIFICATE_REQUEST, sent=None, authorities=names)
        assert [e.what for e in queue.leave(event(2).at)] == [said]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("<CN=b, OU=<x>>", ("CN=a", "CN=b, OU=<x>")),
        ("<1.2.840.113549.1.9.1=b@c>", ("CN=a", "1.2.840.113549.1.9.1=b@c")),
        ("<password>hunter2", ("CN=a",)),
        ('<value name="b">', ("CN=a",)),
        ("<CN=b, O=Some Cmain, READ: TLSv1", None),
    ],
)
def test_what_is_an_authority(line: str, names: tuple[str, ...] | None) -> None:
    """A name is; XML between the names is somebody else's, and a name that was torn makes the list unsure."""
    queue = Queue([], UTC)
    queue.open(Kind.REQUEST, event(1))
    for text in ("Cert Authorities:", "<CN=a>", line):
        queue.body(text)
    queue.interrupt(Kind.DONE, expected_after_request=True)
    (told,) = queue.leave(event(2).at)
    assert told.what == Said(Message.CERTIFICATE_REQUEST, sent=None, authorities=names)


@pytest.mark.parametrize(
    "lines",
    [
        ("Cert Authorities:", "<CN=a>", "Cert Authorities:", "<CN=a>"),
        ("<CN=a>", "Cert Authorities:", "<CN=b>"),
        ("Cert Authorities:", "<Empty>", "<CN=a>"),
        ("Cert Authorities:", "<CN=a>", "<Empty>"),
        ("Cert Authorities:", "<Empty>", "<Empty>"),
        ("<Empty>",),
    ],
)
def test_lists_of_two_requests(lines: tuple[str, ...]) -> None:
    """Where the list of another request gets into one, neither is known."""
    queue = Queue([], UTC)
    queue.open(Kind.REQUEST, event(1))
    for text in lines:
        queue.body(text)
    queue.interrupt(Kind.DONE, expected_after_request=True)
    (told,) = queue.leave(event(2).at)
    assert told.what == Said(Message.CERTIFICATE_REQUEST, sent=None, authorities=None)


def test_list_that_was_interrupted_goes_on() -> None:
    """Until its own ServerHelloDone it may do so in the next request, whose list is then not known."""
    queue = Queue([], UTC)
    queue.open(Kind.REQUEST, event(1))
    assert queue.interrupt(Kind.HELLO) is False
    assert queue.interrupt(Kind.REQUEST) is True
    queue.interrupt(Kind.DONE, expected_after_request=True)
    assert queue.interrupt(Kind.REQUEST) is False
    queue.open(Kind.REQUEST, event(2))
    queue.line = LOOSE_LINES + 10
    queue.interrupt(Kind.HELLO)
    queue.line += LOOSE_LINES
    assert queue.interrupt(Kind.REQUEST) is False  # that end was missed


def test_store_without_a_certificate_tells_nothing() -> None:
    """A key or an anchor of which no certificate was printed is left out."""
    queue = Queue([], UTC)
    queue.open(Kind.KEY, event(1), value="alias")
    queue.open(Kind.ANCHOR, Event(event(2).at, None, event(2).speaker, Started(), "")).chain.append({})
    queue.cut()
    assert queue.leave(event(3).at) == []


def test_time_in_a_hello() -> None:
    """The printed sum of signed bytes gives back the seconds, also behind 2038; rubbish is no time."""
    signed = (107 << 24) + (3 << 16) - (19 << 8) - 5  # the bytes 6B 03 ED FB
    assert cookie_time(signed) == datetime.fromtimestamp(0x6B03EDFB, UTC)
    assert cookie_time(-(112 << 24)) == datetime.fromtimestamp(0x90000000, UTC)
    assert cookie_time(5) is None

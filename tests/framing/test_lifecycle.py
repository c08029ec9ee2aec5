"""Each report in the wrapper's own words; the lines are those of version 3.5.51."""

from datetime import UTC, datetime

import pytest

from agent.framing.envelope import Framing
from agent.framing.lifecycle import ENDING, Reader, State
from agent.model.block import Block, Where
from agent.model.events import Event, JvmHappening, Speaker, Started
from agent.model.vocabulary import Dialect, JvmEvent

LOG = b"""\
STATUS | wrapper  | 2026/11/23 07:42:10 | --> Wrapper Started as Daemon
STATUS | wrapper  | 2026/11/23 07:42:11 | Launching a JVM...
INFO   | jvm 1    | 2026/11/23 07:42:12 | WrapperManager: Initializing...
INFO   | jvm 1    | 2026/11/23 07:42:13 | 2026-11-23 07:42:13
INFO   | jvm 1    | 2026/11/23 07:42:13 | Full thread dump OpenJDK 64-Bit Server VM (25.504 mixed mode):
INFO   | jvm 1    | 2026/11/23 07:42:14 | java.lang.OutOfMemoryError: Java heap space
ERROR  | wrapper  | 2026/11/23 07:43:14 | JVM appears hung: Timed out waiting for signal from JVM.
STATUS | wrapper  | 2026/11/23 07:43:14 | JVM process exited with a code of 1, setting the exit code to 1.
ERROR  | wrapper  | 2026/11/23 07:43:14 | JVM exited unexpectedly.
STATUS | wrapper  | 2026/11/23 07:43:15 | Launching a JVM...
INFO   | jvm 2    | 2026/11/23 07:43:16 | WrapperManager: Initializing...
STATUS | wrapper  | 2026/11/23 07:44:10 | <-- Wrapper Stopped
STATUS | wrapper  | 2026/11/23 07:52:10 | --> Wrapper Started as Service
STATUS | wrapper  | 2026/11/23 07:52:11 | Launching a JVM...
"""

STARTED, LAUNCH = LOG.splitlines(keepends=True)[:2]


def block(data: bytes, offset: int = 0, line: int = 1) -> Block:
    """Return a block of the log."""
    return Block(Where("wrapper.log", "8:15", offset, line), data)


def happening(
    event: JvmEvent | None, line: int, second: tuple[int, int], jvm: int | None, text: str
) -> Event:
    """Return a report that begins with a line of LOG."""
    offset = sum(len(row) for row in LOG.splitlines(keepends=True)[: line - 1])
    when = datetime(2026, 11, 23, 7, *second, tzinfo=UTC)
    speaker = Speaker(Dialect.JSSE, jvm, None, "")
    return Event(Where("wrapper.log", "8:15", offset, line), when, speaker, JvmHappening(event), text)


EVENTS = [
    happening(None, 1, (42, 10), None, "--> Wrapper Started as"),
    happening(None, 2, (42, 11), None, "Launching a JVM..."),
    happening(JvmEvent.THREAD_DUMP, 5, (42, 13), 1, "Full thread dump"),
    happening(JvmEvent.OUT_OF_MEMORY, 6, (42, 14), 1, "java.lang.OutOfMemoryError"),
    happening(JvmEvent.HUNG, 7, (43, 14), None, "JVM appears hung"),
    happening(JvmEvent.RESTART, 10, (43, 15), None, "Launching a JVM..."),
    happening(None, 12, (44, 10), None, "<-- Wrapper Stopped"),
    happening(None, 13, (52, 10), None, "--> Wrapper Started as"),
    happening(JvmEvent.RESTART, 14, (52, 11), None, "Launching a JVM..."),
]


def told(data: bytes, reader: Reader | None = None) -> list[Event]:
    """Return what the reports in a log mean."""
    reader = reader or Reader(Framing(UTC))
    return [event for sign in reader.look(block(data)) for event in reader.tell(sign)]


def events_of(data: bytes, reader: Reader | None = None) -> list[JvmEvent | None]:
    """Return what is to be counted, None for an end that is not."""
    return [event.what.event for event in told(data, reader) if isinstance(event.what, JvmHappening)]


def test_life_of_a_jvm() -> None:
    """Each report is told in the order of the log; the very first launch is no restart."""
    assert told(LOG) == EVENTS


def test_line_by_line() -> None:
    """It does not matter how the log is cut into blocks."""
    reader, events, offset = Reader(Framing(UTC)), list[Event](), 0
    for number, row in enumerate(LOG.splitlines(keepends=True), 1):
        for sign in reader.look(block(row, offset, number)):
            events += reader.tell(sign)
        offset += len(row)
    assert events == EVENTS


def test_what_ends() -> None:
    """A start, a launch and a stop end what is open; the others do not."""
    signs = Reader(Framing(UTC)).look(block(LOG))
    assert [sign.event.at.line for sign in signs if sign.kind in ENDING] == [1, 2, 10, 12, 13, 14]


def test_launch_of_a_log_that_was_joined_late() -> None:
    """A launch without the wrapper's start before it is a restart of a JVM that was not heard."""
    assert events_of(LAUNCH) == [JvmEvent.RESTART]


def test_two_launches_without_a_word() -> None:
    """A JVM that died before it printed anything was launched all the same."""
    assert events_of(STARTED + LAUNCH * 3) == [None, None, JvmEvent.RESTART, JvmEvent.RESTART]


def test_start_of_the_wrapper_without_a_launch() -> None:
    """A wrapper that could not even launch a JVM restarted none."""
    failed = b"FATAL  | wrapper  | 2026/11/23 07:42:10 | License key missing\n"
    assert events_of((STARTED + failed) * 2 + STARTED + LAUNCH) == [None, None, None, None]


def test_restored_state() -> None:
    """A start of the wrapper after a restart of the agent is a restart of the JVM that was heard before."""
    assert events_of(STARTED + LAUNCH, Reader(Framing(UTC), State(heard=True))) == [None, JvmEvent.RESTART]


@pytest.mark.parametrize("format", ["{}", "2026/11/23 07:42:11 | {}", "wrapper  | {}", "wrapper | {}\r"])
def test_formats(format: str) -> None:  # noqa: A002
    """Whatever the format of the prefix, the wrapper's message is one."""
    text = "".join(
        format.format(text) + "\n" for text in ("--> Wrapper Started as Console", "Launching a JVM...")
    )
    assert events_of(text.encode() * 2) == [None, None, None, JvmEvent.RESTART]


@pytest.mark.parametrize(
    "line",
    [
        b"INFO   | jvm 1    | 2026/11/23 07:42:13 | Launching a JVM...",
        b"INFO   | jvm 1    | 2026/11/23 07:42:13 | he said: <-- Wrapper Stopped",
        b"STATUS | wrapper  | 2026/11/23 07:42:13 | Launching a JVM... again",
        b"he said: Launching a JVM...",
        b'{"message":"Launching a JVM...',
        b'{"message":"java.lang.OutOfMemoryError: Java heap space"}',
        b"INFO   | jvm 1    | JVM exited unexpectedly.",
    ],
)
def test_what_others_say(line: bytes) -> None:
    """A text that quotes the wrapper tells nothing."""
    reader = Reader(Framing(UTC))
    assert events_of(line + b"\n", reader) == []
    assert not reader.state.gone


def test_lines_are_counted() -> None:
    """A report behind one that only quotes it knows its line."""
    assert [event.at.line for event in told(b"he said: Launching a JVM...\n" * 2 + LAUNCH)] == [3]


def test_end_of_a_jvm() -> None:
    """The end of a JVM is remembered until the next one speaks."""
    reader = Reader(Framing(UTC))
    exited = b"ERROR  | wrapper  | 2026/11/23 07:43:14 | JVM exited while starting the application.\n"
    assert (events_of(exited, reader), reader.state.gone) == ([], True)
    assert (events_of(LAUNCH, reader), reader.state.gone) == ([JvmEvent.RESTART], False)


def test_torn_by_a_crash() -> None:
    """The report's own line begins amid the physical one."""
    torn = b"INFO   | jvm 1    | 2026/11/23 07:41:17 | half a li"
    (sign,) = Reader(Framing(UTC)).look(block(b"\n" + torn + STARTED, 1000, 40))
    assert (sign.place, sign.event.at.offset, sign.event.at.line) == ((1001 + len(torn), 41), 1001, 41)


# -- the index of the JVM ---------------------------------------------------------------------------------


def spoken(*indices: int | None, state: State | None = None) -> list[int | JvmEvent | str | None]:
    """Return the JVMs of events in turn, and what is told between them ("end" where not counted)."""
    events = [
        Event(Where("wrapper.log", "8:15", n, n), None, Speaker(Dialect.JSSE, jvm, "t", "t"), Started(), "")
        for n, jvm in enumerate(indices)
    ]
    return [
        (event.what.event or "end") if isinstance(event.what, JvmHappening) else event.speaker.jvm
        for event in Reader(Framing(UTC), state).follow(events)
    ]


def test_another_index() -> None:
    """Another index tells a restart, if no launch has."""
    assert spoken(1, 1, 2) == [1, 1, JvmEvent.RESTART, 2]
    assert spoken(1, 2, state=State(jvm=1, launched=True)) == [1, "end", 2]
    assert spoken(1, 2, 3, state=State(jvm=1, launched=True)) == [1, "end", 2, JvmEvent.RESTART, 3]


def test_first_index() -> None:
    """The first index of a log, or after a start of the wrapper, tells nothing."""
    assert spoken(4) == [4]
    assert spoken(1, state=State(launched=True, started=True)) == [1]


def test_lines_without_an_index() -> None:
    """A line that lost its prefix is of the JVM that speaks; where no line has an index, none gets one."""
    assert spoken(1, None, 2, None) == [1, 1, JvmEvent.RESTART, 2, 2]
    assert spoken(None, None) == [None, None]


def test_nothing_of_ours() -> None:
    """Other text says nothing, but tells that a JVM runs."""
    reader = Reader(Framing(UTC))
    assert events_of(b"INFO   | jvm 1    | hello\n\xff\xfe\n", reader) == []
    assert events_of(STARTED + LAUNCH, reader) == [None, JvmEvent.RESTART]

from datetime import UTC, datetime

from agent.framing.envelope import Framing
from agent.framing.lifecycle import Reader, State
from agent.model.block import Block, Where
from agent.model.events import Event, JvmHappening, Speaker
from agent.model.vocabulary import Dialect, JvmEvent

LOG = b"""\
STATUS | wrapper  | 2026/11/23 07:42:10 | --> Wrapper Started as Daemon
STATUS | wrapper  | 2026/11/23 07:42:11 | Launching a JVM...
INFO   | jvm 1    | 2026/11/23 07:42:12 | Initializing...
INFO   | jvm 1    | 2026/11/23 07:42:13 | 2026-11-23 07:42:13
INFO   | jvm 1    | 2026/11/23 07:42:13 | Full thread dump OpenJDK 64-Bit Server VM (25.504 mixed mode):
INFO   | jvm 1    | 2026/11/23 07:42:14 | java.lang.OutOfMemoryError: Java heap space
ERROR  | wrapper  | 2026/11/23 07:43:14 | JVM appears hung: Timed out waiting for signal from JVM.
STATUS | wrapper  | 2026/11/23 07:43:15 | Launching a JVM...
INFO   | jvm 2    | 2026/11/23 07:43:16 | Initializing...
"""


def block(data: bytes, offset: int = 0, line: int = 1) -> Block:
    """Return a block of the log."""
    return Block(Where("wrapper.log", "8:15", offset, line), data)


def happening(event: JvmEvent, line: int, second: tuple[int, int], jvm: int | None, text: str) -> Event:
    """Return a report that begins with a line of LOG."""
    offset = sum(len(row) for row in LOG.splitlines(keepends=True)[: line - 1])
    when = datetime(2026, 11, 23, 7, *second, tzinfo=UTC)
    speaker = Speaker(Dialect.JSSE, jvm, None, "")
    return Event(Where("wrapper.log", "8:15", offset, line), when, speaker, JvmHappening(event), text)


EVENTS = [
    happening(JvmEvent.THREAD_DUMP, 5, (42, 13), 1, "Full thread dump"),
    happening(JvmEvent.OUT_OF_MEMORY, 6, (42, 14), 1, "java.lang.OutOfMemoryError"),
    happening(JvmEvent.HUNG, 7, (43, 14), None, "JVM appears hung"),
    happening(JvmEvent.RESTART, 8, (43, 15), None, "Launching a JVM..."),
]


def test_life_of_a_jvm() -> None:
    """Each report is told in the order of the log; the first launch is no restart."""
    assert Reader(Framing(UTC)).feed(block(LOG)) == EVENTS


def test_line_by_line() -> None:
    """It does not matter how the log is cut into blocks."""
    reader, events, offset = Reader(Framing(UTC)), [], 0
    for number, row in enumerate(LOG.splitlines(keepends=True), 1):
        events += reader.feed(block(row, offset, number))
        offset += len(row)
    assert events == EVENTS


def test_restored_state() -> None:
    """A launch after a restart of the agent is a restart of the JVM that was heard of before."""
    reader = Reader(Framing(UTC), State(running=True))
    launch = b"STATUS | wrapper  | 2026/11/23 07:43:15 | Launching a JVM...\n"
    assert [event.what for event in reader.feed(block(launch))] == [JvmHappening(JvmEvent.RESTART)]


def test_two_launches_without_a_word() -> None:
    """A JVM that died before it printed anything was launched all the same."""
    launch = b"STATUS | wrapper  | 2026/11/23 07:43:15 | Launching a JVM...\n"
    events = Reader(Framing(UTC)).feed(block(launch * 3))
    assert [(e.what, e.at.line) for e in events] == [
        (JvmHappening(JvmEvent.RESTART), 2),
        (JvmHappening(JvmEvent.RESTART), 3),
    ]


def test_nothing_of_ours() -> None:
    """Other text says nothing, but tells that a JVM runs."""
    reader = Reader(Framing(UTC))
    assert reader.feed(block(b"INFO   | jvm 1    | hello\n\xff\xfe\n")) == []
    assert reader.state == State(running=True)

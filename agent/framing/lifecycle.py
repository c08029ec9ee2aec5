"""The life of a JVM as the wrapper and the JVM tell it, and what follows from it.

What is open ends with its JVM: thread ids and connection numbers begin again. A JVM ends when the wrapper
launches the next one, starts or stops itself, or when lines bear the index of another JVM; the index alone
is not enough, for a wrapper that was started anew counts from 1 again. In the wrapper (3.5.51, JVMs that
exited, halted or were killed while four threads printed, both ways to read their output) all lines of a JVM
come before the line that tells its end, and that before the next launch. Lines that are late all the same
belong to the JVM whose index they bear, and end nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from agent.framing import product
from agent.framing.division import Place
from agent.framing.envelope import Framing
from agent.model.block import Block
from agent.model.events import Event, JvmHappening, Speaker
from agent.model.vocabulary import Dialect, JvmEvent
from agent.redaction import evidence

GONE_SECONDS = 2.0
"""Silence after the end of a JVM was told, after which no line of it can come any more."""

_WRAPPER = (
    re.compile(
        rb"JVM(?:(?<=Launching a JVM)(?P<launched>\.\.\.)(?=[ \t\r]*(?:\n|\Z))"
        rb"|(?P<exited> exited | process exited with a code)|(?P<hung> appears hung))"
    ),
    re.compile(
        rb"Wrapper St(?:(?<=--> Wrapper St)(?P<started>arted as )|(?<=<-- Wrapper St)(?P<stopped>opped))"
    ),
)
"""What the wrapper writes as a message of its own; anybody else may quote it."""

_BEGINNINGS = {"launched": b"Launching a ", "started": b"--> ", "stopped": b"<-- "}
"""What of a message stands before the literal that is searched for."""

_TEXTS = {
    b"java.lang.OutOfMemoryError": JvmEvent.OUT_OF_MEMORY,
    b"Full thread dump": JvmEvent.THREAD_DUMP,
}
"""What a JVM prints, at any place in a line."""

_NAMED = "named"
"""The server tells its version."""

_JVMS = frozenset({*_TEXTS.values(), _NAMED})
"""The signs that are not the wrapper's: those of `_TEXTS` have any text before them."""

_INDEX = re.compile(rb"jvm +\d{1,9} *\|")

_NEAR = 64 << 10
"""Bytes of a block that are searched for a sign of a JVM; in a log whose lines bear one, the first has it."""


ENDING = frozenset({"launched", "started", "stopped"})
"""The signs that end what is open."""


@dataclass(slots=True)
class State:
    """What is known of the JVM that speaks.

    `jvm` is its index. `heard` says that the log has shown a JVM, so that the next launch is a restart;
    `near`, that the block read last has. `started` says that the wrapper has just begun; `launched`, that a
    launch was told and no line of its JVM came yet; `gone`, that the end of the JVM was told. `product` is
    the version of Integration Server that was named last.
    """

    jvm: int | None = None
    heard: bool = False
    near: bool = False
    started: bool = False
    launched: bool = False
    gone: bool = False
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """A report of the wrapper or a JVM: its kind, and its line as an event that says nothing yet.

    `place` is where the report's own line begins in the file: amid a physical line where that was torn.
    `heard` says that a JVM stands before it. `product` is the version of a server that tells it.
    """

    kind: str
    place: Place
    event: Event
    heard: bool
    product: str | None = None


class Reader:
    """Finds reports in blocks, and tells what they mean in the order of the log."""

    def __init__(self, framing: Framing, state: State | None = None) -> None:
        self._framing = framing
        self.state = state or State()

    def look(self, *texts: Block) -> list[Sign]:
        """Return the reports in whole lines of a block's streams, in the order of the log."""
        state = self.state
        state.heard = state.heard or state.near
        signs = [sign for text in texts for sign in self._look(text)]
        state.near = state.near or any(_INDEX.search(text.data, 0, _NEAR) for text in texts)
        return sorted(signs, key=lambda sign: sign.place)

    def _look(self, block: Block) -> Iterator[Sign]:
        data, line, counted, heard = block.data, block.start.line, 0, self.state.heard
        named = dict(product.versions(data, self._framing))
        for place, kind, end in sorted([*_places(data), *((at, _NAMED, at) for at in named)]):
            start = data.rfind(b"\n", 0, place) + 1
            line += data.count(b"\n", counted, start)
            heard = heard or _INDEX.search(data, counted, start) is not None
            counted = start
            frame = self._framing.split(data[start:place])
            if frame.quoted or (kind not in _JVMS and (frame.foreign or frame.own is False)):
                continue  # somebody speaks of it
            shown = evidence(data[place:end])
            speaker = Speaker(Dialect.JSSE, frame.jvm, None, "")
            event = Event(block.where(start, line), frame.when, speaker, JvmHappening(None), shown)
            yield Sign(kind, (block.reached(start + frame.begin), line), event, heard, named.get(place))

    def tell(self, sign: Sign) -> list[Event]:
        """Return what a report means where it stands; the very first start of a log is no restart."""
        state, what = self.state, None
        match sign.kind:
            case "launched":
                if state.heard or sign.heard or not state.started:
                    what = JvmEvent.RESTART
                state.heard, state.started, state.launched, state.gone = True, False, True, False
            case "started":
                state.heard = state.heard or sign.heard
                state.jvm, state.started, state.launched, state.gone = None, True, False, False
            case "exited":
                state.gone = True
                return []
            case _ if sign.product is not None:
                state.product = sign.product
                return []
            case "stopped":
                pass
            case counted:
                what = JvmEvent(counted)
        return [replace(sign.event, what=JvmHappening(what))]

    def follow(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield events with the end of a JVM before the first one of the next.

        A restart that a launch has told is not told again. An event whose line bears no index, where others
        do, is that of the JVM that speaks.
        """
        state = self.state
        for event in events:
            state.heard = True
            jvm = event.speaker.jvm
            if jvm is None and state.jvm is not None:
                yield replace(event, speaker=replace(event.speaker, jvm=state.jvm))
                continue
            if jvm != state.jvm:
                if state.jvm is not None:
                    told = JvmHappening(None if state.launched else JvmEvent.RESTART)
                    yield Event(event.at, event.when, Speaker(Dialect.JSSE, jvm, None, ""), told, "")
                state.jvm, state.launched, state.gone = jvm, False, False
            yield event


def _places(data: bytes) -> Iterator[tuple[int, str, int]]:
    """Yield where a report begins, what it is and where it ends."""
    for pattern in _WRAPPER:
        for found in pattern.finditer(data):
            kind = found.lastgroup or ""
            yield found.start() - len(_BEGINNINGS.get(kind, b"")), kind, found.end()
    for text, event in _TEXTS.items():
        at = data.find(text)
        while at >= 0:
            yield at, event, at + len(text)
            at = data.find(text, at + len(text))

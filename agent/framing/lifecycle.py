"""The wrapper's and the JVM's reports of their own life, found by literal search.

The texts are those of the Tanuki wrapper's logger and of the HotSpot JVM. A launch ends every conversation of
the JVM before it, and starts its thread ids and connection numbers again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from agent.framing.envelope import Framing
from agent.model.block import Block
from agent.model.events import Event, JvmHappening, Speaker
from agent.model.vocabulary import Dialect, JvmEvent
from agent.redaction import evidence

LAUNCH = b"Launching a JVM..."
"""What the wrapper writes before each JVM."""

_TEXTS = MappingProxyType(
    {
        LAUNCH: JvmEvent.RESTART,
        b"JVM appears hung": JvmEvent.HUNG,
        b"java.lang.OutOfMemoryError": JvmEvent.OUT_OF_MEMORY,
        b"Full thread dump": JvmEvent.THREAD_DUMP,
    }
)


@dataclass(slots=True)
class State:
    """`running`: a JVM was heard of before, so that a launch is a restart and not the first start."""

    running: bool = False


class Reader:
    """Yields an event for each report; the first launch that a log shows is none."""

    def __init__(self, framing: Framing, state: State | None = None) -> None:
        self._framing = framing
        self.state = state or State()

    def feed(self, block: Block) -> list[Event]:
        """Return the reports of whole lines."""
        data, events = block.data, []
        line, counted = block.start.line, 0
        for found, happening, size in sorted(_finds(data)):
            start = data.rfind(b"\n", 0, found) + 1
            line += data.count(b"\n", counted, start)
            counted = start
            if happening is JvmEvent.RESTART:
                first = not (self.state.running or b"jvm " in data[:start])
                self.state.running = True
                if first:
                    continue
            frame = self._framing.split(data[start:found])
            at = block.where(start, line)
            speaker = Speaker(Dialect.JSSE, frame.jvm, None, "")
            shown = evidence(data[found : found + size])
            events.append(Event(at, frame.when, speaker, JvmHappening(happening), shown))
        self.state.running = self.state.running or b"jvm " in data
        return events


def _finds(data: bytes) -> Iterator[tuple[int, JvmEvent, int]]:
    for text, happening in _TEXTS.items():
        at = data.find(text)
        while at >= 0:
            yield at, happening, len(text)
            at = data.find(text, at + len(text))

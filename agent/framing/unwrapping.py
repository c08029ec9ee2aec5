"""Takes the text of a container's log out of its lines: each stream by itself, with what is partial joined.

What one thread writes at once to standard error can have lines of standard output in between, for each
stream is a pipe of its own. Within its stream a record is whole, so each stream is read by itself. A line
becomes its text behind the time, as in `2026-11-23T07:42:13.123Z | text`; the wrapper's prefix may be part
of the text. Lines of no container, as they stand before, behind or amid others, are a stream of their own.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from agent.framing import containers
from agent.framing.colours import plain, uncoloured
from agent.framing.containers import BARE, Piece
from agent.model.block import Block, Origins, Where
from agent.model.events import Event

PARTIAL_BYTES = 256 << 10
"""Bytes of a line that was not ended, after which it is taken for one: the longest known have 100 kB."""

Part = tuple[str, Block]
"""A stream, and the text of it that a block holds."""


@dataclass(slots=True)
class Partial:
    """A line that has not ended: where it began, its time, what came of it."""

    at: Where
    clock: bytes
    texts: list[bytes] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True)
class State:
    """The lines that have not ended, by stream; whether the block read last held a container's lines."""

    partials: dict[str, Partial] = field(default_factory=dict)
    framed: bool = False


class Unwrapping:
    """Turns blocks of a log into blocks of the text in it."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State()

    def feed(self, block: Block) -> list[Part]:
        """Return the text of whole lines by stream; the block itself if it is no container's and plain."""
        if not (self.state.framed or self.state.partials or containers.framed(block.data)):
            return [(BARE, uncoloured(block))]
        taken = _Taken(block, self.state.partials)
        data, start, line = block.data, 0, block.start.line
        self.state.framed = False
        while start < len(data):
            end = data.find(b"\n", start) + 1 or len(data)
            piece = containers.read(data, start, end)
            if piece is None:
                taken.bare(start, end, line)
            else:
                self.state.framed = True
                taken.take(piece, start, line)
            start, line = end, line + 1
        return taken.parts()

    def finish(self) -> list[Part]:
        """Return the lines that will not be ended: the input is over."""
        parts = []
        for stream, partial in self.state.partials.items():
            text = b"".join((partial.clock, *partial.texts, b"\n"))
            at = partial.at
            parts.append((stream, Block(at, text, Origins([0], [at.offset], [at.line], [at.offset], at))))
        self.state.partials.clear()
        return parts


def settled(text: Block, events: list[Event]) -> Iterator[Event]:
    """Yield the events of a text that was taken out of a log with the offset at which each was known.

    A line that was in several pieces is known with the last one.
    """
    origins = text.origins
    for event in events:
        if event.known is not None or origins is None:
            yield event
        elif event.at == origins.first:
            yield replace(event, known=origins.ends[0])
        else:
            index = bisect_right(origins.offsets, event.at.offset) - 1
            yield replace(event, known=origins.ends[max(index, 0)])


@dataclass(slots=True)
class _Stream:
    """The lines of one stream that a block holds."""

    texts: list[bytes] = field(default_factory=list)
    origins: Origins = field(default_factory=lambda: Origins([], [], [], []))
    size: int = 0

    def add(self, text: bytes, offset: int, line: int, end: int) -> None:
        self.origins.begins.append(self.size)
        self.origins.offsets.append(offset)
        self.origins.lines.append(line)
        self.origins.ends.append(end)
        self.texts.append(text)
        self.size += len(text)


class _Taken:
    """What is taken out of one block."""

    def __init__(self, block: Block, partials: dict[str, Partial]) -> None:
        self._block, self._partials = block, partials
        self._streams: dict[str, _Stream] = {}
        self._first: dict[str, Where] = {}

    def bare(self, start: int, end: int, line: int) -> None:
        """Take a line as it is."""
        stream = self._streams.setdefault(BARE, _Stream())
        offset = self._block.start.offset + start
        stream.add(plain(self._block.data[start:end]), offset, line, offset)

    def take(self, piece: Piece, start: int, line: int) -> None:
        """Take a line's piece: a line, the end of one, or what will be one."""
        offset = self._block.start.offset + start
        partial = self._partials.get(piece.stream)
        if partial is None and piece.whole:
            self._add(piece.stream, piece.clock, piece.text, (offset, line), offset)
            return
        if partial is None:
            at = self._block.where(start, line)
            partial = self._partials[piece.stream] = Partial(at, piece.clock)
        partial.texts.append(piece.text)
        partial.size += len(piece.text)
        if piece.whole or partial.size > PARTIAL_BYTES:
            del self._partials[piece.stream]
            earlier = partial.at.identity != self._block.start.identity
            if earlier or partial.at.offset < self._block.start.offset:
                self._first.setdefault(piece.stream, partial.at)
                begin = (self._block.start.offset, self._block.start.line)
            else:
                begin = (partial.at.offset, partial.at.line)
            self._add(piece.stream, partial.clock, b"".join(partial.texts), begin, offset)

    def _add(self, stream: str, clock: bytes, text: bytes, begin: tuple[int, int], end: int) -> None:
        to = self._streams.setdefault(stream, _Stream())
        for row in plain(text).split(b"\n"):
            to.add(b"%s%s\n" % (clock, row), *begin, end)

    def parts(self) -> list[Part]:
        """Return what was taken."""
        start, found = self._block.start, []
        for name, stream in self._streams.items():
            origins = stream.origins
            first = self._first.get(name)
            found.append(
                (
                    name,
                    Block(
                        start,
                        b"".join(stream.texts),
                        Origins(origins.begins, origins.offsets, origins.lines, origins.ends, first),
                    ),
                )
            )
        return found

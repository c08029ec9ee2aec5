"""The order of the stages: blocks of one log in, outcomes out.

    block -> text by stream -> pieces between the ends of JVMs -> readers (a dialect each)
          -> events in the order of the log -> lifecycle -> attribution -> assembler -> catalogue -> outcome

Pure: no file, clock or metric, so that `run`, `explain`, the tests and the benchmarks drive the same code.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from agent import codec
from agent.assembly import assembler, attribution
from agent.assembly.assembler import Memory as AssemblerMemory
from agent.assembly.attribution import State as AttributionState
from agent.dialects import iaik, jsse, jsse_legacy
from agent.dialects.iaik import State as IaikState
from agent.dialects.jsse import State as JsseState
from agent.dialects.jsse_legacy import State as LegacyState
from agent.framing import lifecycle
from agent.framing.containers import BARE
from agent.framing.division import divide
from agent.framing.envelope import Framing
from agent.framing.lifecycle import State as LifecycleState
from agent.framing.unwrapping import Part, Unwrapping, settled
from agent.framing.unwrapping import State as UnwrappingState
from agent.knowledge.catalogue import Catalogue
from agent.model.block import Block
from agent.model.diagnosis import Diagnosis
from agent.model.events import Event, JvmHappening, Leaked, Said
from agent.model.handshake import Handshake
from agent.model.vocabulary import Depth, Dialect, JvmEvent, Leak, Outcome

CUT_SECONDS = 5.0
"""Silence after which an open record will not be continued: the JVM writes each with one call."""

_LEGACY = frozenset({Dialect.JSSE_LEGACY, Dialect.IBM_JSSE})

_ENDS = frozenset({None, JvmEvent.RESTART})
"""What ends a JVM."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A handshake that ended, with its diagnosis when it failed."""

    handshake: Handshake
    diagnosis: Diagnosis | None


@dataclass(frozen=True, slots=True)
class Heard:
    """The wrapper or the JVM reported of its own life."""

    event: JvmEvent


PipelineOutcome = Ended | Heard


@dataclass(slots=True)
class StreamSaved:
    """The memory of the dialects for one stream: a container's have two, any other log one."""

    iaik: IaikState = field(default_factory=IaikState)
    jsse: JsseState = field(default_factory=JsseState)
    jsse_legacy: LegacyState = field(default_factory=LegacyState)


@dataclass(slots=True)
class Debug:
    """What the debug output shows: some messages (`full`), or anything at all (`shallow`), and secrets."""

    full: bool = False
    shallow: bool = False
    leaks: list[Leak] = field(default_factory=list)

    def leaked(self, leak: Leak) -> None:
        """Take note of a secret."""
        if leak not in self.leaks:
            self.leaks.append(leak)

    @property
    def depth(self) -> Depth:
        """How much it shows."""
        return Depth.FULL if self.full else Depth.SHALLOW if self.shallow else Depth.NONE


@dataclass(slots=True)
class Saved:
    """The memory of every stage, to go on with after a restart.

    `ever` is the debug output of the whole log and `current` that of the JVM that speaks, or spoke last:
    what a JVM prints is set when it starts. `anew` says that it has ended. `spoken` are the dialects of which
    a message was seen.
    """

    lifecycle: LifecycleState = field(default_factory=LifecycleState)
    unwrapping: UnwrappingState = field(default_factory=UnwrappingState)
    streams: dict[str, StreamSaved] = field(default_factory=dict)
    attribution: AttributionState = field(default_factory=AttributionState)
    assembler: AssemblerMemory = field(default_factory=AssemblerMemory)
    ever: Debug = field(default_factory=Debug)
    current: Debug = field(default_factory=Debug)
    anew: bool = False
    dialects: list[Dialect] = field(default_factory=list)
    spoken: list[Dialect] = field(default_factory=list)
    wrapped: bool = False


class Pipeline:
    """All stages for one log."""

    def __init__(
        self,
        catalogue: Catalogue,
        zone: tzinfo,
        *,
        limits: assembler.Limits | None = None,
        product_version: str | None = None,
        saved: Saved | None = None,
    ) -> None:
        self._saved = saved or Saved()
        self._catalogue = catalogue
        self._version = product_version
        self._framing = Framing(zone)
        self._unwrapping = Unwrapping(self._saved.unwrapping)
        self._saved.streams.setdefault(BARE, StreamSaved())
        self._streams = {name: self._dialects(saved) for name, saved in self._saved.streams.items()}
        self._lifecycle = lifecycle.Reader(self._framing, self._saved.lifecycle)
        self._attribution = attribution.Attribution(self._saved.attribution)
        self._assembler = assembler.Assembler(limits, self._saved.assembler)
        self.heard = 0
        """Changes with each block that held an event, or the beginning of one; silence counts from there."""

    def feed(self, block: Block) -> list[PipelineOutcome]:
        """Take one block of whole lines; return what ended in it."""
        began = self._began()
        outcomes = self._take(self._unwrapping.feed(block))
        self.heard += self._began() != began
        return outcomes

    def quiet(self, seconds: float) -> list[PipelineOutcome]:
        """Return what ends because nothing was heard for so many seconds, whatever else the log holds."""
        gone = self._saved.lifecycle.gone and seconds >= lifecycle.GONE_SECONDS
        outcomes = self._cut() if gone or seconds >= CUT_SECONDS else []
        if gone:
            self._saved.lifecycle.gone = False
            return outcomes + self.finish()
        return [*outcomes, *(self._ended(h) for h in self._assembler.quiet(seconds))]

    def finish(self) -> list[PipelineOutcome]:
        """Return everything still open: the input has ended."""
        outcomes = [*self._take(self._unwrapping.finish()), *self._cut()]
        for event in self._attribution.flush():
            outcomes.extend(self._ended(h) for h in self._assembler.feed(event))
        outcomes.extend(self._ended(h) for h in self._assembler.finish())
        return outcomes

    def save(self) -> bytes:
        """Return the memory of all stages as JSON."""
        self._saved.attribution = self._attribution.state  # it begins a new one with each JVM
        return codec.encode(self._saved)

    @property
    def open(self) -> int:
        """Number of handshakes that have not ended."""
        return self._assembler.open

    @property
    def evicted(self) -> int:
        """Number of handshakes that were given up because too much was open; each was told as incomplete."""
        return self._saved.assembler.evicted

    @property
    def depth(self) -> Depth:
        """How much the debug output shows, of the JVM that spoke last: another one may print otherwise."""
        return self._saved.current.depth

    @property
    def deepest(self) -> Depth:
        """How much the debug output showed so far, of any JVM."""
        return self._saved.ever.depth

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """The dialects seen so far, in the order of their first event."""
        return tuple(self._saved.dialects)

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """The kinds of secrets that the JVM that spoke last has printed."""
        return tuple(self._saved.current.leaks)

    @property
    def all_leaks(self) -> tuple[Leak, ...]:
        """The kinds of secrets that any JVM printed so far."""
        return tuple(self._saved.ever.leaks)

    @property
    def product_version(self) -> str | None:
        """The version of Integration Server: as given, else as the server printed it last."""
        return self._version or self.named_version

    @property
    def named_version(self) -> str | None:
        """The version of Integration Server that the server itself printed last."""
        return self._saved.lifecycle.product

    @property
    def wrapped(self) -> bool:
        """Whether debug output was seen behind the wrapper's prefix: a server that has a wrapper."""
        return self._saved.wrapped

    def _began(self) -> list[object]:
        """Return what is open in each stream, by where it begins."""
        return [
            (
                one.jsse.record and one.jsse.record.at,
                one.jsse_legacy.waiting and one.jsse_legacy.waiting[-1].at,
                [*one.iaik.open],
            )
            for one in self._saved.streams.values()
        ]

    def _cut(self) -> list[PipelineOutcome]:
        """Take the records that are still open as they are."""
        events = [e for readers in self._streams.values() for reader in readers for e in reader.finish()]
        return list(self._outcomes(self._lifecycle.follow(events)))

    def _take(self, parts: list[Part]) -> list[PipelineOutcome]:
        """Take the text of a block, by stream."""
        signs = self._lifecycle.look(*(text for _, text in parts))
        if not signs:
            return self._read(parts)
        self.heard += 1
        places = [sign.place for sign in signs]
        pieces = [[(stream, piece) for piece in divide(text, places)] for stream, text in parts]
        outcomes = []
        for piece, sign in zip(zip(*pieces, strict=True), [*signs, None], strict=True):
            outcomes += self._read(piece)
            if sign is not None:
                if sign.kind in lifecycle.ENDING:
                    outcomes += self._cut()
                outcomes += self._outcomes(self._lifecycle.tell(sign))
        return outcomes

    def _read(self, parts: Sequence[Part]) -> list[PipelineOutcome]:
        """Take a text in which no JVM ends by the wrapper's word."""
        events = list[Event]()
        for stream, text in parts:
            readers = self._streams.get(stream)
            if readers is None:
                saved = self._saved.streams[stream] = StreamSaved()
                readers = self._streams[stream] = self._dialects(saved)
            told = [event for reader in readers for event in reader.feed(text)]
            events += told if text.origins is None or text.origins.exact else settled(text, told)
        if not events:
            return []
        self.heard += 1
        events.sort(key=_known)
        return list(self._outcomes(self._lifecycle.follow(events)))

    def _dialects(self, saved: StreamSaved) -> tuple[jsse.Reader, jsse_legacy.Reader, iaik.Reader]:
        return (
            jsse.Reader(self._framing, saved.jsse),
            jsse_legacy.Reader(self._framing, saved.jsse_legacy),
            iaik.Reader(self._framing, saved.iaik),
        )

    def _outcomes(self, events: Iterable[Event]) -> Iterator[PipelineOutcome]:
        saved = self._saved
        for event in events:
            what, dialect = event.what, event.speaker.dialect
            jvm = isinstance(what, JvmHappening)
            if isinstance(what, JvmHappening):
                saved.anew = saved.anew or what.event in _ENDS
                if what.event is not None:
                    yield Heard(what.event)
            else:
                self._note(event)
                if isinstance(what, Leaked):
                    continue
            for one in self._attribution.resolve(event) if jvm or dialect in _LEGACY else (event,):
                for handshake in self._assembler.feed(one):
                    yield self._ended(handshake)

    def _note(self, event: Event) -> None:
        """Take note of what an event of a JVM shows of its debug output."""
        saved, what, dialect = self._saved, event.what, event.speaker.dialect
        if saved.anew:
            saved.current, saved.anew = Debug(), False
        if dialect not in saved.dialects:
            saved.dialects.append(dialect)
        if isinstance(what, Said) and dialect not in saved.spoken:
            saved.spoken.append(dialect)
        saved.wrapped = saved.wrapped or event.speaker.jvm is not None
        for debug in (saved.ever, saved.current):
            if isinstance(what, Leaked):
                debug.leaked(what.leak)
            else:
                debug.full = debug.full or isinstance(what, Said)
                debug.shallow = True

    def _ended(self, handshake: Handshake) -> Ended:
        if handshake.outcome is not Outcome.FAILED:
            return Ended(handshake, None)
        depth = self.deepest
        if handshake.dialect is Dialect.JSSE and Dialect.JSSE not in self._saved.spoken:
            depth = Depth.SHALLOW  # what IAIK prints, which is always all, says nothing of JSSE's options
        diagnosis = self._catalogue.diagnose(handshake, self.product_version, depth=depth)
        return Ended(replace(handshake, stores=()), diagnosis)


def _known(event: Event) -> int:
    """Return the offset at which a reader of single lines would have given the event."""
    return event.at.offset if event.known is None else event.known


def restore(data: bytes) -> Saved:
    """Return the memory that `Pipeline.save` wrote; ValueError if it is none."""
    return codec.decode(data, Saved)

"""Which event belongs to which handshake, and when a handshake has ended.

A conversation is known by (dialect, JVM, the dialect's key). Time is the log's own: it moves with the events,
so a log read at once, in pieces or live gives the same handshakes. `quiet` lets a live reader end what no
further line will end.

A little longer than most modules: whatever happens to a conversation is decided here.
"""

from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from agent.assembly import bounds
from agent.assembly.clock import Clock, Move, by_record
from agent.assembly.draft import Draft
from agent.assembly.relay import JOIN_SECONDS, Relay
from agent.assembly.relay import Memory as RelayMemory
from agent.assembly.stores import Stores
from agent.assembly.transitions import Action, State, Trigger, step
from agent.assembly.triggers import begins, begun_before, opens, ordinary, trigger_of
from agent.assembly.weight import weigh
from agent.model.events import (
    AlertSeen,
    Event,
    Fact,
    FactKind,
    Failed,
    JvmHappening,
    Perhaps,
    Said,
    StoreEntry,
)
from agent.model.handshake import Handshake
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, JvmEvent, Outcome

SETTLE_SECONDS = MappingProxyType(
    {
        State.FAILED: 2.0,  # more reports of one failure follow within milliseconds
        State.CLOSED: 2.0,
        State.FINISHED: 10.0,  # a TLS 1.3 server's verdict arrives with the client's first read
        State.TOLD: 60.0,  # absorbs the reports that a pause held up
        State.DONE: 60.0,  # absorbs what closing prints
    }
)
"""Seconds of the log's time without a further line after which a conversation is told, or forgotten."""

SETTLE_EVENTS = 500
"""The same for a failure in a log without times, in events of others: some twenty handshakes."""

OUTCOMES = MappingProxyType(
    {
        State.TALKING: Outcome.INCOMPLETE,
        State.FINISHED: Outcome.COMPLETED,
        State.FAILED: Outcome.FAILED,
        State.CLOSED: Outcome.FAILED,
    }
)

_OVER = frozenset({State.TOLD, State.DONE})
"""Conversations that are told already, and no longer open."""

_WEIGHED_AFTER = 8
"""Conversations are weighed when an eighth of what they may take can have come since."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is open: number and bytes of conversations, seconds of the log's time without a line.

    What is open is saved with every commit, so its bytes are what a flood of connections costs each time.
    """

    open_handshakes: int = 10_000
    handshake_seconds: float = 300.0
    open_bytes: int = 16 << 20


@dataclass(slots=True)
class Memory:
    """All that is remembered; `drafts` stand in the order of their last line, `turn` counts events.

    `clock` is that of the lines' prefixes, `record_clock` that of records without one. `whole` says that the
    log shows where the JVM began. `unweighed` are the bytes that can have come since the drafts were weighed,
    `evicted` numbers the handshakes that had to be told as incomplete to make room.
    """

    drafts: dict[str, Draft] = field(default_factory=dict)
    turn: int = 0
    relay: RelayMemory = field(default_factory=RelayMemory)
    jvm: int | None = None
    clock: Clock = field(default_factory=Clock)
    record_clock: Clock = field(default_factory=Clock)
    whole: bool = False
    stores: Stores = field(default_factory=Stores)
    unweighed: int = 0
    evicted: int = 0


class Assembler:
    """Takes events in the order of the log and returns the handshakes that ended."""

    def __init__(self, limits: Limits | None = None, state: Memory | None = None) -> None:
        self._limits = limits or Limits()
        self.state = state or Memory()
        self._relay = Relay(self.state.drafts, self.state.relay)

    @property
    def open(self) -> int:
        """Number of conversations not told yet."""
        return sum(draft.state not in _OVER for draft in self.state.drafts.values())

    def feed(self, event: Event) -> list[Handshake]:
        """Take one event; return what it ends, oldest first."""
        told: list[Handshake] = []
        self._clock(event, told)
        what = event.what
        if isinstance(what, StoreEntry):
            self.state.stores.remember(what)
            self.state.whole = self.state.whole or not self.state.turn  # a JVM reads them before it connects
        elif isinstance(what, JvmHappening):
            if what.event in {JvmEvent.RESTART, None}:
                self._all(told)
                self.state.whole = True
        elif event.speaker.key:
            self._converse(event, told)
            self.state.unweighed += bounds.weight(what)
            if self.state.unweighed > self._limits.open_bytes // _WEIGHED_AFTER:
                self._lighten(told)
        return told

    def quiet(self, seconds: float) -> list[Handshake]:
        """Return what ends because no line came for so many seconds."""
        told: list[Handshake] = []
        if seconds >= JOIN_SECONDS:
            self._relay.join()
        for key, draft in list(self.state.drafts.items()):
            if seconds >= self._patience(draft):
                self._run_out(key, draft, told)
        return told

    def finish(self) -> list[Handshake]:
        """Return everything that is open: the input has ended."""
        told: list[Handshake] = []
        self._all(told)
        return told

    # -- time ---------------------------------------------------------------------------------------------

    def _clock(self, event: Event, told: list[Handshake]) -> None:
        memory = self.state
        jvm = event.speaker.jvm
        if jvm is not None and jvm != memory.jvm:
            if memory.jvm is not None:
                self._all(told)
                memory.whole = True
            memory.jvm = jvm
        now, own = event.written, by_record(event)
        if now is None:
            return
        match self._time(event).move(now):
            case Move.ON:
                self._sweep(now, told, own=own)
            case Move.BACK:
                for draft in memory.drafts.values():
                    if draft.by_record is own:
                        draft.heard = now

    def _time(self, event: Event) -> Clock:
        return self.state.record_clock if by_record(event) else self.state.clock

    def _sweep(self, now: datetime, told: list[Handshake], *, own: bool) -> None:
        self._relay.join(now, own=own)
        for key, draft in list(self.state.drafts.items()):
            since = (now - draft.heard).total_seconds() if draft.heard and draft.by_record is own else 0.0
            if since and since >= self._patience(draft):
                self._run_out(key, draft, told)

    def _age(self, told: list[Handshake]) -> None:
        """Tell what failed and was not heard of for long, where no time says how long."""
        before = self.state.turn - SETTLE_EVENTS
        for key, draft in list(self.state.drafts.items()):
            over = draft.state in {State.FAILED, State.CLOSED}
            if over and draft.heard is None and draft.spoke <= before:
                self._run_out(key, draft, told)

    def _run_out(self, key: str, draft: Draft, told: list[Handshake]) -> None:
        """End a conversation that nothing more was heard of, and forget it if nothing more can come."""
        if self.state.drafts.get(key) is not draft or self._refused(key):
            return
        torn = draft.state is State.CLOSED and not draft.failures  # the exception is printed last
        state, _ = step(State.FAILED if torn else draft.state, Trigger.SILENCE)
        self._tell(key, told)
        draft.state = state
        if state is State.DONE:
            del self.state.drafts[key]
            self._relay.forget(key)

    def _refused(self, key: str) -> bool:
        """Return whether another thread has read the server's verdict on a client that has finished."""
        return self.state.drafts[key].state is State.FINISHED and self._relay.refused(key)

    def _patience(self, draft: Draft) -> float:
        return SETTLE_SECONDS.get(draft.state, self._limits.handshake_seconds)

    # -- conversations ------------------------------------------------------------------------------------

    def _converse(self, event: Event, told: list[Handshake]) -> None:
        speaker = event.speaker
        # a log may show only amid a handshake that it is IBM's
        dialect = Dialect.JSSE_LEGACY if speaker.dialect is Dialect.IBM_JSSE else speaker.dialect
        key = f"{dialect}|{speaker.jvm}|{speaker.key}"
        self.state.turn += 1
        if self.state.turn % SETTLE_EVENTS == 0:
            self._age(told)
        draft = self.state.drafts.get(key)
        young = draft is None and not self.state.whole and self._time(event).young
        if speaker.dialect is Dialect.JSSE:
            if draft is not None and self._relay.follow(key, draft, event.what):
                draft, young = None, True
            if self._relay.stray(key, draft, event):
                return
            if draft is not None and self._relay.departs(key, draft, event.what):
                self._part(key, told)
                draft, young = None, True
        if draft is not None and draft.state is State.TALKING and ordinary(event.what):
            self._hear(key, draft, event)
            return
        if draft is not None and begins(event, draft):
            self._part(key, told)
            draft = None
        trigger = trigger_of(event, draft)
        if not opens(event, trigger) and (draft is None or not (draft.steps or draft.failures)):
            return
        if draft is None:
            draft = self._new(key, event, told, young=young)
        else:
            draft = self._go_on(key, draft, event, trigger, told)
        if draft is None:
            return
        draft.state, _ = step(draft.state, trigger)
        self._hear(key, draft, event)

    def _go_on(
        self, key: str, draft: Draft, event: Event, trigger: Trigger, told: list[Handshake]
    ) -> Draft | None:
        """Return the conversation that takes over the event, None where none needs to."""
        state, action = step(draft.state, trigger)
        if action is Action.AGAIN and not (draft.state is State.CLOSED and not draft.failures):
            self._part(key, told)
            return self._new(key, event, told)
        if action is Action.TELL:
            if not self._relay.waits(key) and not self._refused(key):
                self._tell(key, told)
                draft.state = state
                draft.touch(event, self.state.turn)
                self._move(key)
            return None
        if draft.state in _OVER:
            draft.state = state
            return None
        return draft

    def _part(self, key: str, told: list[Handshake]) -> None:
        """Let a thread begin something new: what it spoke of last is told, or goes on elsewhere."""
        draft = self.state.drafts[key]
        jsse = draft.speaker.dialect is Dialect.JSSE and draft.state not in _OVER
        if not (jsse and self._relay.aside(key)) and not self._refused(key):
            self._tell(key, told)

    def _hear(self, key: str, draft: Draft, event: Event) -> None:
        draft.touch(event, self.state.turn)
        _take(draft, event)
        self._move(key)
        if draft.speaker.dialect is Dialect.JSSE:
            self._relay.prove(key, event)

    def _new(self, key: str, event: Event, told: list[Handshake], *, young: bool = False) -> Draft:
        drafts = self.state.drafts
        drafts.pop(key, None)
        while len(drafts) >= self._limits.open_handshakes:
            self._evict(told)
        draft = drafts[key] = Draft(
            speaker=event.speaker, first=event.at, last=event.at, thread=key, began=self.state.turn
        )
        if begun_before(event, young=young):
            draft.note(event, Fact(FactKind.UNDER_WAY))
        if event.speaker.dialect is Dialect.JSSE:
            self._relay.begin(key, event)
        return draft

    def _evict(self, told: list[Handshake]) -> None:
        """Give up the conversation that nothing was heard of for longest, as it stands."""
        oldest = next(iter(self.state.drafts))
        before = len(told)
        self._tell(oldest, told)
        self.state.evicted += sum(handshake.outcome is Outcome.INCOMPLETE for handshake in told[before:])
        del self.state.drafts[oldest]
        self._relay.forget(oldest)

    def _lighten(self, told: list[Handshake]) -> None:
        """Give up conversations until the others are no longer too heavy."""
        self.state.unweighed = 0
        total = sum(weigh(draft) for draft in self.state.drafts.values())
        while total > self._limits.open_bytes and len(self.state.drafts) > 1:
            total -= weigh(next(iter(self.state.drafts.values())))
            self._evict(told)

    def _move(self, key: str) -> None:
        """Keep the order of the last line, for eviction."""
        drafts = self.state.drafts
        if next(reversed(drafts)) != key:
            drafts[key] = drafts.pop(key)

    def _tell(self, key: str, told: list[Handshake]) -> None:
        """Tell a conversation as it stands; facts alone, without a message or a failure, are no handshake."""
        draft = self.state.drafts[key]
        outcome = OUTCOMES.get(draft.state)
        if outcome is None or not (draft.steps or draft.failures) or draft.stray:
            return
        stores = self.state.stores.all() if outcome is Outcome.FAILED else ()
        told.append(draft.handshake(outcome, stores))
        draft.state = State.DONE
        draft.shed()

    def _all(self, told: list[Handshake]) -> None:
        self._relay.join()
        for key in list(self.state.drafts):
            self._tell(key, told)
        self.state.drafts.clear()
        self._relay.clear()
        self.state.stores.clear()


def _take(draft: Draft, event: Event) -> None:
    """Put an event's facts into a conversation, and its line among the evidence where it is worth showing."""
    what = event.what
    if isinstance(what, Said):
        draft.say(event, what)
        shown = what.message is Message.CLIENT_HELLO or what.certificates == () or what.authorities == ()
    elif isinstance(what, Perhaps):
        draft.suppose(event, what)
        shown = False
    elif isinstance(what, Fact) and what.kind is FactKind.MINGLED:
        draft.mingle()
        shown = False
    elif isinstance(what, Fact):
        draft.note(event, what)
        shown = what.kind in _SHOWN
    elif isinstance(what, AlertSeen):
        draft.alert(event, what)
        shown = True
    elif isinstance(what, Failed):
        draft.fail(event, what)
        shown = True
    else:
        shown = False
    if shown:
        draft.show(event)


_SHOWN = frozenset(
    {
        FactKind.PEER,
        FactKind.NO_CLIENT_CERTIFICATE,
        FactKind.KEY_MANAGER_ABSENT,
        FactKind.NO_MATCHING_KEY,
        FactKind.ALIAS_IGNORED,
        FactKind.SERVER_NAME_WITHHELD,
        FactKind.SERVER_NAME_UNSUPPORTED,
        FactKind.PEER_CHAIN_LENGTH,
        FactKind.HANDSHAKE_ALERT,
    }
)

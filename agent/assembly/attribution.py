r"""Who printed a line that names nobody: the active set of legacy JSSE.

Of that dialect only record, alert and exception lines name their thread. But a thread can print the other
lines only while it computes: from a "READ: Handshake" until it has written its flight; then it blocks in
read(), and its next line is a named one. So the threads that can be printing are known at each line. Where
the message fits exactly one of them, the line is its own; where it fits several, it is left out. A client's
first lines come before its first named line and are held back until that: its first "WRITE: Handshake".

Record lines themselves do not leave; they become what they prove: a ClientHello, a ServerHello or a
client's key exchange that went unattributed, the change of cipher and the Finished, which is the first
handshake record behind it. SSLEngine spreads one handshake over an I/O thread and its task threads; there
the one open handshake is taken for the owner, if there is only one. Events of other dialects pass through.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from agent.assembly.threads import (
    Phase,
    Thread,
    begin,
    change_cipher,
    enter_writing,
    finish,
    flow,
    pay,
    read_record,
    spoken,
    write_record,
)
from agent.assembly.turns import (
    begins_session,
    direction,
    done,
    expected,
    fact_fits,
    fits,
    hears_hello,
    settle,
    take_side,
)
from agent.codec import pack_event, unpack_event
from agent.model.events import (
    Event,
    Fact,
    FactKind,
    JvmHappening,
    Said,
    Started,
    StoreEntry,
)
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, JvmEvent, Role

THREADS_LIMIT = 2000
SESSIONS_LIMIT = 2000
"""Threads and sessions followed; the ones not heard of for longest are forgotten."""

STARTS_LIMIT = 100
"""Clients between the first line of their handshake and their first record."""

STALE_EVENTS = 2000
"""Events after which a thread that has not been heard of is no longer taken for active, nor a start for
pending: with this many in between, its next line was missed."""

YOUNG_EVENTS = 500
"""Events from the log's beginning during which a thread that was not heard of before can be amid a handshake.
By then those under way have ended, or will fall silent."""

_DIALECTS = frozenset({Dialect.JSSE_LEGACY, Dialect.IBM_JSSE})

_RECORD = re.compile(
    r".*, (READ|WRITE): +(?:\S+ (Handshake|Change Cipher Spec|Alert|Application Data)|SSL)[^,]*, "
)


@dataclass(slots=True)
class Start:
    """A client's handshake without a record yet: when it was announced, its ClientHello if that came."""

    announced: int
    hello: dict[str, Any] | None = None


@dataclass(slots=True)
class State:
    """All that attribution remembers.

    `now` counts events, `timed` says that the lines have times, `whole` that the log shows the JVM's start.
    """

    threads: dict[str, Thread] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    starts: list[Start] = field(default_factory=list)
    renegotiations: int = 0
    engine: bool = False
    jvm: int | None = None
    now: int = 0
    timed: bool = False
    whole: bool = False


class Attribution:
    """Takes events in the order of the log and returns them with their speakers."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State()

    def resolve(self, event: Event) -> list[Event]:
        """Return the events that one event makes known, itself included unless it stays nobody's."""
        if isinstance(event.what, JvmHappening):
            if event.what.event is JvmEvent.RESTART:
                self.state = State(whole=True)
            return [event]
        if event.speaker.dialect not in _DIALECTS:
            return [event]
        if event.speaker.jvm is not None and event.speaker.jvm != self.state.jvm:
            # of a JVM after another one, or after a launch, nothing is missing
            whole = self.state.jvm is not None or self.state.whole
            self.state = State(jvm=event.speaker.jvm, whole=whole)
        self.state.now += 1
        if isinstance(event.what, StoreEntry):
            return [event]
        return self._named(event) if event.speaker.key else self._anonymous(event)

    def flush(self) -> list[Event]:
        """Return what was held back, as nobody's where nobody is known: the input is over."""
        held = [unpack_event(start.hello) for start in self.state.starts if start.hello]
        self.state.starts.clear()
        for thread in self.state.threads.values():
            held += pay(thread)
        return held

    # -- lines with a thread's name -----------------------------------------------------------------------

    def _named(self, event: Event) -> list[Event]:
        record = _RECORD.match(event.text) if _is_record(event) else None
        read = record is not None and record[1] == "READ"
        handshake = record is not None and (record[2] or "Handshake") == "Handshake"
        name = self._owner(event.speaker.key, begins=read and handshake)
        late = not self.state.whole and self.state.now <= YOUNG_EVENTS and name not in self.state.threads
        thread = self._thread(name)
        self.state.timed = event.when is not None
        event = replace(event, speaker=replace(event.speaker, thread=name, key=name))
        told = [] if read and handshake else pay(thread)
        if record is None:
            return told if _is_record(event) else told + spoken(thread, event)
        if handshake:
            if read:
                return told + read_record(thread, event, late=late)
            return told + self._write(thread, event, late=late)
        if record[2] == "Change Cipher Spec":
            told += change_cipher(thread, event, sent=not read)
        elif record[2] == "Application Data":
            told += flow(thread, event)
        return told

    def _write(self, thread: Thread, event: Event, *, late: bool) -> list[Event]:
        """Take a handshake record that went out."""
        thread.active = False
        talking, starts = thread.phase is Phase.TALKING, self.state.starts
        if talking and True in thread.ciphers:
            return [] if True in thread.finished else [finish(thread, event, sent=True)]
        waits = thread.role is Role.CLIENT and not thread.reads
        if talking and not (waits and ("SSLv2 client hello" in event.text or starts)):
            if thread.role is Role.UNKNOWN and starts:
                thread.turns = ""  # this may be another one's hello, behind the end of a handshake
            return write_record(thread, event)
        if talking and "SSLv2 client hello" in event.text:
            return []  # a hello in SSL 2.0 framing is announced by two lines
        if not starts and thread.phase is Phase.OPEN and thread.role is Role.SERVER:
            return []  # a HelloRequest
        return enter_writing(thread, event) if late and not starts else self._start(thread, event)

    def _start(self, thread: Thread, event: Event) -> list[Event]:
        """Take a client's first record: its ClientHello went out."""
        starts = self.state.starts
        renegotiates = thread.phase is Phase.OPEN and thread.role is Role.CLIENT and self.state.renegotiations
        hellos = [unpack_event(start.hello) for start in starts if start.hello]
        contents = {h.what.hello for h in hellos if isinstance(h.what, Said)}
        sure = len(contents) == 1 and len(hellos) == len(starts)
        starts_before = list(starts)
        begin(thread, Role.CLIENT)
        thread.writes, thread.turns = 1, "w"
        thread.said = [Message.CLIENT_HELLO]
        if starts:
            starts.pop(0)
        if not sure:
            for start in starts:  # which of the others' lines were this one's cannot be told any more
                start.hello = None
        at = hellos[0] if sure and len(starts_before) == 1 else event
        hello = next(iter(contents)) if sure else None
        said = Said(Message.CLIENT_HELLO, sent=True, role=Role.CLIENT, hello=hello)
        told = [replace(at, speaker=event.speaker, what=said)]
        if renegotiates:
            self.state.renegotiations -= 1
            told.append(replace(event, what=Fact(FactKind.RENEGOTIATION)))
        return told

    def _owner(self, name: str, *, begins: bool) -> str:
        """Return the thread whose handshake a line belongs to: with SSLEngine, perhaps another one's."""
        thread = self.state.threads.get(name)
        if not self.state.engine or begins or (thread and thread.phase is not Phase.IDLE):
            return name
        under_way = [n for n, t in self.state.threads.items() if t.phase in {Phase.TALKING, Phase.FAILED}]
        return under_way[0] if len(under_way) == 1 and not self.state.starts else name

    def _thread(self, name: str) -> Thread:
        threads = self.state.threads
        thread = threads.pop(name, None) or Thread()
        threads[name] = thread
        if len(threads) > THREADS_LIMIT:
            del threads[next(iter(threads))]
        thread.heard = self.state.now
        return thread

    # -- lines that name nobody ---------------------------------------------------------------------------

    def _anonymous(self, event: Event) -> list[Event]:
        now = self.state.now
        match event.what:
            case Started():
                self._announce(Start(now))
            case Said(message=Message.CLIENT_HELLO):
                return self._client_hello(event)
            case Said() as said:
                return self._message(event, said)
            case Fact(kind=FactKind.LIBRARY):
                self.state.engine = True
            case Fact(kind=FactKind.SESSION, value=value):
                return self._session(event, value)
            case Fact() as fact:
                return self._fact(event, fact)
            case _:
                return [event]
        return []

    def _fact(self, event: Event, fact: Fact) -> list[Event]:
        if fact.kind is FactKind.RENEGOTIATION:
            fit = [n for n, t in self._active() if t.again is not Role.UNKNOWN and not t.said]
            self.state.renegotiations += not fit
        else:
            fit = [n for n, t in self._active() if fact_fits(t, fact)]
        return self._assign(fit[0], event) if len(fit) == 1 else []

    def _announce(self, start: Start) -> None:
        starts = self.state.starts
        starts.append(start)
        while len(starts) > STARTS_LIMIT or starts[0].announced < self.state.now - STALE_EVENTS:
            del starts[0]

    def _client_hello(self, event: Event) -> list[Event]:
        waiting = [n for n, t in self._active() if hears_hello(t)]
        start = next((s for s in self.state.starts if s.hello is None), None)
        if len(waiting) == 1 and start is None:
            return self._assign(waiting[0], event)
        for name in waiting:
            self.state.threads[name].unsure = True
        if not waiting:
            if start is None:
                self._announce(Start(self.state.now, pack_event(event)))
            else:
                start.hello = pack_event(event)
        return []

    def _message(self, event: Event, said: Said) -> list[Event]:
        if said.message is Message.HELLO_REQUEST:
            for _, thread in self._active():
                if thread.again is Role.CLIENT and not thread.said:
                    # what looked like a new server connection is a client that is asked to start again
                    thread.phase, thread.role, thread.owed, thread.active = (
                        Phase.OPEN,
                        Role.CLIENT,
                        None,
                        False,
                    )
            return []
        fit = [n for n, t in self._active() if fits(t, said.message)]
        if len(fit) == 1 and (self._seasoned or expected(self.state.threads[fit[0]], said.message)):
            return self._assign(fit[0], event)
        for name in fit:
            self.state.threads[name].unsure = True
        return []

    def _session(self, event: Event, value: str) -> list[Event]:
        """Take a line about a session: who begins it, and who has done."""
        label, side, cached = (value.split() + [""] * 2)[:3]
        sessions = self.state.sessions
        if cached:
            alone = [n for n, _ in self._active()]
            name = sessions.get(label) or (alone[0] if len(alone) == 1 else "")
            if name in self.state.threads and done(self.state.threads[name], Role(side)):
                return self._assign(name, replace(event, what=Fact(FactKind.COMPLETED)))
            return []
        fit = [n for n, t in self._active() if begins_session(t, side)]
        if len(fit) != 1:
            return []
        if side:
            take_side(self.state.threads[fit[0]], Role(side))
        sessions[label] = fit[0]
        if len(sessions) > SESSIONS_LIMIT:
            del sessions[next(iter(sessions))]
        return []

    @property
    def _seasoned(self) -> bool:
        """Whether no thread can be printing that the log has not named yet."""
        return self.state.whole or self.state.now > YOUNG_EVENTS

    def _active(self) -> list[tuple[str, Thread]]:
        oldest = self.state.now - STALE_EVENTS
        return [(n, t) for n, t in self.state.threads.items() if t.active and t.heard >= oldest]

    def _assign(self, name: str, event: Event) -> list[Event]:
        """Return an event as the named thread's own, with the direction that follows from its role."""
        thread = self._thread(name)
        speaker = replace(event.speaker, thread=name, key=name)
        said = event.what
        if not isinstance(said, Said):
            return [replace(event, speaker=speaker)]
        settle(thread, said.message)
        owed = unpack_event(thread.owed).what if thread.owed else None
        told = []
        if isinstance(owed, Said) and owed.message is said.message:
            thread.owed = None
        else:
            told = pay(thread)
        sent = direction(thread, said.message)
        thread.said.append(said.message)
        if sent is False and said.hello and not self.state.timed:
            event = replace(event, when=None)  # the time was the hello's own, which is the peer's to choose
        # of a client's certificate message it matters most whether it is empty; left out where unsure
        unread = said.certificates is None and sent is (thread.role is Role.CLIENT)
        if sent is not None and not (said.message is Message.CERTIFICATE and unread):
            told.append(replace(event, speaker=speaker, what=replace(said, sent=sent, role=thread.role)))
        return told


def _is_record(event: Event) -> bool:
    return isinstance(event.what, Fact) and event.what.kind is FactKind.PROTOCOL

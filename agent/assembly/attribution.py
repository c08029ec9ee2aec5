r"""Who printed a line that names nobody: the active set of legacy JSSE.

Of that dialect only record, alert and exception lines name their thread. But a thread can print the other
lines only while it computes: from a "READ: Handshake" until it has written its flight; then it blocks in
read(), and its next line is a named one. So the threads that can be printing are known at each line. Where
the message fits exactly one of them, the line is its own; where it fits several, each of them is told that it
perhaps is. A client's first lines come before its first named line and are held back until that: its first
"WRITE: Handshake".

Record lines themselves do not leave; they become what they prove: a ClientHello, a ServerHello or a
client's key exchange that went unattributed, the change of cipher and the Finished, which is the first
handshake record behind it. Handshakes of SSLEngine have threads of their own here, which no line names.
Events of other dialects pass through.

A little longer than most modules: each kind of line is asked for its speaker here.
"""

import re
from dataclasses import dataclass, field, replace

from agent.assembly import engines
from agent.assembly.engines import Engines
from agent.assembly.sharing import share
from agent.assembly.starts import STALE_EVENTS, Start, announce, begin_client, take_hello
from agent.assembly.threads import (
    Phase,
    Thread,
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
    ender,
    expected,
    fact_fits,
    fits,
    hears_hello,
    settle,
    take_side,
)
from agent.codec import unpack_event
from agent.model.events import Event, Fact, FactKind, JvmHappening, Said, Started, StoreEntry
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, JvmEvent, Role

THREADS_LIMIT = 2000
SESSIONS_LIMIT = 2000
"""Threads and sessions followed; the ones not heard of for longest are forgotten."""

YOUNG_EVENTS = 500
"""Events from the log's beginning during which a thread that was not heard of before can be amid a handshake.
By then those under way have ended, or will fall silent."""

_DIALECTS = frozenset({Dialect.JSSE_LEGACY, Dialect.IBM_JSSE})

_RECORD = re.compile(
    r".*, (READ|WRITE): +(?:\S+ (Handshake|Change Cipher Spec|Alert|Application Data)|SSL)[^,]*, "
)


@dataclass(slots=True)
class State:
    """All that attribution remembers.

    `now` counts events, `timed` says that the lines have times, `whole` that the log shows the JVM's start.
    `stored` says that it shows the JVM reading its stores before any thread spoke: it begins near that start.
    """

    threads: dict[str, Thread] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    starts: list[Start] = field(default_factory=list)
    renegotiations: int = 0
    engines: Engines = field(default_factory=Engines)
    jvm: int | None = None
    now: int = 0
    timed: bool = False
    whole: bool = False
    stored: bool = False


class Attribution:
    """Takes events in the order of the log and returns them with their speakers."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State()

    def resolve(self, event: Event) -> list[Event]:
        """Return the events that one event makes known, itself included unless it stays nobody's."""
        if isinstance(event.what, JvmHappening):
            if event.what.event in {JvmEvent.RESTART, None}:
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
            self.state.stored = self.state.stored or not self.state.threads
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
        if record is None and _is_record(event):
            return []
        kind = f"{record[1]} {record[2] or 'Handshake'}" if record else ""
        self.state.timed = event.when is not None
        engines.learn(self.state.engines, event)
        if engines.speaks(self.state.engines, self.state.threads, self.state.starts, event, kind):
            return self._engine(event, kind)
        return self._line(event.speaker.key, event, kind)

    def _line(self, name: str, event: Event, kind: str) -> list[Event]:
        """Take a line of a thread; `kind` is that of its record ("READ Alert"), "" if it is about none."""
        late = not self._seasoned and name not in self.state.threads
        thread = self._thread(name)
        thread.tail = False
        thread_name = None if engines.is_engine(name) else name
        event = replace(event, speaker=replace(event.speaker, thread=thread_name, key=name))
        if kind == "READ Handshake":
            return read_record(thread, event, late=late)
        told = pay(thread)
        if kind == "WRITE Handshake":
            return told + self._write(thread, event, late=late)
        if not kind:
            # a client that has not written yet may be this one, if the line that says so is lost
            thread.late = thread.late or (thread.phase is Phase.IDLE and bool(self.state.starts))
            return told + spoken(thread, event, late=late and not self.state.stored)
        if kind.endswith("Change Cipher Spec"):
            return told + change_cipher(thread, event, sent=kind.startswith("WRITE"))
        return told + flow(thread, event) if kind.endswith("Application Data") else told

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
        if late and not starts:
            return enter_writing(thread, event)
        renegotiates = thread.phase is Phase.OPEN and thread.role is Role.CLIENT and self.state.renegotiations
        told = begin_client(starts, thread, event, late=late and not self.state.stored)
        if renegotiates:
            self.state.renegotiations -= 1
            told.append(replace(event, what=Fact(FactKind.RENEGOTIATION)))
        return told

    # -- SSLEngine ----------------------------------------------------------------------------------------

    def _engine(self, event: Event, kind: str) -> list[Event]:
        """Take a named line that belongs to a handshake of SSLEngine, be it known to which or not."""
        known, threads = self.state.engines, self.state.threads
        if kind.endswith(("Alert", "Application Data")) or engines.is_warning(event):
            return []
        fit = engines.candidates(known, threads, event, kind)
        if not fit and kind == "READ Handshake":
            known.reads += 1
            known.socket.setdefault(event.speaker.key, False)
        fit = fit or self._engine_begins(event, kind)
        if not fit:
            return []
        told = [] if len(fit) == 1 else [e for key in fit for e in self._mingle(event, key)]
        engines.note(known.last, event.speaker.key, fit[0])
        told += self._line(fit[0], event, kind)
        engines.tidy(known, threads)
        return told

    def _engine_begins(self, event: Event, kind: str) -> list[str]:
        """Return the handshake that a line begins, if it does, because none under way can be its own."""
        known, threads = self.state.engines, self.state.threads
        starts = kind == "WRITE Handshake" and self.state.starts
        begins = starts if kind else engines.ends(event)
        return [engines.new(known, threads)] if begins else []

    def _engine_made(self, event: Event) -> list[Event]:
        """Take the line that an engine was made.

        If it is the first one of a log that began later than the JVM, engines were perhaps at work before it.
        What is under way then, and looked like a thread's own handshake, may be theirs.
        """
        known = self.state.engines
        first = not known.seen and not self.state.whole
        known.seen = True
        known.created += 1
        talking = [n for n, t in self.state.threads.items() if t.phase is Phase.TALKING]
        return [told for n in talking if first and not known.socket.get(n) for told in self._mingle(event, n)]

    def _mingle(self, event: Event, key: str) -> list[Event]:
        self.state.threads[key].unsure = True
        speaker = replace(event.speaker, thread=None, key=key)
        return [replace(event, speaker=speaker, what=Fact(FactKind.MINGLED))]

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
        match event.what:
            case Started():
                announce(self.state.starts, self.state.now, told=True)
            case Said(message=Message.CLIENT_HELLO):
                return self._client_hello(event)
            case Said() as said:
                return self._message(event, said)
            case Fact() as fact:
                return self._fact(event, fact)
            case _:
                return [event]
        return []

    def _fact(self, event: Event, fact: Fact) -> list[Event]:
        if fact.kind is FactKind.LIBRARY:
            return self._engine_made(event)
        if fact.kind is FactKind.SESSION:
            return self._session(event, fact.value)
        if fact.kind is FactKind.RENEGOTIATION:
            fit = [n for n, t in self._active() if t.again is not Role.UNKNOWN and not t.said]
            self.state.renegotiations += not fit
        else:
            fit = [n for n, t in self._active() if fact_fits(t, fact)]
        return self._assign(fit[0], event) if len(fit) == 1 else share(event, self.state.threads, fit)

    def _client_hello(self, event: Event) -> list[Event]:
        waiting = [n for n, t in self._active() if hears_hello(t)]
        known = self.state.engines
        starting = any(s.hello is None and not s.some for s in self.state.starts)
        engine = bool(known.reads or (known.created and not waiting))
        if len(waiting) + starting + engine > 1:
            return share(event, self.state.threads, waiting)
        if engine:
            known.reads = max(known.reads - 1, 0)
            waiting = [engines.new(known, self.state.threads)]
            thread = self._thread(waiting[0])
            thread.phase, thread.role, thread.reads, thread.active = Phase.TALKING, Role.SERVER, 1, True
        if waiting and not starting:
            return self._assign(waiting[0], event)
        take_hello(self.state.starts, event, self.state.now)
        return []

    def _message(self, event: Event, said: Said) -> list[Event]:
        if said.message is Message.HELLO_REQUEST:
            for _, thread in self._active():
                if thread.again is Role.CLIENT and not thread.said:
                    # what looked like a new server connection is a client that is asked to start again
                    thread.phase, thread.role = Phase.OPEN, Role.CLIENT
                    thread.owed, thread.active = None, False
            return []
        empty = said.certificates == ()
        fit = [n for n, t in self._active() if fits(t, said.message, empty=empty)]
        if len(fit) == 1 and (self._seasoned or expected(self.state.threads[fit[0]], said.message)):
            return self._assign(fit[0], event)
        return share(event, self.state.threads, fit)

    def _session(self, event: Event, value: str) -> list[Event]:
        """Take a line about a session: who begins it, and who has done."""
        label, side, cached = (value.split() + [""] * 2)[:3]
        sessions = self.state.sessions
        if cached:
            name = sessions.get(label) or ender(self.state.threads, self.state.now - STALE_EVENTS, Role(side))
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
        reads = self.state.engines.reads > 0  # a task of any of their handshakes may be at work
        return [
            (n, t)
            for n, t in self.state.threads.items()
            if t.heard >= oldest and (t.active or (reads and engines.is_engine(n) and not t.ciphers))
        ]

    def _assign(self, name: str, event: Event) -> list[Event]:
        """Return an event as the named thread's own, with the direction that follows from its role."""
        thread = self._thread(name)
        engine = engines.is_engine(name)
        if engine and not thread.active:
            self.state.engines.reads = max(self.state.engines.reads - 1, 0)  # the record that it works on
            thread.active = True
        speaker = replace(event.speaker, thread=None if engine else name, key=name)
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
        sent = direction(thread, said.message, empty=said.certificates == ())
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

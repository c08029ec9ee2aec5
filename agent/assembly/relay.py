"""A handshake that threads hand on to one another.

SSLSocket shakes hands on one thread. SSLEngine leaves the work to whichever thread is free: a message is
consumed on a thread of a pool, the last one where its record was read, and what answers it is produced on the
same thread at once (sun.security.ssl.SSLEngineImpl.DelegatedTask, HandshakeContext.dispatch). So a handshake
comes in pieces, each a run of lines of one thread, and each but the first begins with something received. No
line names the connection. What ties a piece to the handshake that it goes on with:

* the session id, which a TLS 1.3 server sends back;
* order: only a handshake that waits for this message can go on with it, in the forms of its version;
* an alert answers what was sent last.

A handshake on a socket goes on by itself, so a piece is left alone for `JOIN_SECONDS`; what waits still then,
can be what it goes on with. Where several can, one is taken, so that each handshake is counted once; but of
what came before the piece only that is kept which all of them share, and the handshake is marked as mingled.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from agent.assembly import order, pieces
from agent.assembly.draft import Draft
from agent.assembly.transitions import State
from agent.model.events import AlertSeen, Event, Fact, FactKind, Failed, Happening, Said
from agent.model.tls import BENIGN_ALERTS, Message

JOIN_SECONDS = 2.0
"""Seconds without a further line after which a piece is joined: a socket's thread has its answer by then."""

THREADS_LIMIT = 4096
"""Threads remembered as taking turns."""

_UNDER_WAY = frozenset({State.TALKING, State.FINISHED})


@dataclass(slots=True)
class Memory:
    """What the relay remembers beside the drafts.

    `pieces` are the keys of drafts whose beginning may be elsewhere, `turning` the threads that are known to
    take turns, `inviting` says that another ClientHello was asked for.
    """

    pieces: dict[str, None] = field(default_factory=dict)
    turning: dict[str, None] = field(default_factory=dict)
    inviting: bool = False


class Relay:
    """Tells which draft a thread's line goes on with, and joins the pieces of one handshake.

    `drafts` are the assembler's, by the key of the thread that spoke last, in the order of their last line;
    what a thread has left aside has a key of its own.
    """

    def __init__(self, drafts: dict[str, Draft], memory: Memory) -> None:
        self._drafts = drafts
        self._memory = memory

    def stray(self, key: str, draft: Draft | None, event: Event) -> bool:
        """Return whether an event says nothing of the conversation that its thread is in, or nothing new."""
        what, idle = event.what, draft is None or draft.state is not State.TALKING
        if isinstance(what, Said):
            self._memory.inviting = self._memory.inviting or order.invites(what)
            idle = idle and what.message is Message.CHANGE_CIPHER_SPEC
            if order.beside(what) and (idle or self._turns(key)):
                return True  # it names no role, and nothing waits for it
            return draft is not None and order.repeats(draft, event)
        if isinstance(what, Fact | Failed) or not self._turns(key):
            return False
        told_off = isinstance(what, AlertSeen) and not what.sent and what.description not in BENIGN_ALERTS
        return not told_off and not (draft is not None and draft.state is State.FAILED)

    def follow(self, key: str, draft: Draft, what: Happening) -> bool:
        """Join what another thread went on with, if a thread hears what cannot come yet.

        Return whether the handshake is that other thread's now. This is for a thread that is not known to
        take turns: one that does, may speak of any handshake. Only one piece may fit. A message out of its
        order, or an alert that answers nothing sent so far, then shows that this is the one; with another
        alert it is enough that the piece fits no other handshake.
        """
        if draft.state is not State.TALKING or not self._memory.pieces or self._turns(key):
            return False
        if isinstance(what, Said):
            come, beyond = what.sent is False, what.message not in order.awaits(draft)
        elif isinstance(what, AlertSeen):
            come = not what.sent and what.description not in BENIGN_ALERTS
            beyond = not pieces.answers(what.description, draft)
        else:
            return False
        if not come or (isinstance(what, Said) and not beyond):
            return False
        found = pieces.fitting(draft, self._pieces())
        if len(found) != 1 or not (beyond or pieces.candidates(found[0], self._latest(), ()) == [draft]):
            return False
        self._join(next(k for k in self._memory.pieces if self._drafts[k] is found[0]), [draft])
        return True

    def departs(self, key: str, draft: Draft, what: Happening) -> bool:
        """Return whether a thread goes on with another handshake than the one that it spoke of last."""
        if isinstance(what, Said):
            if not order.received(what) or _resumes(draft, what):
                return False
            return not order.goes_on(draft, what) or (self._turns(key) and self._elsewhere(key, draft, what))
        if draft.state not in {*_UNDER_WAY, State.FAILED, State.CLOSED} or not self._turns(key):
            return False
        if isinstance(what, Failed):
            # in a task, and where a message is consumed, the thread speaks of one handshake; where a record
            # is read or written, nobody knows of which
            return draft.state is State.TALKING and what.engine is True and what.reading is not False
        told_off = isinstance(what, AlertSeen) and not what.sent
        # nothing more is read from a connection that has failed
        return told_off and (draft.state in _UNDER_WAY or bool(draft.failures))

    def begin(self, key: str, event: Event) -> None:
        """Take note of a new draft, which may be a piece of a handshake begun elsewhere."""
        what = event.what
        self._memory.pieces.pop(key, None)
        if order.received(what) or (isinstance(what, AlertSeen) and not what.sent):
            self._memory.pieces[key] = None

    def waits(self, key: str) -> bool:
        """Return whether a draft's beginning is still looked for."""
        return key in self._memory.pieces

    def forget(self, key: str) -> None:
        """Take note that a draft is no more."""
        self._memory.pieces.pop(key, None)

    def clear(self) -> None:
        """Forget everything: the JVM is another one."""
        self._memory.pieces.clear()
        self._memory.turning.clear()
        self._memory.inviting = False

    def aside(self, key: str) -> bool:
        """Leave a draft aside that another thread may go on with; False where none can."""
        draft = self._drafts[key]
        waiting = draft.state is State.TALKING and bool(order.awaits(draft))
        waiting = waiting or (draft.state is State.FINISHED and key in self._memory.turning)
        if not waiting and key not in self._memory.pieces:
            return False
        own = f"{key}|{draft.began}"
        self._drafts[own] = self._drafts.pop(key)
        if key in self._memory.pieces:
            del self._memory.pieces[key]
            self._memory.pieces[own] = None
        return True

    def join(self, now: datetime | None = None, *, own: bool = False) -> None:
        """Join the pieces that were left alone for long enough; without a time all of them.

        `own` says that the time is by the clock of records without a prefix.
        """
        for key in sorted(self._memory.pieces, key=lambda k: self._drafts[k].began):
            piece = self._drafts[key]
            if now is not None and (
                piece.heard is None
                or piece.by_record is not own
                or (now - piece.heard).total_seconds() < JOIN_SECONDS
            ):
                continue
            self._join(key)

    def prove(self, key: str, event: Event) -> None:
        """Join a piece at once if this event of it tells what it goes on with."""
        what = event.what
        hello = isinstance(what, Said) and what.hello is not None and what.hello.session is not None
        again = isinstance(what, Fact) and what.kind is FactKind.RENEGOTIATION
        if again or (hello and (self._memory.inviting or key in self._memory.pieces)):
            piece = self._drafts[key]
            if pieces.proven(piece, self._latest()):
                self._join(key)

    def refused(self, key: str) -> bool:
        """Join the server's verdict, which another thread has read, to a client that has finished."""
        finished = self._drafts[key]
        if not pieces.verdict_on(finished, self._pieces()):
            return False
        self.join()
        return self._drafts.get(key) is not finished or finished.state is not State.FINISHED

    def _turns(self, key: str) -> bool:
        """Return whether a thread takes turns, as far as is known."""
        return key in self._memory.turning or key in self._memory.pieces

    def _elsewhere(self, key: str, draft: Draft, said: Said) -> bool:
        """Return whether what a thread that takes turns has received may be of another handshake."""
        if pieces.gone(draft, self._pieces()):
            return True
        if order.amid(draft) and order.waits_for(draft, said):
            return False
        known = self._memory.turning
        return any(
            other.thread != key
            and (key not in known or other.thread in known)
            and order.waits_for(other, said)
            for other in self._latest()
        )

    def _join(self, key: str, known: list[Draft] | None = None) -> None:
        """Join a piece to what it goes on with, which may be `known`."""
        memory, piece = self._memory, self._drafts[key]
        memory.pieces.pop(key, None)
        rivals = known or pieces.candidates(piece, self._latest(), memory.turning, self._pieces())
        if not rivals:
            return
        threads = (rivals[0].thread, piece.thread)
        joined = pieces.join(piece, rivals)
        old = next(k for k, draft in self._drafts.items() if draft is joined)
        memory.pieces.pop(old, None)
        del self._drafts[old]
        self._drafts[key] = joined
        for thread in threads:
            memory.turning.pop(thread, None)
            memory.turning[thread] = None
        while len(memory.turning) > THREADS_LIMIT:
            del memory.turning[next(iter(memory.turning))]

    def _latest(self) -> Iterator[Draft]:
        return islice(reversed(self._drafts.values()), pieces.CANDIDATES_LIMIT)

    def _pieces(self) -> Iterator[Draft]:
        return (self._drafts[key] for key in self._memory.pieces)


def _resumes(draft: Draft, said: Said) -> bool:
    """Return whether a handshake goes on after all: a read that timed out, as a socket's may, was no failure.

    Takes the failure back. SSLSocketImpl.handleException keeps the connection then.
    """
    healed = (
        draft.state is State.FAILED
        and not draft.alerts
        and not any(failed.final for failed in draft.failures)
        and said.message in order.awaits(draft)
    )
    if healed:
        draft.state = State.TALKING
        draft.failures.clear()
        draft.failed_at.clear()
    return healed

"""A handshake while it is being assembled: what was heard so far, within limits.

A little longer than most modules: every way in which a conversation changes goes through this one class.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from agent.assembly import bounds
from agent.assembly.bounds import LIST_LIMIT
from agent.assembly.clock import by_record
from agent.assembly.transitions import State
from agent.model.block import Where
from agent.model.events import (
    AlertSeen,
    Certificate,
    Event,
    Fact,
    FactKind,
    Failed,
    Hello,
    Perhaps,
    Said,
    Speaker,
    StoreEntry,
)
from agent.model.handshake import Evidence, Handshake, Shared, Step
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Outcome, Role

STEPS_LIMIT = 64
"""Messages kept: a full handshake with renegotiation and both alerts has under 40."""

REPORTS_LIMIT = 8
"""Failures, alerts and evidence lines kept: what comes later repeats."""

FACTS_LIMIT = 48

_SIDES = 2

_OVER_STEPS = 8
"""Messages kept of a conversation that is told: enough to know what a next one answers."""


@dataclass(slots=True)
class Common:
    """What the handshakes share that a piece can be of; the names are those of `Draft`."""

    role: Role
    hello: Hello | None
    protocol: str | None
    cipher_suite: str | None
    own_chain: tuple[Certificate, ...] | None
    peer_chain: tuple[Certificate, ...] | None
    authorities: tuple[str, ...] | None
    steps: list[Step]
    facts: list[Fact]


@dataclass(slots=True)
class Draft:
    """One conversation. Its fields are those of `Handshake`, growing; see there.

    `heard` is when its last line was written, by a clock that may be moved to where the log's was set, and
    `by_record` says that this clock is the records' own.
    `thread` is who spoke last; `began` and `spoke` count the events of the log. `received` are the messages
    that came in since the last hello, `session` the mark of the session id, `modern` whether it is TLS 1.3 as
    far as the messages' forms tell, and `common`, once a piece was joined to another one that it fitted as
    well, what of it is not in doubt.
    """

    speaker: Speaker
    first: Where
    last: Where
    state: State = State.TALKING
    role: Role = Role.UNKNOWN
    started_at: datetime | None = None
    ended_at: datetime | None = None
    heard: datetime | None = None
    by_record: bool = False
    finished_sides: list[bool | None] = field(default_factory=list)
    hello: Hello | None = None
    protocol: str | None = None
    cipher_suite: str | None = None
    renegotiation: bool = False
    own_chain: tuple[Certificate, ...] | None = None
    peer_chain: tuple[Certificate, ...] | None = None
    authorities: tuple[str, ...] | None = None
    steps: list[Step] = field(default_factory=list)
    alerts: list[AlertSeen] = field(default_factory=list)
    failures: list[Failed] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)
    mingled: bool = False
    read_at: dict[str, Where] = field(default_factory=dict)
    failed_at: list[Where] = field(default_factory=list)
    clocks: tuple[datetime, datetime] | None = None
    thread: str = ""
    began: int = 0
    spoke: int = 0
    received: list[str] = field(default_factory=list)
    session: str | None = None
    modern: bool | None = None
    common: Common | None = None

    def touch(self, event: Event, turn: int = 0) -> None:
        """Take note of where and when something was heard, or was before and is understood only now.

        `turn` is the event's number.
        """
        self.spoke = turn
        earlier = _precedes(event.at, self.last)
        if not earlier:
            self.last = event.at
        elif _precedes(event.at, self.first):
            self.first = event.at
        if event.when is not None:
            self.started_at = self.started_at or event.when
            if not earlier or self.ended_at is None:
                self.ended_at = event.when
                self.heard, self.by_record = event.written, by_record(event)
        if self.clocks is None and event.clocks is not None:
            self.clocks = event.clocks
            self.read_at["clocks"] = event.at
        if event.speaker.dialect is Dialect.IBM_JSSE:
            self.speaker = event.speaker  # a log may show only amid a handshake whose variant it is

    def say(self, event: Event, said: Said) -> None:
        """Take over a handshake message."""
        at = event.at
        self._take_role(said.role, at)
        empty = said.certificates == () or said.authorities == ()
        if len(self.steps) < STEPS_LIMIT:
            self.steps.append(Step(said.message, said.sent, at, empty))
        if said.message is Message.FINISHED:
            self.finish(said.sent)
        elif said.message is Message.HELLO_REQUEST:
            self.renegotiation = True
            self.read_at["renegotiation"] = at
        modern = _MODERN.get(said.message) if said.modern is None else said.modern
        self.modern = self.modern if modern is None else modern
        if said.message is Message.FINISHED and self.finished_sides == [self.role is Role.CLIENT, said.sent]:
            self.modern = False  # in a full handshake until TLS 1.2 the client finishes first
        if said.message is Message.CLIENT_HELLO:
            self.received.clear()
        elif said.sent is False and len(self.received) < STEPS_LIMIT:
            self.received.append(said.message)
        if said.hello is not None:
            self._greet(said.message, said.hello, at)
        if said.certificates is not None:
            certificates = bounds.chain(said.certificates)
            if said.sent:
                self.own_chain = certificates
            else:
                self.peer_chain = certificates
            self.read_at["own_chain" if said.sent else "peer_chain"] = at
        if said.authorities is not None:
            self.authorities = said.authorities[:LIST_LIMIT]
            self.read_at["authorities"] = at

    def _take_role(self, role: Role, at: Where) -> None:
        if role not in {Role.UNKNOWN, self.role}:
            self.role = role
            self.read_at["role"] = at

    def finish(self, sent: bool | None) -> None:  # noqa: FBT001  (None: the line does not tell)
        """Take note of one side's Finished; it may be printed twice."""
        if len(self.finished_sides) < _SIDES and (sent is None or sent not in self.finished_sides):
            self.finished_sides.append(sent)

    @property
    def both_finished(self) -> bool:
        """Whether both sides' Finished were seen."""
        return len(self.finished_sides) >= _SIDES

    def _greet(self, message: Message, hello: Hello, at: Where) -> None:
        self.session = hello.session or self.session
        if message is Message.CLIENT_HELLO:
            self.hello = bounds.hello(hello)
            self.read_at["hello"] = at
        elif message is Message.SERVER_HELLO:
            self._agree("protocol", hello.versions[0] if hello.versions else None, at)
            self._agree("cipher_suite", hello.suites[0] if hello.suites else None, at)

    def _agree(self, name: Literal["protocol", "cipher_suite"], value: str | None, at: Where) -> None:
        """Take over what was negotiated; it is often told twice, and the first line counts."""
        if value and value != getattr(self, name):
            setattr(self, name, value)
            self.read_at[name] = at

    def alert(self, event: Event, alert: AlertSeen) -> None:
        """Take over an alert."""
        if len(self.steps) < STEPS_LIMIT:
            self.steps.append(Step(alert.description, alert.sent, event.at))
        if len(self.alerts) < REPORTS_LIMIT:
            self.alerts.append(alert)

    def fail(self, event: Event, failed: Failed) -> None:
        """Take over a report of failure."""
        if self.role is Role.UNKNOWN:
            self._take_role(failed.role, event.at)
        if len(self.failures) < REPORTS_LIMIT:
            self.failures.append(bounds.failed(failed))
            self.failed_at.append(event.at)

    def note(self, event: Event, fact: Fact) -> None:
        """Take over a fact, each once."""
        if fact.kind is FactKind.SERVER_NAME_UNSUPPORTED and self.role is Role.SERVER:
            return  # the extensions of a ServerHello: a server names nobody
        if fact.kind is FactKind.PROTOCOL:
            self._agree("protocol", fact.value, event.at)
            self.modern = fact.value == "TLSv1.3"
        elif fact.kind is FactKind.CIPHER_SUITE:
            self._agree("cipher_suite", fact.value, event.at)
        elif fact.kind is FactKind.RENEGOTIATION:
            self.renegotiation = True
        if fact not in self.facts and len(self.facts) < FACTS_LIMIT:
            self.facts.append(fact)
            if fact.kind not in {FactKind.PROTOCOL, FactKind.CIPHER_SUITE}:
                self.read_at[fact.kind] = event.at

    def suppose(self, event: Event, perhaps: Perhaps) -> None:
        """Keep a line that may be this conversation's, apart from what is known of it."""
        said = perhaps.said and bounds.said(perhaps.said)
        line = Shared(event.at, event.text, said, perhaps.fact)
        if len(self.shared) < REPORTS_LIMIT and line not in self.shared:
            self.shared.append(line)

    def mingle(self) -> None:
        """Take back all contents: whose they are can no longer be told. How far it came stays."""
        self.mingled = True
        self.shared += [Shared(line.at, line.text) for line in self.evidence][
            : REPORTS_LIMIT - len(self.shared)
        ]
        self.hello = self.protocol = self.cipher_suite = None
        self.own_chain = self.peer_chain = self.authorities = None
        self.steps = [replace(step, empty=False) for step in self.steps]
        self.facts.clear()
        self.evidence.clear()
        self.read_at = {name: at for name, at in self.read_at.items() if name == "role"}

    def show(self, event: Event) -> None:
        """Keep a line as evidence: the first ones, and the last one in the last place."""
        line = Evidence(event.at, event.text)
        if not event.text or any(e.text == event.text for e in self.evidence):
            return
        if len(self.evidence) < REPORTS_LIMIT:
            self.evidence.append(line)
        else:
            self.evidence[-1] = line

    def extend(self, other: "Draft") -> None:
        """Take over, within the limits, the lists of a conversation that this one goes on with."""
        self.steps = (self.steps + other.steps)[:STEPS_LIMIT]
        self.alerts = (self.alerts + other.alerts)[:REPORTS_LIMIT]
        self.failures = (self.failures + other.failures)[:REPORTS_LIMIT]
        self.failed_at = (self.failed_at + other.failed_at)[:REPORTS_LIMIT]
        self.shared = (self.shared + other.shared)[:REPORTS_LIMIT]
        self.read_at |= other.read_at
        self.facts = (self.facts + [fact for fact in other.facts if fact not in self.facts])[:FACTS_LIMIT]
        lines = self.evidence + other.evidence
        self.evidence = [*lines[: REPORTS_LIMIT - 1], lines[-1]] if len(lines) > REPORTS_LIMIT else lines

    def shed(self) -> None:
        """Let go of what telling needed: the conversation is told, and only absorbs what still comes."""
        self.hello = self.own_chain = self.peer_chain = self.authorities = self.common = None
        del self.steps[:-_OVER_STEPS], self.failures[1:], self.failed_at[1:]
        for told in (self.facts, self.evidence, self.shared, self.read_at):
            told.clear()

    @property
    def stray(self) -> bool:
        """Whether all that was heard is an alert that need not belong to a handshake.

        IAIK prints the same line for an alert on a connection that has long been established, but says
        "while handshaking" of each exception that ends a handshake.
        """
        iaik = self.speaker.dialect is Dialect.IAIK
        return iaik and not self.failures and len(self.alerts) == len(self.steps)

    @property
    def invited(self) -> bool:
        """Whether a HelloRetryRequest or HelloRequest is unanswered: a ClientHello is no new start then."""
        for step in reversed(self.steps):
            if step.name == Message.CLIENT_HELLO:
                return False
            if step.name in _INVITATIONS:
                return True
        return False

    @property
    def ticketed(self) -> bool:
        """Whether a ticket came: a TLS 1.3 server sends it when it has accepted the client's Finished."""
        return any(step.name == Message.NEW_SESSION_TICKET and not step.sent for step in self.steps)

    def handshake(self, outcome: Outcome, stores: tuple[StoreEntry, ...]) -> Handshake:
        """Return the handshake as it stands."""
        hello = self.hello or Hello()
        facts = {fact.kind: fact.value for fact in self.facts}
        return Handshake(
            dialect=self.speaker.dialect,
            role=self.role,
            outcome=outcome,
            jvm=self.speaker.jvm,
            thread=self.speaker.thread,
            connection=self.speaker.connection,
            first=self.first,
            last=self.last,
            started_at=self.started_at,
            ended_at=self.ended_at,
            offered_versions=hello.versions,
            offered_suites=hello.suites,
            application_protocols=hello.application_protocols,
            v2_hello=hello.v2,
            protocol=self.protocol,
            cipher_suite=self.cipher_suite,
            server_name=hello.server_name,
            peer=facts.get(FactKind.PEER),
            resumed=FactKind.RESUMED in facts,
            renegotiation=self.renegotiation,
            own_chain=self.own_chain,
            peer_chain=self.peer_chain,
            authorities=self.authorities,
            steps=tuple(self.steps),
            alerts=tuple(self.alerts),
            failures=tuple(self.failures),
            facts=tuple(self.facts),
            finished=self.state in {State.FINISHED, State.DONE} or self.both_finished,
            shallow=not any(step.name in _MESSAGES for step in self.steps),
            read_at=tuple(self.read_at.items()),
            failed_at=tuple(self.failed_at),
            clocks=self.clocks,
            ambiguous=self.mingled or bool(self.shared),
            shared=tuple(self.shared),
            stores=stores,
            evidence=tuple(self.evidence),
        )


_MESSAGES = frozenset(Message)
_MODERN = MappingProxyType(
    {
        Message.ENCRYPTED_EXTENSIONS: True,
        Message.HELLO_RETRY_REQUEST: True,
        Message.SERVER_KEY_EXCHANGE: False,
        Message.SERVER_HELLO_DONE: False,
        Message.CLIENT_KEY_EXCHANGE: False,
        Message.CERTIFICATE_STATUS: False,
        Message.HELLO_REQUEST: False,
    }
)
"""Messages that only TLS 1.3 has, or only older versions."""

_INVITATIONS = frozenset({Message.HELLO_RETRY_REQUEST, Message.HELLO_REQUEST})


def _precedes(one: Where, other: Where) -> bool:
    """Tell whether a place stands before another one; of two files nobody knows."""
    return one.identity == other.identity and one.offset < other.offset


def within(earlier: datetime | None, later: datetime | None, seconds: float) -> bool:
    """Return whether one time is at most so many seconds behind another; True where one is not known."""
    return earlier is None or later is None or (later - earlier).total_seconds() <= seconds

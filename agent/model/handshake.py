"""A handshake as it was assembled: facts of the log only, no judgement beyond how it ended."""

from dataclasses import dataclass
from datetime import datetime

from agent.model.block import Where
from agent.model.events import AlertSeen, Certificate, Fact, FactKind, Failed, Said, StoreEntry
from agent.model.vocabulary import Dialect, Outcome, Role


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of the conversation, in order: a `Message`, or an alert by its registry name.

    `sent` is None where the log does not tell the direction. `empty` marks a Certificate message without
    certificates, or a CertificateRequest without authorities.
    """

    name: str
    sent: bool | None
    at: Where
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A redacted line of the log and where it stands."""

    at: Where
    text: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A redacted line that belongs to one of several handshakes, and what it says: a message or a fact."""

    at: Where
    text: str
    said: Said | None = None
    fact: Fact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """One handshake, finished.

    Absent facts are None or empty: `own_chain` and `peer_chain` are None when no Certificate message of
    that side was seen and () when an empty one was; `authorities` is None without a CertificateRequest and
    () for one that names none. `failures` holds every report in order; the first one that is not a
    consequence of an earlier is the cause. `finished` says that both Finished messages went through.
    `shallow` says that no handshake message was printed. `stores` are the JVM's own keys and anchors as
    far as the log showed them before.

    `shared` are lines that fit this handshake and others as well: no facts of it, never proof. `ambiguous`
    says that there are some, or that lines which were thought to be its own could be another one's.

    `read_at` has the line that told a fact, by the name of its field or kind; "hello" is the ClientHello's.
    `failed_at` has the line of each of the `failures`. `clocks` are the times of the first line that tells
    two: its record's and its prefix's.
    """

    dialect: Dialect
    role: Role
    outcome: Outcome
    jvm: int | None
    thread: str | None
    connection: int | None
    first: Where
    last: Where
    started_at: datetime | None
    ended_at: datetime | None
    offered_versions: tuple[str, ...] = ()
    offered_suites: tuple[str, ...] = ()
    application_protocols: tuple[str, ...] = ()
    v2_hello: bool = False
    protocol: str | None = None
    cipher_suite: str | None = None
    server_name: str | None = None
    peer: str | None = None
    resumed: bool = False
    renegotiation: bool = False
    own_chain: tuple[Certificate, ...] | None = None
    peer_chain: tuple[Certificate, ...] | None = None
    authorities: tuple[str, ...] | None = None
    steps: tuple[Step, ...] = ()
    alerts: tuple[AlertSeen, ...] = ()
    failures: tuple[Failed, ...] = ()
    facts: tuple[Fact, ...] = ()
    finished: bool = False
    shallow: bool = False
    read_at: tuple[tuple[str, Where], ...] = ()
    failed_at: tuple[Where, ...] = ()
    clocks: tuple[datetime, datetime] | None = None
    ambiguous: bool = False
    shared: tuple[Shared, ...] = ()
    stores: tuple[StoreEntry, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def told_at(self, name: str) -> Where | None:
        """Return the line that told a field or a kind of fact, None where none did."""
        return next((at for told, at in self.read_at if told == name), None)

    def fact(self, kind: FactKind) -> str | None:
        """Return the last value of a kind of fact, or None."""
        return next((f.value for f in reversed(self.facts) if f.kind is kind), None)

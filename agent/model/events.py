"""What a dialect reads out of a log: one event for each record that matters, in the order of the log.

A dialect says only what its line says. Which handshake an event belongs to, and what follows from it, is
decided later. An event never carries key material, hex dumps or plaintext: dialects pick named fields.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum

from agent.model.block import Where
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, JvmEvent, Leak, Role


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who printed a record, as far as the dialect tells.

    `jvm` is the wrapper's index of the JVM. `thread` is the thread's name as printed, None where the line
    has none. `key` ties the records of one connection together within one JVM (JSSE: thread id and name;
    legacy JSSE: thread name; IAIK: N of "ssl_debug(N)"); it is empty for a line that names nobody.
    """

    dialect: Dialect
    jvm: int | None
    thread: str | None
    key: str
    connection: int | None = None


SOME_ZONE = timezone(timedelta(0), "?")
"""That of a certificate's date whose printed zone is ambiguous: the day is right, the hour is not known."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The printed fields of an X.509 certificate; None where the dialect does not print one.

    `key` is the public key's algorithm and size in bits, as "RSA 2048".
    """

    subject: str | None = None
    issuer: str | None = None
    serial: str | None = None
    version: int | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    signature_algorithm: str | None = None
    ca: bool | None = None
    extended_key_usage: tuple[str, ...] | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Hello:
    """A ClientHello (what is offered) or a ServerHello (one version, one suite: what was chosen).

    `server_name` is None when the hello holds no server_name extension. `v2` marks a ClientHello in SSL 2.0
    framing. `session` is a mark of the session id, equal where that is equal: a TLS 1.3 server sends back the
    client's (RFC 8446 section 4.1.3).
    """

    versions: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    server_name: str | None = None
    application_protocols: tuple[str, ...] = ()
    v2: bool = False
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A handshake begins that printed no message yet."""


@dataclass(frozen=True, slots=True)
class Said:
    """A handshake message went out (`sent`), came in, or (None) the line does not tell which.

    `role` is what the line itself proves of the writer. `certificates` is () for an empty Certificate
    message and None where the text names none; `authorities` likewise for a CertificateRequest. `modern`
    tells whether the message has the form of TLS 1.3, None where all versions have the same.
    """

    message: Message
    sent: bool | None
    role: Role = Role.UNKNOWN
    hello: Hello | None = None
    certificates: tuple[Certificate, ...] | None = None
    authorities: tuple[str, ...] | None = None
    modern: bool | None = None


@dataclass(frozen=True, slots=True)
class AlertSeen:
    """An alert that really was sent or received, by the registry's name; `level` None where not printed."""

    sent: bool
    level: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Throwable:
    """An exception: its class, "" where not printed, and its message without "(alert_name) " in front."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The library reports that it gives up, or an exception.

    `throwables` run from the outermost to the innermost cause. `word` is the alert that the report names;
    it is what this side wants to send or has received, never proof that the peer sent it. `role` is what
    stack frames or wording prove. `reading` is True when stack frames show that application data was being
    read or written, False when they show a handshake under way, None when they do not tell. `final` is
    False for a report that often repeats another one, or belongs to closing. `engine` tells what stack frames
    show of Java's two ways to speak TLS: True for SSLEngine, False for SSLSocket, None for neither.
    """

    throwables: tuple[Throwable, ...]
    word: str | None = None
    role: Role = Role.UNKNOWN
    reading: bool | None = None
    final: bool = True
    engine: bool | None = None


class FactKind(StrEnum):
    """A small thing a line says about the handshake of its speaker."""

    PROTOCOL = "protocol"  # negotiated version
    CIPHER_SUITE = "cipher_suite"  # negotiated suite
    RESUMED = "resumed"  # the session is resumed
    PEER = "peer"  # address of the other end, "host:port"
    LIBRARY = "library"  # library and version that speaks
    SERVER_NAME_WITHHELD = "server_name_withheld"  # JSSE could not indicate a server name
    SERVER_NAME_UNSUPPORTED = "server_name_unsupported"  # the extensions sent hold no server_name
    NO_CERTIFICATE_SELECTED = "no_certificate_selected"  # value: key type that found no certificate
    NO_CLIENT_CERTIFICATE = "no_client_certificate"  # the client has none to send
    KEY_MANAGER_ABSENT = "key_manager_absent"  # no key manager is configured at all
    KEY_MANAGER = "key_manager"  # value: class name of the key manager in use
    NO_MATCHING_KEY = "no_matching_key"  # the key manager found nothing
    KEY_CHOSEN = "key_chosen"  # value: alias
    ALIAS_IGNORED = "alias_ignored"  # value: "alias: reason"
    PEER_KEY = "peer_key"  # value: "2048 bit RSA", the peer's certificate as IAIK tells it
    PEER_CHAIN_LENGTH = "peer_chain_length"  # number of certificates the peer sent
    HANDSHAKE_ALERT = "handshake_alert"  # legacy: warning alert inside a handshake, by name
    RENEGOTIATION = "renegotiation"  # the handshake is not the first one of its connection
    SESSION = (
        "session"  # value: legacy session label, and what else is told of it ("Session-7 server cached")
    )
    UNDER_WAY = "under_way"  # it may have begun before the first line that the log shows of it
    MINGLED = "mingled"  # the lines of this handshake and of others can no longer be told apart
    COMPLETED = "completed"  # the library says in so many words that the handshake is done


@dataclass(frozen=True, slots=True)
class Fact:
    """One `FactKind` with its value, "" where the kind says it all."""

    kind: FactKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Perhaps:
    """A line that belongs to one of several handshakes under way, this one among them: what it says."""

    said: Said | None = None
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection was closed by this side, in a good or a bad way."""


@dataclass(frozen=True, slots=True)
class StoreEntry:
    """A certificate of this JVM's own stores: a key's chain (`alias` set) or trust anchors (`alias` None)."""

    alias: str | None
    chain: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class JvmHappening:
    """The wrapper or the JVM reports of its own life.

    A RESTART ends all that was open; so does None, the end of a JVM that is no restart or was told as one.
    """

    event: JvmEvent | None


@dataclass(frozen=True, slots=True)
class Leaked:
    """The log holds a secret here; what it says is not kept."""

    leak: Leak


Happening = Leaked | Started | Said | AlertSeen | Failed | Fact | Perhaps | Ended | StoreEntry | JvmHappening


@dataclass(frozen=True, slots=True)
class Event:
    """One happening: where its record starts, when (with a zone; None if no clock is in the line), who, what.

    `text` is the record's first line without prefixes, redacted and cut: fit to be shown as evidence. `known`
    is the offset, in the file read now, up to which the log had to be read for the event to be known; None
    where that is the line at `at`. Events of several dialects are put in order by it, so that how a log is
    cut into blocks changes nothing. `clocks` are the times that the record itself and the prefix of its line
    tell, where both do: the JVM's clock and the writer's need not agree.
    """

    at: Where
    when: datetime | None
    speaker: Speaker
    what: Happening
    text: str
    known: int | None = field(default=None, compare=False)
    clocks: tuple[datetime, datetime] | None = None

    @property
    def written(self) -> datetime | None:
        """When the line was written by its prefix; by the record itself where there is none."""
        return self.clocks[1] if self.clocks else self.when

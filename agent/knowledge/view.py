"""A handshake as the facts see it: what is asked of it more than once, answered in one place."""

import re
from dataclasses import dataclass
from datetime import datetime

from agent.knowledge.verdict import Kind, Transport, Verdict, decide
from agent.model.events import Certificate, FactKind
from agent.model.handshake import Handshake, Step
from agent.model.tls import Message
from agent.model.vocabulary import Depth, Dialect, Role

_MESSAGES = frozenset(message.value for message in Message)
_CHATTY = frozenset({Dialect.IAIK, Dialect.JSSE_LEGACY})
"""Dialects whose debug output, where it is on at all, shows every message."""

_MANY = "["
"""JSSE since 17 names all key types at once where a client looks, one by one where a server does."""

_ROLE_TEXTS = (
    (
        Role.CLIENT,
        re.compile(
            r"tls server authentication|TLSServer check|no subject alternative|no name matching"
            r"|hostname wrong"
            r"|wrong https hostname|server certificate rejected|server chose|server selected"
            r"|received fatal alert: (?:unrecognized_name|certificate_required|no_application_protocol)"
            r"|peer sent alert: alert \w+: unrecognized name|handshake (?:warning|alert): *unrecognized_name",
            re.IGNORECASE,
        ),
    ),
    (
        Role.SERVER,
        re.compile(
            r"tls client authentication|TLSClient check|empty client certificate chain"
            r"|no cipher suites in common"
            r"|client supported protocol versions|client requested protocol|supported in server context"
            r"|unrecognized server name indication|SSLv2Hello is|client initiated renegotiation"
            r"|insufficient buffer remaining for AEAD|X\.509 certificate for server authentication",
            re.IGNORECASE,
        ),
    ),
)
"""Texts that only one end can print."""

_CHECKED = (
    (Role.CLIENT, re.compile(r"TLS server authentication|TLSServer check")),
    (Role.SERVER, re.compile(r"TLS client authentication|TLSClient check")),
)
"""What sun.security.validator.EndEntityChecker says of the other end's certificate."""


@dataclass(frozen=True, slots=True)
class View:
    """A handshake and what is asked of it more than once."""

    handshake: Handshake
    role: Role
    verdict: Verdict
    at: datetime | None
    depth: Depth | None
    messages: tuple[Step, ...]
    peer: tuple[Certificate, ...]
    own: tuple[Certificate, ...]
    keys: tuple[tuple[Certificate, ...], ...]
    anchors: tuple[Certificate, ...]

    def has(self, kind: FactKind, part: str = "") -> bool:
        """Tell whether a fact of a kind was seen whose value holds a text."""
        return any(f.kind is kind and part in f.value for f in self.handshake.facts)

    def saw(self, name: str, *, sent: bool | None = None) -> bool:
        """Tell whether a message was seen, in a direction or in any."""
        return any(s.name == name and (sent is None or s.sent is sent) for s in self.messages)

    def broke(self, *kinds: Transport) -> bool:
        """Tell whether the connection's end in one of these ways decided."""
        return self.verdict.kind is Kind.TRANSPORT and self.verdict.transport in kinds

    @property
    def silent(self) -> bool:
        """No message was exchanged, and the log would show one."""
        if self.messages or self.begun_before:
            return False
        # a JSSE that prints its stores prints messages too: both come with the deeper options
        shown = self.depth is Depth.FULL or bool(self.handshake.stores) or not self.handshake.shallow
        return shown or self.handshake.dialect in _CHATTY

    @property
    def begun_before(self) -> bool:
        """The handshake may have begun before what the log shows of it."""
        return self.has(FactKind.UNDER_WAY) and not self.saw(Message.CLIENT_HELLO)

    @property
    def empty(self) -> bool:
        """This side, the client, answered a CertificateRequest without a certificate."""
        if self.role is not Role.CLIENT:
            return False
        if any(s.name == Message.CERTIFICATE and s.sent and s.empty for s in self.messages):
            return True
        sent = self._showed
        if self.handshake.own_chain == () or (not sent and self.has(FactKind.NO_CLIENT_CERTIFICATE)):
            return True
        return not sent and (
            self.has(FactKind.KEY_MANAGER_ABSENT) or self.has(FactKind.NO_CERTIFICATE_SELECTED, _MANY)
        )

    @property
    def presented(self) -> bool:
        """This side, the client, sent a certificate."""
        return self.role is Role.CLIENT and self._showed

    @property
    def _showed(self) -> bool:
        """This side's Certificate message is known to hold some.

        JSSE prints what it holds: where that was lost, it may have been empty.
        """
        sent = any(s.name == Message.CERTIFICATE and s.sent and not s.empty for s in self.messages)
        return bool(self.own) or (sent and self.handshake.dialect is not Dialect.JSSE)

    @property
    def unanswered(self) -> bool:
        """This side, the server, sent its certificate and no message came back."""
        # in TLS 1.3 a client may send a change of cipher whatever it thinks (RFC 8446 appendix D.4)
        told = [s for s in self.messages if s.name != Message.CHANGE_CIPHER_SPEC]
        sent = [i for i, s in enumerate(told) if s.sent and s.name == Message.CERTIFICATE]
        return self.role is Role.SERVER and bool(sent) and not any(s.sent is False for s in told[sent[0] :])

    @property
    def peer_empty(self) -> bool:
        """The other side sent a Certificate message without certificates."""
        return (
            self.handshake.peer_chain == ()
            or any(s.name == Message.CERTIFICATE and s.sent is False and s.empty for s in self.messages)
            or (self.role is Role.SERVER and self.has(FactKind.NO_CLIENT_CERTIFICATE))
        )

    @property
    def hello_read(self) -> bool:
        """The ClientHello's fields were seen."""
        return self.saw(Message.CLIENT_HELLO) and bool(
            self.handshake.offered_suites or self.handshake.offered_versions or self.handshake.server_name
        )


def view(handshake: Handshake, depth: Depth | None = None) -> View:
    """Return the view of a handshake; `depth` is the log's, None where it is not known."""
    verdict = decide(handshake)
    return View(
        handshake=handshake,
        role=_role(handshake, verdict),
        verdict=verdict,
        at=handshake.ended_at or handshake.started_at,
        depth=depth,
        messages=tuple(s for s in handshake.steps if s.name in _MESSAGES),
        peer=handshake.peer_chain or (),
        own=handshake.own_chain or (),
        keys=tuple(s.chain for s in handshake.stores if s.alias is not None and s.chain),
        anchors=tuple(c for s in handshake.stores if s.alias is None for c in s.chain),
    )


def _role(handshake: Handshake, verdict: Verdict) -> Role:
    """Return the role that the log proves, by the handshake's messages or else by a text.

    A text that says whose certificate it is about proves it even against the messages: lines may be lost.
    """
    for role, pattern in _CHECKED:
        if any(pattern.search(text) for text in verdict.texts):
            return role
    if handshake.role is not Role.UNKNOWN:
        return handshake.role
    for role, pattern in _ROLE_TEXTS:
        if any(pattern.search(text) for text in verdict.texts):
            return role
    for fact in handshake.facts:
        if fact.kind is FactKind.NO_CERTIFICATE_SELECTED and _MANY in fact.value:
            return Role.CLIENT
        # a server without a key manager fails by its own verdict
        if fact.kind is FactKind.KEY_MANAGER_ABSENT and verdict.kind is not Kind.OWN:
            return Role.CLIENT
    return Role.UNKNOWN

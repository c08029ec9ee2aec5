"""What follows from a handshake: named facts for the conditions of the catalogue.

A fact holds or does not; what the log does not show never holds. `FACTS` is the closed set of names that
an entry may ask for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from types import MappingProxyType

from agent.knowledge import chains, keys, offers
from agent.knowledge.values import accepted, chosen, ends, offered, values
from agent.knowledge.verdict import Kind, Transport, Verdict
from agent.knowledge.view import View
from agent.model.events import FactKind
from agent.model.handshake import Handshake
from agent.model.tls import CERTIFICATE_ALERTS, Message
from agent.model.vocabulary import Dialect, Role

_REFUSALS = CERTIFICATE_ALERTS | {"handshake_failure"}
"""Alerts by which servers answer an empty certificate message, by library and version."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a handshake's log proves. `role` is the role it proves, also by the wording of a text."""

    role: Role
    dialect: Dialect
    verdict: Verdict
    facts: frozenset[str]
    values: dict[str, str] = field(default_factory=dict)


def _name_absent(view: View) -> bool:
    if view.handshake.server_name is not None:
        return False
    if view.has(FactKind.SERVER_NAME_UNSUPPORTED) or view.has(FactKind.SERVER_NAME_WITHHELD):
        return True
    if view.handshake.dialect is Dialect.IAIK:
        # iSaSiLk 3 cannot send extensions; version 5 prints the ones it sends
        return view.role is Role.CLIENT and view.has(FactKind.LIBRARY, "3.")
    return view.hello_read


_Fact = tuple[str, Callable[[View], bool]]

_FACTS: dict[str, _Fact] = {
    # who decided
    "own_verdict": ("this side found the fault", lambda v: v.verdict.kind is Kind.OWN),
    "peer_verdict": ("the peer sent an alert that ended it", lambda v: v.verdict.kind is Kind.PEER),
    "alert_amid_data": (
        "the peer's alert came where a socket read application data: this side's handshake was over",
        lambda v: (
            v.verdict.kind is Kind.PEER
            and v.handshake.dialect is Dialect.JSSE
            and any(one.reading is True and one.engine is False for one in v.handshake.failures)
        ),
    ),
    "wordless": ("the deciding report has no text of its own", lambda v: not v.verdict.texts),
    "transport_failure": (
        "the connection broke before a verdict",
        lambda v: v.verdict.kind is Kind.TRANSPORT,
    ),
    "transport_reset": ("it was reset, or a write failed", lambda v: v.broke(Transport.RESET)),
    "transport_closed": ("the peer closed it", lambda v: v.broke(Transport.CLOSED)),
    "transport_timeout": ("nothing came in time", lambda v: v.broke(Transport.TIMEOUT)),
    "peer_gone": ("it was reset or closed", lambda v: v.broke(Transport.RESET, Transport.CLOSED)),
    "shallow": ("the log shows no handshake message", lambda v: v.handshake.shallow),
    # how far it came
    "begun_before": ("it may have begun before what the log shows of it", lambda v: v.begun_before),
    "before_hello": ("no message was exchanged, and the log would show one", lambda v: v.silent),
    "probe": (
        "the peer left before its first handshake byte",
        lambda v: v.silent and v.role is not Role.CLIENT and v.broke(Transport.RESET, Transport.CLOSED),
    ),
    "hello_sent_nothing_back": (
        "client: the ClientHello went out and no message came back",
        lambda v: v.saw(Message.CLIENT_HELLO, sent=True) and not any(s.sent is False for s in v.messages),
    ),
    "hello_received_nothing_sent": (
        "server: the ClientHello came in and nothing went back",
        lambda v: v.saw(Message.CLIENT_HELLO, sent=False) and not any(s.sent for s in v.messages),
    ),
    "hello_exchanged": (
        "both hellos were seen",
        lambda v: v.saw(Message.CLIENT_HELLO) and v.saw(Message.SERVER_HELLO),
    ),
    "certificate_sent": ("client: our certificate was sent", lambda v: v.presented and not v.empty),
    "empty_certificate_sent": ("client: we sent an empty certificate message", lambda v: v.empty),
    "server_flight_sent": (
        "server: our certificate went out and no message came back",
        lambda v: v.unanswered,
    ),
    "after_finished": ("both Finished messages went through", lambda v: v.handshake.finished),
    "renegotiation": (
        "it is not the connection's first handshake",
        lambda v: v.handshake.renegotiation or v.has(FactKind.RENEGOTIATION),
    ),
    # hello
    "server_name_sent": ("the ClientHello names the server", lambda v: v.handshake.server_name is not None),
    "server_name_absent": ("the ClientHello names no server", _name_absent),
    "tls13": ("TLS 1.3 was negotiated", lambda v: v.handshake.protocol == "TLSv1.3"),
    "v2_hello": ("the ClientHello is in SSL 2.0 framing", lambda v: v.handshake.v2_hello),
    "offered_only_old_protocols": (
        "the client offers nothing above TLS 1.1",
        lambda v: (
            bool(v.handshake.offered_versions)
            and offers.OLD_VERSIONS.issuperset(v.handshake.offered_versions)
        ),
    ),
    "offered_current_protocol": (
        "the client offers TLS 1.2 or 1.3",
        lambda v: not offered(v).isdisjoint({"TLSv1.2", "TLSv1.3"}),
    ),
    "offered_tls13": (
        "the client offers TLS 1.3",
        lambda v: "TLSv1.3" in offered(v),
    ),
    "accepted_only_old_protocols": (
        "the failure's text lists what the server accepts: nothing above TLS 1.1",
        lambda v: offers.only_old(accepted(v)),
    ),
    "chosen_old_protocol": (
        "the server chose a version below TLS 1.2",
        lambda v: offers.only_old(chosen(v)),
    ),
    "offered_only_tls13": (
        "the client offers TLS 1.3 cipher suites only",
        lambda v: offers.only_tls13(v.handshake.offered_suites),
    ),
    "offered_only_broken_suites": (
        "the client offers no cipher suite but broken ones, which JDKs disable",
        lambda v: offers.only_broken(v.handshake.offered_suites),
    ),
    "offered_modern_suite": (
        "a suite below TLS 1.3 is offered that has forward secrecy and authenticated encryption",
        lambda v: offers.some_modern(v.handshake.offered_suites),
    ),
    "offered_no_modern_suite": (
        "the client offers no cipher suite with forward secrecy and authenticated encryption",
        lambda v: offers.none_modern(v.handshake.offered_suites),
    ),
    # this side's key
    "client_certificate_requested": (
        "the server asked for a client certificate",
        lambda v: v.handshake.authorities is not None or v.saw(Message.CERTIFICATE_REQUEST),
    ),
    "authorities_empty": (
        "the CertificateRequest names no authority",
        lambda v: v.handshake.authorities == (),
    ),
    "own_key_known": (
        "the log shows that this side has a key",
        lambda v: bool(v.keys) or v.has(FactKind.KEY_CHOSEN),
    ),
    "key_manager_present": ("a key manager is configured", lambda v: v.has(FactKind.KEY_MANAGER)),
    "key_manager_absent": ("no key manager is configured", lambda v: v.has(FactKind.KEY_MANAGER_ABSENT)),
    "no_matching_key": ("the key manager found no fitting key", lambda v: v.has(FactKind.NO_MATCHING_KEY)),
    "certificate_not_selected": (
        "a key type found no certificate",
        lambda v: v.has(FactKind.NO_CERTIFICATE_SELECTED),
    ),
    "own_issuer_not_accepted": (
        "no key's chain leads to an authority that the server names",
        lambda v: keys.none_accepted(v.handshake),
    ),
    "alias_key_type_mismatch": (
        "every alias was passed over for its key type",
        lambda v: keys.all_ignored_for(v.handshake, keys.TYPE),
    ),
    "alias_too_weak": (
        "every alias was passed over because its certificates break the algorithm constraints",
        lambda v: keys.all_ignored_for(v.handshake, keys.WEAK),
    ),
    "own_certificate_expired": (
        "a certificate that this side sent was expired",
        lambda v: chains.expired(v.own, v.at) is not None,
    ),
    "own_leaf_self_signed": (
        "the certificate that this side sent is its own issuer",
        lambda v: bool(v.own) and chains.self_signed(v.own[0]),
    ),
    "own_certificate_weak": (
        "a certificate that this side sent has a signature or a key that every current JDK refuses",
        lambda v: chains.weak(v.own) is not None,
    ),
    "own_not_for_clients": (
        "the certificate that this side sent may not be used by clients (extended key usage)",
        lambda v: bool(v.own) and not chains.serves(v.own[0], "clientAuth"),
    ),
    # the peer's chain
    "peer_chain_seen": ("the peer's certificates are printed", lambda v: bool(v.peer)),
    "peer_chain_whole": (
        "several certificates of the peer are printed, none of them in part, each the issuer of another",
        lambda v: chains.whole(v.peer),
    ),
    "peer_chain_empty": ("the peer sent an empty certificate message", lambda v: v.peer_empty),
    "peer_chain_single": (
        "the peer sent one certificate only",
        lambda v: len(v.peer) == 1 or v.handshake.fact(FactKind.PEER_CHAIN_LENGTH) == "1",
    ),
    "peer_leaf_self_signed": (
        "the peer's certificate is its own issuer",
        lambda v: bool(v.peer) and chains.self_signed(v.peer[0]),
    ),
    "peer_chain_incomplete": (
        "one certificate came, not self-signed, of an issuer that the trust store does not show",
        lambda v: (
            len(v.peer) == 1
            and not chains.self_signed(v.peer[0])
            and bool(v.peer[0].issuer)
            and not chains.anchored(v.peer, v.anchors)
        ),
    ),
    "peer_issuer_named_root": (
        "the issuer of the peer's certificate calls itself a root",
        lambda v: bool(v.peer) and chains.named_root(v.peer[0].issuer),
    ),
    "peer_chain_gap": (
        "several certificates came, the issuer of the first not among them, nor in a printed trust store",
        lambda v: chains.gap(v.peer) and not chains.anchored(v.peer, v.anchors),
    ),
    "peer_chain_complete": ("the peer sent its chain up to the root", lambda v: chains.complete(v.peer)),
    "peer_anchor_known": (
        "a printed trust store holds a CA of the chain's name",
        lambda v: bool(v.peer) and chains.anchored(v.peer, v.anchors),
    ),
    "peer_anchor_same": (
        "a printed trust store holds a certificate of the chain itself",
        lambda v: chains.trusted(v.peer, v.anchors) is not None,
    ),
    "peer_anchor_other": (
        "a printed trust store holds another certificate with a name of the chain",
        lambda v: (
            chains.trusted(v.peer, v.anchors) is None and chains.namesake(v.peer, v.anchors) is not None
        ),
    ),
    "peer_issuer_expired": (
        "an issuer in the peer's chain was expired",
        lambda v: chains.expired(chains.issuers(v.peer), v.at) is not None,
    ),
    "peer_certificate_expired": (
        "a certificate of the peer's chain was expired",
        lambda v: chains.expired(v.peer, v.at) is not None,
    ),
    "peer_certificate_not_yet_valid": (
        "the time of a certificate of the peer's chain had not begun",
        lambda v: chains.not_yet_valid(v.peer, v.at) is not None,
    ),
    "peer_issuer_v1": (
        "an intermediate CA of the peer's chain is X.509 version 1",
        lambda v: chains.v1_issuer(v.peer) is not None,
    ),
    "peer_leaf_v1": (
        "the peer's certificate is X.509 version 1",
        lambda v: bool(v.peer) and v.peer[0].version == 1,
    ),
    "intermediate_not_ca": (
        "an intermediate of the peer's chain says that it is no CA",
        lambda v: chains.unfit_issuer(v.peer) is not None,
    ),
    "refused_empty": (
        "client: after our empty certificate message the peer refused or left",
        lambda v: v.empty and (v.broke(Transport.RESET, Transport.CLOSED) or v.verdict.received in _REFUSALS),
    ),
    "refused_empty_plainly": (
        "client: after our empty certificate message the peer said that a certificate is wrong or missing",
        lambda v: v.empty and v.verdict.received in {"certificate_required", "bad_certificate"},
    ),
}

FACTS = MappingProxyType({name: meaning for name, (meaning, _) in _FACTS.items()})
"""Every fact that an entry may ask for, and what it means."""


def traits(handshake: Handshake) -> tuple[object, ...]:
    """Return all of a handshake that its findings rest on: equal traits, equal findings.

    Left out are places, evidence, the thread, which JVM it was (not whether the log tells), and the time but
    for what it means to each certificate.
    """
    at = handshake.ended_at or handshake.started_at
    chains_seen = (*(handshake.peer_chain or ()), *(handshake.own_chain or ()))
    return (
        *(getattr(handshake, name) for name in _TRAITS),
        handshake.jvm is None,
        tuple((step.name, step.sent, step.empty) for step in handshake.steps),
        tuple((line.said, line.fact) for line in handshake.shared),
        tuple(
            (chains.expired((c,), at) is None, chains.not_yet_valid((c,), at) is None) for c in chains_seen
        ),
    )


_TRAITS = tuple(
    field.name
    for field in fields(Handshake)
    if field.name
    not in {
        *("jvm", "thread", "connection", "first", "last", "started_at", "ended_at", "steps", "evidence"),
        *("read_at", "failed_at", "clocks", "shared"),
    }
)


def findings(seen: View) -> Findings:
    """Return what follows from a handshake."""
    return Findings(
        role=seen.role,
        dialect=seen.handshake.dialect,
        verdict=seen.verdict,
        facts=frozenset(name for name, (_, holds) in _FACTS.items() if holds(seen)),
        values=ends(seen.role) | values(seen),
    )

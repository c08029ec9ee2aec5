from collections.abc import Callable
from typing import Any

import pytest

from agent.knowledge.facts import FACTS, Findings, findings
from agent.knowledge.values import ends
from agent.knowledge.view import view
from agent.model.handshake import Handshake
from agent.model.vocabulary import Depth, Role

Build = Callable[..., Handshake]

_FLIGHT = ("<client_hello", ">server_hello", ">certificate", ">finished")
_EMPTY = (">client_hello", "<certificate_request", ">certificate-empty")

HOLDS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "own_verdict": ((), {"text": "PKIX path building failed"}),
    "peer_verdict": ((), {"received": "unknown_ca"}),
    "wordless": ((), {"sent": "bad_certificate"}),
    "alert_amid_data": ((), {"received": "unknown_ca", "reading": True}),
    "transport_failure": ((), {"text": "Read timed out"}),
    "transport_reset": ((), {"text": "Connection reset"}),
    "transport_closed": ((), {"text": "SSL peer shut down incorrectly"}),
    "transport_timeout": ((), {"text": "Read timed out"}),
    "peer_gone": ((), {"text": "Broken pipe"}),
    "shallow": ((), {}),
    "begun_before": (("<server_hello",), {"facts": {"under_way": ""}}),
    "before_hello": ((), {"dialect": "iaik"}),
    "probe": ((), {"dialect": "jsse_legacy", "role": "unknown", "text": "Connection reset"}),
    "hello_sent_nothing_back": ((">client_hello",), {}),
    "hello_received_nothing_sent": (("<client_hello",), {"role": "server"}),
    "hello_exchanged": ((">client_hello", "<server_hello"), {}),
    "certificate_sent": ((">certificate",), {"own": "leaf"}),
    "empty_certificate_sent": ((">certificate-empty",), {}),
    "server_flight_sent": (_FLIGHT, {"role": "server"}),
    "after_finished": ((), {"finished": True}),
    "renegotiation": ((), {"renegotiation": True}),
    "server_name_sent": ((">client_hello",), {}),
    "server_name_absent": ((">client_hello",), {"name": None}),
    "tls13": ((), {"protocol": "TLSv1.3"}),
    "v2_hello": ((), {"v2_hello": True}),
    "offered_only_old_protocols": ((">client_hello",), {"versions": ("TLSv1", "TLSv1.1")}),
    "offered_only_tls13": (
        ("<client_hello",),
        {"suites": ("TLS_AES_256_GCM_SHA384", "Unknown 0x13:0x1", "TLS_EMPTY_RENEGOTIATION_INFO_SCSV")},
    ),
    "offered_current_protocol": (
        (),
        {"role": "server", "text": "Client requested protocol TLSv1.2 is not enabled"},
    ),
    "offered_only_broken_suites": (("<client_hello",), {"suites": ("SSL_RSA_WITH_RC4_128_MD5",)}),
    "offered_no_modern_suite": (("<client_hello",), {"suites": ("TLS_RSA_WITH_AES_128_CBC_SHA",)}),
    "client_certificate_requested": (("<certificate_request",), {}),
    "authorities_empty": ((), {"authorities": ()}),
    "own_key_known": ((), {"keys": "leaf"}),
    "key_manager_present": ((), {"facts": {"key_manager": "com.wm.KeyManager"}}),
    "key_manager_absent": ((), {"facts": {"key_manager_absent": ""}}),
    "no_matching_key": ((), {"facts": {"no_matching_key": ""}}),
    "certificate_not_selected": ((), {"facts": {"no_certificate_selected": "RSA"}}),
    "alias_too_weak": (
        (),
        {"facts": {"alias_ignored": "key: certificate list does not conform to algorithm constraints"}},
    ),
    "own_certificate_expired": ((), {"own": "old ca"}),
    "own_not_for_clients": ((), {"own": "serveronly"}),
    "own_certificate_weak": ((), {"own": "leaf short"}),
    "offered_tls13": ((">client_hello",), {}),
    "offered_modern_suite": ((">client_hello",), {}),
    "accepted_only_old_protocols": (
        (),
        {"text": "supported protocol versions [TLSv1.2] are not accepted by server preferences [TLSv1]"},
    ),
    "chosen_old_protocol": ((), {"protocol": "TLSv1"}),
    "own_leaf_self_signed": ((), {"own": "self"}),
    "own_issuer_not_accepted": ((), {"keys": "leaf ca", "authorities": ("CN=Other",)}),
    "alias_key_type_mismatch": ((), {"facts": {"alias_ignored": "key: key algorithm does not match"}}),
    "peer_chain_seen": ((), {"peer": "leaf"}),
    "peer_chain_whole": ((), {"peer": "leaf ca"}),
    "peer_chain_empty": ((), {"peer": ""}),
    "peer_chain_single": ((), {"facts": {"peer_chain_length": "1"}}),
    "peer_leaf_self_signed": ((), {"peer": "self"}),
    "peer_chain_incomplete": ((), {"peer": "leaf", "anchors": "root"}),
    "peer_chain_gap": ((), {"peer": "leaf other"}),
    "peer_issuer_named_root": ((), {"peer": "byroot"}),
    "peer_chain_complete": ((), {"peer": "leaf ca root"}),
    "peer_anchor_known": ((), {"peer": "leaf ca", "anchors": "root"}),
    "peer_anchor_same": ((), {"peer": "leaf ca root", "anchors": "root"}),
    "peer_anchor_other": ((), {"peer": "leaf ca newroot", "anchors": "root"}),
    "peer_issuer_expired": ((), {"peer": "leaf oldca"}),
    "peer_certificate_expired": ((), {"peer": "old ca"}),
    "peer_certificate_not_yet_valid": ((), {"peer": "early ca"}),
    "peer_issuer_v1": ((), {"peer": "leaf v1ca"}),
    "peer_leaf_v1": ((), {"peer": "v1leaf"}),
    "intermediate_not_ca": ((), {"peer": "leaf notca"}),
    "refused_empty": (_EMPTY, {"received": "handshake_failure"}),
    "refused_empty_plainly": (_EMPTY, {"received": "bad_certificate"}),
}
"""A handshake for which each fact holds."""

FAILS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "begun_before": ((">client_hello", "<server_hello"), {"facts": {"under_way": ""}}),
    "before_hello": ((), {"dialect": "iaik", "facts": {"under_way": ""}}),
    "own_not_for_clients": ((), {"own": "leaf"}),
    "own_certificate_weak": ((), {"own": "leaf md5root"}),
    "offered_tls13": ((">client_hello",), {"versions": ("TLSv1.2",)}),
    "offered_modern_suite": ((">client_hello",), {"suites": ("TLS_AES_128_GCM_SHA256",)}),
    "accepted_only_old_protocols": (
        (),
        {"text": "supported protocol versions [TLSv1.3] are not accepted by server preferences [TLSv1.2]"},
    ),
    "chosen_old_protocol": ((), {"protocol": "TLSv1.2"}),
    "offered_current_protocol": ((">client_hello",), {"versions": ("TLSv1.1",)}),
    "peer_issuer_named_root": ((), {"peer": "leaf ca root"}),
    "own_leaf_self_signed": ((), {"own": "leaf"}),
    "offered_no_modern_suite": (("<client_hello",), {}),
    "peer_chain_gap": ((), {"peer": "leaf root ca"}),
    "peer_chain_whole": ((), {"peer": "leaf root"}),
    "peer_chain_complete": ((), {"peer": "leaf root"}),
    "peer_anchor_known": ((), {"peer": "leaf root", "anchors": "root"}),
    "peer_anchor_same": ((), {"peer": "leaf ca newroot", "anchors": "root"}),
    "peer_anchor_other": ((), {"peer": "leaf ca root", "anchors": "newroot root"}),
    "peer_issuer_expired": ((), {"peer": "old ca"}),
    "own_verdict": ((), {"text": "Connection reset"}),
    "probe": ((">client_hello",), {"text": "Connection reset", "dialect": "jsse_legacy"}),
    "hello_sent_nothing_back": ((">client_hello", "<server_hello"), {}),
    "server_name_absent": ((), {"name": None}),
    "offered_only_old_protocols": ((), {}),
    "offered_only_tls13": ((">client_hello",), {}),
    "authorities_empty": ((), {"authorities": ("CN=x",)}),
    "own_issuer_not_accepted": ((), {"keys": "leaf ca", "authorities": ("CN=Other", "o=acme, cn=root ca")}),
    "peer_chain_incomplete": ((), {"peer": "leaf", "anchors": "ca"}),
    "peer_leaf_self_signed": ((), {"peer": "leaf ca"}),
    "peer_issuer_v1": ((), {"peer": "v1leaf ca"}),
    "peer_certificate_expired": ((), {"peer": "old", "ended_at": None, "started_at": None}),
    "refused_empty": (_EMPTY, {"text": "Read timed out"}),
    "server_flight_sent": ((*_FLIGHT, "<finished"), {"role": "server"}),
}
"""A near miss for the facts that are easy to get wrong."""


def _findings(handshake: Handshake, depth: Depth | None = None) -> Findings:
    return findings(view(handshake, depth))


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_fact_holds(build: Build, name: str) -> None:
    """Every fact of the closed set holds for some handshake."""
    steps, words = HOLDS[name]
    assert name in _findings(build(*steps, **words)).facts


@pytest.mark.parametrize("name", sorted(FAILS))
def test_a_fact_does_not_hold(build: Build, name: str) -> None:
    """What the log does not show, or shows otherwise, never holds."""
    steps, words = FAILS[name]
    assert name not in _findings(build(*steps, **words)).facts


def test_of_a_handshake_without_a_trace_only_this_follows(build: Build) -> None:
    """Nothing seen proves nothing, but that the report is without words and the log without messages."""
    found = _findings(build(role="unknown"))
    assert (found.role, found.facts, found.values) == (
        Role.UNKNOWN,
        frozenset({"shallow", "wordless"}),
        ends(Role.UNKNOWN),
    )


def test_iaik_names_no_server_unless_it_says_so(build: Build) -> None:
    """Version 3 of iSaSiLk cannot send extensions; 5 lists what it sends."""
    old = build(">client_hello", dialect="iaik", name=None, facts={"library": "3.03"})
    new = build(">client_hello", dialect="iaik", name=None, facts={"library": "5.2"})
    told = build(">client_hello", dialect="iaik", name=None, facts={"server_name_unsupported": ""})
    assert ["server_name_absent" in _findings(h).facts for h in (old, new, told)] == [True, False, True]


def test_the_depth_of_the_log_tells_a_probe_from_a_log_that_shows_nothing(build: Build) -> None:
    """Only where messages would be shown does their absence mean that none was sent."""
    gone = build(role="server", text="SSL peer shut down incorrectly")
    assert "probe" not in _findings(gone).facts
    assert "probe" in _findings(gone, Depth.FULL).facts


def test_a_key_manager_that_says_so_needs_no_comparison(build: Build) -> None:
    """Where every alias was passed over for its issuer, neither keys nor authorities need be printed."""
    ignored = build(facts={"alias_ignored": "key: issuers do not match"})
    assert "own_issuer_not_accepted" in _findings(ignored).facts

"""The rules by which a failure is read, each under its name: what decides, and what never does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from agent.knowledge import catalogue
from agent.knowledge.values import values
from agent.knowledge.view import view
from agent.model.block import Block, Where
from agent.model.events import AlertSeen, Failed, Throwable
from agent.model.handshake import Handshake
from agent.model.tls import CERTIFICATE_ALERTS
from agent.model.vocabulary import Outcome, Role
from agent.pipeline import Ended, Pipeline

Build = Callable[..., Handshake]

CORPUS = Path(__file__).parents[1] / "corpus"
WRAPPERS = (
    "Couldn't kickstart handshaking",
    "javax.net.ssl.SSLException: readHandshakeRecord",
    "Unexpected error",
)

HELLO, ASKED = (">client_hello",), (">client_hello", "<server_hello", "<certificate_request")


def _said(handshake: Handshake) -> str:
    diagnosis = catalogue.diagnose(handshake)
    return f"{diagnosis.issue}/{diagnosis.cause} {diagnosis.confidence}"


def _log(*lines: str, identity: str = "1") -> list[Handshake]:
    """Return the handshakes of a log."""
    pipeline = Pipeline(catalogue.load(), UTC)
    block = Block(Where("wrapper.log", identity, 0, 1), "".join(f"{line}\n" for line in lines).encode())
    return [one.handshake for one in (*pipeline.feed(block), *pipeline.finish()) if isinstance(one, Ended)]


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_rule_1_the_innermost_known_cause_decides_and_a_wrapper_never(build: Build, wrapper: str) -> None:
    """Around a cause a wrapper adds nothing, and alone it explains nothing."""
    around = build(
        text=(wrapper, "PKIX path validation failed", "CertificateExpiredException: NotAfter: today")
    )
    assert _said(around) == "server_certificate_rejected/expired certain"
    assert _said(build(*HELLO, text=(wrapper, "java.io.EOFException: SSL peer shut down incorrectly"))) == (
        "interrupted/closed_by_peer possible"
    )
    assert _said(build(text=wrapper)) == "unclassified/undetermined possible"


def test_rule_2_the_role_comes_from_messages_then_from_words_else_it_is_not_known(build: Build) -> None:
    """A name of a thread, an address, or the alert's name prove no role."""
    assert view(build(*HELLO, role="client", text="null cert chain")).role is Role.CLIENT
    by_words = {
        "Extended key usage does not permit use for TLS server authentication": Role.CLIENT,
        "Extended key usage does not permit use for TLS client authentication": Role.SERVER,
        "no cipher suites in common": Role.SERVER,
        "Server certificate rejected by ChainVerifier": Role.CLIENT,
        "Received fatal alert: bad_certificate": Role.UNKNOWN,
        "PKIX path building failed": Role.UNKNOWN,
    }
    found = {text: view(build(role="unknown", text=text, thread="HTTP Handler")).role for text in by_words}
    assert found == by_words


def test_rule_3_what_was_sent_last_decides_what_a_received_alert_means(build: Build) -> None:
    """The same alert after the hello, after an empty certificate message, and after a certificate."""
    for alert, wanted in {
        "handshake_failure": ("negotiation", "client_certificate_missing", "client_certificate_rejected"),
        "bad_certificate": ("negotiation", "client_certificate_missing", "client_certificate_rejected"),
    }.items():
        after_hello = build(*HELLO, received=alert)
        after_empty = build(*ASKED, ">certificate-empty", received=alert)
        after_certificate = build(*ASKED, ">certificate", own="leaf ca", received=alert)
        found = [catalogue.diagnose(one).issue for one in (after_hello, after_empty, after_certificate)]
        assert found == list(wanted)


def test_rule_4_no_matching_key_counts_only_for_a_client_that_was_asked(build: Build) -> None:
    """A server probes its key types so, and succeeds; a client is refused for it only after the request."""
    facts = {"no_matching_key": ""}
    asked = build(*ASKED, ">certificate-empty", facts=facts, received="bad_certificate")
    server = build(
        "<client_hello", ">server_hello", role="server", facts=facts, received="certificate_unknown"
    )
    unasked = build(*HELLO, facts=facts, received="handshake_failure")
    found = [catalogue.diagnose(one).issue.value for one in (asked, server, unasked)]
    assert found == ["client_certificate_missing", "server_certificate_rejected", "negotiation"]


HEAD = "javax.net.ssl|DEBUG|10|main|2026-11-23 07:25:5{}.000 UTC|"
GOOD = (
    HEAD.format(1) + "ClientHello.java:1|Produced ClientHello handshake message (",
    ")",
    HEAD.format(2) + "ServerHello.java:1|Consuming ServerHello handshake message (",
    ")",
    HEAD.format(2) + "Finished.java:1|Consuming server Finished handshake message (",
    ")",
    HEAD.format(3) + "Finished.java:1|Produced client Finished handshake message (",
    ")",
)


def _fatal(word: str, text: str, frame: str) -> tuple[str, ...]:
    return (
        HEAD.format(4) + f"TransportContext.java:1|Fatal ({word}): {text} (",
        '"throwable" : {',
        f"  javax.net.ssl.SSLException: {text}",
        f"  \tat java.base/sun.security.ssl.{frame}}}",
        "",
        ")",
    )


def test_rule_5_after_both_finished_only_a_servers_late_verdict_is_a_failure() -> None:
    """A reset while data is read is none; in TLS 1.3 the server judges our certificate after our Finished."""
    reset = _log(
        *GOOD, *_fatal("UNEXPECTED_MESSAGE", "Connection reset", "SSLSocketImpl$AppInputStream.read(x)")
    )
    assert [one.outcome for one in reset] == [Outcome.COMPLETED]
    alert = (
        HEAD.format(4) + "Alert.java:1|Received alert message (",
        '"Alert": {',
        '  "level"      : "fatal",',
        '  "description": "certificate_required"',
        "}",
        ")",
    )
    told = "Received fatal alert: certificate_required"
    late = _log(*GOOD, *alert, *_fatal("CERTIFICATE_REQUIRED", told, "Alert$AlertConsumer.consume(x)"))
    assert [one.outcome for one in late] == [Outcome.FAILED]
    assert _said(late[0]) == "client_certificate_missing/undetermined certain"


def test_rule_6_an_alert_means_what_its_library_and_version_mean_by_it(build: Build) -> None:
    """Three names for a missing certificate, with and without a prefix; the server's word about our chain."""
    alerts = ("bad_certificate", "handshake_failure", "certificate_required")
    missing = [build(*ASKED, ">certificate-empty", received=alert) for alert in alerts]
    assert {catalogue.diagnose(one).issue.value for one in missing} == {"client_certificate_missing"}
    for text in ("Empty server certificate chain", "Empty client certificate chain"):
        assert _said(build(role="server", text=text)) == "client_certificate_missing/undetermined certain"
    assert _said(build(role="client", text="Empty server certificate chain")) == (
        "server_certificate_rejected/undetermined certain"
    )


def test_rule_7_interleaved_lines_belong_to_those_who_printed_them() -> None:
    """By connection number in IAIK; one failure told several times is one."""
    lines = (CORPUS / "iaik" / "article-issue-3" / "wrapper.log").read_text().splitlines()
    other = [line.replace("ssl_debug(1)", "ssl_debug(9)") for line in lines]
    mixed = [line for pair in zip(lines, other, strict=True) for line in pair]
    assert [one.connection for one in _log(*mixed)] == [1, 9]
    assert [_said(one) for one in _log(*mixed)] == [_said(one) for one in (*_log(*lines), *_log(*other))]
    twice = Failed((Throwable("", "Received fatal alert: unknown_ca"),))
    handshake = _log(*lines)[0]
    again = replace(handshake, failures=(*handshake.failures, twice, twice))
    assert _said(again) == _said(handshake)


def test_rule_8_nothing_secret_is_said(build: Build) -> None:
    """What a diagnosis is filled with is named fields, on one short line each."""
    dump = "0000: 07 74 AB FB 57 4E AA FB   BA E9 30 93 70 AD 2D 00  .t..WN....0.p.-."
    handshake = build(text="odd\n" + dump + "\n" + "x" * 5000)
    assert all(len(value) <= 200 and "\n" not in value for value in values(view(handshake)).values())
    assert len(catalogue.diagnose(handshake).summary) < 300


@pytest.mark.parametrize("alert", sorted(CERTIFICATE_ALERTS - {"certificate_required", "no_certificate"}))
@pytest.mark.parametrize(
    "text",
    ["Peer certificate rejected by ChainVerifier", "Peer certificate rejected by TrustDecider", ()],
    ids=["by ChainVerifier", "by TrustDecider", "without a text"],
)
def test_where_no_certificate_came_none_is_judged(build: Build, text: str | tuple[()], alert: str) -> None:
    """An end refuses the lack of a certificate with the words and alerts that it has for a bad one."""
    told = {
        role: catalogue.diagnose(build(role=role, dialect="iaik", text=text, sent=alert, peer=""))
        for role in ("server", "client")
    }
    assert {role: (one.issue.value, one.cause, one.confidence.value) for role, one in told.items()} == {
        "server": ("client_certificate_missing", "undetermined", "certain"),
        "client": ("server_certificate_rejected", "undetermined", "certain"),
    }
    assert "no certificate" in told["server"].summary
    assert told["client"].summary.startswith("The server sent no certificate at all")


def test_a_sent_alert_after_a_transport_error_is_no_verdict(build: Build) -> None:
    """The library sends one about a connection that is gone already."""
    for sent in ("handshake_failure", "unexpected_message", "internal_error"):
        broken = build(*HELLO, text="java.net.SocketException: Connection reset", sent=sent)
        assert _said(broken) == "interrupted/reset possible"


def test_a_broken_pipe_after_our_certificate_is_probably_its_refusal(build: Build) -> None:
    """And says so: the alert was lost, so it is likely and no more, with what else it could be."""
    broken = build(*ASKED, ">certificate", own="leaf ca", text="java.net.SocketException: Broken pipe")
    diagnosis = catalogue.diagnose(broken)
    assert (diagnosis.issue.value, diagnosis.cause, diagnosis.confidence.value) == (
        "client_certificate_rejected",
        "undetermined",
        "likely",
    )
    assert "it probably refused it, and its alert was lost" in diagnosis.summary
    assert [f"{a.issue}/{a.cause}" for a in diagnosis.alternatives] == [
        "interrupted/reset",
        "interrupted/closed_by_peer",
    ]


def test_received_beats_sent(build: Build) -> None:
    """Of two alerts the one that came first, and was not the answer to the other, decides."""
    both = replace(
        build(*HELLO, "<handshake_failure", ">close_notify"),
        alerts=(
            AlertSeen(sent=False, level="fatal", description="handshake_failure"),
            AlertSeen(sent=True, level="warning", description="close_notify"),
        ),
    )
    assert _said(both) == "negotiation/undetermined possible"

"""IAIK conversations read to the end: what is easily taken wrong in them, each by a name."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import zip_longest

import pytest

from agent.model.block import Block, Where
from agent.model.diagnosis import Diagnosis
from agent.model.events import FactKind
from agent.model.handshake import Handshake
from agent.model.vocabulary import Outcome
from agent.pipeline import Ended, Pipeline
from tests.corpus import accept

OPENING = (
    "Starting handshake (iSaSiLk 3.03)...",
    "Remote client:192.0.2.9:443, Timestamp:Wed Mar 16 18:51:40 IST 2016",
    "Sending v3 client_hello message, requesting version 3.1...",
)
HELLO = ("Received v3 server_hello handshake message.", "Server selected SSL version 3.1.")
CHAIN = (
    "Received certificate handshake message with server certificate.",
    "Server sent a 2048 bit RSA certificate, chain has 2 elements.",
)
ASKED = ("Received certificate_request handshake message.", "Accepted certificate authorities:", "cn=ca,o=b")
FLIGHT = ("Received server_hello_done handshake message.", "Sending client_key_exchange handshake message...")
OUR_FINISHED = ("Sending change_cipher_spec message...", "Sending finished message...")
THEIR_FINISHED = ("Received change_cipher_spec message.", "Received finished message.")
NO_CERTIFICATE = "No client certificate available, sending empty certificate message..."
SHUT, CLOSE = "Shutting down SSL layer...", "Closing transport..."
COUNTED = "Read 900 bytes in 4 records, 800 bytes net, 200 average."
DONE = (*OPENING, *HELLO, *CHAIN, *FLIGHT, *OUR_FINISHED, *THEIR_FINISHED)
SERVER = (
    "Starting handshake (iSaSiLk 3.03)...",
    "Received v3 client_hello handshake message.",
    "Sending server_hello handshake message...",
    "Sending certificate handshake message...",
    "Sending server_hello_done handshake message...",
)
CLIENTS = "Received certificate handshake message with client certificate."


def peers(alert: str) -> tuple[str, ...]:
    """Return how a fatal alert of the peer ends a conversation."""
    said = f"Alert Fatal: {alert}"
    return (
        f"Received alert message: {said}",
        f"SSLException while handshaking: Peer sent alert: {said}",
        SHUT,
        CLOSE,
    )


def ours(alert: str, reason: str) -> tuple[str, ...]:
    """Return how a refusal of ours does."""
    return (f"Sending alert: Alert Fatal: {alert}", SHUT, f"SSLException while handshaking: {reason}", CLOSE)


def lines(*texts: str, n: int = 1, prefix: str = "jvm 1    | ") -> list[str]:
    """Return the lines of connection `n`."""
    return [f"{prefix}ssl_debug({n}): {text}\n" for text in texts]


def outcomes(*logged: str, silence: float | None = None) -> Iterator[Ended]:
    """Yield what a log comes to; with `silence` only what that ends."""
    pipeline = Pipeline(accept.catalogue(), UTC)
    told = pipeline.feed(Block(Where("wrapper.log", "8:15", 0, 1), "".join(logged).encode()))
    told += pipeline.finish() if silence is None else pipeline.quiet(silence)
    yield from (outcome for outcome in told if isinstance(outcome, Ended))


def told(*texts: str) -> list[tuple[str, str, str | None]]:
    """Return outcome, role and issue of what one connection says."""
    return [short(outcome) for outcome in outcomes(*lines(*texts))]


def short(outcome: Ended) -> tuple[str, str, str | None]:
    """Return outcome, role and issue."""
    return (
        outcome.handshake.outcome.value,
        outcome.handshake.role.value,
        outcome.diagnosis.issue.value if outcome.diagnosis else None,
    )


def failure(*texts: str) -> tuple[Handshake, Diagnosis]:
    """Return the one failure of a connection."""
    (outcome,) = outcomes(*lines(*texts))
    assert outcome.diagnosis is not None
    return outcome.handshake, outcome.diagnosis


REJECTED = ours("bad certificate", "Server certificate rejected by ChainVerifier")


# -- the traps ----------------------------------------------------------------------------------------------


def test_trap_1_shutting_down_is_not_the_end() -> None:
    """Our refusal prints its exception after the shutdown, the peer's before: both are told whole."""
    own, _ = failure(*OPENING, *HELLO, *CHAIN, *REJECTED)
    peer, _ = failure(*OPENING, *peers("handshake failure"))
    assert [(h.last.line, len(h.failures)) for h in (own, peer)] == [(11, 1), (7, 1)]


def test_trap_1_an_excerpt_that_stops_at_the_shutdown() -> None:
    """Where nothing follows the shutdown, silence ends it."""
    excerpt = (
        CLIENTS,
        "Certificate message is empty, client has no certificate.",
        "Sending alert: Alert Fatal: bad certificate",
        SHUT,
    )
    ended = [short(o) for o in outcomes(*lines(*excerpt), silence=3)]
    assert ended == [("failed", "server", "client_certificate_missing")]


def test_trap_2_an_alert_after_a_reset_is_no_verdict() -> None:
    """The library answers a reset with a handshake_failure of its own, which nobody decided."""
    handshake, diagnosis = failure(
        *OPENING,
        "IOException while handshaking: Connection reset",
        "Sending alert: Alert Fatal: handshake failure",
        SHUT,
        CLOSE,
    )
    assert [a.description for a in handshake.alerts] == ["handshake_failure"]
    assert (diagnosis.issue, diagnosis.cause, diagnosis.confidence) == ("interrupted", "reset", "possible")


def test_trap_3_bad_certificate_separates_nothing() -> None:
    """The library's answer to every objection leaves the cause open."""
    _, diagnosis = failure(*OPENING, *HELLO, *CHAIN, *REJECTED)
    assert (diagnosis.issue, diagnosis.cause) == ("server_certificate_rejected", "undetermined")


BAD = peers("bad certificate")


@pytest.mark.parametrize(
    ("texts", "role", "issue"),
    [
        ((*OPENING, *HELLO, *CHAIN, *REJECTED), "client", "server_certificate_rejected"),
        (
            (*OPENING, *CHAIN, *ASKED, *FLIGHT[:1], NO_CERTIFICATE, *BAD),
            "client",
            "client_certificate_missing",
        ),
        (
            (*OPENING, *CHAIN, *ASKED, *FLIGHT[:1], "Sending certificate message...", *BAD),
            "client",
            "client_certificate_rejected",
        ),
        (
            (
                *SERVER,
                CLIENTS,
                "Certificate message is empty, client has no certificate.",
                *ours("bad certificate", "x"),
            ),
            "server",
            "client_certificate_missing",
        ),
        (
            (*SERVER, CLIENTS, *ours("bad certificate", "Client certificate rejected by ChainVerifier")),
            "server",
            "client_certificate_rejected",
        ),
        ((*SERVER, *BAD), "server", "server_certificate_rejected"),
    ],
)
def test_trap_4_direction_decides(texts: tuple[str, ...], role: str, issue: str) -> None:
    """One alert means six things, by who sent it to whom and what was said before."""
    assert told(*texts) == [("failed", role, issue)]


def test_trap_4_no_certificate_is_no_failure() -> None:
    """A server that does not insist goes on without a client's certificate."""
    assert told(
        *OPENING, *HELLO, *CHAIN, *ASKED, NO_CERTIFICATE, *FLIGHT, *OUR_FINISHED, *THEIR_FINISHED, CLOSE
    ) == [("completed", "client", None)]


def test_trap_5_a_reset_after_the_hello_has_several_reasons() -> None:
    """Version, cipher suites, server name and the network are all possible, and a probe would decide."""
    _, diagnosis = failure(*OPENING, "IOException while handshaking: Connection reset", CLOSE)
    assert diagnosis.confidence == "possible"
    assert {a.issue.value for a in diagnosis.alternatives} >= {"sni", "negotiation"}
    assert "openssl s_client" in (diagnosis.would_confirm or "")


def test_trap_6_attached_in_the_middle() -> None:
    """A connection without its beginning is told with less, and its role only where a line proves it."""
    (outcome,) = outcomes(*lines(*peers("handshake failure")))
    assert short(outcome)[:2] == ("failed", "unknown")
    assert outcome.diagnosis is not None
    assert outcome.diagnosis.confidence != "certain"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Sending v3 client_hello message, requesting version 3.1...", "client"),
        ("Received v3 client_hello handshake message.", "server"),
        ("Received v3 server_hello handshake message.", "client"),
        ("Sending server_hello handshake message...", "server"),
        ("Received certificate handshake message with server certificate.", "client"),
        ("Received certificate handshake message with client certificate.", "server"),
        ("Received certificate_request handshake message.", "client"),
        ("Sending certificate_request handshake message...", "server"),
        ("No client certificate available, sending empty certificate message...", "client"),
        ("Certificate message is empty, client has no certificate.", "server"),
    ],
)
def test_trap_7_role_from_the_verbs_only(text: str, role: str) -> None:
    """What was sent or received tells the role; the "Remote client" address is the peer's in either role."""
    address = "Remote client:192.0.2.9:51234, Timestamp:Wed Mar 16 18:51:40 IST 2016"
    (outcome,) = outcomes(*lines(address, text, "IOException while handshaking: Connection reset", CLOSE))
    assert (outcome.handshake.role, outcome.handshake.peer) == (role, "192.0.2.9:51234")


def test_trap_8_a_library_that_stops_at_tls_1_0() -> None:
    """A refusal right after a hello of iSaSiLk 3 is likely about the version; after a chain it is not."""
    _, early = failure(*OPENING, *peers("handshake failure"))
    _, late = failure(*OPENING, *HELLO, *CHAIN, *FLIGHT, *peers("handshake failure"))
    assert (early.issue, early.cause, early.confidence) == ("negotiation", "protocol_version", "likely")
    assert (late.issue, late.cause) != ("negotiation", "protocol_version")


# -- how a conversation ends well ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ending",
    [
        (*OUR_FINISHED, *THEIR_FINISHED),
        (*THEIR_FINISHED, SHUT, CLOSE),
        ("Session added to session cache.",),
        ("Handshake completed, statistics:",),
        (SHUT, COUNTED, CLOSE),
    ],
    ids=["both Finished", "theirs, and peace", "session cached", "in words", "data was counted"],
)
def test_completed_without_a_known_line(ending: tuple[str, ...]) -> None:
    """Any of these shows that a handshake had come to its end."""
    assert told(*OPENING, *HELLO, *CHAIN, *FLIGHT, *ending) == [("completed", "client", None)]


@pytest.mark.parametrize(
    "ending",
    [
        (),
        (SHUT, CLOSE),
        (*OUR_FINISHED, SHUT, CLOSE),
        ("Received alert message: Alert Warning: close notify", SHUT, CLOSE),
    ],
    ids=["no end", "closed", "our Finished only", "closed by the peer"],
)
def test_not_completed(ending: tuple[str, ...]) -> None:
    """What does not show that the other side was content is neither completed nor failed."""
    assert told(*OPENING, *HELLO, *CHAIN, *FLIGHT, *ending) == [("incomplete", "client", None)]


def test_finished_is_not_enough_after_an_exception() -> None:
    """Their Finished came, but did not hold."""
    assert (
        told(*DONE[:-4], *THEIR_FINISHED, "SSLException while handshaking: Finished message error!", CLOSE)[
            0
        ][0]
        == "failed"
    )


# -- one number, many conversations -------------------------------------------------------------------------

AT = "INFO   | jvm 1    | 2026/11/23 {} | "


@pytest.mark.parametrize(
    "later",
    [
        ("Received alert message: Alert Warning: close notify", SHUT, COUNTED, CLOSE),
        ("Received alert message: Alert Fatal: bad record mac", SHUT, CLOSE),
        ("Exception sending message: java.net.SocketException: Broken pipe", SHUT, CLOSE),
        ("Sending alert: Alert Warning: close notify", CLOSE),
    ],
)
@pytest.mark.parametrize("time", ["07:00:01", "07:00:30", "09:00:00"])
def test_what_a_kept_connection_says_later(later: tuple[str, ...], time: str) -> None:
    """A connection that is kept alive prints under its number again: its handshake stays completed, once."""
    early = lines(*DONE, prefix=AT.format("07:00:00"))
    other = lines(*OPENING, n=2, prefix=AT.format(time))
    ended = list(outcomes(*early, *other, *lines(*later, prefix=AT.format(time))))
    assert [(o.handshake.connection, o.handshake.outcome) for o in ended if o.handshake.connection == 1] == [
        (1, Outcome.COMPLETED)
    ]


def test_renegotiation() -> None:
    """A second handshake of one connection is one of its own."""
    again = ("Starting renegotiation...", *HELLO, *CHAIN, *REJECTED)
    first, second = outcomes(*lines(*DONE, *again))
    assert (short(first), short(second)) == (
        ("completed", "client", None),
        ("failed", "client", "server_certificate_rejected"),
    )
    assert (first.handshake.renegotiation, second.handshake.renegotiation) == (False, True)


def test_both_ends_in_one_log() -> None:
    """The two ends of a connection within one server have two numbers, interleave, and give two views."""
    client = lines(*OPENING, *HELLO, *CHAIN, *REJECTED, n=7)
    server = lines(*SERVER, *BAD, n=8)
    mixed = [line for pair in zip_longest(client, server, fillvalue="") for line in pair]
    assert {(o.handshake.connection, *short(o)) for o in outcomes(*mixed)} == {
        (7, "failed", "client", "server_certificate_rejected"),
        (8, "failed", "server", "server_certificate_rejected"),
    }


LAUNCH = "STATUS | wrapper  | 2026/11/23 07:59:59 | Launching a JVM...\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [("jvm 1    | ", "jvm 2    | "), ("", "")],
    ids=["the wrapper tells the JVM", "bare"],
)
def test_numbers_begin_again_with_the_jvm(before: str, after: str) -> None:
    """A number means another connection after a launch, and a list that was open belongs to the old one."""
    old = lines(*OPENING, *ASKED, prefix=before)
    new = lines(*DONE, prefix=after)
    ended = list(outcomes(*lines("Closing transport...", n=9, prefix=before), *old, LAUNCH, *new))
    first = [o.handshake for o in ended if o.handshake.outcome is Outcome.INCOMPLETE]
    assert [(h.first.line, h.authorities) for h in first] == [(2, ("cn=ca,o=b",))]
    assert [o.handshake.outcome for o in ended].count(Outcome.COMPLETED) == 1


def test_a_number_that_starts_anew_without_a_launch() -> None:
    """Where no line of the wrapper is in the log, the next start ends the old conversation."""
    assert told(*OPENING, *HELLO, *OPENING, *peers("handshake failure")) == [
        ("incomplete", "client", None),
        ("failed", "client", "negotiation"),
    ]


# -- what lines tell ----------------------------------------------------------------------------------------


def test_published_form() -> None:
    """Articles show an ellipsis for three dots, and blanks collapsed: the same is read."""
    plain = lines(*OPENING, *peers("handshake failure"))
    published = [line.replace("...", "…").replace("    ", " ") for line in plain]
    assert [short(o) for o in outcomes(*published)] == [short(o) for o in outcomes(*plain)]


def test_lines_of_another_wording_change_nothing() -> None:
    """What nobody has seen yet neither ends a conversation nor breaks it."""
    strange = [f"Something new {i}: a=b, 'Alert'" for i in range(len(DONE))]
    mixed = [text for pair in zip(DONE, strange, strict=True) for text in pair]
    assert told(*mixed) == told(*DONE)


@pytest.mark.parametrize(
    ("authorities", "names"),
    [
        ((), None),
        (("Accepted certificate authorities:",), ()),
        (("Accepted certificate authorities:", "cn=a,o=b", "  cn=c"), ("cn=a,o=b", "cn=c")),
        (("Accepted certificate authorities: cn=a,o=b",), ("cn=a,o=b",)),
        (("Accepted certificate authorities:", "a line without a name", "cn=c"), ("cn=c",)),
    ],
)
def test_authorities(authorities: tuple[str, ...], names: tuple[str, ...] | None) -> None:
    """No heading is no knowledge; a heading without names is an empty list."""
    types = "Accepted certificate types: RSA, DSS"
    (outcome,) = outcomes(
        *lines(*OPENING, ASKED[0], types, *authorities, NO_CERTIFICATE, *peers("handshake failure"))
    )
    assert outcome.handshake.authorities == names


def test_empty_list_of_authorities_is_why_none_was_sent() -> None:
    """A client that gets an empty list sends no certificate, which its vendor's setting changes."""
    _, diagnosis = failure(*OPENING, *CHAIN, *ASKED[:2], NO_CERTIFICATE, *peers("handshake failure"))
    assert (diagnosis.issue, diagnosis.cause) == ("client_certificate_missing", "empty_authorities_list")


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("Remote client:192.0.2.9:443, Timestamp:Wed Mar 16 18:51:40 IST 2016", "192.0.2.9:443"),
        ("Remote client:2001:db8::1:443, Timestamp:Wed Mar 16 18:51:40 IST 2016", "2001:db8::1:443"),
        ("Remote client:, Timestamp:Wed Mar 16 18:51:40 IST 2016", None),
        ("Remote client:192.0.2.9:443", "192.0.2.9:443"),
        (
            "Sending v3 client_hello message to is.example.com:8443, requesting version 3.3...",
            "is.example.com:8443",
        ),
        ("Sending v3 client_hello message, requesting version 3.3...", None),
    ],
)
def test_address_of_the_peer(text: str, peer: str | None) -> None:
    """Version 3 prints the address, 5 the name that was dialled."""
    (outcome,) = outcomes(*lines("Starting handshake...", text, HELLO[0]))
    assert outcome.handshake.peer == peer


@pytest.mark.parametrize(
    ("extensions", "withheld"),
    [
        (("Sending extensions: renegotiation_info (65281), signature_algorithms (13)",), True),
        (("Sending extensions: server_name (0), signature_algorithms (13)",), False),
    ],
)
def test_server_name_among_the_extensions(extensions: tuple[str, ...], *, withheld: bool) -> None:
    """A refusal of the name is about a name that was not sent, or one that was."""
    hello = "Sending v3 client_hello message to is.example.com:443, requesting version 3.3..."
    start = "Starting handshake (iSaSiLk 5.2)..."
    _, diagnosis = failure(start, hello, *extensions, *peers("unrecognized name"))
    assert (diagnosis.issue, diagnosis.cause) == (
        "sni",
        "name_not_sent" if withheld else "name_not_recognized",
    )


def test_a_servers_extensions_say_nothing_of_a_name() -> None:
    """A server that answers with extensions does not withhold a server name."""
    (outcome,) = outcomes(*lines(*SERVER[:3], "Sending extensions: renegotiation_info (65281)", *BAD))
    assert [fact.kind for fact in outcome.handshake.facts] == [FactKind.LIBRARY]


def test_both_clocks() -> None:
    """The time that is printed is in the JVM's own zone, read as local; the wrapper's is another clock."""
    (outcome,) = outcomes(*lines(*DONE, prefix=AT.format("07:00:00")))
    wrapper = datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert outcome.handshake.clocks == (datetime(2016, 3, 16, 18, 51, 40, tzinfo=UTC), wrapper)
    assert outcome.handshake.started_at == wrapper


def test_a_warning_ends_nothing() -> None:
    """A server that does not know the name may say so and go on."""
    assert told(*OPENING, "Received alert message: Alert Warning: unrecognized name", *DONE[3:]) == [
        ("completed", "client", None)
    ]


def test_an_exception_of_another_kind() -> None:
    """What is neither of TLS nor of input and output comes as a stack trace; its innermost cause counts."""
    trace = (
        "Exception while handshaking:",
        "java.lang.RuntimeException: wrapped",
        "at iaik.security.ssl.SSLTransport.startHandshake(Unknown Source)",
        "Caused by: java.lang.NullPointerException",
        "... 3 more",
    )
    handshake, diagnosis = failure(
        *OPENING, *HELLO, *trace, "Sending alert: Alert Fatal: handshake failure", SHUT, CLOSE
    )
    assert [(t.name, t.text) for t in handshake.failures[0].throwables] == [
        ("java.lang.RuntimeException", "wrapped"),
        ("java.lang.NullPointerException", ""),
    ]
    assert diagnosis.issue == "unclassified"


def test_v2_hello() -> None:
    """A hello in SSL 2.0 framing is refused whatever the ciphers are."""
    hello = "Sending v2 client_hello message, requesting version 3.1..."
    _, diagnosis = failure("Starting handshake...", hello, *peers("handshake failure"))
    assert (diagnosis.issue, diagnosis.cause) == ("negotiation", "hello_format")

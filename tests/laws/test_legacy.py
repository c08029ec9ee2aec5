"""What logs of legacy JSSE hold besides handshakes in good order: each thing, and that it changes nothing."""

import re

import pytest

from agent.model.vocabulary import Confidence, Issue, Outcome
from agent.pipeline import Ended
from tests.laws.cases import blocks, handshakes, run, split
from tests.laws.interleaved import LONE, Voice, mixed, of

CASES = [
    "jsse_legacy/clicert_none_7.server",
    "jsse_legacy/ok_mutual_7.server",
    "jsse_legacy/ok_resume.client",
    "jsse_legacy/srvcert_expired_7.client",
    "jsse_legacy/reneg_client.client",
]

TRACE = (
    b'Exception in thread "main" java.lang.NullPointerException\n'
    b"\tat com.wm.app.b2b.server.ServerIf.run(ServerIf.java:12)\n"
    b"Caused by: java.io.IOException: Connection reset\n"
    b"\t... 3 more\n"
)


def told(log: bytes) -> list[Ended]:
    """Return the handshakes that come of a log."""
    return handshakes(run(blocks(split(log), [])))


def short(ended: list[Ended]) -> list[tuple[object, ...]]:
    """Return handshakes by what was found."""
    said = [(one.handshake, one.diagnosis) for one in ended]
    return [(shake.outcome, shake.role, why and (why.issue, why.cause)) for shake, why in said]


def alone(case: str, name: str = "main") -> bytes:
    """Return the log of a case without prefixes, its thread renamed."""
    return mixed([Voice(name, case)], 0)


def without(log: bytes, pattern: str) -> bytes:
    """Return a log without the lines that match."""
    return b"".join(line for line in split(log) if not re.search(pattern.encode(), line))


@pytest.mark.parametrize(
    "name",
    ["HTTP Handler 192.0.2.1, 5543", "pub.client:http, READ: 3", "17", "a|b", "T, WRITE: TLSv1 Handshake"],
)
@pytest.mark.parametrize("case", CASES)
def test_odd_thread_names(case: str, name: str) -> None:
    """A thread's name may hold commas, digits, bars and the words of other lines."""
    voice = Voice(name, case)
    assert short(of(voice, told(alone(case, name)))) == short(voice.true)


@pytest.mark.parametrize("case", CASES)
def test_stack_traces_in_between(case: str) -> None:
    """Stack traces of applications come between any two lines of a handshake."""
    parts = re.split(rb"(?m)^(?=\*\*\*|%% |main, )", alone(case))
    assert short(told(TRACE.join(parts))) == short(told(alone(case)))


@pytest.mark.parametrize("case", CASES)
def test_announcement_by_the_acceptor(case: str) -> None:
    """A server socket announces in accept(), by another thread and so at any time: it tells of nobody."""
    plain = without(alone(case), "^(?:Allow |Is initial handshake: true|Is secure)")
    announced = b"Allow unsafe renegotiation: false\nAllow legacy hello messages: true\n"
    announced += b"Is initial handshake: true\nIs secure renegotiation: false\n"
    parts = re.split(rb"(?m)^(?=main, )", plain)
    assert short(told(announced.join(parts))) == short(told(alone(case)))


TAIL = [
    b"%% Invalidated:  [Session-1, TLS_RSA_WITH_AES_128_CBC_SHA]\n",
    b"main, SEND TLSv1.2 ALERT:  fatal, description = certificate_unknown\n",
    b"main, WRITE: TLSv1.2 Alert, length = 2\n",
    b"main, called closeSocket()\n",
]
THROWN = (
    b"main, handling exception: javax.net.ssl.SSLHandshakeException: "
    b"java.security.cert.CertificateException: No name matching is.example.com found\n"
)


GIVES_UP = rb"Invalidated|, SEND "
"""How the end of a handshake that fails begins."""

CLOSED = b"main, called close()\nmain, called closeInternal(true)\n"


@pytest.mark.parametrize("tail", [[*TAIL, THROWN], [THROWN, *TAIL]])
def test_order_of_a_failures_tail(tail: list[bytes]) -> None:
    """The exception is printed last where the library gives up, first where something throws: one failure."""
    talk = split(alone("jsse_legacy/srvcert_expired_7.client"))
    end = next(n for n, line in enumerate(talk) if re.search(GIVES_UP, line))
    (one,) = told(b"".join([*talk[:end], *tail, b"main, called close()\n"]))
    assert one.diagnosis is not None
    assert (one.diagnosis.issue, one.diagnosis.cause) == (Issue.SERVER_CERTIFICATE_REJECTED, "name_mismatch")


@pytest.mark.parametrize(
    "case", ["jsse_legacy/srvcert_expired_7.client", "jsse_legacy/clicert_none_7.server"]
)
@pytest.mark.parametrize("closed", [b"", CLOSED])
def test_handshake_without_an_end(case: str, closed: bytes) -> None:
    """A thread that was killed, or died of an Error, prints no exception: nobody knows that it failed."""
    talk = split(alone(case))
    end = next(n for n, line in enumerate(talk) if re.search(GIVES_UP, line))
    assert [one.handshake.outcome for one in told(b"".join(talk[:end]) + closed)] == [Outcome.INCOMPLETE]


def test_next_handshake_behind_one_without_an_end() -> None:
    """The next one of the thread, behind the close, is its own."""
    talk = split(alone("jsse_legacy/srvcert_expired_7.client"))
    end = next(n for n, line in enumerate(talk) if re.search(GIVES_UP, line))
    log = b"".join(talk[:end]) + CLOSED + alone("jsse_legacy/ok_tls_8u40.client")
    assert [one.handshake.outcome for one in told(log)] == [Outcome.INCOMPLETE, Outcome.COMPLETED]


def test_lost_alert() -> None:
    """A write that fails behind our certificate may hide its refusal: one possibility, and not certain."""
    talk = split(alone("jsse_legacy/clicert_none.client"))
    chain = [b"*** Certificate chain\n", b"chain [0] = [\n", b"  Subject: CN=us\n", b"***\n"]
    done = next(n for n, line in enumerate(talk) if b"ServerHelloDone" in line) + 1
    sent = [b"*** ECDHClientKeyExchange\n", b"main, WRITE: TLSv1.2 Handshake, length = 1000\n"]
    broke = [
        b"main, handling exception: java.net.SocketException: Broken pipe (Write failed)\n",
        b"main, SEND TLSv1.2 ALERT:  fatal, description = unexpected_message\n",
        b"main, WRITE: TLSv1.2 Alert, length = 2\n",
        b"main, Exception sending alert: java.net.SocketException: Broken pipe (Write failed)\n",
        b"main, called closeSocket()\n",
    ]
    (one,) = told(b"".join([*talk[:done], *chain, *sent, *broke]))
    assert one.diagnosis is not None
    issues = {one.diagnosis.issue, *(other.issue for other in one.diagnosis.alternatives)}
    assert {Issue.CLIENT_CERTIFICATE_REJECTED, Issue.INTERRUPTED} <= issues
    assert one.diagnosis.confidence is not Confidence.CERTAIN


def test_wanted_certificate_that_did_not_come() -> None:
    """Where a certificate is wanted and not needed, an empty chain is followed by success."""
    talk = split(alone("jsse_legacy/ok_mutual_7.server"))
    first = next(n for n, line in enumerate(talk) if line.startswith(b"*** ServerHelloDone"))
    start = next(n for n in range(first, len(talk)) if talk[n].startswith(b"*** Certificate chain"))
    end = next(n for n in range(start, len(talk)) if talk[n].startswith(b"***\n"))
    log = [*talk[: start + 1], b"<Empty>\n", *talk[end:]]
    log = [line for line in log if b"CertificateVerify" not in line]
    assert {one.handshake.outcome for one in told(b"".join(log))} == {Outcome.COMPLETED}


def test_sessions_of_one_number() -> None:
    """The counter of sessions can give a number twice: it is a hint of who has done, and no name."""
    voices = [
        Voice("a", "jsse_legacy/ok_mutual_7.server"),
        Voice("b", "jsse_legacy/srvcert_expired_7.client"),
    ]
    log = re.sub(rb"Session-\d+", b"Session-1", mixed(voices, 3, by_record=True))
    outcomes = told(log)
    assert [short(of(voice, outcomes)) for voice in voices] == [short(voice.true) for voice in voices]


def test_next_jvm() -> None:
    """With another index of the JVM all that was under way is over, and threads of its names are others."""
    talk = split(alone("jsse_legacy/srvcert_expired_7.client"))
    end = next(n for n, line in enumerate(talk) if re.search(GIVES_UP, line))
    both = [(1, talk[:end]), (2, split(alone("jsse_legacy/ok_tls_8u40.client")))]
    log = b"".join(b"INFO   | jvm %d    | %b" % (jvm, line) for jvm, lines in both for line in lines)
    assert [(one.handshake.jvm, one.handshake.outcome) for one in told(log)] == [
        (1, Outcome.INCOMPLETE),
        (2, Outcome.COMPLETED),
    ]


@pytest.mark.parametrize("case", [case for case in LONE if case.endswith(".client")][:6])
def test_stores_are_no_peers(case: str) -> None:
    """A key's chain and the anchors, printed amid a handshake for other threads, are no peer's."""
    store = b"adding as trusted cert:\n  Subject: CN=store\n  Issuer:  CN=store\n"
    store += b"  Algorithm: RSA; Serial number: 0x1\n"
    store += b"  Valid from Mon Nov 23 07:38:58 UTC 2026 until Thu Nov 20 07:38:58 UTC 2036\n\n"
    key = b"***\nfound key for : k\nchain [0] = [\n[\n  Subject: CN=store\n  Issuer: CN=store\n]\n***\n"
    parts = re.split(rb"(?m)^(?=main, )", alone(case))
    told_of = told((store + key).join(parts))
    for one in told_of:
        chains = (*(one.handshake.peer_chain or ()), *(one.handshake.own_chain or ()))
        assert "CN=store" not in [certificate.subject for certificate in chains]

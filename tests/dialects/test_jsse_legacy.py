"""The reader of legacy JSSE, on transcripts in its format."""

from datetime import UTC, datetime

import pytest

from agent import codec
from agent.dialects.jsse_legacy import Reader, State
from agent.framing.envelope import Framing
from agent.model.block import Block, Where
from agent.model.events import (
    AlertSeen,
    Certificate,
    Ended,
    Event,
    Fact,
    FactKind,
    Failed,
    Hello,
    Said,
    Started,
    StoreEntry,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Dialect

PREFIX = "INFO   | jvm 3    | 2019/06/07 08:09:10 | "

DUMP = """\
chain [0] = [
[
  Version: V1
  Subject: CN=partner.example, O="Partner, Inc.", C=DE
  Signature Algorithm: SHA256withRSA, OID = 1.2.840.113549.1.1.11

  Key:  Sun RSA public key, 2048 bits
  Validity: [From: Fri Mar 01 00:00:00 UTC 2019,
               To: Sun Mar 01 00:00:00 UTC 2020]
  Issuer: CN=Partner CA, C=DE
  SerialNumber: [    0a1b2c3d 4e5f6071]

  Algorithm: [SHA256withRSA]
  Signature:
0000: 01 02 03 04 05 06 07 08   09 0A 0B 0C 0D 0E 0F 10  ................
]
"""

CERTIFICATE = Certificate(
    subject='CN=partner.example, O="Partner, Inc.", C=DE',
    issuer="CN=Partner CA, C=DE",
    serial="0a1b2c3d4e5f6071",
    version=1,
    not_before=datetime(2019, 3, 1, tzinfo=UTC),
    not_after=datetime(2020, 3, 1, tzinfo=UTC),
    signature_algorithm="SHA256withRSA",
    key="RSA 2048",
)

CLIENT = f"""\
adding as trusted cert:
  Subject: CN=Root, C=DE
  Issuer:  CN=Root, C=DE
  Algorithm: RSA; Serial number: 0x0bcd
  Valid from Fri Mar 01 00:00:00 UTC 2019 until Thu Mar 01 00:00:00 UTC 2029

Is initial handshake: true
%% No cached client session
*** ClientHello, TLSv1.2
RandomCookie:  GMT: 1 bytes = {{ 1, 2, 3, 4 }}
Session ID:  {{}}
Cipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA, SSL_RSA_WITH_RC4_128_SHA]
Extension server_name, server_name: [type=host_name (0), value=partner.example]
***
main, WRITE: TLSv1.2 Handshake, length = 60
main, READ: TLSv1.2 Handshake, length = 900
*** ServerHello, TLSv1.2
Cipher Suite: TLS_RSA_WITH_AES_128_CBC_SHA
***
%% Initialized:  [Session-4, TLS_RSA_WITH_AES_128_CBC_SHA]
*** Certificate chain
{DUMP}***
*** CertificateRequest
Cert Types: RSA
Cert Authorities:
<CN=Root, C=DE>
<CN=Other Root, O="A, B", C=FR>
*** ServerHelloDone
Warning: no suitable certificate found - continuing without client authentication
*** Certificate chain
<Empty>
***
*** ClientKeyExchange, RSA PreMasterSecret, TLSv1.2
main, WRITE: TLSv1.2 Handshake, length = 70
main, WRITE: TLSv1.2 Change Cipher Spec, length = 1
*** Finished
verify_data:  {{ 1, 2, 3 }}
***
main, READ: TLSv1.2 Alert, length = 2
main, RECV TLSv1.2 ALERT:  fatal, bad_certificate
%% Invalidated:  [Session-4, TLS_RSA_WITH_AES_128_CBC_SHA]
main, called closeSocket()
main, handling exception: javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate
"""


def read(text: str, state: State | None = None) -> list[Event]:
    """Return the events of a text read at once, with what waits at its end."""
    reader = Reader(Framing(UTC), state)
    events = reader.feed(Block(Where("wrapper.log", "id", 0, 1), text.encode()))
    return events + reader.finish()


def read_by_line(text: str) -> list[Event]:
    """Return the events of a text read line by line, the memory saved and put back between all of them."""
    state, events, offset = State(), [], 0
    for number, line in enumerate(text.encode().splitlines(keepends=True), 1):
        reader = Reader(Framing(UTC), codec.decode(codec.encode(state), State))
        events += reader.feed(Block(Where("wrapper.log", "id", offset, number), line))
        state, offset = reader.state, offset + len(line)
    return events + Reader(Framing(UTC), state).finish()


def wrapped(text: str) -> str:
    """Return a text as the wrapper logs it."""
    return "".join(f"{PREFIX}{line}\n" for line in text.splitlines())


def said(message: Message, **fields: object) -> Said:
    """Return a message whose direction the line does not tell."""
    return Said(message, sent=None, **fields)  # type: ignore[arg-type] # the fields are those of Said


def test_client_conversation() -> None:
    """A client's refused handshake: named lines with their thread, all others with nobody."""
    hello = Hello(
        ("TLSv1.2",), ("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_RC4_128_SHA"), "partner.example"
    )
    answer = Hello(("TLSv1.2",), ("TLS_RSA_WITH_AES_128_CBC_SHA",))
    root = Certificate(
        subject="CN=Root, C=DE",
        issuer="CN=Root, C=DE",
        serial="0bcd",
        not_before=datetime(2019, 3, 1, tzinfo=UTC),
        not_after=datetime(2029, 3, 1, tzinfo=UTC),
    )
    exception = "javax.net.ssl.SSLHandshakeException"
    version = Fact(FactKind.PROTOCOL, "TLSv1.2")
    assert [(e.speaker.key, e.what) for e in read(CLIENT)] == [
        ("", StoreEntry(None, (root,))),
        ("", Started()),
        ("", said(Message.CLIENT_HELLO, hello=hello)),
        ("main", version),
        ("main", version),
        ("", said(Message.SERVER_HELLO, hello=answer)),
        ("", Fact(FactKind.SESSION, "Session-4 client")),
        ("", said(Message.CERTIFICATE, certificates=(CERTIFICATE,))),
        (
            "",
            said(
                Message.CERTIFICATE_REQUEST,
                authorities=("CN=Root, C=DE", 'CN=Other Root, O="A, B", C=FR'),
            ),
        ),
        ("", said(Message.SERVER_HELLO_DONE)),
        ("", Fact(FactKind.NO_CLIENT_CERTIFICATE)),
        ("", said(Message.CERTIFICATE, certificates=())),
        ("", said(Message.CLIENT_KEY_EXCHANGE)),
        ("main", version),
        ("main", version),
        ("main", version),
        ("main", AlertSeen(sent=False, level="fatal", description="bad_certificate")),
        ("main", Ended()),
        (
            "main",
            Failed(
                (Throwable(exception, "Received fatal alert: bad_certificate"),),
                word="bad_certificate",
                final=False,
            ),
        ),
    ]


def test_wrapper_prefix() -> None:
    """A prefix changes neither the events nor the threads' names; it adds the JVM and the time."""
    bare, framed = read(CLIENT), read(wrapped(CLIENT))
    assert [(e.what, e.speaker.thread, e.at.line, e.text) for e in framed] == [
        (e.what, e.speaker.thread, e.at.line, e.text) for e in bare
    ]
    assert {(e.speaker.jvm, e.when) for e in framed} == {(3, datetime(2019, 6, 7, 8, 9, 10, tzinfo=UTC))}


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("2026-01-02T03:04:05.678901234Z stdout F {}", ""),
        ("2026-01-02T03:04:05.678Z | {}", ""),
        ("2026-01-02T03:04:05.678901234Z stdout F jvm 1    | {}", ""),
    ],
)
def test_container_prefixes(line: str, end: str) -> None:
    """What a container runtime puts around a line is no part of the thread's name or of the text."""
    events = read(
        line.format("HTTP Handler, 1, SEND TLSv1 ALERT:  fatal, description = unknown_ca") + end + "\n"
    )
    alert = AlertSeen(sent=True, level="fatal", description="unknown_ca")
    assert [(e.speaker.thread, e.what) for e in events] == [("HTTP Handler, 1", alert)]


def test_time_of_a_log_without_times() -> None:
    """Where no line has a time, a hello's own is taken."""
    text = "*** ClientHello, TLSv1.2\nRandomCookie:  GMT: 1795353851 bytes = { 1, 2 }\n***\n"
    assert read(text)[0].when == datetime.fromtimestamp(0x6B03EDFB, UTC)
    assert read(wrapped(text))[0].when == datetime(2019, 6, 7, 8, 9, 10, tzinfo=UTC)


def test_pieces_make_no_difference() -> None:
    """Read line by line, with the memory saved in between, the events are the same."""
    for text in (CLIENT, wrapped(CLIENT)):
        assert read_by_line(text) == read(text)


def test_nothing_secret_is_told() -> None:
    """No row of a dump and no random value gets into an event."""
    shown = codec.encode([codec.pack_event(e) for e in read(CLIENT)])
    assert b"01 02 03" not in shown
    assert b"1, 2, 3" not in shown


def test_own_key() -> None:
    """The chain of a key store's entry is a store's, not a message."""
    text = f"***\nfound key for : is-key\n{DUMP}***\n"
    assert [e.what for e in read(text)] == [StoreEntry("is-key", (CERTIFICATE,))]


def test_empty_chain_of_old_releases() -> None:
    """Before 8u60 an empty chain is a heading followed by its end; with lines in between it is not known."""
    heading = "*** Certificate chain\n"
    texts = (f"{heading}***\n", f"{heading}a line of another thread\n***\n")
    assert [read(text)[0].what for text in texts] == [
        said(Message.CERTIFICATE, certificates=()),
        said(Message.CERTIFICATE, certificates=None),
    ]


def test_interrupted_hello_is_told_without_fields() -> None:
    """Two hellos that run into each other are told by their names only: a missing field would be a lie."""
    text = "*** ClientHello, TLSv1.2\n*** ClientHello, TLSv1.1\nCipher Suites: [TLS_A, TLS_B]\n***\n"
    assert [e.what for e in read(text)] == [said(Message.CLIENT_HELLO), said(Message.CLIENT_HELLO)]


def test_events_keep_the_order_of_their_first_lines() -> None:
    """A named line in the middle of a hello comes after it."""
    text = "*** ClientHello, TLSv1.2\nb, READ: TLSv1.2 Handshake, length = 5\nCipher Suites: [TLS_A]\n***\n"
    assert [(e.at.line, type(e.what)) for e in read(text)] == [(1, Said), (2, Fact)]


def test_hello_of_a_newer_client() -> None:
    """What these releases do not know of TLS 1.3 they print by number."""
    text = "*** ClientHello, TLSv1.2\nUnsupported extension type_43, data: 04:03:04:03:03\n***\n"
    text += "*** ClientHello, TLSv1.2\nCipher Suites: [Unknown 0x13:0x1, TLS_A]\n***\n"
    text += "*** ClientHello, TLSv1.2\nUnsupported extension type_43, data: 04:03:03:03:02\n***\n"
    hellos = [e.what.hello for e in read(text) if isinstance(e.what, Said)]
    assert [h.versions for h in hellos if h] == [("TLSv1.2", "TLSv1.3"), ("TLSv1.2", "TLSv1.3"), ("TLSv1.2",)]


def test_hello_in_the_old_framing() -> None:
    """A server reads the framing off the record line before the hello."""
    text = (
        "main, READ:  SSL v2, contentType = Handshake, translated length = 143\n*** ClientHello, TLSv1\n***\n"
    )
    assert read(text)[1].what == said(Message.CLIENT_HELLO, hello=Hello(("TLSv1",), v2=True))


def test_exception_of_an_engine() -> None:
    """SSLEngine prints the exception on the line behind."""
    text = "io-1, fatal error: 42: null cert chain\njavax.net.ssl.SSLHandshakeException: null cert chain\n"
    failed = Failed((Throwable("javax.net.ssl.SSLHandshakeException", "null cert chain"),))
    assert [e.what for e in read(text)] == [failed]
    alone = "io-1, fatal error: 42: null cert chain\nio-1, called closeOutbound()\n"
    assert [e.what for e in read(alone)] == [Failed((Throwable("", "null cert chain"),)), Ended()]


def test_ibm() -> None:
    """IBM's variant is known by its own lines; its exceptions run over several."""
    text = (
        "IBMJSSEProvider2 Build-Level: -20130318\n"
        "WebContainer : 4, handling exception: javax.net.ssl.SSLHandshakeException: com.ibm.jsse2.util.h:"
        " PKIX path building failed: java.security.cert.CertPathBuilderException: no valid path;"
        " internal cause is: \n"
        "\tjava.security.cert.CertPathValidatorException: The certificate issued by CN=A is not trusted;"
        " internal cause is: \n"
        "\tjava.security.cert.CertPathValidatorException: Certificate chaining error\n"
        "WebContainer : 4, called close()\n"
    )
    failed, ended = read_by_line(text)
    assert (failed.speaker.dialect, failed.speaker.thread) == (Dialect.IBM_JSSE, "WebContainer : 4")
    assert isinstance(failed.what, Failed)
    assert [t.name.rpartition(".")[2] for t in failed.what.throwables] == [
        "SSLHandshakeException",
        "h",
        "CertPathBuilderException",
        "CertPathValidatorException",
        "CertPathValidatorException",
    ]
    assert failed.what.throwables[-1].text == "Certificate chaining error"
    assert ended.what == Ended()


def test_ordinary_closing_is_no_failure() -> None:
    """What a connection prints while it closes in good order names no failure."""
    text = (
        "main, received EOFException: ignored\nmain, called closeInternal(false)\n"
        "main, SEND TLSv1.2 ALERT:  warning, description = close_notify\n"
        "main, waiting for close_notify or alert: state 5\n"
        "main, Exception while waiting for close java.net.SocketException: Socket closed\n"
    )
    assert [e.what for e in read(text)] == [
        Ended(),
        AlertSeen(sent=True, level="warning", description="close_notify"),
    ]


def test_lines_that_a_crash_glued() -> None:
    """Lines that stand in one, without what ended the first, are read as two: no name swallows the other."""
    came = "main, READ: TLSv1.2 Alert, length = 2"
    received = "main, RECV TLSv1.2 ALERT:  fatal, unrecognized_name"
    apart = read(f"{PREFIX}{came}\n{PREFIX}{received}\n")
    glued = read(f"{PREFIX}{came}{PREFIX}{received}\n")
    assert [(e.speaker, e.what, e.text) for e in glued] == [(e.speaker, e.what, e.text) for e in apart]
    assert [event.at.line for event in glued] == [1, 1]


def test_columns_without_padding() -> None:
    """Pasted text has its blanks collapsed, so that each line's prefix may have another width."""
    collapsed = "".join(
        f"jvm 1 | {'' if number % 3 else 10 ** (number % 5)} | {line}\n"
        for number, line in enumerate(CLIENT.splitlines())
    )
    whole = [(e.speaker.thread, e.what) for e in read(CLIENT)]
    assert [(e.speaker.thread, e.what) for e in read(collapsed)] == whole


def test_new_jvm_ends_what_is_open() -> None:
    """A message that the JVM before left open gets no lines of the next one."""
    text = "jvm 1    | *** ClientHello, TLSv1.2\njvm 2    | Cipher Suites: [TLS_A]\njvm 2    | ***\n"
    hello, *rest = read(text + "jvm 2    | main, called close()\n")
    assert isinstance(hello.what, Said)
    assert [e.what for e in rest] == [Ended()]


@pytest.mark.parametrize(
    "text", ["*** ClientHello, TLSv1.2", "main, handling exception: java.net.SocketException: Socket closed"]
)
def test_what_a_json_line_quotes(text: str) -> None:
    """A line within a JSON object is told of by somebody."""
    assert read('INFO   | jvm 1    | {"level":"WARN","message":"' + text + "\n") == []
    assert read("INFO   | jvm 1    | " + text + "\n***\n") != []


def test_late_start_and_torn_lines() -> None:
    """No beginning or ending of a log, and no rubbish, raises."""
    for cut in range(0, len(CLIENT), 37):
        read(CLIENT[cut:])
        read(CLIENT[:cut])
    for rubbish in ("***", "*** ", "%% ", ", READ: ", "chain [", "found key for : ", "\x00, SEND \xff", "<="):
        read(f"{rubbish}\n{rubbish}{rubbish}\n*** Certificate chain\n{rubbish}\n{CLIENT}")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "77 0D 0A          hunter2passw..main, RECV TLSv1.2 ALERT:  fatal, handshake_failure",
            "RECV TLSv1.2 ALERT:  fatal, handshake_failure",
        ),
        ("77 0D 0A          hunter2passw..*** ServerHelloDone", "*** ServerHelloDone"),
    ],
)
def test_evidence_begins_where_its_own_line_does(line: str, shown: str) -> None:
    """What a torn line leaves before another one, here a piece of a plaintext dump, is not shown with it."""
    (event,) = read(f"%% No cached client session\n{line}\n")[1:]
    assert (event.speaker.thread, event.text) == (None, shown)


def test_memory_is_bounded() -> None:
    """A message that never ends holds back only so much."""
    state = State()
    reader = Reader(Framing(UTC), state)
    text = "*** ClientHello, TLSv1.2\n" + "b, called close()\n" * 1000
    assert len(reader.feed(Block(Where("w", "i", 0, 1), text.encode()))) == 1001
    assert state.waiting == []


@pytest.mark.parametrize(
    "proof",
    [
        "JsseJCE:  Using MessageDigest SHA from provider IBMJCE version 1.8",
        "CipherBox:  Using cipher AES/CBC/NoPadding from provider TBD via init",
        "IBMJSSE2 will allow RFC 5746 renegotiation per com.ibm.jsse2.renegotiate set to none or default",
        "a, handling exception: javax.net.ssl.SSLHandshakeException: com.ibm.jsse2.util.g: no",
        "a, handling exception: com.ibm.security.cert.IBMCertPathBuilderException: unable to find",
    ],
)
def test_ibm_without_its_start(proof: str) -> None:
    """Each of these lines proves IBM's variant, in a log that begins behind the JVM's start."""
    events = read(f"a, READ: TLSv1 Handshake, length = 5\n{proof}\na, called close()\n")
    assert (events[0].speaker.dialect, events[-1].speaker.dialect) == (Dialect.JSSE_LEGACY, Dialect.IBM_JSSE)


def test_ibm_of_another_product() -> None:
    """Other classes of IBM's do not."""
    log = (
        "a, READ: TLSv1 Handshake, length = 5\n\tat com.ibm.mq.jmqi.remote.impl(x.java)\na, called close()\n"
    )
    assert {event.speaker.dialect for event in read(log)} == {Dialect.JSSE_LEGACY}

"""The JSSE reader, on transcripts in its wording."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import codec
from agent.dialects import jsse
from agent.dialects.jsse import Reader, State
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
    Speaker,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Role

PREFIX = "INFO   | jvm 1    | 2026/11/23 07:49:02 | "


def header(message: str, *, tid: str = "41", thread: str = "Service Thread", ms: int = 0) -> str:
    """Return a header line without the wrapper's prefix."""
    return f"javax.net.ssl|DEBUG|{tid}|{thread}|2026-11-23 07:49:02.{ms:03} UTC|Some.java:1|{message}"


CLIENT = [
    header("jdk.tls.keyLimits:  entry = AES/GCM/NoPadding KeyUpdate 2^37"),
    header("Produced ClientHello handshake message (", ms=1),
    '"ClientHello": {',
    '  "client version"      : "TLSv1.2",',
    '  "random"              : "1E 89 6A 00 11 22 33 44",',
    '  "cipher suites"       : "[TLS_AES_256_GCM_SHA384(0x1302), SSL_RSA_WITH_NULL_MD5(0x0001)]",',
    '  "extensions"          : [',
    '    "server_name (0)": {',
    "      type=host_name (0), value=is.acme.example",
    "    },",
    '    "supported_versions (43)": {',
    '      "versions": [TLSv1.3, TLSv1.2]',
    "    }",
    "  ]",
    "}",
    ")",
    "a line of the application (with a bracket)",
    header("Consuming ServerHello handshake message (", ms=2),
    '  "server version"      : "TLSv1.2",',
    '  "cipher suite"        : "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA(0xC013)",',
    "}",
    ")",
    header("Negotiated protocol version: TLSv1.2", ms=2),
    header("Consuming server Certificate handshake message (", ms=3),
    '"Certificates": [',
    '  "certificate" : {',
    '    "version"            : "v3",',
    '    "serial number"      : "6C D3 EC",',
    '    "signature algorithm": "SHA256withRSA",',
    r'    "issuer"             : "CN=Root, O=\"Süd\" GmbH, C=DE",',
    '    "not before"         : "2026-10-24 07:36:26.000 UTC",',
    '    "not  after"         : "2036-11-20 07:36:26.000 CET",',
    '    "subject"            : "CN=is.acme.example, C=DE",',
    '    "subject public key" : "RSA",',
    "          CA:false",
    "}",
    ")",
    header("Fatal (CERTIFICATE_UNKNOWN): PKIX path building failed: no path (", ms=4),
    '"throwable" : {',
    "  sun.security.validator.ValidatorException: PKIX path building failed: no path",
    "  \tat java.base/sun.security.ssl.CertificateMessage$T12CertificateConsumer.checkServerCerts(X.java:1)",
    "  \tat java.base/sun.security.ssl.SSLSocketImpl.startHandshake(SSLSocketImpl.java:1)",
    "  Caused by: sun.security.provider.certpath.SunCertPathBuilderException: no path",
    "  \t... 28 more}",
    "",
    ")",
    header("close the underlying socket", ms=5),
]

LOG = "".join(f"{PREFIX}{line}\n" for line in CLIENT).encode()

SPEAKER = Speaker(Dialect.JSSE, 1, "Service Thread", "41|Service Thread")
REFUSED = "Fatal (CERTIFICATE_UNKNOWN): PKIX path building failed: no path"


def at(index: int) -> Where:
    """Return the place of a line of CLIENT."""
    offset = sum(len(line) for line in LOG.splitlines(keepends=True)[:index])
    return Where("wrapper.log", "8:15", offset, index + 1)


def event(starts: str, ms: int, what: object, text: str) -> Event:
    """Return an event whose record begins with the first line of CLIENT that has a text."""
    when = datetime(2026, 11, 23, 7, 49, 2, ms * 1000, UTC)
    place = at(next(n for n, line in enumerate(CLIENT) if starts in line))
    clocks = (when, datetime(2026, 11, 23, 7, 49, 2, tzinfo=UTC))
    return Event(place, when, SPEAKER, what, text, clocks=clocks)  # type: ignore[arg-type]  # a happening


EVENTS = [
    event(
        "Produced ClientHello",
        1,
        Said(
            Message.CLIENT_HELLO,
            sent=True,
            role=Role.CLIENT,
            hello=Hello(
                versions=("TLSv1.3", "TLSv1.2"),
                suites=("TLS_AES_256_GCM_SHA384", "TLS_RSA_WITH_NULL_MD5"),
                server_name="is.acme.example",
            ),
        ),
        "Produced ClientHello handshake message",
    ),
    event(
        "Consuming ServerHello",
        2,
        Said(
            Message.SERVER_HELLO,
            sent=False,
            role=Role.CLIENT,
            hello=Hello(("TLSv1.2",), ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",)),
        ),
        "Consuming ServerHello handshake message",
    ),
    event("Negotiated", 2, Fact(FactKind.PROTOCOL, "TLSv1.2"), "Negotiated protocol version: TLSv1.2"),
    event(
        "Consuming server Certificate",
        3,
        Said(
            Message.CERTIFICATE,
            sent=False,
            role=Role.CLIENT,
            certificates=(
                Certificate(
                    subject="CN=is.acme.example, C=DE",
                    issuer=r"CN=Root, O=\"Süd\" GmbH, C=DE",
                    serial="6c:d3:ec",
                    version=3,
                    not_before=datetime(2026, 10, 24, 7, 36, 26, tzinfo=UTC),
                    not_after=datetime(2036, 11, 20, 7, 36, 26, tzinfo=UTC),
                    signature_algorithm="SHA256withRSA",
                    ca=False,
                ),
            ),
            modern=False,
        ),
        "Consuming server Certificate handshake message",
    ),
    event(
        "Fatal (",
        4,
        Failed(
            (
                Throwable("ValidatorException", "PKIX path building failed: no path"),
                Throwable("SunCertPathBuilderException", "no path"),
            ),
            word="certificate_unknown",
            role=Role.CLIENT,
            reading=False,
            engine=False,
        ),
        REFUSED,
    ),
    event("close the", 5, Ended(), "close the underlying socket"),
]


def block(data: bytes, offset: int = 0, line: int = 1) -> Block:
    """Return a block of the log."""
    return Block(Where("wrapper.log", "8:15", offset, line), data)


def read(*lines: str, prefix: str = PREFIX) -> list[Event]:
    """Return the events of lines that are a whole input."""
    reader = Reader(Framing(UTC))
    return reader.feed(block("".join(f"{prefix}{line}\n" for line in lines).encode())) + reader.finish()


def test_a_handshake_of_a_client() -> None:
    """Each record of interest is an event with its place, its time and its named fields."""
    assert Reader(Framing(UTC)).feed(block(LOG)) == EVENTS


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(1, len(CLIENT) - 1)))
def test_cut_anywhere(cuts: set[int]) -> None:
    """Blocks may end at any line, and the memory be saved in between: the events are the same."""
    rows = LOG.splitlines(keepends=True)
    state, events = State(), []
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(rows)], strict=True):
        reader = Reader(Framing(UTC), state)
        events += reader.feed(block(b"".join(rows[start:end]), at(start).offset, start + 1))
        state = codec.decode(codec.encode(reader.state), State)
    assert events == EVENTS


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        (
            header("close the underlying socket", tid="B1"),
            Speaker(Dialect.JSSE, 1, "Service Thread", "B1|Service Thread"),
        ),
        (header("close the underlying socket", thread=""), Speaker(Dialect.JSSE, 1, "", "41|")),
        (
            header("close the underlying socket", thread=" a|b "),
            Speaker(Dialect.JSSE, 1, " a|b ", "41| a|b "),
        ),
        (
            header("close the underlying socket", thread="Jürgen"),
            Speaker(Dialect.JSSE, 1, "Jürgen", "41|Jürgen"),
        ),
        (
            header("close the underlying socket", thread=header("Fatal (X): fake")),
            Speaker(
                Dialect.JSSE, 1, header("Fatal (X): fake")[:200], f"41|{header('Fatal (X): fake')[:200]}"
            ),
        ),
    ],
    ids=["other id", "no name", "a bar and blanks", "UTF-8", "a name that is a header"],
)
def test_thread_names(line: str, speaker: Speaker) -> None:
    """A thread's name is read as it is, whatever it holds."""
    (told,) = read(line)
    assert (told.speaker, told.what) == (speaker, Ended())


ZONES = {
    "2026-11-23 24:14:22.116 UTC": datetime(2026, 11, 23, 0, 14, 22, 116_000, UTC),
    "2026-11-23 07:14:22.116 GMT-08:00": datetime(
        2026, 11, 23, 7, 14, 22, 116_000, timezone(timedelta(hours=-8))
    ),
    "2026-11-23 07:14:22.116 GMT+05:30": datetime(
        2026, 11, 23, 7, 14, 22, 116_000, timezone(timedelta(hours=5, minutes=30))
    ),
    "2026-11-23 07:14:22.116 CET": datetime(2026, 11, 23, 7, 14, 22, 116_000, timezone(timedelta(hours=1))),
    "2026-13-23 07:14:22.116 UTC": None,
    "2026-11-23 07:14:22.116 GMT+99:99": datetime(
        2026, 11, 23, 7, 14, 22, 116_000, timezone(timedelta(hours=1))
    ),
}


@pytest.mark.parametrize(("printed", "when"), ZONES.items())
def test_times(printed: str, when: datetime | None) -> None:
    """Offsets are read as printed, abbreviations in the configured zone, and no time on any clock is None."""
    line = header("close the underlying socket").replace("2026-11-23 07:49:02.000 UTC", printed)
    (told,) = Reader(Framing(timezone(timedelta(hours=1)))).feed(block(f"{line}\n".encode()))
    assert told.when == when


@pytest.mark.parametrize(
    "line",
    [
        header("close the underlying socket").replace("Some.java:1", "null:-1"),
        header("close the underlying socket").replace("Some.java:1", "Some$Inner.java:-1"),
        header("close the underlying socket").replace("DEBUG", "FINE"),
        "text without a line end; " + header("close the underlying socket"),
        header("close the underlying socket") + "\r",
    ],
    ids=["11.0.13", "nested class", "8", "glued to other text", "Windows"],
)
def test_headers(line: str) -> None:
    """A header is found in any release's form and anywhere in a line."""
    assert [e.what for e in read(line)] == [Ended()]


@pytest.mark.parametrize("prefix", ["", "jvm 1    | ", "2026-11-23T06:42:13.123456789Z stdout F ", "| "])
def test_prefixes_of_the_body(prefix: str) -> None:
    """The line that ends a record is known behind every prefix."""
    records = (
        header("Received alert message ("),
        '"level"      : "fatal",',
        '"description": "unknown_ca"',
        ")",
    )
    assert [e.what for e in read(*records, prefix=prefix)] == [AlertSeen(False, "fatal", "unknown_ca")]  # noqa: FBT003  (as in the model)


def test_a_record_without_its_end() -> None:
    """The next header ends a record whose last line is missing; so does the end of the input."""
    torn = [header("Received alert message ("), '"description": "unknown_ca"']
    seen = AlertSeen(sent=False, level=None, description="unknown_ca")
    assert [e.what for e in read(*torn, header("close the underlying socket"), *torn)] == [
        seen,
        Ended(),
        seen,
    ]


def test_other_text_inside_a_record() -> None:
    """Text of another writer in the midst of a record does no harm beyond the line that it tears."""
    told = read(
        header("Consuming CertificateRequest handshake message ("),
        '  "certificate authorities": [CN=a, C=DE, CN=b, C=FR]',
        "2026-11-23 07:49:02 [ISP.0090.0004C] <doc>)",
        "}",
        ")",
    )
    assert [e.what for e in told] == [
        Said(
            Message.CERTIFICATE_REQUEST,
            sent=False,
            role=Role.CLIENT,
            authorities=("CN=a, C=DE", "CN=b, C=FR"),
        )
    ]


def test_a_bracket_that_is_not_the_end() -> None:
    """A line that holds nothing but the closing bracket ends a record only behind the body's last line."""
    told = read(
        header("Consuming ClientHello handshake message ("),
        '"ClientHello": {',
        '  "cipher suites"       : "[TLS_AES_256_GCM_SHA384(0x1302)]",',
        ")",
        "      type=host_name (0), value=is.acme.example",
        "}",
        ")",
        "      type=host_name (0), value=other.example",
    )
    assert [e.what for e in told] == [Said(Message.CLIENT_HELLO, sent=False, role=Role.SERVER)]
    told = read(
        header("Fatal (CERTIFICATE_EXPIRED): PKIX pa[ISP.0090.0004C] <doc>"),
        "th validation failed (",
        '"throwable" : {',
        "  a.b.Some: PKIX path validation failed",
        "  \tat x.y(X.java:1)}",
        "",
        ")",
        "  Caused by: c.d.Other: no",
    )
    assert [e.what for e in told] == [
        Failed((Throwable("Some", "PKIX path validation failed"),), "certificate_expired")
    ]


def test_a_wrapper_exception_shows_its_cause() -> None:
    """The line to show names the innermost cause where the first line does not."""
    (told,) = read(
        header("Fatal (HANDSHAKE_FAILURE): Couldn't kickstart handshaking ("),
        '"throwable" : {',
        "  javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake",
        "  Caused by: java.io.EOFException: SSL peer shut down incorrectly",
        ")",
    )
    assert told.text == (
        "Fatal (HANDSHAKE_FAILURE): Couldn't kickstart handshaking"
        " — caused by EOFException: SSL peer shut down incorrectly"
    )


def test_what_a_json_line_quotes() -> None:
    """A header within a string of a JSON object is told of by somebody; one behind the object is real."""
    record = header("close the underlying socket")
    assert read('{"level":"WARN","message":"debug says \\"' + record + '\\""}') == []
    assert [e.what for e in read('{"level":"WARN","message":"no line end"}' + record)] == [Ended()]


def test_nothing_of_ours() -> None:
    """Text without a header, and headers of no interest, say nothing."""
    assert read("hello", header("Ignore, context unavailable extension: cookie"), ")", "javax.net.ssl|") == []


def test_endless_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that does not end is ended at a limit."""
    monkeypatch.setattr(jsse, "OPEN_RECORD_LIMIT", 100)
    reader = Reader(Framing(UTC))
    assert (
        reader.feed(block(header("Received alert message (\n").encode() + b'"description": "unknown_ca"\n'))
        == []
    )
    assert [e.what for e in reader.feed(block(b"x" * 100 + b"\n"))] == [AlertSeen(False, None, "unknown_ca")]  # noqa: FBT003  (as in the model)
    assert reader.state == State()


@pytest.mark.parametrize(("limit", "value"), [("OPEN_RECORD_LIMIT", 150), ("_PICKS_LIMIT", 5)])
def test_limits_of_a_record(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """What a limit leaves of a record does not depend on how the log is cut."""
    monkeypatch.setattr(jsse, limit, value)
    names = [f'"version" : "v3",\n"subject" : "CN={n}",\n' for n in range(8)]
    body = ['"Certificates": [\n', *names, "]\n)\n"]
    log = "".join([header("Consuming server Certificate handshake message (\n"), *body]).encode()
    single, offset = Reader(Framing(UTC)), 0
    told = []
    for line in log.splitlines(keepends=True):
        told += single.feed(block(line, offset))
        offset += len(line)
    (event,) = Reader(Framing(UTC)).feed(block(log))
    assert isinstance(event.what, Said)
    # a record that was cut off does not tell how many there are
    assert (event.what.certificates is None) is (limit == "OPEN_RECORD_LIMIT")
    assert len(event.what.certificates or ()) < len(names)
    assert [one.what for one in told] == [event.what]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(LOG.splitlines()), st.binary(max_size=60)), max_size=30))
def test_total(rows: list[bytes]) -> None:
    """Lines left out, repeated, in any order or made of garbage never raise."""
    reader = Reader(Framing(UTC))
    for row in rows:
        reader.feed(block(row.replace(b"\n", b"") + b"\n"))
    reader.finish()

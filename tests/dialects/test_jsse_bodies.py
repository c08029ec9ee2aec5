import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.dialects.jsse_bodies import FRAMES, PICKERS, THROWABLES_LIMIT, USAGES, Picks, closes, torn

P = "INFO   | jvm 1    | 2026/11/23 07:49:02 | "

SESSION = "9e28521f2d42"
"""What stands for the session id 0AFF."""

BODIES: dict[str, tuple[str, list[str], Picks]] = {
    "hello of a client": (
        "hello",
        [
            '"client version"      : "TLSv1.2",',
            '"random"              : "1E 89 6A",',
            '"cipher suites"       : "[A(0x1302), B(0x0001)]",',
            "      type=host_name (0), value=is.acme.example",
            '      "versions": [TLSv1.3, TLSv1.2]',
        ],
        [
            ("client version", '"TLSv1.2"'),
            ("cipher suites", '"[A(0x1302), B(0x0001)]"'),
            ("value", "is.acme.example"),
            ("versions", "[TLSv1.3, TLSv1.2]"),
        ],
    ),
    "hello of a server": (
        "hello",
        [
            '"server version"      : "TLSv1.2",',
            '"cipher suite"        : "A(0x1302)",',
            '  "selected version": [TLSv1.3]',
        ],
        [
            ("server version", '"TLSv1.2"'),
            ("cipher suite", '"A(0x1302)"'),
            ("selected version", "[TLSv1.3]"),
        ],
    ),
    "certificates": (
        "certificates",
        [
            '    "version"            : "v1",',
            '    "serial number"      : "6C D3 EC",',
            '    "not  after"         : "2036-11-20 07:36:26.000 UTC",',
            r'    "subject"            : "CN=a, OU="EDI + AS2", C=DE",',
            '    "subject public key" : "RSA",',
            "          CA:true",
            "         0000: B1 3B F9 70 3C 33 DE 80   0C A4 18 40 49 5E 1F EF  .;.p<3.....@I^..",
        ],
        [
            ("version", "v1"),
            ("serial number", "6c:d3:ec"),
            ("not  after", "2036-11-20 07:36:26.000 UTC"),
            ("subject", 'CN=a, OU="EDI + AS2", C=DE'),
            ("CA", "true"),
        ],
    ),
    "certificates that were torn": (
        "certificates",
        [
            '    "issuer"             : "CN=a, O=[ISP.0090] <doc>',
            'b",',
            '    "subject"            : "CN=c"',
        ],
        [("subject", "CN=c")],
    ),
    "no certificates until TLS 1.2": (
        "certificates",
        ['"Certificates": <empty list>'],
        [("Certificates", "<")],
    ),
    "no certificates in TLS 1.3": (
        "certificates",
        ['"Certificate": {', '  "certificate_request_context": "",', '  "certificate_list": [  ', "]", "}"],
        [("Certificate", "{")],
    ),
    "hello with a name, and with protocols of the application": (
        "hello",
        [
            '    "server_name (0)": {',
            "      type=host_name (0), value=is.acme.example",
            '    "application_layer_protocol_negotiation (16)": {',
            "      [h2, http/1.1]",
            "    },",
        ],
        [("server_name", ""), ("value", "is.acme.example"), ("[", "h2, http/1.1")],
    ),
    "hello that was torn": (
        "hello",
        [
            '"client version"      : "TLSv[ISP.0090] <doc>',
            '1.2",',
            '"cipher suites"       : "[A(0x1302), B(0x[ISP.0090] <doc>',
            '0001)]",',
            "      type=host_name (0), value=is.ac[ISP.0090] <doc>",
            "me.example",
            '      "versions": [TLSv1.3, T[ISP.0090] <doc>',
            "LSv1.2]",
        ],
        [],
    ),
    "hello of a renegotiation": (
        "hello",
        ['      "renegotiated connection": [F6A386622B00E460DD6084D1]'],
        [("renegotiated connection", "F")],
    ),
    "hello of a first handshake": (
        "hello",
        ['      "renegotiated connection": [<no renegotiated connection>]'],
        [],
    ),
    "hello with a session id, as printed until 11": (
        "hello",
        ['  "session id"          : "0A FF",', '  "session id"          : "",'],
        [("session", SESSION)],
    ),
    "hello with a session id, as printed since 17": (
        "hello",
        ['  "session id"          : "0AFF",'],
        [("session", SESSION)],
    ),
    "anchors": (
        "anchors",
        [
            '    "version"            : "v3",',
            '    "issuer"             : "CN=b",',
            '    "subject"            : "CN=a",',
        ],
        [("version", "v3"), ("subject", "CN=a")],
    ),
    "authorities of TLS 1.2": (
        "authorities",
        ['  "certificate types": [rsa_sign]', '  "certificate authorities": [CN=a, C=DE, CN=b]'],
        [("certificate types", ""), ("certificate authorities", "CN=a, C=DE, CN=b]")],
    ),
    "authorities of TLS 1.3": (
        "authorities",
        ['      "certificate authorities": [', "        CN=a, C=DE,", "        OID.2.5.4.5=1, CN=b]"],
        [("certificate authorities", ""), ("", "CN=a, C=DE,"), ("", "OID.2.5.4.5=1, CN=b]")],
    ),
    "alert": (
        "alert",
        ['"Alert": {', '  "level"      : "fatal",', '  "description": "unknown_ca"', "}"],
        [("level", "fatal"), ("description", "unknown_ca")],
    ),
    "throwable": (
        "throwable",
        [
            '"throwable" : {',
            "  java.net.SocketException: Broken pipe (Write failed)",
            "  \tat java.base/sun.security.ssl.SSLSocketImpl.startHandshake(SSLSocketImpl.java:1)",
            "  \tat java.base/sun.security.ssl.ServerHello$ServerHelloConsumer.consume(ServerHello.java:1)",
            "  Caused by: java.io.EOFException",
            "  \t... 28 more}",
        ],
        [
            ("first", "java.net.SocketException: Broken pipe (Write failed)"),
            ("Caused by", "java.io.EOFException"),
            ("frame", "handshake"),
            ("frame", "client"),
            ("frame", "socket"),
        ],
    ),
    "throwable in disorder": (
        "throwable",
        ["  Caused by: java.io.EOFException", "  java.net.SocketException: Broken pipe"],
        [("Caused by", "java.io.EOFException"), ("first", "java.net.SocketException: Broken pipe")],
    ),
    "authorities that come twice": (
        "authorities",
        ['"certificate authorities": [', "  CN=a,", '"certificate authorities": [CN=b]', "  CN=c]"],
        [
            ("certificate authorities", ""),
            ("", "CN=a,"),
            ("certificate authorities", "CN=b]"),
            ("", "CN=c]"),
        ],
    ),
}


@pytest.mark.parametrize(("kind", "lines", "picks"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("prefix", ["", P, "jvm 1 | "], ids=["M", "LPTM", "PM"])
def test_bodies(kind: str, lines: list[str], picks: Picks, prefix: str) -> None:
    """The named fields of a body are picked in their order, behind any prefix, and nothing else."""
    data = "".join(f"{prefix}{line}\n" for line in lines).encode()
    found: Picks = []
    PICKERS[kind](data, 0, len(data), found)
    assert found == picks


@pytest.mark.parametrize(("kind", "lines", "picks"), BODIES.values(), ids=BODIES)
def test_line_by_line(kind: str, lines: list[str], picks: Picks) -> None:
    """Picking a body in pieces gives what picking it whole gives; frames come as they are met."""
    found: Picks = []
    for line in lines:
        data = f"{P}{line}\r\n".encode()
        PICKERS[kind](data, 0, len(data), found)
    assert sorted(found) == sorted(picks)


def test_exceptions_of_others() -> None:
    """What another writer prints of its own exceptions is not indented as a record's are."""
    lines = ['"throwable" : {', "com.acme.Oops: no", "  a.b.Error: yes", "Caused by: c.d.Other: no"]
    found: Picks = []
    data = "".join(f"{P}{line}\n" for line in lines).encode()
    PICKERS["throwable"](data, 0, len(data), found)
    assert found == [("first", "a.b.Error: yes")]


@pytest.mark.parametrize(
    ("kind", "line", "last"),
    [
        ("hello", f"{P}}}", True),
        ("hello", "}", True),
        ("hello", f"{P}  }}", False),
        ("hello", f"{P}]", False),
        ("certificates", f"{P}]", True),
        ("certificates", f'{P}"Certificates": <empty list>', True),
        ("certificates", f"{P}  ]", False),
        ("alert", "2026-11-23T06:42:13.123456789Z stdout F }", True),
        ("throwable", f"{P}  \t... 28 more}}", True),
        ("throwable", f"{P}  Caused by: x", False),
        ("anchors", f"{P}anything", True),
    ],
)
def test_last_lines(kind: str, line: str, last: bool) -> None:  # noqa: FBT001  (a case's column)
    """The line before the closing one tells that the body is whole."""
    assert closes(kind, f"{line}\r\n".encode()) is last


@pytest.mark.parametrize(
    ("line", "foreign"),
    [
        ('"ClientHello": {', False),
        ('  "random" : "00"', False),
        ("\tat x", False),
        ("", False),
        ("}", False),
        ("]", False),
        ("[ISP.0090.0004C] <doc>", True),
        ("me.example", True),
    ],
)
def test_other_text(line: str, foreign: bool) -> None:  # noqa: FBT001  (a case's column)
    """Text of another writer, or the rest of a line that it cut, begins where no line of a body does."""
    data = f"{P}  x\n{P}{line}\n".encode()
    assert torn(data, 0, len(data), len(P)) is foreign
    assert not torn(data, 0, len(P), len(P))


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_innermost_cause(step: int) -> None:
    """Of an endless row of causes the first are kept, and the last, which is the innermost."""
    lines = [f"  Caused by: a.b.Error: {n}\n" for n in range(1000)]
    found: Picks = []
    for at in range(0, 1000, step):
        data = "".join(lines[at : at + step]).encode()
        PICKERS["throwable"](data, 0, len(data), found)
    kept = [*range(THROWABLES_LIMIT - 1), 999]
    assert found == [("Caused by", f"a.b.Error: {n}") for n in kept]


def test_within_bounds() -> None:
    """Nothing is picked before the start or behind the end."""
    data = b'"level" : "fatal"\n"description" : "x"\n"level" : "warning"\n'
    found: Picks = []
    PICKERS["alert"](data, 18, 38, found)
    assert found == [("description", "x")]


@pytest.mark.parametrize(("frame", "proves"), [(f, proves) for proves, fs in FRAMES.items() for f in fs])
def test_frames(frame: bytes, proves: str) -> None:
    """Each frame of the table is found in a stack trace."""
    data = b"\tat java.base/sun.security.ssl.Some" + frame + b"(Some.java:1)\n"
    found: Picks = []
    PICKERS["throwable"](data, 0, len(data), found)
    assert ("frame", proves) in found


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(PICKERS)), st.binary(max_size=200))
def test_total(kind: str, data: bytes) -> None:
    """Any bytes are a body."""
    PICKERS[kind](data, 0, len(data), [])


@pytest.mark.parametrize("cut", range(7))
def test_usages_of_a_certificate_in_two_blocks(cut: int) -> None:
    """A list of usages is picked up to its bracket, wherever the block ends."""
    lines = [
        b'    "version"            : "v3",\n',
        b"        ExtendedKeyUsages [\n",
        b"          serverAuth\n",
        b"          1.3.6.1.4.1.311.20.2.2\n",
        b"        ]\n",
        b"          clientAuth\n",
    ]
    picks: Picks = []
    for part in (b"".join(lines[:cut]), b"".join(lines[cut:])):
        PICKERS["certificates"](part, 0, len(part), picks)
    usages = [(USAGES, "["), ("", "serverAuth"), ("", "1.3.6.1.4.1.311.20.2.2"), (USAGES, "]")]
    assert picks == [("version", "v3"), *usages]


def test_usages_amid_which_another_writer_prints() -> None:
    """What stands less deep is no item of the list, and does not end it."""
    lines = [
        b'    "version"            : "v3",\n',
        b"        ExtendedKeyUsages [\n",
        b"INFO   | jvm 1    | 2026/11/23 07:49:02 | more\n",
        b"INFO   | jvm 1    | 2026/11/23 07:49:02 | a list: [a, b]\n",
        b"          serverAuth\n",
        b"        ]\n",
    ]
    picks: Picks = []
    PICKERS["certificates"](b"".join(lines), 0, sum(map(len, lines)), picks)
    assert picks == [("version", "v3"), (USAGES, "["), ("", "serverAuth"), (USAGES, "]")]

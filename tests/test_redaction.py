import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent import redaction

SECRETS = [
    # rows of a hex dump: Sun's, IBM's, the short last one, and what is left of torn ones
    ("0000: 07 74 AB CD 00 11 22 33  44 55 66 77  .t..", "[redacted]"),
    ("INFO | 00A0: 47 45 54 20 2F 20  GET / HTTP", "INFO | [redacted]"),
    ("0010: 47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1..", "[redacted]"),
    ("0020: 6A 6F                                              jo", "[redacted]"),
    ("0000: 86 1F CB 5update handshake state", "[redacted]"),
    ("main, 4 54 20 2F 20 48 54   54 50 2F 31 0D 0A  T / HTTP/1..", "main, 4 [redacted]"),
    ("54 50 2F 31 0D  TP/1.", "[redacted]"),
    # bytes, however they are separated
    ("key: 01 02 03 04 05 06 07 08 and so on", "key: [redacted] and so on"),
    ("key: 01:02:03:04:05:06:07:08", "key: [redacted]"),
    ("key: a1-02-03-04-05-06-07-08", "key: [redacted]"),
    ("key: 0xA1, 0x02, 0x03, 0x04, 0x05, 0x06", "key: [redacted]"),
    ("key: 861f cb5a 0001 1203", "key: [redacted]"),
    ("id 0123456789abcdef0123456789abcdef, new", "id [redacted], new"),
    ("id 456789abcdef, the rest of one", "id [redacted], the rest of one"),
    ('"random" : "FCB6BF01FCB6BF01FCB6BF01"', '"random" : "[redacted]"'),
    ("Session ID:  {57, 241, -14, 3, 99}", "Session ID:  [redacted]"),
    ("Session ID:  {57, 241, -14, 3, 99, 1", "Session ID:  [redacted]"),
    ("GMT: 1795353795 bytes = { 103, 4, 5, 6 }", "GMT: 1795353795 bytes = [redacted]"),
    ("41, -14, 3, 99, 1, 128 }", "[redacted] }"),
    # key dumps by their names
    ("SESSION KEYGEN: PreMaster Secret: 03 03", "SESSION KEYGEN: [redacted]"),
    ("Client write key: AB", "[redacted]"),
    ("Server MAC write Secret:", "[redacted]"),
    ("Random Secret:  { 3, 3", "Random Secret:  [redacted]"),
    # credentials by their names
    ("GET / HTTP/1.1 Authorization: Basic c2Vj", "GET / HTTP/1.1 [redacted]"),
    ('{"Authorization":"Bearer x", "a":1}', '{"[redacted]'),
    ("sent Basic c2VjcmV0Ogdl, refused", "sent [redacted], refused"),
    ("Set-Cookie: ssnid=1", "[redacted]"),
    ("keystore password=change it", "keystore password=[redacted]"),
    ("password:       change it", "password:       [redacted]"),
    ('{"password" : "a \\"b\\" c", "user" : "joe"}', '{"password" : [redacted], "user" : "joe"}'),
    ('{\\"password\\":\\"abc\\"}', '{\\"password\\":[redacted]'),
    ("{'client_secret': 'abc'}", "{'client_secret': [redacted]}"),
    ("<wsse:Password Type='x'>a b</wsse:Password>", "<wsse:Password Type='x'>[redacted]</wsse:Password>"),
    (
        "https://is.example.com/x?access_token=abc&y=1 failed",
        "https://is.example.com/x?access_token=[redacted]&y=1 failed",
    ),
    ("https://is.example.com/x?sig=abc%3D", "https://is.example.com/x?sig=[redacted]"),
    ("X-Api-Key: abc", "X-Api-Key: [redacted]"),
    ("to https://joe:p@w@is.example.com/x", "to https://[redacted]is.example.com/x"),
    ("jdbc:oracle:thin:joe/pw@db.example.com:1521", "jdbc:oracle:thin:[redacted]db.example.com:1521"),
    # base64
    ("ticket " + "QUJD/+" * 12 + "==", "ticket [redacted]"),
    ("-----BEGIN PRIVATE KEY----- MIIE -----END PRIVATE KEY----- x", "[redacted] x"),
    ("-----BEGIN EC PRIVATE KEY-----MHcCAQEE", "[redacted]"),
    ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "[redacted]"),
    ("jwt eyJhbGciOiJub25lIn0.eyJzdWIiOiJqb2UifQ. x", "jwt [redacted] x"),
    ("using AKIAIOSFODNN7EXAMPLE now", "using [redacted] now"),
]

HARMLESS = [
    "main, WRITE: TLSv1.2 Handshake, length = 100",
    '"serial number" : "6C D3 EC"',
    "Ignore unavailable extension: extended_master_secret",
    "Extended Master Secret extension is required",
    "Missing Extended Master Secret extension on session resumption",
    "No name matching is.example.com found",
    "No subject alternative names matching IP address 0:0:0:0:0:0:0:1 found",
    "No subject alternative names matching IP address 2001:db8:85a3:0:0:8a2e:370:7334 found",
    "No subject alternative DNS name matching i-0a1b2c3d4e5f.eu-west-1.compute.internal found.",
    "CN=Cookie Monster, O=Passwort GmbH, C=DE",
    "CN=123e4567-e89b-12d3-a456-426614174000, OU=Devices",
    'CN="Müller & Söhne, Süd", OU=(c) 2006 VeriSign, L=\\"x\\", C=DE',
    "sun.security.validator.ValidatorException: PKIX path building failed",
    "basic constraints check failed: this is not a CA certificate",
    "keystore password was incorrect",
    "X509KeyManager class: sun.security.ssl.SunX509KeyManagerImpl",
    "Algorithm constraints check failed on signature algorithm: SHA1withRSA",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256(0xCCA9)",
    "java.net.ConnectException: is.example.com:8080: 10 tries, 20 seconds",
    "https://is.example.com:5555/invoke/pub.client:http?x=1",
    "HTTP Handler 10.0.0.1, 5543",
    "/opt/softwareag/IntegrationServer/instances/default/config/certificates/keystore/partnerstore",
    "Thread-17 (Timeout 30000 ms at 1479886955123)",
    "2026-11-23 07:25:55.648 UTC",
    "SSLSocketImpl@1a2b3c4d 5 connections",
    "wrapper-2026-11-23-07-25-55-01.log",
    "NotAfter: Mon Oct 19 07:36:26 UTC 2026",
]


@pytest.mark.parametrize(("line", "shown"), SECRETS)
def test_secret_shapes(line: str, shown: str) -> None:
    """What has a secret's shape is replaced by a mark, and the rest stays as far as it is none of it."""
    assert redaction.evidence(line.encode()) == shown


@pytest.mark.parametrize("line", HARMLESS)
def test_harmless_text(line: str) -> None:
    """Text that explains a failure is shown as it is."""
    assert redaction.evidence(line.encode()) == line
    assert redaction.name(line) == line


def test_unprintable_text() -> None:
    """Colours, control characters and changes of direction do not get out; broken UTF-8 is replaced."""
    assert redaction.text(b"\x1b[31mred\x1b[0m\a, \xe2\x80\xaeevil\xe2\x80\xa8\xff\r") == "red, evil\ufffd"


def test_length() -> None:
    """A long line is cut, and the cut is shown; a field is cut at the limit it is given."""
    shown = redaction.evidence(b"xyz " * 1000)
    assert (len(shown), shown[-3:]) == (redaction.LIMIT, "yz…")
    assert redaction.text(b"CN=" + b"x y" * 1000, 20) == "CN=x yx yx yx yx yx "


def test_secret_across_the_cut() -> None:
    """A secret that begins within the limit is gone as a whole, however long it is."""
    assert redaction.evidence(b"x " * 140 + b"AB " * 500) == "x " * 140 + "[redacted]"


def test_what_stands_at_the_edge_of_the_window() -> None:
    """Of a long line only a piece is looked at; the word that its end cuts may be a key without its shape."""
    long_one = b"ABCDEF0123456789" * 60
    for gap in range(200, 260):
        shown = redaction.evidence(long_one + b" " + b"v " * (gap // 2) + b"0123456789abcdef")
        assert "0123" not in shown


def test_names_stay_apart() -> None:
    """Two names that differ in what looks like a secret stay two, and each stays the same."""
    one, two = "CN=" + "0a1b2c3d" * 5, "CN=" + "0a1b2c3e" * 5
    assert redaction.name(one) == redaction.name(one.encode()) != redaction.name(two)
    assert redaction.name("thread password=a") == redaction.name("thread password=b")


@pytest.mark.parametrize(
    ("printed", "serial"),
    [
        ("6C D3 EC", "6c:d3:ec"),
        ("0d:cf:f9:49", "0d:cf:f9:49"),
        ("-4c01", "-4c01"),
        ("0A " * 20, ":".join(["0a"] * 20)),
        ("0A " * 22, None),
        ("0a" * 24, None),
        ("12 main, WRITE", None),
        ("", None),
    ],
)
def test_serial_numbers(printed: str, serial: str | None) -> None:
    """A serial number is hex like a key, but has no more than 20 octets."""
    assert redaction.serial(printed) == serial


ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "Sun's rows": lambda key: rows(key, upper=True, gap=3),
    "IBM's rows": lambda key: rows(key, upper=False, gap=2),
    "blanks": lambda key: key.hex(" "),
    "colons": lambda key: key.hex(":").upper(),
    "commas": lambda key: key.hex(",").replace(",", ", "),
    "dashes": lambda key: key.hex("-"),
    "literals": lambda key: ", ".join(f"0x{byte:02x}" for byte in key),
    "run": lambda key: key.hex(),
    "groups": lambda key: key.hex(" ", 2),
    "signed bytes": lambda key: (
        "{ " + ", ".join(str(byte - 256 if byte > 127 else byte) for byte in key) + " }"
    ),
}


def rows(key: bytes, *, upper: bool, gap: int) -> str:
    """Return the last row of a dump of a key, in the manner of sun.misc.HexDumpEncoder."""
    last = key[-16:]
    pairs = [f"{byte:02X}" if upper else f"{byte:02x}" for byte in last]
    column = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in last)
    return f"0010: {' '.join(pairs[:8])}{' ' * gap}{' '.join(pairs[8:])}  {column}"


def pieces(key: bytes, size: int = 6) -> Iterator[str]:
    """Yield six bytes of a key in each way of writing them, without what separates them."""
    for start in range(len(key) - size + 1):
        part = key[start : start + size]
        if any(digit in "abcdef" for digit in part.hex()):  # a number is no secret, whatever it was cut from
            yield part.hex()
            yield ",".join(str(byte - 256 if byte > 127 else byte) for byte in part)
            yield "".join(f"0x{byte:02x}" for byte in part)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(min_size=16, max_size=48),
    st.sampled_from(list(ENCODINGS)),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="0123456789abcdefABCDEFxX,.-:{}"),
        max_size=20,
    ),
    st.data(),
)
def test_no_key_gets_out(key: bytes, encoding: str, around: str, data: st.DataObject) -> None:
    """Six bytes of a key never appear, however written, wherever torn, whatever stands around them."""
    dump = ENCODINGS[encoding](key)
    start = data.draw(st.integers(0, len(dump)))
    end = data.draw(st.integers(start, len(dump)))
    line = f"{around}{dump[start:end]}{around}"
    for shown in (redaction.evidence(line.encode()), redaction.name(line), redaction.text(line.encode())):
        bare = re.sub(r"[\s:\-]|, ?(?=0x)|, (?=[0-9a-f]{2}\b)", "", shown.lower())
        assert [piece for piece in pieces(key) if piece in bare] == []


FORMS = (
    "https://is.example.com/x?user=joe&password={}&y=1",
    '{{"user": "joe", "api_key": "{}"}}',
    "<login><passwd>{}</passwd></login>",
    "keyStorePassword={}",
    "X-Auth-Token: {}",
    "Authorization: Basic {}",
    "Cookie: JSESSIONID={}; path=/",
    "https://joe:{}@is.example.com/",
)


@settings(max_examples=100, deadline=None)
@given(
    st.text("abcXYZ019+/=_.!$%*", min_size=6, max_size=40),
    st.sampled_from(FORMS),
    st.text("a Ä:?{<", max_size=9),
)
def test_no_credential_gets_out(credential: str, form: str, before: str) -> None:
    """What stands behind the name of a credential never appears, whatever it looks like."""
    assume("/" not in credential or "@" not in form)  # which would end the host
    shown = redaction.clean(f"{before} " + form.format(credential))
    assert [credential[i : i + 6] for i in range(len(credential) - 5) if credential[i : i + 6] in shown] == []


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400))
def test_total(line: bytes) -> None:
    """Any bytes give a printable line within the limit, and showing that again changes nothing more."""
    shown = redaction.evidence(line)
    assert len(shown) <= redaction.LIMIT
    assert redaction.clean(shown) == shown

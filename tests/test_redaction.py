import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import redaction

SECRETS = [
    (b"0000: 07 74 AB CD 00 11 22 33  44 55 66 77  .t..", "[redacted]"),
    (b"INFO | 00A0: 47 45 54 20 2F 20  GET / HTTP", "INFO | [redacted]"),
    (b"key: 01 02 03 04 05 06 07 08 and so on", "key: [redacted] and so on"),
    (b"key: 01:02:03:04:05:06:07:08", "key: [redacted]"),
    (b"id 0123456789abcdef0123456789abcdef, new", "id [redacted], new"),
    (b"Session ID:  {57, 241, -14, 3, 99}", "Session ID:  [redacted]"),
    (b"Session ID:  {57, 241, -14, 3, 99, 1", "Session ID:  [redacted]"),
    (b"SESSION KEYGEN: PreMaster Secret: 03 03", "SESSION KEYGEN: [redacted]"),
    (b"Client write key: AB", "[redacted]"),
    (b"GET / HTTP/1.1 Authorization: Basic c2Vj", "GET / HTTP/1.1 [redacted]"),
    (b"Set-Cookie: ssnid=1", "Set-[redacted]"),
    (b"keystore password=changeit", "keystore [redacted]"),
    (b"to https://joe:pw@is.example.com/x", "to https://[redacted]is.example.com/x"),
    (b"ticket " + b"QUJD/+" * 12 + b"==", "ticket [redacted]"),
]

HARMLESS = [
    "main, WRITE: TLSv1.2 Handshake, length = 100",
    '"serial number" : "6C D3 EC"',
    "Ignore unavailable extension: extended_master_secret",
    "No name matching is.example.com found",
    "CN=Cookie Monster, O=Passwort GmbH, C=DE",
    "sun.security.validator.ValidatorException: PKIX path building failed",
    "2026-11-23 07:25:55.648 UTC",
]


@pytest.mark.parametrize(("line", "shown"), SECRETS)
def test_secret_shapes(line: bytes, shown: str) -> None:
    """What has a secret's shape is replaced by a mark, and what stands before it stays."""
    assert redaction.evidence(line) == shown


@pytest.mark.parametrize("line", HARMLESS)
def test_harmless_text(line: str) -> None:
    """Text that explains a failure is shown as it is."""
    assert redaction.evidence(line.encode()) == line


def test_unprintable_text() -> None:
    """Colours, control characters and changes of direction do not get out; broken UTF-8 is replaced."""
    assert redaction.text(b"\x1b[31mred\x1b[0m\a, \xe2\x80\xaeevil\xe2\x80\xa8\xff\r") == "red, evil�"


def test_length() -> None:
    """A long line is cut, and the cut is shown."""
    shown = redaction.evidence(b"xyz " * 1000)
    assert (len(shown), shown[-3:]) == (redaction.LIMIT, "yz…")


def test_secret_across_the_cut() -> None:
    """A secret that begins within the limit is gone as a whole, however long it is."""
    assert redaction.evidence(b"x " * 140 + b"AB " * 500) == "x " * 140 + "[redacted]"


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=16, max_size=64), st.sampled_from([" ", ":", ", ", ""]), st.text(max_size=20))
def test_no_hex_gets_out(key: bytes, between: str, around: str) -> None:
    """Sixteen bytes in hex, however separated, never appear, whatever stands around them."""
    dump = between.join(f"{byte:02X}" for byte in key)
    assert dump not in redaction.evidence(f"{around} {dump} {around}".encode())


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400))
def test_total(line: bytes) -> None:
    """Any bytes give a printable line within the limit, and showing that again changes nothing more."""
    shown = redaction.evidence(line)
    assert len(shown) <= redaction.LIMIT
    assert redaction.clean(shown) == shown

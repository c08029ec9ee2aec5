"""What kind of evidence an end had."""

import json
from pathlib import Path

import pytest

from tests.lab.notes import Note, read

ALONE, HELPED = False, True

ALERT = "javax.net.ssl.SSLHandshakeException: (bad_certificate) Received fatal alert: bad_certificate"
OWN = "javax.net.ssl.SSLHandshakeException: No name matching is.acme.example found"


def note(*trouble: str) -> Note:
    """Return a client's note with this trouble."""
    return Note("ok", "client", "main", (1,), ALONE, 1000, 0, 2000, 0, trouble)


@pytest.mark.parametrize(
    ("trouble", "evidence"),
    [
        ((), None),
        ((ALERT,), "peer-alert"),
        ((OWN, "java.security.cert.CertificateException: No name matching"), "own"),
        (
            ("javax.net.ssl.SSLException: readHandshakeRecord", "java.net.SocketException: Broken pipe"),
            "transport-only",
        ),
        (("java.net.SocketTimeoutException: Read timed out",), "transport-only"),
        (
            (
                "javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake",
                "java.io.EOFException: SSL peer shut down incorrectly",
            ),
            "transport-only",
        ),
        (("java.io.EOFException: the peer has gone",), "transport-only"),
        (
            (
                "javax.net.ssl.SSLException: Unexpected error",
                "java.security.InvalidAlgorithmParameterException: the trustAnchors parameter",
            ),
            "own",
        ),
    ],
)
def test_evidence(trouble: tuple[str, ...], evidence: str | None) -> None:
    """An alert that came is the peer's word, a broken connection nobody's, and all else this end's own."""
    assert note(*trouble).evidence == evidence


def test_read(tmp_path: Path) -> None:
    """Notes are read as the Java program writes them; a JVM that made none is no error."""
    row = {
        "step": "srv-expired.12",
        "role": "client",
        "thread": "Service Thread",
        "threads": [33, 34],
        "helped": HELPED,
        "began": 1,
        "agreed": 0,
        "ended": 9,
        "completed": 0,
        "trouble": [ALERT],
    }
    path = tmp_path / "client.notes"
    path.write_text(json.dumps(row) + "\n", "utf-8")
    assert read(path) == [
        Note("srv-expired.12", "client", "Service Thread", (33, 34), HELPED, 1, 0, 9, 0, (ALERT,))
    ]
    assert read(tmp_path / "server.notes") == []

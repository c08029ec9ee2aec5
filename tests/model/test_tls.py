"""The names of the TLS registries."""

import pytest

from agent.model.tls import (
    ALERTS,
    BENIGN_ALERTS,
    CERTIFICATE_ALERTS,
    VERSIONS,
    alert_name,
    suite_name,
    version_name,
)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("handshake failure", "handshake_failure"),
        ("HANDSHAKE_FAILURE", "handshake_failure"),
        ("unexpected Message", "unexpected_message"),
        ("no_certificate_RESERVED", "no_certificate"),
        (" unknown_ca ", "unknown_ca"),
        ("no such alert", None),
        ("", None),
    ],
)
def test_alerts(spelling: str, name: str | None) -> None:
    """Every dialect's spelling of an alert is the registry's name, and no other text is one."""
    assert alert_name(spelling) == name


def test_groups_of_alerts() -> None:
    """The groups hold names of the registry."""
    assert set(ALERTS.values()) >= BENIGN_ALERTS | CERTIFICATE_ALERTS


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        *((version, version) for version in VERSIONS),
        ("TLS12", "TLSv1.2"),
        ("3.1", "TLSv1"),
        ("SSLv2Hello", "SSLv2"),
        ("tlsv1.3 ", "TLSv1.3"),
        ("TLSv1.4", None),
        ("", None),
    ],
)
def test_versions(spelling: str, name: str | None) -> None:
    """Every dialect's spelling of a version is JSSE's name, and no other text is one."""
    assert version_name(spelling) == name


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
        (" SSL_RSA_WITH_AES_128_CBC_SHA ", "TLS_RSA_WITH_AES_128_CBC_SHA"),
    ],
)
def test_suites(spelling: str, name: str) -> None:
    """A cipher suite has its IANA name."""
    assert suite_name(spelling) == name

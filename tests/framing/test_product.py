"""Which lines tell the version of Integration Server, and which only speak of one."""

from datetime import UTC

import pytest

from agent.framing.envelope import Framing
from agent.framing.product import versions

LINE = b"INFO   | jvm 1    | 2026/11/23 07:42:12 | "


def found(line: bytes) -> list[str]:
    """Return the versions that a line names."""
    return [version for _, version in versions(line + b"\n", Framing(UTC))]


@pytest.mark.parametrize(
    ("message", "version"),
    [
        (b"2018-12-04 16:53:37 EST [ISS.0025.0001I] Integration Server 10.3.0.0 Build 117", "10.3.0.0"),
        (b"2026-11-23 07:42:12 CET [ISS.0025.0001I] Starting Integration Server 9.12", "9.12"),
        (b"ISSERVER|| 2019-11-14 14:03:47 CET [ISS.0025.0001I] Microservices Runtime 10.5.0.1", "10.5.0.1"),
        (b"webMethods Integration Server Version 8.2.2.0", "8.2.2.0"),
        (b"IBM webMethods Integration Server, Version: 11.1.0", "11.1.0"),
        (b"Software AG Integration Server 10.15 (default) started.", "10.15"),
        (b"The Software AG Integration Server 9.6 (default) service was started.", "9.6"),
    ],
)
def test_a_server_that_tells_its_version(message: bytes, version: str) -> None:
    """The name begins the message, whatever the prefix of the line."""
    assert found(message) == found(LINE + message) == found(b"jvm 1 | " + message) == [version]


@pytest.mark.parametrize(
    "message",
    [
        b"2026-11-23 07:42:12 CET [ISP.0090.0003C] partner runs Integration Server 10.3",
        b"User-Agent: Mozilla/4.0 [en] (webMethods Integration Server 9.9)",
        b"javax.net.ssl|DEBUG|01|main|2026-11-23 07:42:12.123 UTC|Integration Server 10.3",
        b"Integration Server started in 10.3 seconds",
        b"Integration Server 10.3.4.5.6.7.8",
        b"Integration Server 10.123",
        b"Integration Server 5.0",
        b"Integration Server10.3",
        b"Integration Server",
        b" " * 500 + b"Integration Server 10.3",
    ],
)
def test_a_line_that_only_speaks_of_one(message: bytes) -> None:
    """Whoever the words are of, they are not the server's about itself."""
    assert found(message) == found(LINE + message) == []


def test_the_place_of_a_version() -> None:
    """The name is where it stands; the last of several counts for whoever reads on."""
    log = LINE + b"Integration Server 10.3\n" + LINE + b"Microservices Runtime 10.5\n"
    assert sorted(versions(log, Framing(UTC))) == [(len(LINE), "10.3"), (2 * len(LINE) + 24, "10.5")]

"""Logs that try to make the agent remember without end: each line names something new, or nothing ever ends.

A peer chooses its names and how often it connects, and a line may have 100 kB. A flood is made of units; unit
`i` is a few lines that differ from those of every other unit. Used by bench/growth.py, and by the tests with
fewer units.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

Unit = Callable[[int], str]

LONG = 100_000
"""Characters of a field that is long: as much as one line of a log may have."""

_NAME = 900
"""Characters of a name: about as long as a distinguished name can be."""

_PREFIX = "INFO   | jvm 1    | 2026/11/23 07:49:02 | "


def _jsse(message: str, *body: str, tid: str = "41", thread: str = "main", zone: str = "UTC") -> str:
    """Return one record of JSSE, complete if its body is."""
    head = f"javax.net.ssl|DEBUG|{tid}|{thread}|2026-11-23 07:49:02.000 {zone}|Some.java:1|{message}"
    return "".join(f"{_PREFIX}{line}\n" for line in (head, *body))


def _hello(**speaker: str) -> str:
    return _jsse(
        "Produced ClientHello handshake message (",
        '"ClientHello": {',
        '  "client version"      : "TLSv1.2",',
        "}",
        ")",
        **speaker,
    )


def _certificates(count: int, subject: str) -> tuple[str, ...]:
    return tuple(
        line
        for n in range(count)
        for line in (
            '    "version"            : "v3",',
            f'    "issuer"             : "CN=issuer {n} of {subject}",',
            f'    "subject"            : "CN={n} {subject}",',
        )
    )


def _plain(*lines: str) -> str:
    return "".join(f"{_PREFIX}{line}\n" for line in lines)


def _iaik(n: int, *texts: str) -> str:
    return _plain(*(f"ssl_debug({n}): {text}" for text in texts))


def _words(i: int, size: int) -> str:
    """Return a text of about so many characters that no other unit has."""
    return f"{i} " + "name " * (size // 5)


def _records(*names: str, thread: str) -> str:
    return _plain(*(f"{thread}, {name}, length = 64" for name in names))


def floods(long: int = LONG) -> Mapping[str, Unit]:
    """Return each flood by its name; `long` is the number of characters of a field that is long."""
    many = long // 300  # entries of a list that is long
    return MappingProxyType(
        {
            # JSSE
            "thread ids": lambda i: _hello(tid=f"{i:X}"),
            "thread names": lambda i: _hello(thread=f"worker {i}"),
            "long thread names": lambda i: _hello(thread=_words(i, long)),
            "hellos of one thread": lambda _: _hello(),
            "headers torn off": lambda i: f"{_PREFIX}javax.net.ssl|DEBUG|{i:X}|main|2026-11-23 07:4\n",
            "a record without end": lambda i: _plain(f'    "subject"            : "CN={i}"'),
            "records without end": lambda i: _jsse(
                "Consuming server Certificate handshake message (", *_certificates(3, str(i))
            ),
            "long chains": lambda i: _jsse(
                "Consuming server Certificate handshake message (",
                *_certificates(many, _words(i, _NAME)),
                ")",
                tid=f"{i:X}",
            ),
            "long suites": lambda i: _jsse(
                "Produced ClientHello handshake message (",
                f'  "cipher suites"       : "[{"TLS_SUITE_" * (long // 20)}{i}, {"A, " * (long // 6)}]"',
                ")",
                tid=f"{i:X}",
            ),
            "long authorities": lambda i: _jsse(
                "Consuming CertificateRequest handshake message (",
                f'  "certificate authorities": [{", ".join(f"CN={n} {i}" for n in range(10 * many))}]',
                ")",
                tid=f"{i:X}",
            ),
            "long exceptions": lambda i: _jsse(
                f"Fatal (HANDSHAKE_FAILURE): {_words(i, long)} (",
                *(f"  Caused by: java.lang.Exception: {_words(n, _NAME)}" for n in range(many)),
                ")",
                tid=f"{i:X}",
            ),
            "anchors": lambda i: _jsse(
                "adding as trusted certificates (", *_certificates(3, _words(i, _NAME)), ")"
            ),
            "keys": lambda i: _jsse(
                f"found key for : alias {i} (", *_certificates(many, _words(i, _NAME)), ")"
            ),
            "aliases": lambda i: _jsse(f"Ignore alias {_words(i, 300)}: issuers do not match"),
            "alerts": lambda _: _jsse(
                "Received alert message (",
                '  "level"      : "fatal",',
                '  "description": "bad_certificate"',
                ")",
            ),
            "zones": lambda i: _hello(zone=f"Z{i}"),
            # legacy JSSE
            "legacy threads": lambda i: _records("READ: TLSv1.2 Handshake", thread=f"worker {i}"),
            "legacy long names": lambda i: _records("READ: TLSv1.2 Handshake", thread=_words(i, long)),
            "legacy clients": lambda i: (
                _plain("%% No cached client session")
                + _records("WRITE: TLSv1.2 Handshake", thread=f"worker {i}")
            ),
            "legacy starts": lambda _: _plain(
                "%% No cached client session", "*** ClientHello, TLSv1.2", "***"
            ),
            "legacy ciphers": lambda _: _records(
                "READ: TLSv1.2 Handshake", "READ: TLSv1.2 Change Cipher Spec", thread="worker"
            ),
            "legacy records": lambda _: _records(
                "READ: TLSv1.2 Handshake", "WRITE: TLSv1.2 Handshake", thread="worker"
            ),
            "legacy sessions": lambda i: (
                _records("READ: TLSv1.2 Handshake", thread="worker")
                + _plain(f"%% Initialized:  [Session-{i}, SSL_NULL_WITH_NULL_NULL]")
            ),
            "legacy long sessions": lambda i: _plain(
                f"%% Initialized:  [Session-{str(i) * (long // 6)}, SSL_NULL_WITH_NULL_NULL]"
            ),
            "legacy hellos without end": lambda i: _plain(
                "*** ClientHello, TLSv1.2", f"Cipher Suites: [{i}, {'A, ' * 300}]"
            ),
            "legacy chains without end": lambda i: _plain(
                "*** Certificate chain",
                *(
                    f"chain [{n}] = [" if n % 3 == 0 else f"  Subject: CN={n} {_words(i, 300)}"
                    for n in range(3 * many)
                ),
            ),
            "legacy authorities": lambda i: _plain(
                "*** CertificateRequest",
                "Cert Authorities:",
                *(f"<CN={n} {_words(i, 300)}>" for n in range(many)),
            ),
            "legacy exceptions without end": lambda i: _plain(
                f"worker, handling exception: com.ibm.jsse2.util.h: {i} internal cause is: ",
                f"\tcom.ibm.x.Y: {_words(i, long)} internal cause is: ",
            ),
            "legacy anchors": lambda i: _plain(
                "adding as trusted cert:",
                f"  Subject: CN={_words(i, 300)}",
                "  Issuer:  CN=b",
                "  Algorithm: RSA; Serial number: 0x1",
                "  Valid from Mon Jan 01 00:00:00 UTC 2020 until Tue Jan 01 00:00:00 UTC 2030",
            ),
            "legacy torn names": lambda i: _records(
                "READ: TLSv1.2 Handshake", thread=f"verify_data:  {{ {i % 256}, worker {i}"
            ),
            "legacy engines": lambda i: (
                _plain("Using SSLEngineImpl.")
                + _records("READ: TLSv1.2 Handshake", thread=f"worker {i}")
                + _plain(f"task {i}, fatal error: 42: null cert chain")
            ),
            "legacy messages": lambda _: _plain(
                "*** ServerHelloDone", "*** ECDHClientKeyExchange", "*** CertificateVerify"
            ),
            "legacy failures": lambda i: _plain(
                f"worker {i}, SEND TLSv1.2 ALERT:  fatal, description = {_words(i, 500)}",
                f"worker {i}, handling exception: java.io.IOException: {_words(i, 5000)}",
            ),
            # IAIK
            "numbers": lambda i: _iaik(
                i,
                "Starting handshake (iSaSiLk 3.03)...",
                "Sending v3 client_hello message, requesting version 3.1...",
            ),
            "numbers that failed": lambda i: _iaik(
                i,
                "Sending v3 client_hello message, requesting version 3.1...",
                f"IOException while handshaking: {_words(i, long)}",
            ),
            "lists without end": lambda i: _iaik(
                i,
                "Received certificate_request handshake message.",
                "Accepted certificate authorities:",
                *(f"cn={n} {_words(i, _NAME)}" for n in range(many)),
            ),
            "traces without end": lambda i: _iaik(
                i,
                "Exception while handshaking:",
                *(f"java.lang.Exception: {_words(i, _NAME)}" for _ in range(many)),
            ),
            "addresses": lambda i: _iaik(7, f"Remote client:{_words(i, 300)}"),
            # the wrapper
            "JVMs": lambda i: (
                f"INFO   | jvm {i % 900_000}    | 2026/11/23 07:49:02 | ssl_debug(1): Starting handshake...\n"
            ),
            "launches": lambda _: "STATUS | wrapper  | 2026/11/23 07:49:02 | Launching a JVM...\n",
            "prefixes": lambda i: f"{_words(i, long)}ssl_debug(1): Starting handshake...\n",
        }
    )

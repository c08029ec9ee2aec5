"""Lines for what no case of the corpus holds: each is here for the branch of a pattern that only it uses.

Made in the wording of the sources that the patterns name. A sample is a log of its own; what comes of it is
not looked at here, the tests of each room do that.
"""

from collections.abc import Iterator

_WHEN = "2026-11-23 07:49:02.123 UTC"


def _jsse(message: str, *, thread: str = "main", when: str = _WHEN, source: str = "Some.java:1") -> str:
    return f"javax.net.ssl|ERROR|41|{thread}|{when}|{source}|{message}\n"


def _fatal(text: str) -> str:
    """Return a report of failure in JSSE's words, whose text becomes evidence."""
    return _jsse(f"Fatal (INTERNAL_ERROR): {text}")


def _legacy(*lines: str) -> bytes:
    """Return lines behind one that wakes the reader of legacy JSSE."""
    return "".join(f"{line}\n" for line in ("%% No cached client session", *lines)).encode()


def _raised(text: str) -> bytes:
    return _legacy(f"main, handling exception: javax.net.ssl.SSLException: {text}")


def _docker(stream: str, time: str) -> str:
    """Return a line as dockerd writes it."""
    return f'{{"log":"main, called close()\\n","stream":"{stream}","time":"{time}"}}\n'


# -- redaction --------------------------------------------------------------------------------------------

_NAMES = (
    *("password", "passwd", "passphrase", "passcode", "pwd", "secret", "token", "api_key", "access-key"),
    *("private key", "secretkey", "shared_key", "accountkey", "credential", "jsessionid", "ssnid"),
    *("samlrequest", "samlresponse", "assertion", "sig", "signature"),
)

_SECRETS = (
    *("PreMaster Secret: 03 03", "client write key: AB", "server mac write secret: AB", "write IV: AB"),
    *("Proxy-Authorization: x", "Set-Cookie: a=b"),
    *(f"<{name}>x</{name}>" for name in _NAMES),
    *(f"https://host/?{name}=x&b" for name in _NAMES),
    *(f'"{name}" : "x\\"y"' for name in _NAMES),
    *(f"{name} => 'x\\'y'" for name in _NAMES),
    *(f"{name} = x" for name in _NAMES),
    *(f"{name} => x" for name in _NAMES),
    *("https://joe:pw@host/", "jdbc:oracle:thin:joe/pw@host", "-----BEGIN KEY----- AB -----END KEY----- x"),
    *("-----BEGIN KEY----- AB", "eyJhbGciOi.eyJ.x", "AKIAIOSFODNN7EXAMPLE", "ghp_0123456789abcdefXYZ"),
    *("xoxb-123456789", "AIzaSyA-0123456789abcdefgh", "sk_live_12345678", "sk_test_12345678"),
    "MIIBIjANBgkqhkiG9w0BAQ==",
    *(f"{scheme} YWxhZGRpbjpvcGVuc2VzYW1l" for scheme in ("Basic", "Bearer", "Digest", "Negotiate", "NTLM")),
    *("AB CD EF   .a.", "01:02:03:04:05:06:07", "01-02-03-04-05-06-07", "0x01, 0x02, 0x03, 0x04"),
    *(
        "0001 0203 0405 0607",
        "1 00010203 04050607",
        "01020304-0506-0708-090a-0b0c0d0e0f10",
        "0123456789abcdef",
    ),
    *("deadbeef0123.example.com", "{ 1, 2, 3, 4", "1, 2, 3, 4, 5, 6", "QUJD/+" * 12, "aB3dE5fG7hJ9kL1m"),
    *("0010: 07 74 AB CD", "01 02 03 04 05 06 07 08", "\x1b\x1b[0m[31mred", "bell \a", "line \u2028"),
)

# -- framing ----------------------------------------------------------------------------------------------

_LEVELS = ("NONE  ", "DEBUG ", "INFO  ", "STATUS", "WARN  ", "ERROR ", "FATAL ", "ADVICE", "NOTICE")
_SPEAKERS = ("wrapper ", "wrapperp", "jvm 1   ", "jvm 12  ", "jvm 123 ", "jvm 1234", "jvm ver.")
_THREADS = ("signal ", "main   ", "srvmain", "timer  ", "javaio ", "startup", "unknown")
_CLOCKS = ("2026/11/23 07:49:02", "2026/11/23 07:49:02.123")
_NUMBERS = ("      12", "--------", "Q", " ", "        ")

_PREFIXES = (
    *(f"{level} | jvm 1    | {clock} | " for level in _LEVELS for clock in _CLOCKS),
    *(f"INFO   | {speaker} | {_CLOCKS[0]} | " for speaker in _SPEAKERS),
    *(f"INFO   | jvm 1    | {thread} | {_CLOCKS[0]} | " for thread in _THREADS),
    *(f"INFO   | jvm 1    | {_CLOCKS[0]} | {number} | " for number in _NUMBERS),
    *("init | ", "INFO   | jvm 1    |"),
    *("\0\0", "\ufeff", "\x1b[0m", "\x1b(B"),
    *(f"2026-11-23T07:49:02Z stdout F {junk}jvm 1    | " for junk in ("\0\0", "\ufeff")),
    *("2026-11-23T07:49:02.123456789Z stdout F ", "2026-11-23T07:49:02+01:00 stderr F "),
    *("2026-11-23T07:49:02Z | ", "2026-11-23 07:49:02.123 | "),
    *('jvm 1    | { "log" : "', 'jvm 1    | { "log" : "\\"'),
)


_TIME = "2026-11-23T07:49:02"

_CONTAINED = (
    *(_docker(stream, f"{_TIME}.123456789Z") for stream in ("stdout", "stderr")),
    *(_docker("stdout", time) for time in (f"{_TIME}.123456789+01:00", f"{_TIME}.12Z")),
    _docker("stdout", f"{_TIME}.123456789Z").rstrip("\n"),
    *(
        f'text\n{{"{key}": "stdout", "log": "main, called close()\\n", "time": "{_TIME}Z"}}\n'
        for key in ("log", "stream", "time", "attrs")
    ),
    *(
        f'{{"{key}": "stdout", "log": "main, called close()\\n", "time": "{_TIME}Z"}}\n'
        for key in ("log", "stream", "time", "attrs")
    ),
    *(f"text\n{_TIME}Z stdout F{end}" for end in ("", "\n", "\r\n", "\r")),
    f"{_TIME}Z stdout F:tag {_jsse('close the underlying socket')}",
)

_PRODUCTS = (
    *(f"{before}Integration Server 10.3\n" for before in ("Starting ", "Initializing ", "Welcome to ")),
    *(f"{before}Integration Server 10.3\n" for before in ("This is ", "Product: ", "IBM ", "Software AG ")),
    *(f"2018-12-04 16:53:37 {zone} Integration Server 10.3\n" for zone in ("EST", "+01:00")),
    *(f"Integration Server{mark} 10.3\n" for mark in (",", ":", " -", " Version", " Release")),
    "Integration Server 9.12\n",
)


def _glued(prefix: str) -> str:
    """Return a line that a crash tore, with a second one behind what is left of it."""
    return f"{prefix}text of the application {prefix}" + _jsse("close the underlying socket")


_LIFE = (
    *(
        "INFO   | jvm 1    | x\nSTATUS | wrapper  | Launching a JVM...",
        "ERROR  | wrapper  | JVM appears hung: x",
    ),
    *(
        "ERROR  | wrapper  | JVM exited unexpectedly.",
        "ERROR  | wrapper  | JVM process exited with a code of 1",
    ),
)

# -- IAIK -------------------------------------------------------------------------------------------------

_MESSAGES = (
    *("hello_request", "client_hello", "server_hello", "certificate", "certificate_status"),
    *("server_key_exchange", "certificate_request", "server_hello_done", "client_key_exchange"),
    *("certificate_verify", "change_cipher_spec", "finished", "new_session_ticket"),
)

_IAIK = (
    *(f"Received v3 {message} handshake message." for message in _MESSAGES),
    *("Sending alert: Alert Warning: close notify", "Starting renegotiation", "Handshake completed"),
    *("Renegotiation completed", "Session added to session cache", "Statistics not available in SSL 2"),
    "Read 10 bytes in 1 records, 20 bytes net, 10 average",
    "Exception sending message: java.net.SocketException: Broken pipe",
    "Client sent a 2048 bit RSA certificate, chain has 2 elements.",
    *("Server selected SSL version 3.3.", "CipherSuite selected by server: TLS_RSA_WITH_AES_128_CBC_SHA"),
    *("Continuing with CipherSuite: TLS_RSA_WITH_AES_128_CBC_SHA", "Server also wants to resume"),
    *("Resuming previous session", "Accepted certificate types: RSA", "Received extensions: a"),
    *("Server created new session", "CompressionMethod selected by server: NULL"),
    "IOException while handshaking: \nat a.b.C(C.java:1)\n... 20 more\nCaused by: java.io.EOFException",
    *("Continuing with CompressionMethod: NULL", "ChainVerifier: x", "Read 10 bytes", "Wrote 10 bytes"),
)

# -- JSSE -------------------------------------------------------------------------------------------------

_CLASSES = (
    *("NewSessionTicket$T13NewSessionTicketProducer.produce", "PostHandshakeContext.dispatch"),
    *("SSLSocketImpl.tryKeyUpdate", "ServerHello$ServerHelloConsumer.consume", "SSLEngineImpl.unwrap"),
    *("EncryptedExtensions$EncryptedExtensionsConsumer.consume", "ServerHandshakeContext.init"),
    *(
        "CertificateRequest$T12CertificateRequestConsumer.consume",
        "NewSessionTicket$NewSessionTicketConsumer.x",
    ),
    *(
        "ECDHServerKeyExchange$ECDHServerKeyExchangeConsumer.consume",
        "ClientHello$ClientHelloKickstartProducer.x",
    ),
    *("RSAClientKeyExchange$RSAClientKeyExchangeConsumer.consume", "X$NewSessionTicketProducer.x"),
)

_JSSE = (
    *(_jsse("Fatal (X): y (") + f"\tat sun.security.ssl.{name}(X.java:1)\n)\n" for name in _CLASSES),
    *(_jsse("KeyMgr: choosing key: a"), _jsse("Consuming CertificateStatus handshake message (") + ")\n"),
    *(
        _jsse("close the underlying socket", when=f"2026-11-23 07:49:02.123 {zone}")
        for zone in ("GMT+07:00", "UTC-0800")
    ),
    _jsse("close the underlying socket", source="null:-1"),
    _jsse("close the underlying socket", thread="a|b"),
    _jsse("close the underlying socket", thread=f"x|{_WHEN}|Some.java:1|Fatal (X): y"),
    _jsse("close the underlying socket", thread=f"x|{_WHEN}|Some.java:1|Fatal (X): y", source="null:-1"),
    *(
        _jsse("KeyMgr: no matching key found"),
        _jsse("Ignore alias a: b"),
        _jsse("Closing outbound of SSLEngine"),
    ),
    *map(
        _fatal,
        (
            *("no cipher suites in common", "x is not accepted by server preferences [TLS13]"),
            *("TLSv1.1 is not enabled or supported in server context", "Unrecognized server name indication"),
            *("x is not accepted by client preferences", "x not enabled or supported by the client"),
        ),
    ),
    _jsse("Produced CertificateRequest handshake message (")
    + '"certificate authorities": [CN="a \\"b\\" c", OU=d \\, e]\n)\n',
    _jsse("Consuming CertificateRequest handshake message (")
    + '"certificate_authorities (47)": {\n"certificate authorities": [\nCN=a]\n}\n)\n',
    _jsse("Fatal (X): y (") + '"throwable" : {\n  java.net.SocketException: Broken pipe\n}\n)\n',
    _jsse("Produced ClientHello handshake message (") + '"renegotiated connection": [AB CD]\n)\n',
    _jsse("Consuming server Certificate handshake message (")
    + '"version" : "v3",\n"serial number" : "0FB1",\n)\n',
    _jsse("handling exception (") + "java.net.SocketException: Broken pipe\nCaused by: a.B\n)\n",
)

# -- legacy JSSE ------------------------------------------------------------------------------------------

_READ = "Worker-1, READ: TLSv1.2 Handshake, length = 64"
_OTHERS = (
    *("main, WRITE: TLSv1.2 Alert, length = 2", "main, SEND TLSv1.2 ALERT:  fatal, description = x"),
    *("main, RECV TLSv1.2 ALERT:  fatal, x", "main, handling exception: a.b.C", "main, called close()"),
    *("main, fatal error: 42: null cert chain", "*** Finished"),
)
_PIECES = (
    *("Cert Types: RSA, DSS, ECDSA, RSA Fixed DH, DSS Fixed DH, ", "RSA Fixed ECDH, ECDSA Fixed ECDH, "),
    *("verify_data:  { 86, 29, 61", "RandomCookie:  GMT: 1795354567 bytes = { 91, 67, ", "Session ID:  "),
    *("155, 136, ", ", 150, 59", "RSA", "DSS", "ECDSA", "RSA Fixed DH", "DSS Fixed DH", "RSA Fixed ECDH"),
    *(
        "ECDSA Fixed ECDH",
        "0000: AC 3",
        "AC 3D ",
        "0000: AC 3D 00   .t..",
        "3D 00  .t..",
        "AC 3D 00     .t..",
        "12",
        ", ",
        "x { [ ",
    ),
)

_LEGACY = (
    *(
        f"*** {name}"
        for name in ("ServerHello, TLSv1", "Certificate chain", "HelloRequest (empty)", "Finished")
    ),
    *("*** ClientHello, TLSv1.2", "AC 3CipherBox:  Using cipher AES/CBC/NoPadding"),
    *("*** ECDHClientKeyExchange", "*** Diffie-Hellman ServerKeyExchange", "*** RSA ServerKeyExchange"),
    *(
        "main, READ:  SSL v2, contentType = Handshake, translated length = 143",
        "%% Client cached [Session-1, X]",
    ),
    *("main, WRITE: SSLv2 client hello message, length = 206", "%% Server resumed [Session-1, X]"),
    *("main, SEND TLSv1 ALERT:  <level = 3>, description = x", "main, RECV TLSv1 ALERT:  <level 3>, x"),
    *(
        "main, READ: SSLv3 Handshake, length = 64",
        "main, called closeOutbound()",
        "main, called closeInbound()",
    ),
    *("main, called closeOutbound", "main, called closeInbound", "%% Resuming [Session-1, X]"),
    *(
        "%% Cached server session: [Session-1, X]",
        "main, fatal error: 42: null cert chain",
        "matching alias: a",
    ),
    *("Warning: no suitable certificate found", "Is initial handshake: false", "SSL - handshake alert: x"),
    *("ssl: Ignoring alias a: b", "found key for : a", "adding as trusted cert:", "Using SSLEngineImpl."),
    *(
        "SSL -- handshake alert: x",
        "ssl: KeyMgr: choosing key: a (verified)",
        "ssl: KeyMgr: no matching key found",
    ),
    *(
        "Padded plaintext before ENCRYPTION:  len = 48",
        "\tat com.ibm.jsse2.j.a(j.java:4)",
        "\tat com.ibm.security.cert.a(a.java:4)",
    ),
    *("IBMJSSEProvider2 Build-Level: -20130318", "main, handling exception: a.b.C"),
    *("main, handling exception: javax.net.ssl.SSLException: Received close alert: close_notify",),
    *("*** ClientHello, TLSv1.2", "Cipher Suites: [Unknown 0x13:0x1]"),
    *("Unsupported extension type_43, data: 02:03:04", "***"),
    *("main, handling exception: a.b.C: x; internal cause is:", "\tjava.lang.StackOverflowError"),
)

_ENDS = (
    *("Remote host terminated the handshake", "Remote host closed connection", "peer shut down incorrectly"),
    *("Unrecognized SSL message, plaintext connection?", "Unsupported record version x", "null cert chain"),
    *("no cipher suites in common", "Client requested protocol TLSv1", "TLS client authentication"),
    *("Unrecognized server name indication", "Client initiated renegotiation is not allowed"),
    *(
        "Server chose TLSv1",
        "TLS server authentication",
        "No subject alternative DNS name",
        "No name matching a",
    ),
    "problem unwrapping net record",
)


def _samples() -> Iterator[bytes]:
    for text in _SECRETS:
        yield _fatal(text).encode()
    for prefix in _PREFIXES:
        yield (prefix + _jsse("close the underlying socket")).encode()
        yield _glued(prefix).encode()
    for line in (*_CONTAINED, *_LIFE, *_PRODUCTS):
        yield line.encode()
    for line in _IAIK:
        yield "".join(f"ssl_debug(1): {part}\n" for part in line.split("\n")).encode()
    for record in _JSSE:
        yield record.encode()
    for piece in _PIECES:
        yield _legacy(_READ, piece + _READ)
        yield _legacy(piece + _READ)
    for other in _OTHERS:
        yield _legacy("*** ClientHello, TLSv1.2", f"Cipher Suites: [{other}")
    for number, line in enumerate(_LEGACY):
        yield _legacy(_READ, *_LEGACY[number:])
        yield f"{line}\n".encode()
    for text in _ENDS:
        yield _raised(text)
        yield _legacy("Using SSLEngineImpl.", _READ, f"Worker-1, fatal error: 42: {text}", f"a.b.C: {text}")
        yield _legacy(
            "Using SSLEngineImpl.", "Worker-1, called closeSocket()", "Worker-1, called closeInternal()"
        )
        yield _legacy("*** ClientHello, TLSv1", "matching alias: a")
        yield _legacy("Using SSLEngineImpl.", f"Worker-1, handling exception: a.b.C: {text}")


SAMPLES = tuple(_samples())

"""What does not belong into a log and is there all the same: bytes of no kind, pieces of every dialect."""

from types import MappingProxyType

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.laws.cases import CASES, rows

MARKERS = MappingProxyType(
    {
        "framing": (
            *(
                b"INFO   | jvm 1    | 2026/11/23 07:56:00 | ",
                b"jvm 2    | ",
                b"jvm ver.  | ",
                b"| main    | ",
            ),
            *(b"STATUS | wrapper  | 2026/11/23 07:59:59 | Launching a JVM...\n", b"Launching a JVM..."),
            *(b"--> Wrapper Started as Daemon", b"<-- Wrapper Stopped", b"JVM appears hung"),
            *(b"2026-11-23T07:56:00.123456789Z stdout F ", b"2026-11-23T07:56:00.123456789Z stderr P "),
            *(b'{"log":"', b'\\n","stream":"stdout","time":"2026-11-23T07:56:00.123456789Z"}\n'),
            *(b"java.lang.OutOfMemoryError", b"Full thread dump", b"2026-11-23 07:56:00.123 | "),
            *(
                b"WARN   | wrapper  | 2026/11/23 07:56:00 | Invalid multibyte sequence.\n",
                b"jvm 999999999 | ",
            ),
        ),
        "jsse": (
            *(b"javax.net.ssl|", b"javax.net.ssl|DEBUG|01|main|2026-11-23 07:25:55.648 UTC|"),
            *(
                b"|2026-11-23 24:00:00.000 CET|",
                b"|FINE|B1|HTTP Handler|",
                b"ClientHello.java:658|",
                b"null:-1|",
            ),
            *(b"Produced ClientHello handshake message (\n", b"Consuming server Certificate message (\n"),
            *(
                b"Consuming ServerHello handshake message (\n",
                b"Produced client Finished handshake message (\n",
            ),
            *(b"Consuming server Finished handshake message (\n", b"Reproduced ClientHello(HRR) (\n"),
            *(b"Fatal (CERTIFICATE_UNKNOWN): ", b"Fatal (", b"): (", b"Received alert message (\n"),
            *(b"handling exception (\n", b"WRITE: TLSv1.2 alert(bad_certificate), length = 2\n"),
            *(b"found key for : alias (\n", b"adding as trusted certificates (\n", b"Resuming session: "),
            *(
                b"close the underlying socket\n",
                b"Closing outbound of SSLEngine\n",
                b"KeyMgr: choosing key: ",
            ),
            *(
                b'"version"            : "v1",\n',
                b'"subject" : "CN=a",\n',
                b'"issuer" : "CN=b",\n',
                b"CA:true\n",
            ),
            *(b'"cipher suites" : "[TLS_AES_128_GCM_SHA256(0x1301)]",\n', b"type=host_name (0), value=a.b\n"),
            *(
                b'"versions": [TLSv1.3, TLSv1.2]\n',
                b'"selected version": [TLSv1.3]\n',
                b"\n)\n",
                b"| )\n",
                b")",
            ),
            *(b'"certificate authorities": [CN=a, O=b]\n', b'"certificate authorities": [\n', b" (\n"),
            *(
                b'"throwable" : {\n',
                b"Caused by: java.net.SocketException: Connection reset\n",
                b"\tat a.b(C.java:1)",
            ),
            *(b'"level" : "fatal",\n', b'"description": "bad_certificate"\n', b".checkServerTrusted("),
        ),
        "jsse_legacy": (
            *(
                b"*** ClientHello, TLSv1.2\n",
                b"*** ServerHello, TLSv1\n",
                b"*** Certificate chain\n",
                b"***\n",
                b"***",
            ),
            *(
                b"*** CertificateRequest\n",
                b"*** ServerHelloDone\n",
                b"*** Finished\n",
                b"*** HelloRequest (empty)\n",
            ),
            *(
                b"*** ECDHClientKeyExchange\n",
                b"*** CertificateVerify\n",
                b"*** ClientKeyExchange, RSA PreMasterSecret",
            ),
            *(
                b"main, READ: TLSv1.2 Handshake, length = 64\n",
                b"main, WRITE: TLSv1.2 Handshake, length = 64\n",
            ),
            *(
                b"main, READ: TLSv1 Change Cipher Spec, length = 1\n",
                b"main, WRITE: TLSv1 Change Cipher Spec, length = 1\n",
            ),
            *(b"pool-1, READ:  SSL v2, contentType = Handshake, translated length = 143\n", b"main, READ: "),
            *(
                b"main, WRITE: SSLv2 client hello message, length = 206\n",
                b"main, READ: TLSv1 Alert, length = 2\n",
            ),
            *(
                b"main, SEND TLSv1 ALERT:  fatal, description = certificate_unknown\n",
                b", SEND TLSv1.2 ALERT:  ",
            ),
            *(
                b"main, RECV TLSv1 ALERT:  fatal, bad_certificate\n",
                b"main, RECV TLSv1 ALERT:  warning, close_notify\n",
            ),
            *(b"main, handling exception: javax.net.ssl.SSLException: a\n", b"main, called closeSocket()\n"),
            *(
                b"main, fatal error: 42: null cert chain\n",
                b"javax.net.ssl.SSLHandshakeException: null cert chain\n",
            ),
            *(b"main, received EOFException: error\n", b"main, READ: TLSv1 Application Data, length = 64\n"),
            *(b"%% No cached client session\n", b"%% Initialized:  [Session-1, SSL_NULL_WITH_NULL_NULL]\n"),
            *(
                b"%% Cached server session: [Session-1, X]\n",
                b"%% Server resumed [Session-1, X]\n",
                b"<Empty>\n",
            ),
            *(
                b"chain [0] = [\n",
                b"  Version: V1\n",
                b"  Subject: CN=a\n",
                b"  Issuer: CN=b\n",
                b"Cert Authorities:\n",
            ),
            *(
                b"<CN=a, O=b>\n",
                b"Cipher Suites: [A, B]\n",
                b"Extension server_name, server_name: [host_name: a.b]\n",
            ),
            *(
                b"RandomCookie:  GMT: 1795353795 bytes = { 103, ",
                b"found key for : a\n",
                b"adding as trusted cert:\n",
            ),
            *(
                b"  Algorithm: RSA; Serial number: 0x1\n",
                b"  Valid from Wed Jan 01 00:00:00 UTC 2020 until x\n",
            ),
            *(
                b"Warning: no suitable certificate found\n",
                b"Is initial handshake: false\n",
                b"Using SSLEngineImpl.\n",
            ),
            *(
                b"IBMJSSEProvider2 Build-Level: -20130318\n",
                b"; internal cause is: \n",
                b"verify_data:  { 86, 29, 61",
            ),
            *(
                b"ssl: KeyMgr: choosing key: a (verified: OK)\n",
                b"SSL - handshake alert: unrecognized_name\n",
            ),
        ),
        "iaik": (
            *(b"ssl_debug(1): ", b"ssl_debug(", b"ssl_debug(999999999999999999): ", b"): "),
            *(
                b"ssl_debug(1): Starting handshake (iSaSiLk 5.2)...\n",
                b"Remote client:192.0.2.1:443, Timestamp:",
            ),
            *(b"Wed Mar 16 18:51:40 IST 2016\n", b"ssl_debug(1): Sending v3 client_hello message to a:1, "),
            *(
                b"requesting version 3.3...\n",
                b"ssl_debug(1): Received alert message: Alert Fatal: handshake failure\n",
            ),
            *(
                b"ssl_debug(1): Received certificate_request handshake message.\n",
                b"Accepted certificate authorities:\n",
            ),
            *(
                b"ssl_debug(1): cn=ca,o=ca\n",
                b"ssl_debug(1): SSLException while handshaking: Peer sent alert: ",
            ),
            *(
                b"ssl_debug(1): No client certificate available, sending empty certificate message...\n",
                b"\xe2\x80\xa6",
            ),
            *(
                b"ssl_debug(1): Certificate message is empty, client has no certificate.\n",
                b"Closing transport...\n",
            ),
            *(
                b"ssl_debug(1): Sending alert: Alert Fatal: bad certificate\n",
                b"ssl_debug(1): Handshake completed\n",
            ),
            *(
                b"ssl_debug(1): Exception sending message: java.net.SocketException: Broken pipe\n",
                b"Shutting down",
            ),
            *(
                b"ssl_debug(1): Server sent a 2048 bit RSA certificate, chain has 2 elements.\n",
                b"Received extensions",
            ),
            *(
                b"ssl_debug(1): Received server_hello handshake message.\n",
                b"ssl_debug(1): Sending finished message\n",
            ),
            *(b"ssl_debug(1): Sending extensions: server_name (0)\n", b"Server selected SSL version 3.3\n"),
        ),
    }
)
"""What each room looks for: whole, torn and out of place."""

_ALL = [marker for some in MARKERS.values() for marker in some]


def halves(draw: st.DrawFn) -> bytes:
    """Draw one end of a marker."""
    marker = draw(st.sampled_from(_ALL))
    cut = draw(st.integers(0, len(marker)))
    return marker[cut:] if draw(st.booleans()) else marker[:cut]


def garbage() -> SearchStrategy[bytes]:
    """Return a strategy for what can stand anywhere in a log."""
    odd = [
        b"\0" * 70,
        b"\r",
        b"\r\n",
        b"\n",
        b"\xff\xfe",
        b"\xc3",
        b"\xe2\x80",
        b"\x1b[31m",
        b"\x85",
        b"|" * 99,
    ]
    huge = st.sampled_from([b"x" * 70_000, b"\xff" * 3000, b"(" * 9000, b"ab " * 9000, b"9" * 5000])
    return st.one_of(
        st.binary(max_size=60), st.sampled_from(odd), st.sampled_from(_ALL), st.composite(halves)(), huge
    )


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """Draw a log of pieces of real ones, in any order, with garbage within and between them."""
    made = []
    for _ in range(draw(st.integers(1, 8))):
        case = draw(st.sampled_from(CASES))
        start = draw(st.integers(0, len(rows(case)) - 1))
        text = b"".join(rows(case)[start : start + draw(st.integers(0, 60))])
        at = draw(st.integers(0, len(text)))
        made += [text[:at], draw(garbage()), text[at:], draw(garbage())]
    return b"".join(made)

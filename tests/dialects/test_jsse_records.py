import re

import pytest

from agent.dialects.jsse_bodies import PICKERS, Picks
from agent.dialects.jsse_records import INTERESTING, bodied, body, happenings
from agent.model.events import (
    AlertSeen,
    Certificate,
    Ended,
    Fact,
    FactKind,
    Failed,
    Happening,
    Hello,
    Said,
    StoreEntry,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Role

CLIENT, SERVER, UNKNOWN = Role.CLIENT, Role.SERVER, Role.UNKNOWN


def said(message: Message, role: Role, *, sent: bool, modern: bool | None = None) -> Said:
    """Return a message without content."""
    return Said(message, sent=sent, role=role, modern=modern)


MESSAGES: dict[str, Happening] = {
    "Produced ServerHelloDone handshake message (": said(Message.SERVER_HELLO_DONE, SERVER, sent=True),
    "Consuming ServerHelloDone handshake message (": said(Message.SERVER_HELLO_DONE, CLIENT, sent=False),
    "Produced ECDH ServerKeyExchange handshake message (": said(
        Message.SERVER_KEY_EXCHANGE, SERVER, sent=True
    ),
    "Consuming DHE ClientKeyExchange handshake message (": said(
        Message.CLIENT_KEY_EXCHANGE, SERVER, sent=False
    ),
    "Produced RSA ClientKeyExchange handshake message (": said(
        Message.CLIENT_KEY_EXCHANGE, CLIENT, sent=True
    ),
    "Produced EncryptedExtensions message (": said(Message.ENCRYPTED_EXTENSIONS, SERVER, sent=True),
    "Produced HelloRetryRequest handshake message (": said(Message.HELLO_RETRY_REQUEST, SERVER, sent=True),
    "Produced ChangeCipherSpec message": said(Message.CHANGE_CIPHER_SPEC, UNKNOWN, sent=True),
    "Consuming ChangeCipherSpec message": said(Message.CHANGE_CIPHER_SPEC, UNKNOWN, sent=False),
    "Produced client Finished handshake message (": said(Message.FINISHED, CLIENT, sent=True),
    "Consuming client Finished handshake message (": said(Message.FINISHED, SERVER, sent=False),
    "Produced server Finished handshake message (": said(Message.FINISHED, SERVER, sent=True),
    "Consuming server Finished handshake message (": said(Message.FINISHED, CLIENT, sent=False),
    "Produced CertificateVerify handshake message (": said(Message.CERTIFICATE_VERIFY, UNKNOWN, sent=True),
    "Consuming CertificateStatus handshake message (": said(Message.CERTIFICATE_STATUS, UNKNOWN, sent=False),
    "Produced NewSessionTicket stateless handshake message (": said(
        Message.NEW_SESSION_TICKET, SERVER, sent=True, modern=False
    ),
    "Produced NewSessionTicket stateless post-handshake message (": said(
        Message.NEW_SESSION_TICKET, SERVER, sent=True, modern=True
    ),
    "Consuming NewSessionTicket message (": said(Message.NEW_SESSION_TICKET, CLIENT, sent=False, modern=True),
    "Consuming NewSessionTicket": said(Message.NEW_SESSION_TICKET, CLIENT, sent=False, modern=False),
    "Consuming HelloRequest handshake message (": said(Message.HELLO_REQUEST, CLIENT, sent=False),
    "Produced KeyUpdate post-handshake message (": said(Message.KEY_UPDATE, UNKNOWN, sent=True),
    "Negotiated protocol version: TLS12": Fact(FactKind.PROTOCOL, "TLSv1.2"),
    "use cipher suite TLS_AES_128_GCM_SHA256": Fact(FactKind.CIPHER_SUITE, "TLS_AES_128_GCM_SHA256"),
    "Resuming session: Session(1|TLS_A) (": Fact(FactKind.RESUMED, ": Session(1|TLS_A)"),
    "No X.509 certificate for client authentication, use empty Certificate message instead": Fact(
        FactKind.NO_CLIENT_CERTIFICATE,
        "No X.509 certificate for client authentication, use empty Certificate message instead",
    ),
    "No available client authentication scheme": Fact(
        FactKind.NO_CLIENT_CERTIFICATE, "No available client authentication scheme"
    ),
    "No X.509 cert selected for [EC, RSA]": Fact(FactKind.NO_CERTIFICATE_SELECTED, "[EC, RSA]"),
    "X509KeyManager class: sun.security.ssl.SunX509KeyManagerImpl": Fact(
        FactKind.KEY_MANAGER, "sun.security.ssl.SunX509KeyManagerImpl"
    ),
    "X509KeyManager class: sun.security.ssl.DummyX509KeyManager": Fact(
        FactKind.KEY_MANAGER_ABSENT, "sun.security.ssl.DummyX509KeyManager"
    ),
    "KeyMgr: no matching key found": Fact(FactKind.NO_MATCHING_KEY),
    "KeyMgr: choosing key: is (verified: OK)": Fact(FactKind.KEY_CHOSEN, "is (verified: OK)"),
    "matching alias: is": Fact(FactKind.KEY_CHOSEN, "is"),
    "Ignore alias is: issuers do not match": Fact(FactKind.ALIAS_IGNORED, "is: issuers do not match"),
    "Unable to indicate server name": Fact(FactKind.SERVER_NAME_WITHHELD, "server name"),
    "WRITE: TLSv1.2 alert(certificate_unknown), length = 2": AlertSeen(True, None, "certificate_unknown"),  # noqa: FBT003  (as in the model)
    "close the underlying socket": Ended(),
    "close the SSL connection (passive)": Ended(),
    "Closing outbound of SSLEngine": Ended(),
    "Fatal (UNRECOGNIZED_NAME): Unrecognized server name indication": Failed(
        (Throwable("", "Unrecognized server name indication"),), "unrecognized_name", SERVER
    ),
    "Fatal (BAD_CERTIFICATE): (bad_certificate) Empty client certificate chain (": Failed(
        (Throwable("", "Empty client certificate chain"),), "bad_certificate", SERVER
    ),
    "Fatal (HANDSHAKE_FAILURE): Received handshake warning: unrecognized_name": Failed(
        (Throwable("", "Received handshake warning: unrecognized_name"),), "handshake_failure", CLIENT
    ),
    "Fatal (NO_SUCH_ALERT)": Failed((Throwable("", ""),)),
    "handling exception (": Failed((), final=False),
}


@pytest.mark.parametrize(("message", "what"), MESSAGES.items())
def test_messages(message: str, what: Happening) -> None:
    """Each message says what it says, whatever its release calls it, and is not passed over by the reader."""
    assert happenings(message, (), "shown") == ((what, "shown"),)
    assert re.compile(INTERESTING).match(message.encode())


@pytest.mark.parametrize(
    "message",
    [
        "WRITE: TLSv1.3 alert(close_notify), length = 2",
        "WRITE: TLSv1.3 alert(user_canceled), length = 2",
        "Negotiated protocol version: SSLv9",
        "Produced Nonsense handshake message (",
        "Produced ",
        "Received alert message (",
        "Consumed extension: server_name",
        "",
    ],
)
def test_messages_of_no_use(message: str) -> None:
    """A normal close, an unknown name and other messages say nothing."""
    assert happenings(message, (), "shown") == ()


def test_reproduced_hello() -> None:
    """A client that was asked to try again says so together with its second hello."""
    message = "Reproduced ClientHello(HRR) handshake message ("
    first, second = happenings(message, (), "shown")
    assert first == (said(Message.HELLO_RETRY_REQUEST, CLIENT, sent=False), "shown")
    assert isinstance(second[0], Said)
    assert (second[0].message, second[0].sent, second[0].role) == (Message.CLIENT_HELLO, True, CLIENT)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Produced ClientHello handshake message (", "hello"),
        ("Consuming ServerHello handshake message (", "hello"),
        ("Consuming server Certificate handshake message (", "certificates"),
        ("Produced client Certificate message (", "certificates"),
        ("Consuming CertificateRequest handshake message (", "authorities"),
        ("Fatal (X): text (", "throwable"),
        ("handling exception (", "throwable"),
        ("Received alert message (", "alert"),
        ("found key for : is (", "certificates"),
        ("adding as trusted certificates (", "anchors"),
        ("Produced client Finished handshake message (", None),
        ("Resuming session: Session(1|TLS_A) (", None),
    ],
)
def test_kinds_of_bodies(message: str, kind: str | None) -> None:
    """The message tells which fields of the body count; of most messages none do."""
    assert body(message) == kind
    assert kind is None or kind in PICKERS


CERTIFICATES: Picks = [
    ("version", "v3"),
    ("subject", "CN=a"),
    ("serial number", "0a:ff"),
    ("CA", "true"),
    ("version", "v9"),
    ("subject", "CN=b"),
    ("not  after", "soon"),
]
CHAIN = (Certificate(subject="CN=a", serial="0a:ff", version=3, ca=True), Certificate(subject="CN=b"))


@pytest.mark.parametrize(
    ("message", "picks", "told"),
    [
        (
            "Produced client Certificate message (",
            CERTIFICATES,  # whose beginning was lost, and who knows what else
            [Said(Message.CERTIFICATE, sent=True, role=CLIENT)],
        ),
        (
            "Consuming server Certificate handshake message (",
            [("Certificates", "["), ("certificate", "{"), ("certificate", "{"), *CERTIFICATES[:4]],
            [
                Said(
                    Message.CERTIFICATE,
                    sent=False,
                    role=CLIENT,
                    certificates=(Certificate(), CHAIN[0]),
                    modern=False,
                )
            ],
        ),
        (
            "Consuming client Certificate handshake message (",
            [("Certificate", "{"), ("certificate", "{")],
            [Said(Message.CERTIFICATE, sent=False, role=SERVER, certificates=(Certificate(),), modern=True)],
        ),
        (
            "Consuming client Certificate handshake message (",
            [("Certificate", "{")],
            [Said(Message.CERTIFICATE, sent=False, role=SERVER, certificates=(), modern=True)],
        ),
        (
            "Consuming client Certificate handshake message (",
            [("Certificates", "<")],
            [Said(Message.CERTIFICATE, sent=False, role=SERVER, certificates=(), modern=False)],
        ),
        (
            "Consuming client Certificate handshake message",
            [],
            [Said(Message.CERTIFICATE, sent=False, role=SERVER)],
        ),
        (
            "Produced server Certificate message (",
            [("Certificate", "{"), *CERTIFICATES],
            [Said(Message.CERTIFICATE, sent=True, role=SERVER, certificates=CHAIN, modern=True)],
        ),
        (
            "Consuming server Certificate handshake message (",
            [("Certificates", "["), *CERTIFICATES],
            [Said(Message.CERTIFICATE, sent=False, role=CLIENT, certificates=CHAIN, modern=False)],
        ),
        (
            "Produced CertificateRequest handshake message (",
            [("certificate authorities", "]")],
            [Said(Message.CERTIFICATE_REQUEST, sent=True, role=SERVER, authorities=())],
        ),
        (
            "Consuming CertificateRequest handshake message (",
            [("certificate authorities", ""), ("", "CN=a, C=DE,"), ("", "CN=b, C=FR]")],
            [
                Said(
                    Message.CERTIFICATE_REQUEST,
                    sent=False,
                    role=CLIENT,
                    authorities=("CN=a, C=DE", "CN=b, C=FR"),
                )
            ],
        ),
        (
            "Consuming ClientHello handshake message (",
            [("renegotiated connection", "F")],
            [
                Said(Message.CLIENT_HELLO, sent=False, role=SERVER, hello=Hello()),
                Fact(FactKind.RENEGOTIATION),
            ],
        ),
        (
            "Consuming ServerHello handshake message (",
            [("renegotiated connection", "F")],
            [Said(Message.SERVER_HELLO, sent=False, role=CLIENT, hello=Hello())],
        ),
        ("found key for : is (", CERTIFICATES, [StoreEntry("is", CHAIN)]),
        (
            "adding as trusted certificates (",
            CERTIFICATES,
            [StoreEntry(None, (CHAIN[0],)), StoreEntry(None, (CHAIN[1],))],
        ),
        (
            "Received alert message (",
            [("level", "warning"), ("description", "unrecognized_name")],
            [AlertSeen(sent=False, level="warning", description="unrecognized_name")],
        ),
        ("Received alert message (", [("level", "fatal"), ("description", "made_up")], []),
    ],
)
def test_bodies(message: str, picks: Picks, told: list[Happening]) -> None:
    """The fields of a body become what is said; an empty list is not the same as none seen."""
    assert [what for what, _ in happenings(message, tuple(picks), "shown")] == told


@pytest.mark.parametrize(
    ("frames", "role", "reading"),
    [
        ([], UNKNOWN, None),
        (["client"], CLIENT, None),
        (["server", "handshake"], SERVER, False),
        (["data"], UNKNOWN, True),
        (["handshake", "data"], UNKNOWN, False),
        (["handshake", "after"], UNKNOWN, True),
        (["client", "server"], UNKNOWN, None),
    ],
)
def test_frames(frames: list[str], role: Role, reading: bool | None) -> None:  # noqa: FBT001  (a case's column)
    """Stack frames prove the role, unless they contradict each other, and what was under way."""
    picks = [("first", "java.io.IOException: x"), *(("frame", frame) for frame in frames)]
    ((what, _),) = happenings("Fatal (INTERNAL_ERROR): x (", tuple(picks), "x")
    assert what == Failed((Throwable("IOException", "x"),), "internal_error", role, reading)


PKIX = "sun.security.validator.ValidatorException: (x) PKIX path validation failed: x"
EXPIRED = ("Caused by", "java.security.cert.CertificateExpiredException: NotAfter: x")

REPORTS: dict[str, tuple[str, Picks, list[str], str | None]] = {
    "whole": (
        "Fatal (CERTIFICATE_EXPIRED): PKIX path validation failed: x (",
        [("first", PKIX), EXPIRED],
        ["PKIX path validation failed: x", "NotAfter: x"],
        "certificate_expired",
    ),
    "other text where the exception's first line was": (
        "Fatal (CERTIFICATE_EXPIRED): PKIX path validation failed: x (",
        [("first", "com.acme.Oops: disk full"), EXPIRED, ("torn", "")],
        ["PKIX path validation failed: x", "NotAfter: x"],
        "certificate_expired",
    ),
    "the same behind a stack frame": (
        "Fatal (CERTIFICATE_EXPIRED): PKIX path validation failed: x (",
        [("frame", "engine"), ("first", "com.acme.Oops: disk full"), EXPIRED, ("torn", "")],
        ["PKIX path validation failed: x", "NotAfter: x"],
        "certificate_expired",
    ),
    "a header that was torn in its text": (
        "Fatal (CERTIFICATE_EXPIRED): PKIX pa[ISP.0090] <doc>",
        [("first", PKIX), EXPIRED],
        ["PKIX path validation failed: x", "NotAfter: x"],
        "certificate_expired",
    ),
    "a header that was torn in its alert": (
        "Fatal (CERTIFICATE_EX[ISP.0090] <doc>",
        [("first", PKIX), EXPIRED],
        ["PKIX path validation failed: x", "NotAfter: x"],
        None,
    ),
    "a header alone": ("Fatal (INTERNAL_ERROR): x", [], ["x"], "internal_error"),
}


@pytest.mark.parametrize(("message", "picks", "texts", "word"), REPORTS.values(), ids=REPORTS)
def test_reports(message: str, picks: Picks, texts: list[str], word: str | None) -> None:
    """A report is told by its exceptions, and by its header as far as nobody has torn it."""
    ((what, _),) = happenings(message, tuple(picks), "x")
    assert isinstance(what, Failed)
    assert ([t.text for t in what.throwables], what.word, what.final) == (texts, word, True)


@pytest.mark.parametrize(
    ("message", "has"),
    [
        ("Fatal (X): text (", True),
        ("Fatal (X): te[ISP.0090] <doc>", True),
        ("Received alert message (", True),
        ("Produced ClientHello handshake message (", True),
        ("Produced ClientHello hand[ISP.0090] <doc>", False),
        ("Consuming ServerHelloDone handshake message (", False),
        ("Closing outbound of SSLEngine", False),
    ],
)
def test_records_with_a_body(message: str, has: bool) -> None:  # noqa: FBT001  (a case's column)
    """The message tells whether a body follows; a report has one whatever became of its header."""
    assert bodied(message) is has


@pytest.mark.parametrize(
    ("frames", "engine"), [([], None), (["engine"], True), (["socket"], False), (["engine", "socket"], True)]
)
def test_ways_to_speak(frames: list[str], engine: bool | None) -> None:  # noqa: FBT001  (a case's column)
    """Stack frames show an SSLEngine or an SSLSocket."""
    picks = [("first", "java.io.IOException: x"), *(("frame", frame) for frame in frames)]
    ((what, _),) = happenings("Fatal (INTERNAL_ERROR): x (", tuple(picks), "x")
    assert what == Failed((Throwable("IOException", "x"),), "internal_error", engine=engine)


def test_session() -> None:
    """The mark of a session id is that of this hello, though the rest is remembered from an equal one."""
    told = [
        happenings("Produced ClientHello handshake message (", (("value", "a.example"), *mark), "x")
        for mark in ((), (("session", "1"),), (("session", "2"),))
    ]
    sessions = [what.hello and what.hello.session for ((what, _),) in told if isinstance(what, Said)]
    assert sessions == [None, "1", "2"]


def test_secrets() -> None:
    """The text of an exception is fit to be shown."""
    ((what, _),) = happenings("Fatal (INTERNAL_ERROR): password=changeit", (), "x")
    assert what == Failed((Throwable("", "password=[redacted]"),), "internal_error")

from datetime import UTC, date, datetime

import pytest

from agent.dialects.jsse_bodies import Picks
from agent.dialects.jsse_messages import body_of, certificates, said
from agent.model.events import SOME_ZONE, Certificate, Fact, FactKind, Happening, Hello, Said
from agent.model.tls import Message
from agent.model.vocabulary import Role

CLIENT, SERVER = Role.CLIENT, Role.SERVER


@pytest.mark.parametrize(
    ("message", "picks", "told"),
    [
        (
            "Consuming ClientHello handshake message (",
            [
                ("client version", '"TLSv1.2"'),
                ("cipher suites", '"[TLS_A(0x1302), SSL_B(0x0001)]"'),
                ("server_name", ""),
                ("value", "is.acme.example"),
                ("versions", "[TLSv1.3, TLSv1.2]"),
            ],
            [
                Said(
                    Message.CLIENT_HELLO,
                    sent=False,
                    role=SERVER,
                    hello=Hello(("TLSv1.3", "TLSv1.2"), ("TLS_A", "TLS_B"), "is.acme.example"),
                )
            ],
        ),
        (
            "Produced ClientHello handshake message (",
            [("client version", '"TLSv1.2"'), ("renegotiated connection", "F")],
            [
                Said(Message.CLIENT_HELLO, sent=True, role=CLIENT, hello=Hello(("TLSv1.2",))),
                Fact(FactKind.RENEGOTIATION),
            ],
        ),
        (
            "Produced ClientHello(HRR) handshake message (",
            [],
            [
                Said(Message.HELLO_RETRY_REQUEST, sent=False, role=CLIENT),
                Said(Message.CLIENT_HELLO, sent=True, role=CLIENT, hello=Hello()),
            ],
        ),
        (
            "Produced CertificateVerify handshake message (",
            [],
            [Said(Message.CERTIFICATE_VERIFY, sent=True)],
        ),
        (
            "Consuming NewSessionTicket",
            [],
            [Said(Message.NEW_SESSION_TICKET, sent=False, role=CLIENT, modern=False)],
        ),
        ("Produced nothing", [], []),
    ],
)
def test_messages(message: str, picks: Picks, told: list[Happening]) -> None:
    """A message says who speaks, in which direction, and what its fields hold."""
    assert list(said(message, tuple(picks))) == told


OFFER = [("versions", "[TLSv1.3]"), ("cipher suites", '"[TLS_A(0x1302)]"')]
CUT, TORN = ("cut", ""), ("torn", "")

HELLOS: dict[str, tuple[Picks, Hello | None]] = {
    "no name": (OFFER, Hello(("TLSv1.3",), ("TLS_A",))),
    "no name, but the record was cut": ([*OFFER, CUT], None),
    "no name, but other text in the record": ([*OFFER, TORN], None),
    "a name that could not be read": ([*OFFER, ("server_name", "")], None),
    "a name, and the record was cut": (
        [*OFFER, ("server_name", ""), ("value", "a.example"), CUT],
        Hello(("TLSv1.3",), ("TLS_A",), "a.example"),
    ),
    "a name, and other text in the record": ([*OFFER, ("value", "a.example"), TORN], None),
    "lists with something else in them": (
        [("versions", "[TLSv1.3, T other Sv1.2]"), ("cipher suites", '"[TLS_A(0x1302), TLS other _B(0x1)]"')],
        Hello(),
    ),
    "a suite without a name, and an application's protocols": (
        [("cipher suites", '"[UNKNOWN-CIPHER-SUITE(DADA)(0xDADA)]"'), ("[", "h2, http/1.1")],
        Hello((), ("UNKNOWN-CIPHER-SUITE(DADA)",), application_protocols=("h2", "http/1.1")),
    ),
}


@pytest.mark.parametrize(("picks", "hello"), HELLOS.values(), ids=HELLOS)
def test_hellos(picks: Picks, hello: Hello | None) -> None:
    """A name that is not read does not seem to be absent, and a list that was torn is no list."""
    (told,) = said("Consuming ClientHello handshake message (", tuple(picks))
    assert isinstance(told, Said)
    assert told.hello == hello


ROW = [("version", "v3"), ("subject", "CN=a")]

CHAINS: dict[str, tuple[Picks, tuple[Certificate, ...] | None]] = {
    "none, until TLS 1.2": ([("Certificates", "<")], ()),
    "none, in TLS 1.3": ([("Certificate", "{")], ()),
    "none is read, though some may be there": ([], None),
    "one": ([("Certificates", "["), *ROW], (Certificate(subject="CN=a", version=3),)),
    "one, and perhaps more": ([("Certificates", "["), *ROW, CUT], None),
    "none, and perhaps more": ([("Certificate", "{"), CUT], None),
    "two, the first line of the second torn": (
        [("Certificates", "["), *ROW, ("subject", "CN=b")],
        (Certificate(subject="CN=a", version=3), Certificate(subject="CN=b")),
    ),
    "an algorithm with something else in it": (
        [("Certificates", "["), ("signature algorithm", "SHA256 other withRSA")],
        (Certificate(),),
    ),
}


@pytest.mark.parametrize(("picks", "chain"), CHAINS.values(), ids=CHAINS)
def test_chains(picks: Picks, chain: tuple[Certificate, ...] | None) -> None:
    """No certificate is an empty list only where the text says so, and a cut list has no length."""
    (told,) = said("Consuming server Certificate handshake message (", tuple(picks))
    assert isinstance(told, Said)
    assert told.certificates == chain


LISTS: dict[str, tuple[Picks, tuple[str, ...] | None]] = {
    "none, until TLS 1.2": ([("certificate types", ""), ("certificate authorities", "]")], ()),
    "none, in TLS 1.3": ([], ()),
    "none is read, until TLS 1.2": ([("certificate types", "")], None),
    "none is read, in TLS 1.3": ([("certificate_authorities", "")], None),
    "none is read, and the record was cut": ([CUT], None),
    "one line": ([("certificate authorities", "CN=a, CN=b]")], ("CN=a", "CN=b")),
    "one line, and other text below it": ([("certificate authorities", "CN=a]"), TORN], ("CN=a",)),
    "one line without its end": ([("certificate authorities", "CN=a, C")], None),
    "one line that other text ends": ([("certificate authorities", "a list: [a, b]"), TORN], None),
    "several lines": ([("certificate authorities", ""), ("", "CN=a,"), ("", "CN=b]")], ("CN=a", "CN=b")),
    "several lines, and other text": ([("certificate authorities", ""), ("", "CN=a]"), TORN], None),
}


@pytest.mark.parametrize(("picks", "names"), LISTS.values(), ids=LISTS)
def test_authorities(picks: Picks, names: tuple[str, ...] | None) -> None:
    """No authority is an empty list only where the text says so."""
    (told,) = said("Consuming CertificateRequest handshake message (", tuple(picks))
    assert isinstance(told, Said)
    assert told.authorities == names


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Produced ClientHello(HRR) handshake message (", "hello"),
        ("Consuming client Certificate handshake message (", "certificates"),
        ("Consuming CertificateVerify handshake message (", None),
        ("Consuming what nobody knows (", None),
    ],
)
def test_bodies(message: str, kind: str | None) -> None:
    """The message tells whether its body is worth a look."""
    assert body_of(message) == kind


def test_certificates() -> None:
    """Each version begins a certificate; what is no date or no version is left out."""
    picks = [
        ("Certificates", "["),
        ("version", "v1"),
        ("not before", "2026-10-24 07:36:26.000 CET"),
        ("CA", "false"),
        ("version", "v7"),
        ("not  after", "never"),
    ]
    assert certificates(tuple(picks)) == (
        Certificate(version=1, not_before=datetime(2026, 10, 24, 7, 36, 26, tzinfo=UTC), ca=False),
        Certificate(),
    )


@pytest.mark.parametrize(
    ("items", "usages"),
    [
        (("serverAuth", "1.3.6.1.5.5.7.3.2"), ("serverAuth", "1.3.6.1.5.5.7.3.2")),
        (("anyExtendedKeyUsage",), ("anyExtendedKeyUsage",)),
        (("serverAuth", "clie"), None),
        (("clietext",), None),
        ((), None),
    ],
)
def test_usages_of_which_one_was_torn(items: tuple[str, ...], usages: tuple[str, ...] | None) -> None:
    """A word that is no usage shows that the list is not what was printed: nothing is told of it."""
    (one,) = certificates((("version", "v3"), *(("", item) for item in items)))
    assert one.extended_key_usage == usages


def test_a_certificate_that_is_valid_from_midnight() -> None:
    """Most public ones are: the JVM calls that hour 24 of the day that begins."""
    picks = (("version", "v3"), ("not before", "2026-10-24 24:00:00.000 UTC"))
    assert certificates(picks) == (Certificate(version=3, not_before=datetime(2026, 10, 24, tzinfo=UTC)),)


def test_a_date_in_a_zone_whose_abbreviation_tells_nothing() -> None:
    """IST is Irish, Israeli or Indian: the day is right, and said to be all that is."""
    picks = (("version", "v3"), ("not before", "2026-10-24 07:36:26.000 IST"))
    (one,) = certificates(picks)
    assert one.not_before is not None
    assert (one.not_before.date(), one.not_before.tzinfo) == (date(2026, 10, 24), SOME_ZONE)

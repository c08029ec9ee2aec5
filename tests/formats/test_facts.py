"""The facts of a handshake, and what decides among several of a kind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.formats.facts import (
    FACTS,
    decisive_alert,
    decisive_exception,
    facts_record,
    self_signed,
)
from agent.model.events import AlertSeen, Certificate, Fact, FactKind, Failed, Throwable
from agent.model.handshake import Handshake, Step
from agent.model.incident import Failure
from agent.model.tls import Message
from tests.formats.conftest import T0, place


def at(line: int) -> dict[str, object]:
    """Return a place as a fact shows it."""
    return {"file": "wrapper.log", "offset": 100 * line, "line": line}


@pytest.fixture
def full(failure: Failure) -> Handshake:
    """Return a handshake of which everything was told, each fact by a line of its own."""
    names = (
        *("role", "hello", "protocol", "cipher_suite", "peer", "resumed", "renegotiation", "peer_chain"),
        *("own_chain", "authorities", "library", "peer_key", "key_chosen", "clocks"),
    )
    return replace(
        failure.handshake,
        offered_suites=("A", "B"),
        application_protocols=("h2",),
        cipher_suite="B",
        peer="192.0.2.9:443",
        resumed=True,
        renegotiation=True,
        facts=(
            Fact(FactKind.LIBRARY, "iSaSiLk 3.03"),
            Fact(FactKind.PEER_KEY, "2048 bit RSA"),
            Fact(FactKind.KEY_CHOSEN, "is"),
        ),
        steps=(
            Step(Message.SERVER_HELLO, False, place(3000, 30)),  # noqa: FBT003  (as in the model)
            Step(Message.CERTIFICATE, True, place(3100, 31), empty=True),  # noqa: FBT003  (as in the model)
            Step("certificate_unknown", True, place(3200, 32)),  # noqa: FBT003  (as in the model)
        ),
        failures=(
            Failed((Throwable("SSLException", "closing"),), final=False),
            Failed((Throwable("SSLHandshakeException", "x"), Throwable("CertificateException", NAME))),
        ),
        failed_at=(place(4000, 40), place(4100, 41)),
        clocks=(T0, T0 - timedelta(hours=1)),
        read_at=tuple((name, place(100 * line, line)) for line, name in enumerate(names, 1)),
    )


NAME = "No subject alternative DNS name matching is.example.com found."


def test_every_fact_has_its_line(full: Handshake) -> None:
    """Each fact stands with its value and the line that told it; the depth follows from all lines."""
    assert facts_record(full) == {
        "role": {"value": "client", **at(1)},
        "library": {"value": "iSaSiLk 3.03", **at(11)},
        "depth": {"value": "full", "file": None, "offset": None, "line": None},
        "record_time": {"value": "2026-11-23T07:25:55.932+00:00", **at(14)},
        "wrapper_time": {"value": "2026-11-23T06:25:55.932+00:00", **at(14)},
        "peer": {"value": "192.0.2.9:443", **at(5)},
        "server_name": {"value": "is.example.com", **at(2)},
        "certificate_name_wanted": {"value": "is.example.com", **at(41)},
        "protocols_offered": {"value": ["TLSv1.3", "TLSv1.2"], **at(2)},
        "protocol": {"value": "TLSv1.2", **at(3)},
        "cipher_suites_offered": {"value": ["A", "B"], **at(2)},
        "cipher_suite": {"value": "B", **at(4)},
        "application_protocols_offered": {"value": ["h2"], **at(2)},
        "resumed": {"value": True, **at(6)},
        "renegotiation": {"value": True, **at(7)},
        "peer_chain_length": {"value": 2, **at(8)},
        "peer_key": {"value": "2048 bit RSA", **at(12)},
        "own_chain_length": {"value": 0, **at(9)},
        "own_key_alias": {"value": "is", **at(13)},
        "authorities": {"value": ["CN=Example CA"], **at(10)},
        "last_sent": {"value": "certificate (empty)", **at(31)},
        "last_received": {"value": "server_hello", **at(30)},
        "alert": {
            "value": {"direction": "sent", "level": "fatal", "description": "certificate_unknown"},
            **at(32),
        },
        "exception": {"value": NAME, **at(41)},
        "exception_class": {"value": "CertificateException", **at(41)},
    }


def test_what_is_not_told_is_null(bare_failure: Failure) -> None:
    """Of a handshake of one line only the depth is known."""
    told = {name: fact for name, fact in facts_record(bare_failure.handshake).items() if fact}
    assert told == {"depth": {"value": "full", "file": None, "offset": None, "line": None}}


def test_empty_is_told(full: Handshake) -> None:
    """A list of authorities that names none, and a chain without a certificate, are facts too."""
    facts = facts_record(replace(full, authorities=(), peer_chain=()))
    assert [facts[name] for name in ("authorities", "peer_chain_length")] == [
        {"value": [], **at(10)},
        {"value": 0, **at(8)},
    ]


def test_length_of_a_chain_that_is_only_counted(full: Handshake) -> None:
    """IAIK prints how many certificates came, and none of them."""
    counted = replace(full, peer_chain=None, facts=(Fact(FactKind.PEER_CHAIN_LENGTH, "3"),))
    assert facts_record(counted)["peer_chain_length"] == {
        "value": 3,
        "file": None,
        "offset": None,
        "line": None,
    }


def test_names_are_those_of_the_table(full: Handshake) -> None:
    """Every handshake has the same names."""
    assert list(facts_record(full)) == list(FACTS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (NAME, "is.example.com"),
        ("No name matching is.example.com found", "is.example.com"),
        ("No subject alternative names matching IP address 192.0.2.1 found", "192.0.2.1"),
        ("No subject alternative names present", None),
    ],
)
def test_name_that_the_certificate_lacks(full: Handshake, text: str, wanted: str | None) -> None:
    """The host that was dialled is known where a certificate does not name it; it is no peer's address."""
    fact = facts_record(replace(full, failures=(Failed((Throwable("", text),)),)))["certificate_name_wanted"]
    assert (fact and fact["value"]) == wanted


@pytest.mark.parametrize(
    ("certificate", "itself"),
    [
        (Certificate("CN=A", "CN=A"), True),
        (Certificate("CN=A", "CN=B"), False),
        (Certificate("CN=A"), None),
    ],
)
def test_self_signed(certificate: Certificate, itself: bool | None) -> None:  # noqa: FBT001  (a table's column)
    """A certificate that names itself as its issuer is self-signed; without both names nobody knows."""
    assert self_signed(certificate) is itself


def alert(direction: str, level: str | None, description: str) -> AlertSeen:
    """Return an alert."""
    return AlertSeen(sent=direction == "sent", level=level, description=description)


@pytest.mark.parametrize(
    ("alerts", "decisive"),
    [
        ((), None),
        ((("received", "warning", "unrecognized_name"), ("sent", "warning", "close_notify")), None),
        ((("sent", "fatal", "a"), ("received", "fatal", "b"), ("received", "fatal", "c")), 1),
        ((("received", "warning", "w"), ("sent", "FATAL", "a"), ("sent", "fatal", "b")), 1),
        ((("received", None, "close_notify"), ("received", None, "handshake_failure")), 1),
    ],
)
def test_which_alert_decides(
    failure: Failure, alerts: tuple[tuple[str, str | None, str], ...], decisive: int | None
) -> None:
    """The first fatal one received, else the first fatal one sent; one without a level goes by its name."""
    seen = tuple(alert(*one) for one in alerts)
    expected = None if decisive is None else seen[decisive]
    assert decisive_alert(replace(failure.handshake, alerts=seen)) == expected


@pytest.mark.parametrize(
    ("failures", "text"),
    [
        ((), None),
        ((Failed(()),), None),
        ((Failed((Throwable("A", "a"), Throwable("B", ""))),), "B"),
        ((Failed((Throwable("A", "a"),), final=False),), "a"),
        ((Failed((Throwable("A", "a"),), final=False), Failed((Throwable("B", "b"),))), "b"),
        ((Failed((Throwable("", ""),)),), None),
    ],
)
def test_which_exception_decides(failure: Failure, failures: tuple[Failed, ...], text: str | None) -> None:
    """The innermost message of the first final report, its class without a message."""
    assert decisive_exception(replace(failure.handshake, failures=failures)) == text

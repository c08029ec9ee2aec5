from collections.abc import Sequence
from dataclasses import replace

import pytest

from agent.model.diagnosis import Diagnosis
from agent.model.events import AlertSeen
from agent.model.handshake import Handshake, Step
from agent.model.tls import Message
from agent.model.vocabulary import Confidence, Issue, Role
from agent.report.rungs import MOST, Kind, Rung, rungs, told
from tests.report.conftest import place

HELLO, SERVER_HELLO, CERTIFICATE = Message.CLIENT_HELLO, Message.SERVER_HELLO, Message.CERTIFICATE
REQUEST, DONE, FINISHED = Message.CERTIFICATE_REQUEST, Message.SERVER_HELLO_DONE, Message.FINISHED


def steps(*said: str) -> tuple[Step, ...]:
    """Return steps written as "> name", "< name" or "? name", "()" behind one that is empty."""
    ways = {">": True, "<": False, "?": None}
    return tuple(
        Step(text[2:].removesuffix("()"), ways[text[0]], place(number), text.endswith("()"))
        for number, text in enumerate(said, start=1)
    )


def drawn(ladder: Sequence[Rung]) -> list[str]:
    """Return rungs as lines: the way, the words, "x" for the one that broke, "-" for one that came late."""
    ways = {True: ">", False: "<", None: "?"}
    return [
        f"{ways[rung.sent]} {told(rung).partition(' ')[2] if rung.sent is not None else told(rung)}"
        f"{' -' if rung.later else ''}{f' x {rung.broke}' if rung.broke else ''}"
        for rung in ladder
    ]


def ladder(handshake: Handshake, diagnosis: Diagnosis | None, *said: str, **changes: object) -> list[str]:
    """Return the lines of a handshake with those steps."""
    changed = replace(handshake, steps=steps(*said), **changes)  # type: ignore[arg-type]  # by name
    return drawn(rungs(changed, diagnosis))


def test_a_rejected_certificate_breaks_on_its_message(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """What came after it is late, the alert is not."""
    assert rungs(handshake, diagnosis) == (
        Rung(Kind.MESSAGE, "ClientHello", sent=True, place=place(412)),
        Rung(Kind.MESSAGE, "ServerHello", sent=False, place=place(420)),
        Rung(
            Kind.MESSAGE, "Certificate", sent=False, place=place(430), broke="It probably broke here: expired"
        ),
        Rung(Kind.ALERT, "certificate_expired (fatal)", sent=True, place=place(450)),
    )


def marked(lines: Sequence[str]) -> str:
    """Return lines in one, "x" standing for what broke it."""
    return " | ".join(line.partition(" x ")[0] + " x" * (" x " in line) for line in lines)


@pytest.mark.parametrize(
    ("issue", "role", "said", "expected"),
    [
        (
            Issue.SERVER_CERTIFICATE_REJECTED,
            Role.SERVER,
            "< client_hello, > server_hello, > certificate, > finished, < certificate_unknown",
            "< ClientHello | > ServerHello | > Certificate x | > Finished - | < alert certificate_unknown",
        ),
        (
            Issue.CLIENT_CERTIFICATE_MISSING,
            Role.CLIENT,
            "> client_hello, < certificate_request(), > certificate(), > finished, < bad_certificate",
            (
                "> ClientHello | < CertificateRequest (names no authority) | > Certificate (empty) x"
                " | > Finished - | < alert bad_certificate"
            ),
        ),
        (
            Issue.CLIENT_CERTIFICATE_REJECTED,
            Role.SERVER,
            "< client_hello, > certificate, < certificate, > unknown_ca",
            "< ClientHello | > Certificate | < Certificate x | > alert unknown_ca",
        ),
        (
            Issue.X509_V1_CERTIFICATE,
            Role.UNKNOWN,
            "< client_hello, > certificate, < certificate, > certificate_unknown",
            "< ClientHello | > Certificate | < Certificate x | > alert certificate_unknown",
        ),
        (
            Issue.X509_V1_CERTIFICATE,
            Role.UNKNOWN,
            "< client_hello, > certificate, < certificate, < certificate_unknown",
            "< ClientHello | > Certificate x | < Certificate - | < alert certificate_unknown",
        ),
        (
            Issue.SERVER_CERTIFICATE_REJECTED,
            Role.UNKNOWN,
            "? client_hello, ? certificate, > bad_certificate",
            (
                "? ClientHello, direction not in the log | ? Certificate, direction not in the log x"
                " | > alert bad_certificate"
            ),
        ),
        (
            Issue.NEGOTIATION,
            Role.CLIENT,
            "> client_hello, < handshake_failure",
            "> ClientHello x | < alert handshake_failure",
        ),
        (
            Issue.NEGOTIATION,
            Role.CLIENT,
            "> client_hello, < server_hello, < server_key_exchange, > handshake_failure",
            "> ClientHello | < ServerHello | < ServerKeyExchange x | > alert handshake_failure",
        ),
        (
            Issue.SNI,
            Role.CLIENT,
            "> client_hello, < server_hello, > handshake_failure",
            "> ClientHello x | < ServerHello - | > alert handshake_failure",
        ),
        # two messages of this side in a row: nobody here knows which one the other end did not like
        (
            Issue.NEGOTIATION,
            Role.SERVER,
            "< client_hello, > server_hello, > server_hello_done, < handshake_failure",
            "< ClientHello | > ServerHello | > ServerHelloDone | ?  x | < alert handshake_failure",
        ),
        # this side gave up after its own message, on something that is no message
        (Issue.NOT_TLS, Role.CLIENT, "> client_hello", "> ClientHello | ?  x"),
        (
            Issue.INTERRUPTED,
            Role.CLIENT,
            "> client_hello, < server_hello, > unexpected_message",
            "> ClientHello | < ServerHello | ?  x | > alert unexpected_message",
        ),
        (
            Issue.SERVER_CERTIFICATE_REJECTED,
            Role.CLIENT,
            "> client_hello, < server_hello, > certificate_unknown",
            (
                "> ClientHello | < ServerHello | ? the Certificate message is not in the log | ?  x"
                " | > alert certificate_unknown"
            ),
        ),
        # SSL 3.0 sends no message instead of an empty one, so none is missing in the log
        (
            Issue.CLIENT_CERTIFICATE_MISSING,
            Role.CLIENT,
            "> client_hello, < server_hello_done, < handshake_failure",
            "> ClientHello | < ServerHelloDone | ?  x | < alert handshake_failure",
        ),
    ],
)
def test_the_issue_says_which_message_broke_it(
    issue: Issue, role: Role, said: str, expected: str, request: pytest.FixtureRequest
) -> None:
    """Whose certificate, or which hello; where it was none of these, a rung of its own stands in between."""
    handshake, diagnosis = (request.getfixturevalue(name) for name in ("handshake", "diagnosis"))
    found = replace(diagnosis, issue=issue, cause="undetermined")
    assert marked(ladder(handshake, found, *said.split(", "), role=role, alerts=())) == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"confidence": Confidence.CERTAIN}, "It broke here: expired"),
        ({"confidence": Confidence.POSSIBLE, "cause": "not_a_ca"}, "It may have broken here: not a CA"),
        ({"cause": "undetermined"}, "It probably broke here: Server certificate rejected"),
        ({"issue": Issue.INTERRUPTED, "cause": "reset"}, "The connection ended here: reset"),
        ({"issue": Issue.INTERRUPTED, "cause": "undetermined"}, "The connection ended here"),
    ],
)
def test_the_words_are_as_sure_as_the_diagnosis(
    changes: dict[str, object], words: str, handshake: Handshake, diagnosis: Diagnosis
) -> None:
    """That a connection ended is plain to see, whatever ended it."""
    said = replace(diagnosis, **changes)  # type: ignore[arg-type]  # a table of changes
    assert [rung.broke for rung in rungs(handshake, said) if rung.broke] == [words]


def test_what_the_log_does_not_show_is_a_gap(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """Its beginning, or all of its messages; and without any step there is no ladder."""
    late = ladder(handshake, diagnosis, "< certificate", "> certificate_expired")
    assert late[0] == "? what came before is not in the log"
    shallow = ladder(handshake, diagnosis, "> certificate_expired", shallow=True)
    assert shallow == [
        "? no handshake message is in the log",
        "?  x It probably broke here: expired",
        "> alert certificate_expired (fatal)",
    ]
    assert ladder(handshake, diagnosis) == []


def test_like_steps_in_a_row_are_one(handshake: Handshake) -> None:
    """Tickets are counted; two lines about one Certificate message are one message."""
    assert ladder(
        handshake,
        None,
        *("> client_hello", "< certificate", "< certificate()", "< new_session_ticket"),
        *("< new_session_ticket", "? new_session_ticket", "? new_session_ticket"),
    ) == [
        *("> ClientHello", "< Certificate (empty)", "< NewSessionTicket, 2 times"),
        "? NewSessionTicket, 2 times, direction not in the log",
    ]


def test_mild_alerts_end_nothing(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """A warning, and the alerts of a normal close."""
    warned = replace(
        handshake,
        steps=steps("> client_hello", "< unrecognized_name", "> handshake_failure", "> close_notify"),
        alerts=(AlertSeen(sent=False, level="warning", description="unrecognized_name"),),
    )
    assert [rung.kind for rung in rungs(warned, replace(diagnosis, issue=Issue.SNI))] == [
        *(Kind.MESSAGE, Kind.NOTICE, Kind.ALERT, Kind.NOTICE)
    ]


def test_without_a_diagnosis_nothing_broke(handshake: Handshake) -> None:
    """A handshake that went well has a ladder, too."""
    assert ladder(handshake, None, "> client_hello", "< finished") == ["> ClientHello", "< Finished"]


def test_a_long_ladder_is_folded(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """Its ends and what is around the break stay, and what is left out is counted."""
    many = ["> client_hello", "< server_hello"] + ["> key_update", "< key_update"] * 20
    lines = ladder(
        handshake, diagnosis, *many, "< certificate", "> finished", *many[2:], "> certificate_expired"
    )
    assert len(lines) <= MOST
    assert lines == [
        *("> ClientHello", "< ServerHello", "> KeyUpdate", "? 37 more", "> KeyUpdate", "< KeyUpdate"),
        *("< Certificate x It probably broke here: expired", "> Finished -", "> KeyUpdate -", "? 37 more"),
        *("> KeyUpdate -", "< KeyUpdate -", "> alert certificate_expired (fatal)"),
    ]

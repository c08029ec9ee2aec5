from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake, Step
from agent.model.tls import Message
from agent.model.vocabulary import Role
from agent.report.ladder import ladder
from agent.report.markup import written
from tests.report.conftest import POISON, place


def figure(handshake: Handshake, diagnosis: Diagnosis | None) -> Element:
    """Return the figure, which has to be there."""
    made = ladder(handshake, diagnosis)
    assert made is not None
    return made


def texts(root: Element, tag: str) -> list[str]:
    """Return the texts of all elements of a name."""
    return ["".join(one.itertext()) for one in root.iter(tag)]


def rows(root: Element) -> list[tuple[str | None, list[str]]]:
    """Return class and texts of each row of the drawing."""
    return [(group.get("class"), texts(group, "text")) for group in root.iter("g")]


def test_a_refused_certificate(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """An arrow for each message, the cross with its words, and the alert."""
    assert rows(figure(handshake, diagnosis)) == [
        ("message", ["ClientHello"]),
        ("message", ["ServerHello"]),
        ("message", ["Certificate", "It probably broke here: expired"]),
        ("alert", ["Alert: certificate_expired (fatal)"]),
    ]


def test_arrows_point_at_who_listens(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """This side stands on the left; a message without a direction has no head."""
    lost = Step(Message.CERTIFICATE_VERIFY, None, place(440))
    drawn = figure(replace(handshake, steps=(*handshake.steps[:2], lost)), None)
    heads = [[svg.get("x") for svg in group.iter("svg")] for group in drawn.iter("g")]
    assert heads == [["97%"], ["3%"], []]
    assert rows(drawn)[2] == ("message unknown", ["CertificateVerify (direction not in the log)"])
    crossed = figure(handshake, diagnosis)
    assert [svg.get("x") for svg in crossed.iter("svg") if svg.get("class") == "cross"] == ["50%"]


def test_rows_do_not_overlap(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """Each has room for its text, its arrow and what broke it, and the drawing for all of them."""
    undetermined = replace(diagnosis, cause="undetermined")  # words that take two lines
    gone = replace(
        handshake, steps=(Step(Message.CERTIFICATE, sent=False, at=place(1)), *handshake.steps[2:])
    )
    drawn = figure(gone, undetermined)
    tops = []
    for group in drawn.iter("g"):
        life = next(line for line in group.iter("line") if line.get("class") == "life")
        top, foot = float(life.attrib["y1"]), float(life.attrib["y2"])
        inside = [float(one.attrib["y"]) for one in group.iter() if "y" in one.attrib]
        assert all(top < y < foot for y in inside)
        assert inside == sorted(inside) or group.get("class") == "message"
        tops.append((top, foot))
    assert [foot for _, foot in tops[:-1]] == [top for top, _ in tops[1:]]
    svg = next(one for one in drawn if one.tag == "svg")
    assert float(svg.attrib["height"]) == tops[-1][1]


def test_the_list_says_the_same_in_words(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """With the line of each step, for those who hear the page."""
    assert texts(figure(handshake, diagnosis), "li") == [
        "Sent ClientHello line 412",
        "Received ServerHello line 420",
        "Received Certificate line 430 It probably broke here: expired",
        "Sent alert certificate_expired (fatal) line 450",
    ]


def test_steps_in_two_files_name_their_file(handshake: Handshake) -> None:
    """A handshake can go through a rotation."""
    rotated = replace(
        handshake, last=replace(handshake.last, file="wrapper.log.1"), steps=handshake.steps[:1]
    )
    assert texts(figure(rotated, None), "li") == ["Sent ClientHello wrapper.log:412"]


def test_a_break_between_steps(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """It has a row, and an item of the list, of its own."""
    nothing = replace(handshake, steps=handshake.steps[3:], shallow=True)
    drawn = figure(nothing, diagnosis)
    assert rows(drawn) == [
        ("gap unknown", ["… no handshake message is in the log …"]),
        ("break unknown", ["It probably broke here: expired"]),
        ("alert", ["Alert: certificate_expired (fatal)"]),
    ]
    assert texts(drawn, "li")[:2] == ["No handshake message is in the log", "It probably broke here: expired"]


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.CLIENT, ["This sideTLS client, outbound call", "The other endTLS serveris.example.com"]),
        (Role.SERVER, ["This sideTLS server, inbound call", "The other endTLS clientCN=is.example.com"]),
        (Role.UNKNOWN, ["This siderole not in the log", "The other endrole not in the logis.example.com"]),
    ],
)
def test_who_the_ends_are(role: Role, words: list[str], handshake: Handshake) -> None:
    """Role and name, as far as they are known."""
    drawn = figure(replace(handshake, role=role), None)
    assert [" ".join(texts(end, "x") or ["".join(end.itertext())]) for end in drawn[0]] == words


def test_like_messages_are_counted(handshake: Handshake) -> None:
    """Session tickets come in twos."""
    tickets = tuple(Step(Message.NEW_SESSION_TICKET, sent=False, at=place(n)) for n in (1, 2))
    drawn = figure(replace(handshake, steps=(*handshake.steps[:1], *tickets)), None)
    assert rows(drawn)[1] == ("message", ["NewSessionTicket \N{MULTIPLICATION SIGN}2"])
    assert texts(drawn, "li")[1] == "Received NewSessionTicket, 2 times line 1"


def test_without_a_step_there_is_nothing_to_draw(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """The page says so instead."""
    assert ladder(replace(handshake, steps=()), diagnosis) is None


def test_text_of_the_log_stays_text(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """Names of the other end, of an alert, of a file."""
    poisoned = replace(
        handshake,
        server_name=POISON,
        first=replace(handshake.first, file=POISON),
        steps=(*handshake.steps, Step(POISON, sent=True, at=replace(place(1), file=POISON))),
    )
    shown = written(figure(poisoned, replace(diagnosis, cause=POISON)))
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown

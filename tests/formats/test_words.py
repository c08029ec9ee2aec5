from dataclasses import replace

import pytest

from agent.formats import words
from agent.model.diagnosis import Remedy
from agent.model.events import Certificate
from agent.model.incident import Failure, Incident
from agent.model.vocabulary import ActingSide, Confidence, Issue, Resolution, Role, Trouble


def test_every_word_of_the_vocabulary_is_worded() -> None:
    """No member of a closed set is without its words."""
    assert set(words.TITLES) == set(Issue)
    assert set(words.ACTING) == set(ActingSide)
    assert set(words.CERTAINTY) == set(Confidence)
    assert set(words.ROLES) == set(Role)


def test_the_other_side_has_the_name_that_this_side_knows(failure: Failure) -> None:
    """A client knows the server by name, a server knows the client by certificate or address."""
    client = replace(failure.handshake, peer="10.0.0.1:443")
    server = replace(client, role=Role.SERVER)
    subject = "CN=is.example.com"
    assert [
        words.other_side(client),
        words.other_side(replace(client, server_name=None)),
        words.other_side(replace(client, server_name=None, peer=None)),
        words.other_side(server),
        words.other_side(replace(server, peer_chain=(Certificate(),))),
        words.other_side(replace(server, peer_chain=(), peer=None)),
    ] == ["is.example.com", "10.0.0.1:443", subject, subject, "10.0.0.1:443", None]


def test_a_headline_is_one_line(failure: Failure, bare_failure: Failure) -> None:
    """What, why and with whom; an undetermined cause and an unknown side are left out."""
    assert words.headline(failure.handshake, failure.diagnosis) == (
        "Server certificate rejected (expired): is.example.com"
    )
    assert (
        words.headline(bare_failure.handshake, bare_failure.diagnosis) == "Handshake failed, reason not known"
    )
    torn = replace(failure.handshake, server_name="a\r\nb")
    assert words.headline(torn, failure.diagnosis) == "Server certificate rejected (expired): a  b"


def test_what_weakens_security_comes_last() -> None:
    """The order is kept otherwise."""
    remedies = [Remedy("a", weakens_security=True), Remedy("b"), Remedy("c")]
    assert [remedy.text for remedy in words.in_order(remedies)] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("remedy", "setting", "conditions"),
    [
        (Remedy("a"), None, None),
        (Remedy("a", "watt.x"), "watt.x", None),
        (Remedy("a", "watt.x", "1", ">=10.7", restart=True), "watt.x=1", "version >=10.7, needs a restart"),
        (Remedy("a", restart=False), None, "no restart needed"),
    ],
)
def test_the_exact_change(remedy: Remedy, setting: str | None, conditions: str | None) -> None:
    """A setting with its value, for which version, and what it takes."""
    assert (words.setting_text(remedy), words.conditions(remedy)) == (setting, conditions)


def test_printable_text_is_one_harmless_line() -> None:
    """Line ends, terminal escapes, changes of direction and torn characters are gone; the rest stays."""
    assert words.printable("a\x1b[31m\r\n\u2028b\u202ec\u200b\udcff é 漢 \x00") == (
        "a [31m   b\ufffdc\ufffd\ufffd é 漢"
    )


def test_the_title_of_each_kind_of_message(incident: Incident, storm: Incident, gap: Incident) -> None:
    """A failure by its headline, many by their number, the agent's own trouble by name; all can be over."""
    assert [words.title(one) for one in (incident, storm, gap)] == [
        "Server certificate rejected (expired): is.example.com",
        "32 kinds of TLS failures within a short time: log default",
        "wmtls: part of a log was gone before it could be read: default",
    ]
    over = replace(gap, resolution=Resolution.MENDED)
    assert words.title(over) == "Over: wmtls: part of a log was gone before it could be read: default"


def test_every_trouble_has_its_words() -> None:
    """The table knows the whole of the closed set."""
    assert set(words.TROUBLES) == set(Trouble)

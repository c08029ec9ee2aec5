from dataclasses import replace

import pytest

from agent.formats import words
from agent.model.diagnosis import Remedy
from agent.model.events import Certificate
from agent.model.incident import Incident
from agent.model.vocabulary import ActingSide, Confidence, Issue, Role


def test_every_word_of_the_vocabulary_is_worded() -> None:
    """No member of a closed set is without its words."""
    assert set(words.TITLES) == set(Issue)
    assert set(words.ACTING) == set(ActingSide)
    assert set(words.CERTAINTY) == set(Confidence)
    assert set(words.ROLES) == set(Role)


def test_the_other_side_has_the_name_that_this_side_knows(incident: Incident) -> None:
    """A client knows the server by name, a server knows the client by certificate or address."""
    client = replace(incident.handshake, peer="10.0.0.1:443")
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


def test_a_headline_is_one_line(incident: Incident, bare: Incident) -> None:
    """What, why and with whom; an undetermined cause and an unknown side are left out."""
    assert words.headline(incident.handshake, incident.diagnosis) == (
        "Server certificate rejected (expired): is.example.com"
    )
    assert words.headline(bare.handshake, bare.diagnosis) == "Handshake failed, reason not known"
    torn = replace(incident.handshake, server_name="a\r\nb")
    assert words.headline(torn, incident.diagnosis) == "Server certificate rejected (expired): a  b"


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

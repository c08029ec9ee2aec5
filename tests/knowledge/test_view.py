from collections.abc import Callable

import pytest

from agent.knowledge.view import view
from agent.model.handshake import Handshake
from agent.model.vocabulary import Depth, Role

Build = Callable[..., Handshake]


@pytest.mark.parametrize(
    ("role", "text", "facts", "proven"),
    [
        ("server", "Server chose TLSv1, but ...", {}, Role.SERVER),
        ("unknown", "No name matching a.example found", {}, Role.CLIENT),
        ("unknown", "Extended key usage does not permit use for TLS client authentication", {}, Role.SERVER),
        ("unknown", "no cipher suites in common", {}, Role.SERVER),
        ("client", "Extended key usage does not permit use for TLS client authentication", {}, Role.SERVER),
        ("server", "Extended key usage does not permit use for TLS server authentication", {}, Role.CLIENT),
        ("unknown", "Received fatal alert: certificate_required", {}, Role.CLIENT),
        ("unknown", "Received fatal alert: certificate_unknown", {}, Role.UNKNOWN),
        ("unknown", "Broken pipe", {"no_certificate_selected": "[EC, RSA]"}, Role.CLIENT),
        ("unknown", "Broken pipe", {"no_certificate_selected": "RSA"}, Role.UNKNOWN),
        ("unknown", "Broken pipe", {"key_manager_absent": ""}, Role.CLIENT),
        ("unknown", "PKIX path building failed", {"key_manager_absent": ""}, Role.UNKNOWN),
    ],
)
def test_role(build: Build, role: str, text: str, facts: dict[str, str], proven: Role) -> None:
    """A text about a client's or a server's certificate proves the role, else messages, texts and facts."""
    assert view(build(role=role, text=text, facts=facts)).role is proven


def test_silence_needs_a_log_that_would_have_spoken(build: Build) -> None:
    """No message means silence only where the log is known to show messages."""
    handshake = build(role="unknown", text="Connection reset")
    assert not view(handshake).silent
    assert not view(handshake, Depth.SHALLOW).silent
    assert view(handshake, Depth.FULL).silent
    assert view(build(role="unknown", dialect="jsse_legacy")).silent
    assert view(build(role="unknown", keys="leaf")).silent
    assert not view(build("<client_hello", role="server"), Depth.FULL).silent


def test_what_a_client_sent_last(build: Build) -> None:
    """An empty certificate message and one with a certificate are told apart, also without the message."""
    cases = {
        "empty": build(">client_hello", "<certificate_request", ">certificate-empty"),
        "chain empty": build(">client_hello", own=""),
        "told": build(facts={"no_client_certificate": ""}),
        "no key": build(facts={"key_manager_absent": ""}),
        "full": build(">client_hello", ">certificate", own="leaf"),
        "full after probing": build(">certificate", own="leaf", facts={"no_certificate_selected": "[EC]"}),
        "nothing": build(">client_hello"),
        "server": build("<client_hello", ">certificate", role="server", own="leaf"),
    }
    seen = {name: (view(h).empty, view(h).presented) for name, h in cases.items()}
    assert seen == {
        "empty": (True, False),
        "chain empty": (True, False),
        "told": (True, False),
        "no key": (True, False),
        "full": (False, True),
        "full after probing": (False, True),
        "nothing": (False, False),
        "server": (False, False),
    }


def test_a_server_is_unanswered_until_a_message_comes_back(build: Build) -> None:
    """A change of cipher is no answer: TLS 1.3 clients send it whatever they think."""
    flight = ("<client_hello", ">server_hello", ">certificate", ">finished")
    assert view(build(*flight, role="server")).unanswered
    assert view(build(*flight, "<change_cipher_spec", role="server")).unanswered
    assert not view(build(*flight, "<client_key_exchange", role="server")).unanswered
    assert not view(build("<client_hello", role="server")).unanswered


def test_an_empty_message_of_the_other_side(build: Build) -> None:
    """It is seen as an empty chain, an empty message, or a sentence of IAIK's server."""
    assert view(build(role="server", peer="")).peer_empty
    assert view(build("<certificate-empty", role="server")).peer_empty
    assert view(build(role="server", facts={"no_client_certificate": ""})).peer_empty
    assert not view(build(role="server", peer="leaf")).peer_empty


def test_a_certificate_message_whose_contents_were_lost(build: Build) -> None:
    """JSSE prints what it sends, an empty list too: where that is missing, only other lines tell."""
    asked = (">client_hello", "<certificate_request", ">certificate")
    seen = {
        "jsse": build(*asked),
        "jsse, and no key": build(*asked, facts={"no_client_certificate": ""}),
        "iaik": build(*asked, dialect="iaik"),
        "legacy": build(*asked, dialect="jsse_legacy"),
    }
    assert {name: (view(h).empty, view(h).presented) for name, h in seen.items()} == {
        "jsse": (False, False),
        "jsse, and no key": (True, False),
        "iaik": (False, True),
        "legacy": (False, True),
    }

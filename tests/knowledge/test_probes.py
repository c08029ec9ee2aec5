import shlex
from collections.abc import Callable

import pytest

from agent.knowledge import probes
from agent.knowledge.checks import Place
from agent.knowledge.values import values
from agent.knowledge.view import view
from agent.model.handshake import Handshake
from agent.model.vocabulary import Dialect, Role

Build = Callable[..., Handshake]

PLACE = Place("mine.toml", "", "probe.x", 1, "probe")


def _shell(handshake: Handshake) -> dict[str, str]:
    seen = view(handshake)
    return probes.shell_values(seen, values(seen))


def test_what_the_log_shows_is_filled_in(build: Build) -> None:
    """An IAIK client knows the address, a JSSE client the name, a server its client's wish."""
    iaik = build(
        ">client_hello", dialect="iaik", facts={"peer": "192.0.2.7:8443"}, versions=("TLSv1",), name=None
    )
    jsse = build(">client_hello")
    dialled = build(text="No subject alternative DNS name matching b.example found.")
    server = build("<client_hello", role="server", facts={"peer": "198.51.100.3:50123"})
    unknown = build(role="unknown", text="Connection reset")
    lax = "-cipher DEFAULT:@SECLEVEL=0"
    assert [_shell(one) for one in (iaik, jsse, dialled, server, unknown)] == [
        {"connect": "192.0.2.7:8443", "servername": "NAME", "version": f"-tls1 {lax}"},
        {"connect": "is.example.com:PORT", "servername": "is.example.com", "version": "-tls1_3"},
        {"connect": "b.example:PORT", "servername": "b.example", "version": "-tls1_2"},
        {"connect": "THIS_SERVER:PORT", "servername": "is.example.com", "version": "-tls1_3"},
        {"connect": "HOST:PORT", "servername": "NAME", "version": "-tls1_2"},
    ]


def test_an_address_of_version_6_gets_brackets(build: Build) -> None:
    """As openssl wants it."""
    handshake = build(">client_hello", dialect="iaik", facts={"peer": "2001:db8::1:443"}, name=None)
    assert _shell(handshake)["connect"] == "[2001:db8::1]:443"


@pytest.mark.parametrize(
    "name",
    [
        "a;rm -rf /",
        "$(id)",
        "`id`",
        "a b",
        "-proxy",
        "a\nb",
        "a'b",
        'a"b',
        "a|b",
        "a>b",
        "a&b",
        "*",
        "~root",
        "b\u00fccher.example",
        "x" * 300,
        "a\x00b",
        "HOST!",
    ],
)
def test_no_fact_means_anything_to_a_shell(build: Build, name: str) -> None:
    """A name that is not plainly one is left out, wherever it comes from."""
    for handshake in (
        build(">client_hello", name=name),
        build(">client_hello", name=None, facts={"peer": f"{name}:443"}),
        build(">client_hello", name=None, facts={"peer": f"192.0.2.1:{name}"}),
        build(name=None, text=f"should be <{name}>"),
    ):
        for value in _shell(handshake).values():
            assert shlex.split(value) == [value]
            assert name not in value


def test_the_first_fitting_variant_is_told() -> None:
    """A sentence in the first line, a command in each that follows."""
    row = {"text": ["Ask {them}.", "Ask."], "commands": ["ask {connect}", "ask again"], "roles": ["client"]}
    first = probes.read(PLACE, row, ("them",), ())
    other = probes.read(PLACE, {"text": "Wait.", "dialects": ["iaik"]}, (), ())
    known = {"connect": "a:1", "them": "the server"}
    assert (
        probes.say([first, other], Role.CLIENT, Dialect.IAIK, known) == "Ask the server.\nask a:1\nask again"
    )
    assert probes.say([first, other], Role.SERVER, Dialect.IAIK, known) == "Wait."
    assert probes.say([first, other], Role.SERVER, Dialect.JSSE, known) is None

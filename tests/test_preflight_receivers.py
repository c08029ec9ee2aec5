"""What `wmtls check` finds about receivers."""

import socket
from collections.abc import Iterable
from pathlib import Path

import pytest
import trustme

from agent.config_receiver import Receiver
from agent.config_values import Secret
from agent.preflight import render
from agent.preflight_logs import Finding, Level
from agent.preflight_receivers import Lookup, check_receiver

HUSH = Secret("https://hooks.example.com/hush")
LED_ASTRAY = Finding(
    Level.ERROR,
    'receiver "ops"',
    "its URL leads to a link-local or metadata address",
    "mend the URL or the DNS, or set allow_link_local = true if this is meant",
)


def resolves(*addresses: str) -> Lookup:
    """Know every host, at these addresses."""
    return lambda _, __: [(0, 0, 0, "", (one, 0)) for one in addresses]


def fails(_: str, __: int) -> Iterable[tuple[object, ...]]:
    """Know no host."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def check(receiver: Receiver, lookup: Lookup | None = None) -> list[Finding]:
    """Return what is found."""
    return list(check_receiver(receiver, lookup or resolves("192.0.2.1")))


def test_it_is_told_where_credentials_come_from(tmp_path: Path) -> None:
    """Where they come from is told, what they are is not."""
    (tmp_path / "url").write_text("http://hooks.example.com/hush\n")
    (tmp_path / "token").write_text("hush")
    receivers = (
        Receiver(name="ops", url=HUSH),
        Receiver(name="ops", url=HUSH, url_env="OPS_URL"),
        Receiver(name="ops", url_file=tmp_path / "url", token_file=tmp_path / "token", proxy=HUSH),
        Receiver(name="ops", url_file=tmp_path / "gone"),
    )
    found = [finding for receiver in receivers for finding in check(receiver)]
    ops = 'receiver "ops"'
    assert found == [
        Finding(Level.OK, ops, "its URL comes from url"),
        Finding(Level.OK, ops, "its URL comes from the variable OPS_URL"),
        Finding(Level.OK, ops, f"its URL comes from url_file {tmp_path}/url"),
        Finding(Level.OK, ops, f"its token comes from token_file {tmp_path}/token"),
        Finding(Level.OK, ops, "its proxy comes from proxy"),
        Finding(
            Level.WARNING,
            ops,
            "its URL is http, so incidents and the URL itself can be read on the way",
            "use https",
        ),
        Finding(
            Level.ERROR,
            ops,
            f"url_file {tmp_path}/gone cannot be read (No such file or directory)",
            "create it or mend its permissions",
        ),
    ]
    assert "hush" not in "\n".join(render(found))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9093", "http://localhost:9093", "http://[::1]:9093"])
def test_on_this_machine_http_is_no_risk(url: str) -> None:
    """Nobody is on the way."""
    assert [one.level for one in check(Receiver(name="ops", url=Secret(url)))] == [Level.OK]


def test_a_host_that_cannot_be_resolved_is_a_warning() -> None:
    """The host is not named either; where a proxy is configured it is the one that has to know."""
    unknown = Receiver(name="ops", url=HUSH)
    assert check(unknown, fails)[1:] == [
        Finding(
            Level.WARNING,
            'receiver "ops"',
            "the host in its URL cannot be resolved here",
            "check the name and this machine's DNS; a proxy may still know it",
        )
    ]
    proxied = Receiver(name="ops", url=HUSH, proxy=Secret("http://proxy:3128"))
    assert [one.level for one in check(proxied, fails)] == [Level.OK, Level.OK]


@pytest.mark.parametrize(
    ("url", "lookup"),
    [
        ("https://hooks.example.com/hush", resolves("192.0.2.1", "169.254.169.254")),
        ("https://hooks.example.com/hush", resolves("::ffff:169.254.169.254")),
        ("http://169.254.169.254/latest", fails),
        ("http://[fd00:ec2::254]/latest", fails),
        ("http://2852039166/latest", fails),
    ],
)
def test_an_address_that_is_refused_is_an_error(url: str, lookup: Lookup) -> None:
    """By its spelling or by what the DNS says; it is not shown, and not refused where it is meant."""
    assert check(Receiver(name="ops", url=Secret(url)), lookup)[-1] == LED_ASTRAY
    meant = Receiver(name="ops", url=Secret(url), allow_link_local=True)
    assert LED_ASTRAY not in check(meant, lookup)


def test_files_of_trust_are_tried(tmp_path: Path) -> None:
    """One that is absent or wrong is named with its mend."""
    good = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(good)
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("hush")
    assert [one.level for one in check(Receiver(name="ops", url=HUSH, ca_file=good))] == [Level.OK]
    assert [
        check(Receiver(name="ops", url=HUSH, ca_file=one))[-1].text for one in (wrong, tmp_path / "no")
    ] == [
        f"ca_file {wrong} holds no certificate in PEM",
        f"ca_file {tmp_path}/no cannot be read (No such file or directory)",
    ]

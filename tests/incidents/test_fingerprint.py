from dataclasses import replace
from typing import Any

import pytest

from agent.incidents.fingerprint import digest, failure_id, fingerprint, host, known_again, other_side
from agent.model.diagnosis import Diagnosis
from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import Issue, Role


def test_the_id_is_made_of_content(failed: Handshake, expired: Diagnosis) -> None:
    """The same bytes make the same id again; another log, file, place or issue makes another."""
    first = failure_id("default", failed, expired)
    assert failure_id("default", replace(failed, ended_at=None, thread="other"), expired) == first
    others = [
        failure_id("second", failed, expired),
        failure_id("default", replace(failed, first=replace(failed.first, offset=101)), expired),
        failure_id("default", replace(failed, first=replace(failed.first, identity="dev:2")), expired),
        failure_id("default", failed, replace(expired, issue=Issue.SNI)),
    ]
    assert len({first, *others}) == 5
    assert len(bytes.fromhex(first)) == 16


@pytest.mark.parametrize(
    ("alike", "changes"),
    [
        (True, {"thread": "other", "jvm": 2, "protocol": "TLSv1.3"}),
        (True, {"server_name": "IS.example.com"}),
        (True, {"peer": "10.0.0.1:443"}),
        (False, {"server_name": "b.example.com"}),
        (False, {"server_name": None}),
        (False, {"role": Role.SERVER}),
    ],
)
def test_what_makes_failures_alike(
    failed: Handshake, expired: Diagnosis, *, alike: bool, changes: dict[str, Any]
) -> None:
    """Issue, cause, role and other side, as it is named best; nothing else."""
    same = fingerprint("default", replace(failed, **changes), expired) == fingerprint(
        "default", failed, expired
    )
    assert same is alike


def test_the_cause_and_the_log_count(failed: Handshake, expired: Diagnosis) -> None:
    """Another cause, or the same in another log, is another kind."""
    kinds = {
        fingerprint("default", failed, expired),
        fingerprint("second", failed, expired),
        fingerprint("default", failed, replace(expired, cause="self_signed")),
    }
    assert len(kinds) == 3


@pytest.mark.parametrize(
    ("changes", "named", "known"),
    [
        ({}, "server_name is.example.com", {"server_name is.example.com"}),
        (
            {"peer": "10.0.0.1:443"},
            "server_name is.example.com",
            {"server_name is.example.com", "peer 10.0.0.1:443"},
        ),
        (
            {"role": Role.SERVER, "peer": "10.0.0.9:50001"},
            "host 10.0.0.9",
            {"host 10.0.0.9"},
        ),
        (
            {"role": Role.SERVER, "peer_chain": (Certificate(subject="CN=a"),)},
            "subject CN=a",
            {"subject CN=a"},
        ),
        ({"role": Role.SERVER, "server_name": None}, None, set()),
        ({"role": Role.UNKNOWN}, "server_name is.example.com", set()),
    ],
)
def test_who_the_other_side_is(
    failed: Handshake, changes: dict[str, Any], named: str | None, known: set[str]
) -> None:
    """A client names the server it asked for, a server the client's certificate or address, never its own."""
    handshake = replace(failed, **changes)
    assert (other_side(handshake), known_again(handshake)) == (named, known)


def test_parts_are_kept_apart() -> None:
    """No two lists of parts have the same text, and half a character is one, too."""
    assert digest("a", "bc") != digest("ab", "c")
    assert digest("\udcff")


@pytest.mark.parametrize(
    ("peer", "bare"), [(None, None), ("10.0.0.1:443", "10.0.0.1"), ("[::1]:443", "[::1]"), ("name", "name")]
)
def test_a_host_has_no_port(peer: str | None, bare: str | None) -> None:
    """What stands behind the last colon goes."""
    assert host(peer) == bare

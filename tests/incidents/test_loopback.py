from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.incidents.loopback import MAX_VIEWS, Pairs, View, knows_more, paired, same_connection, view
from agent.model.diagnosis import Diagnosis
from agent.model.events import AlertSeen, Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import Confidence, Role

OWN = (Certificate("CN=is", "CN=CA", "01"),)
SECOND = timedelta(seconds=1)


def both(failed: Handshake) -> tuple[Handshake, Handshake]:
    """Return the two views of a connection whose client refuses the server's certificate."""
    asked = replace(failed, offered_versions=("TLSv1.2",), offered_suites=("A", "B"))
    client = replace(
        asked,
        peer_chain=OWN,
        alerts=(AlertSeen(sent=True, level="fatal", description="certificate_unknown"),),
    )
    server = replace(
        asked,
        role=Role.SERVER,
        thread="server-1",
        own_chain=OWN,
        alerts=(AlertSeen(sent=False, level="fatal", description="certificate_unknown"),),
    )
    return client, server


def views(*handshakes: Handshake) -> list[View]:
    """Return what handshakes show."""
    return [view(f"f{n}", one, one.ended_at) for n, one in enumerate(handshakes) if one.ended_at]


def test_both_ends_of_one_connection_are_known(failed: Handshake) -> None:
    """The client's view and the server's are one, in either order."""
    client, server = views(*both(failed))
    assert same_connection(client, server)
    assert same_connection(server, client)


@pytest.mark.parametrize(
    "changes",
    [
        {"role": Role.CLIENT},
        {"role": Role.UNKNOWN},
        {"jvm": 2},
        {"server_name": "other.example.com"},
        {"protocol": "TLSv1.3"},
        {"own_chain": (Certificate("CN=is", "CN=CA", "02"),)},
        {"offered_suites": ("A",)},
        {"alerts": (AlertSeen(sent=False, level="fatal", description="bad_certificate"),)},
        {"peer": "10.0.0.9:50001"},
    ],
)
def test_what_shows_that_they_are_two(failed: Handshake, changes: dict[str, Any]) -> None:
    """One thing that both ends must have seen alike, and did not, is enough."""
    client, server = both(failed)
    client = replace(client, protocol="TLSv1.2", peer="10.0.0.1:443")
    assert not same_connection(*views(client, replace(server, **changes)))


def test_the_time_has_to_fit(failed: Handshake) -> None:
    """Two seconds are a wrapper's prefix; three are another connection."""
    client, server = both(failed)
    for seconds, same in ((2, True), (3, False)):
        at = server.ended_at
        assert at is not None
        later = at + seconds * SECOND
        assert same_connection(*views(client, replace(server, started_at=later, ended_at=later))) is same


@pytest.mark.parametrize(
    ("kept", "same"),
    [
        ({"certificate"}, True),
        ({"hello", "alert"}, True),
        ({"hello", "name"}, True),
        ({"hello"}, False),
        ({"alert", "name"}, False),
        (set[str](), False),
    ],
)
def test_what_proves_that_they_are_one(failed: Handshake, kept: set[str], *, same: bool) -> None:
    """The certificate, or the whole hello with one thing more; a time and an alert are anybody's."""
    gone: dict[str, dict[str, Any]] = {
        "certificate": {"own_chain": None, "peer_chain": None},
        "hello": {"offered_suites": (), "offered_versions": ()},
        "alert": {"alerts": ()},
        "name": {"server_name": None},
    }
    changes = {name: value for what in gone.keys() - kept for name, value in gone[what].items()}
    assert same_connection(*views(*(replace(one, **changes) for one in both(failed)))) is same


def test_the_better_view_tells_of_both(failed: Handshake, expired: Diagnosis) -> None:
    """A cause counts most, then certainty, then the client's names."""
    client, server = both(failed)
    unknown = replace(expired, cause="undetermined")
    ranks = [
        knows_more(server, unknown),
        knows_more(client, unknown),
        knows_more(server, replace(expired, confidence=Confidence.LIKELY)),
        knows_more(server, expired),
        knows_more(client, expired),
    ]
    assert ranks == sorted(ranks)
    one, two = views(client, server)
    better, worse = ranks[4], ranks[0]
    assert paired([(0, "a", two, worse), (1, "a", one, better)], {}) == Pairs(frozenset({0}), {1: "f1"})
    assert paired([(0, "a", one, better), (1, "a", two, worse)], {}) == Pairs(frozenset({1}), {0: "f1"})
    assert paired([(0, "a", one, better), (1, "b", two, worse)], {}) == Pairs(frozenset(), {})


def test_a_view_that_was_told_stays_what_it_is(failed: Handshake, expired: Diagnosis) -> None:
    """The other end that comes a turn later adds nothing, and each end has but one other."""
    client, server = both(failed)
    one, two = views(client, server)
    rank = knows_more(client, expired)
    kept: dict[str, list[View]] = {}
    assert paired([(0, "a", two, knows_more(server, expired))], kept) == Pairs(frozenset(), {})
    assert kept == {"a": [two]}
    assert paired([(0, "a", one, rank), (1, "a", one, rank)], kept) == Pairs(frozenset({0}), {})
    assert kept == {"a": [one]}


def test_few_wait_for_their_other_end(failed: Handshake) -> None:
    """A flood of failures costs no more than the last of them."""
    kept: dict[str, list[View]] = {}
    (one,) = views(failed)
    paired([(n, "a", one, (True, 2, True)) for n in range(3 * MAX_VIEWS)], kept)
    assert len(kept["a"]) == MAX_VIEWS

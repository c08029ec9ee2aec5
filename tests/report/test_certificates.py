from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.report.certificates import SHOWN, Chain, Shown, chains, lines

DAY = timedelta(days=1)
AT = datetime(2026, 11, 23, 7, 25, 56, 1_000, tzinfo=UTC)  # when the handshake of these tests ended


def test_both_chains_in_the_order_of_the_log(handshake: Handshake) -> None:
    """The peer's first; one that was sent empty is a finding, one never seen is not."""
    assert chains(handshake) == (
        Chain(
            "peer",
            (
                Shown(
                    number=1,
                    subject="CN=is.example.com",
                    issuer="CN=Example CA",
                    self_issued=False,
                    facts=("serial 01:02", "X.509 v3", "valid 2026-11-14 to 2026-11-23"),
                    remark="expires within a day of the failure",
                    spoilt=False,
                ),
                Shown(
                    number=2,
                    subject="CN=Example CA",
                    issuer="CN=Example CA",
                    self_issued=True,
                    facts=("X.509 v1", "valid to 2026-11-23"),
                    remark="expires within a day of the failure",
                    spoilt=False,
                ),
            ),
            0,
        ),
        Chain("own", (), 0),
    )
    assert chains(replace(handshake, peer_chain=None, own_chain=None)) == ()


@pytest.mark.parametrize(
    ("begins", "ends", "remark", "spoilt"),
    [
        (-900 * DAY, 400 * DAY, None, False),
        (-900 * DAY, -35.5 * DAY, "expired 35 days before the failure", True),
        (-900 * DAY, -1 * DAY, "expired 1 day before the failure", True),
        (-900 * DAY, -0.9 * DAY, "expires within a day of the failure", False),
        (-900 * DAY, 0.9 * DAY, "expires within a day of the failure", False),
        (-900 * DAY, 29 * DAY, "expires 29 days after the failure", False),
        (-900 * DAY, 30 * DAY, None, False),
        (0.5 * DAY, 400 * DAY, "becomes valid within a day of the failure", False),
        (3 * DAY, 400 * DAY, "not valid until 3 days after the failure", True),
        (3 * DAY, 4 * DAY, "not valid until 3 days after the failure", True),
        (None, None, None, False),
    ],
)
def test_dates_are_held_against_the_failure(
    begins: timedelta | None,
    ends: timedelta | None,
    remark: str | None,
    spoilt: bool,  # noqa: FBT001  (a column of the table)
    handshake: Handshake,
) -> None:
    """Within a day there is no verdict: the printed zone is ambiguous."""
    certificate = Certificate(
        not_before=None if begins is None else AT + begins, not_after=None if ends is None else AT + ends
    )
    (chain,) = chains(replace(handshake, peer_chain=(certificate,), own_chain=None))
    shown = chain.certificates[0]
    assert (shown.remark, shown.spoilt) == (remark, spoilt)


def test_without_a_clock_nothing_is_said_of_the_dates(handshake: Handshake) -> None:
    """The time of the failure is not known then."""
    untimed = replace(handshake, started_at=None, ended_at=None)
    assert [shown.remark for shown in chains(untimed)[0].certificates] == [None, None]


def test_lines_for_text(handshake: Handshake) -> None:
    """What spoilt a certificate stands right after its name; long chains are cut."""
    expired = Certificate("CN=a", "CN=b", not_after=AT - 2 * DAY)
    many = replace(handshake, peer_chain=(expired,) + (Certificate(),) * SHOWN, own_chain=())
    assert [line for chain in chains(many) for line in lines(chain)] == [
        "peer 1: CN=a; expired 2 days before the failure; issued by CN=b; valid to 2026-11-21",
        *(f"peer {number}: subject not printed" for number in (2, 3, 4)),
        "peer: 1 more",
        "own: none was sent",
    ]

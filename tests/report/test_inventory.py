"""What is listed of the certificates that passed by."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.model.block import Where
from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import Dialect, Outcome, Role
from agent.report import inventory
from agent.report.findings import Findings
from agent.report.inventory import Inventory, Listed, records
from agent.report.markdown import render as markdown
from agent.report.text import render as text

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PEER = Certificate("CN=peer", "CN=ca", "01", 3, NOW - 300 * DAY, NOW + 400 * DAY, "SHA256withRSA")
CA = replace(PEER, subject="CN=ca", serial="02", ca=True)
OWN = replace(PEER, subject="CN=own", serial="03", extended_key_usage=("clientAuth",))
HERE = Where("wrapper.log", "1", 0, 1)
CALL = Handshake(
    dialect=Dialect.JSSE,
    role=Role.CLIENT,
    outcome=Outcome.COMPLETED,
    jvm=1,
    thread="main",
    connection=None,
    first=HERE,
    last=HERE,
    started_at=NOW,
    ended_at=NOW,
    peer_chain=(PEER, CA),
    own_chain=(OWN,),
)


def listed(*handshakes: Handshake) -> tuple[Listed, ...]:
    """Return the inventory of handshakes."""
    kept = Inventory()
    for handshake in handshakes:
        kept.add(handshake)
    return kept.listed(NOW)


def remarks(certificate: Certificate, role: Role = Role.CLIENT) -> tuple[str, ...]:
    """Return what is said of a peer's certificate."""
    (one,) = listed(replace(CALL, role=role, peer_chain=(certificate,), own_chain=None))
    return one.remarks


def test_each_certificate_once() -> None:
    """Both ends' chains, with the role in which each was shown, and how often."""
    assert listed(CALL, CALL) == (
        Listed("peer", "server", end_entity=False, certificate=CA, handshakes=2, last_seen=NOW),
        Listed("own", "client", end_entity=True, certificate=OWN, handshakes=2, last_seen=NOW),
        Listed("peer", "server", end_entity=True, certificate=PEER, handshakes=2, last_seen=NOW),
    )


def test_a_renewed_certificate_is_another_one() -> None:
    """The serial number tells them apart, and the one that ends first comes first."""
    old = replace(PEER, serial="00", not_after=NOW + 3 * DAY)
    subjects = [
        (one.certificate.serial, one.remarks) for one in listed(CALL, replace(CALL, peer_chain=(old,)))
    ]
    assert subjects[0] == ("00", ("expires in 3 days",))
    assert len(subjects) == 4


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ()),
        ({"not_after": NOW - 3 * DAY}, ("expired 3 days ago",)),
        ({"not_after": NOW + 29 * DAY}, ("expires in 29 days",)),
        ({"not_after": NOW - DAY / 2}, ("expires within two days",)),
        ({"not_before": NOW + 2 * DAY}, ("not valid for 2 days yet",)),
        ({"signature_algorithm": "MD5withRSA"}, ("weak signature: MD5withRSA",)),
        ({"signature_algorithm": "SHA1withRSA"}, ("weak signature: SHA1withRSA",)),
        ({"version": 1}, ("X.509 v1",)),
        ({"key": "RSA 1024"}, ("weak key: RSA 1024 bits",)),
        ({"key": "RSA 2048"}, ()),
        ({"key": "EC 256"}, ()),
        ({"extended_key_usage": ("clientAuth",)}, ("no serverAuth",)),
        ({"extended_key_usage": ("anyExtendedKeyUsage",)}, ()),
        ({"not_after": None, "not_before": None, "signature_algorithm": None, "version": None}, ()),
    ],
)
def test_remarks(changed: dict[str, object], said: tuple[str, ...]) -> None:
    """What will make it fail, or does already; what the log does not show is no fault."""
    assert remarks(replace(PEER, **changed)) == said  # type: ignore[arg-type]  # fields by name


def test_a_client_certificate_needs_its_own_usage() -> None:
    """A server that we are gets a certificate that is good for servers only."""
    assert remarks(replace(PEER, extended_key_usage=("serverAuth",)), Role.SERVER) == ("no clientAuth",)
    assert remarks(replace(PEER, extended_key_usage=("serverAuth",)), Role.UNKNOWN) == ()


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many the ones that end first stay."""
    monkeypatch.setattr(inventory, "LIMIT", 2)
    kept = Inventory()
    for number in range(5):
        one = replace(PEER, subject=f"CN={number}", not_after=NOW + (10 - number) * DAY)
        kept.add(replace(CALL, peer_chain=(one,), own_chain=None))
    assert [one.certificate.subject for one in kept.listed(NOW)] == ["CN=4", "CN=3"]
    assert kept.left_out == 3


def test_records() -> None:
    """Times carry an offset, and what is not known is null."""
    assert records(listed(replace(CALL, peer_chain=None)))[0] == {
        "of": "own",
        "presented_by": "client",
        "end_entity": True,
        "subject": "CN=own",
        "issuer": "CN=ca",
        "serial": "03",
        "version": 3,
        "key": None,
        "extended_key_usage": ["clientAuth"],
        "signature_algorithm": "SHA256withRSA",
        "not_before": "2026-01-27T12:00:00.000+00:00",
        "not_after": "2027-12-28T12:00:00.000+00:00",
        "handshakes": 1,
        "last_seen": "2026-11-23T12:00:00.000+00:00",
        "remarks": [],
    }


def test_reports_have_a_table_of_them(findings: Findings) -> None:
    """The one that ends first at the head; an issuer is marked as one."""
    several = replace(findings, certificates=listed(CALL))
    rows = text(several).partition("Certificates that passed by\n")[2].splitlines()
    assert [row.split() for row in rows[:3]] == [
        ["Valid", "to", "Shown", "by", "As", "Handshakes", "Subject", "Remarks"],
        ["2027-12-28", "the", "other", "side", "issuer", "1", "CN=ca", "-"],
        ["2027-12-28", "this", "side", "client", "1", "CN=own", "-"],
    ]
    assert "| 2027-12-28 | the other side | issuer | 1 | CN=ca | - |" in markdown(several)

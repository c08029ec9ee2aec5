"""From notes to rows: which end decides, what the other one can know, and where it stands in the log."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.lab import faults, labels
from tests.lab.jdk import Jdk
from tests.lab.labels import Row, Surprise, doubtful, torn
from tests.lab.notes import Note
from tests.lab.tears import Tear

MISSING = "client_certificate_missing"
REFUSED = "server_certificate_rejected"

UTC = ZoneInfo("UTC")
OWN = ("javax.net.ssl.SSLHandshakeException: PKIX path validation failed",)
ALERT = ("javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_expired",)
RESET = ("java.net.SocketException: Connection reset",)

CLIENT = Note("s", "client", "Service Thread", (16,), False, 0, 0, 0, 0, ())  # noqa: FBT003
SERVER = replace(CLIENT, role="server")
EXPIRED = faults.server_refused("expired")
NONE_SENT = faults.missing("no_certificate_configured")


def row(outcome: str, primary: list[list[str]], also: list[str], evidence: str) -> Row:
    """Return the part of a row that a verdict is."""
    return {"outcome": outcome, "primary": primary, "also": also, "evidence": evidence}


COMPLETED = row("completed", [], [], "ok")


def test_the_end_that_decides() -> None:
    """The end that refuses knows the cause; where no messages are printed, those with the same text too."""
    note = replace(CLIENT, trouble=OWN)
    assert labels.verdicts(note, EXPIRED, dim=True) == [row("failed", [[REFUSED, "expired"]], [], "own")]
    assert labels.verdicts(note, faults.server_refused("self_signed"), dim=True) == [
        row(
            "failed",
            [
                [REFUSED, c]
                for c in ("self_signed", "undetermined", "untrusted_issuer", "missing_intermediate")
            ],
            [],
            "own",
        )
    ]


@pytest.mark.parametrize(
    ("trouble", "dim", "also", "evidence"),
    [
        (ALERT, False, [], "peer-alert"),
        (ALERT, True, list(faults.UNPRINTED), "peer-alert"),
        (RESET, False, [REFUSED], "transport-only"),
    ],
)
def test_the_other_end(trouble: tuple[str, ...], dim: bool, also: list[str], evidence: str) -> None:  # noqa: FBT001
    """The other end knows the issue at most; by what it learned of it is what it noted."""
    assert labels.verdicts(replace(SERVER, trouble=trouble), EXPIRED, dim=dim) == [
        row("failed", [[REFUSED, "*"]], also, evidence)
    ]


def test_success_is_success_however_it_ends() -> None:
    """A reset after the handshake is no failed handshake, and two handshakes on one connection are two."""
    note = replace(CLIENT, agreed=5, completed=2, trouble=RESET)
    assert labels.verdicts(note, None, dim=False) == [COMPLETED, COMPLETED]
    assert labels.verdicts(replace(note, completed=1), faults.INTERRUPTED, dim=False) == [COMPLETED]


def test_refused_after_the_clients_success() -> None:
    """A client of TLS 1.3 that reads the alert has failed; one that lost the connection need not know."""
    note = replace(CLIENT, agreed=5, completed=1)
    assert labels.verdicts(replace(note, trouble=ALERT), NONE_SENT, dim=False) == [
        row(
            "failed",
            [
                [MISSING, "no_certificate_configured"],
                [MISSING, "undetermined"],
            ],
            [],
            "peer-alert",
        )
    ]
    for trouble in ((), RESET):
        [verdict] = labels.verdicts(replace(note, trouble=trouble), NONE_SENT, dim=False)
        assert (verdict["outcome"], verdict["evidence"]) == ("unseen", "none")


@pytest.mark.parametrize(
    ("note", "fault"),
    [
        (replace(CLIENT, trouble=OWN), None),
        (replace(CLIENT, agreed=5, completed=1), EXPIRED),
        (replace(CLIENT, trouble=RESET), EXPIRED),
        (replace(SERVER, trouble=OWN), EXPIRED),
        (CLIENT, EXPIRED),
    ],
    ids=["sound but failed", "accepted", "not its own decision", "the wrong end decided", "no reason"],
)
def test_surprises(note: Note, fault: faults.Fault | None) -> None:
    """Where an end saw something else than its scenario is made for, nothing is claimed."""
    with pytest.raises(Surprise):
        labels.verdicts(note, fault, dim=False)


LOG = """\
INFO   | jvm 1    | 2026/11/23 23:59:59 | javax.net.ssl|DEBUG|01|a|b|2026-11-23 23:59:59.900 UTC|ClientHello.java:6|Produced ClientHello handshake message (
INFO   | jvm 1    | 2026/11/23 23:59:59 | "ClientHello": {
INFO   | jvm 1    | 2026/11/24 00:00:00 | loose text javax.net.ssl|DEBUG|02|other|2026-11-24 24:00:00.000 UTC|null:-1|x
INFO   | jvm 1    | 2026/11/24 00:00:00 | javax.net.ssl|ERROR|01|a|b|2026-11-24 24:00:00.100 UTC|TransportContext.java:3|Fatal (X): y (
"""  # noqa: E501  (lines of a log)


def test_where(tmp_path: Path) -> None:
    """A connection's lines are those of its thread's id within its time, over all files and midnight."""
    lines = LOG.splitlines(keepends=True)
    old, new = tmp_path / "wrapper.log.1", tmp_path / "wrapper.log"
    old.write_text("".join(lines[:2]), "utf-8")
    new.write_text("".join(lines[2:]), "utf-8")
    found = labels.headers([old, new], UTC)
    assert [(h.where, h.thread) for h in found] == [
        ("wrapper.log.1:1", "01"),
        ("wrapper.log:1", "02"),
        ("wrapper.log:2", "01"),
    ]
    assert [h.time - found[0].time for h in found] == [0, 100, 200]
    begin = found[0].time
    note = replace(CLIENT, thread="a|b", began=begin, ended=begin + 200, trouble=OWN)
    jdk = Jdk(Path("/java"), "17.0.15")
    [made] = labels.rows([note], {"s": EXPIRED}, [old, new], jdk, UTC)
    assert made == {
        "files": ["wrapper.log.1", "wrapper.log"],
        "role": "client",
        "thread": "a|b",
        "first": "wrapper.log.1:1",
        "last": "wrapper.log:2",
        **row("failed", [[REFUSED, "expired"]], [], "own"),
    }


def test_what_was_torn_need_not_show() -> None:
    """A torn row keeps what was right, beside silence; that of a completed handshake allows no failure."""
    lines = [Tear(40, 40, "3C"), Tear(500, 700)]
    assert [torn(lines, ids, *span) for ids, span in (({"3C"}, (30, 90)), ({"4C"}, (30, 90)))] == [
        True,
        False,
    ]
    assert [torn(lines, {"4C"}, *span) for span in ((200, 430), (200, 460), (600, 610), (800, 900))] == [
        *(False, True, True, False),
    ]
    failed: Row = {
        "outcome": "failed",
        "primary": [["sni", "name_not_sent"]],
        "also": ["negotiation"],
        "evidence": "own",
    }
    assert doubtful(failed) == {
        "outcome": "unseen",
        "primary": [
            ["sni", "name_not_sent"],
            ["negotiation", "*"],
            ["interrupted", "*"],
            ["unclassified", "*"],
        ],
        "also": [],
        "evidence": "none",
    }
    completed: Row = {"outcome": "completed", "primary": [], "also": [], "evidence": "ok"}
    assert doubtful(completed)["primary"] == [["no_failure", "*"]]

"""The scorer against answers whose worth is known."""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lab import bar, score

Json = dict[str, Any]

EXPIRED = [["server_certificate_rejected", "expired"]]


def wanted(**changed: Any) -> Json:
    """Return a row: a client that refuses an expired certificate in lines 10 to 20."""
    return {
        "files": ["wrapper.log"],
        "role": "client",
        "thread": "main",
        "outcome": "failed",
        "first": "wrapper.log:10",
        "last": "wrapper.log:20",
        "primary": EXPIRED,
        "also": [],
        "evidence": "own",
        **changed,
    }


def told(issue: str, cause: str, confidence: str = "certain", *alternatives: str, **changed: Any) -> Json:
    """Return an answer about the same lines."""
    return {
        "kind": "handshake",
        "outcome": "failed",
        "role": "client",
        "thread": "main",
        "issue": issue,
        "cause": cause,
        "confidence": confidence,
        "alternatives": [{"issue": a} for a in alternatives],
        "span": {end: {"file": "/x/wrapper.log", "line": n} for end, n in (("first", 10), ("last", 21))},
        **changed,
    }


@pytest.mark.parametrize(
    ("row", "answer", "verdict"),
    [
        ({}, told("server_certificate_rejected", "expired"), "cause"),
        (
            {"primary": [["server_certificate_rejected", "*"]]},
            told("server_certificate_rejected", "eku"),
            "cause",
        ),
        ({}, told("server_certificate_rejected", "self_signed"), "exact"),
        ({}, told("sni", "undetermined", "possible", "server_certificate_rejected"), "wrong"),
        ({"also": ["sni"]}, told("sni", "undetermined", "possible"), "listed"),
        ({"also": ["sni"]}, told("sni", "undetermined", "certain"), "wrong"),
        (
            {"evidence": "peer-alert"},
            told("sni", "x", "likely", "policy", "server_certificate_rejected"),
            "listed",
        ),
        (
            {"evidence": "peer-alert"},
            told("sni", "x", "likely", "a", "b", "c", "server_certificate_rejected"),
            "wrong",
        ),
        ({"evidence": "peer-alert"}, told("interrupted", "reset", "likely"), "wrong"),
        ({"evidence": "transport-only"}, told("interrupted", "reset", "likely"), "soft"),
        ({"evidence": "transport-only"}, told("interrupted", "reset", "certain"), "wrong"),
    ],
)
def test_judge(row: Json, answer: Json, verdict: str) -> None:
    """A right answer, one that is honestly unsure, and a wrong one."""
    assert score.judge(wanted(**row), answer) == verdict


SCRIPT = "import sys; print(open({!r}).read(), end=''); sys.exit({})"


def scored(
    tmp_path: Path, rows: list[Json], answers: list[Json], code: int = 0, depth: str = "full"
) -> Mapping[str, int]:
    """Return what is counted when the product prints these answers."""
    case = tmp_path / "case"
    case.mkdir()
    (case / "wrapper.log").write_text("line\n" * 100, "utf-8")
    (case / "expected.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    said = tmp_path / "said"
    summary = {"kind": "summary", "depth": depth}
    said.write_text("".join(json.dumps(o) + "\n" for o in (*answers, summary)), "utf-8")
    command = [sys.executable, "-c", SCRIPT.format(str(said), code)]
    return +score.score(command, case).counts


COMPLETED = {"outcome": "completed", "primary": [], "evidence": "ok"}


def test_a_perfect_answer(tmp_path: Path) -> None:
    """All rows are answered, and nothing else is said."""
    rows = [wanted(), wanted(**COMPLETED)]
    answers = [told("server_certificate_rejected", "expired"), told("", "", outcome="completed")]
    assert scored(tmp_path, rows, answers) == {
        "cases": 1,
        "own rows": 1,
        "own cause": 1,
        "completed rows": 1,
        "completed counted": 1,
    }


def test_what_is_false(tmp_path: Path) -> None:
    """A claim that is certain and wrong, one too many, one about another thread, and a missed row."""
    rows = [wanted(), wanted(thread="t2", primary=[["sni", "name_not_sent"]]), wanted(thread="t3")]
    answers = [
        told("server_certificate_rejected", "self_signed"),
        told("policy", "fallback_refused", thread="t2"),
        told("policy", "fallback_refused", thread="t4"),
        told("", "", outcome="completed"),
    ]
    assert scored(tmp_path, rows, answers) == {
        "cases": 1,
        "own rows": 3,
        "own exact": 1,
        "own wrong": 1,
        "own missed": 1,
        "overclaim": 1,
        "overclaim cause": 1,
        "false alarm": 1,
        "completed off": 1,
    }


def test_what_need_not_be_seen(tmp_path: Path) -> None:
    """An unseen row may be answered rightly or not at all; completions are then not counted."""
    row = wanted(outcome="unseen", evidence="none", primary=[["interrupted", "*"]])
    answers = [told("interrupted", "reset"), told("", "", outcome="completed")]
    assert scored(tmp_path, [row], answers) == {"cases": 1}


def test_what_is_ruled_out_of_the_unseen(tmp_path: Path) -> None:
    """An unseen row that is answered with something else is a false alarm."""
    row = wanted(outcome="unseen", evidence="none", primary=[["interrupted", "*"]])
    assert scored(tmp_path, [row], [told("sni", "x")]) == {"cases": 1, "false alarm": 1}


def test_shallow_logs_count_no_completions(tmp_path: Path) -> None:
    """Where no messages are printed, a completed handshake leaves no trace."""
    assert scored(tmp_path, [wanted(**COMPLETED)], [], depth="shallow") == {"cases": 1, "completed rows": 1}


def test_a_crash_misses_every_row(tmp_path: Path) -> None:
    """Exit codes other than 0 and 1 are crashes."""
    assert scored(tmp_path, [wanted(), wanted(**COMPLETED)], [], code=2) == {
        "cases": 1,
        "crash": 1,
        "own rows": 1,
        "own missed": 1,
    }


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("16 03 03 00 7A 02 00 00", True),
        ("Authorization: Basic c2Vj", True),
        ("Extended Master Secret extension is required", False),
        ("0d:cf:f9:49:a9:36:49:04", False),
    ],
)
def test_leaks(tmp_path: Path, text: str, leaks: bool) -> None:  # noqa: FBT001
    """A hex dump or a credential in the output is a leak; a serial number or an extension is none."""
    answer = told("server_certificate_rejected", "expired", summary=text)
    assert scored(tmp_path, [wanted()], [answer]).get("leak", 0) == leaks


def test_the_nearer_of_two_answers(tmp_path: Path) -> None:
    """Two connections of one thread are told apart by their lines."""
    later = {"first": "wrapper.log:60", "last": "wrapper.log:80", "primary": [["sni", "name_not_sent"]]}
    span = {"first": {"file": "wrapper.log", "line": 60}, "last": {"file": "wrapper.log", "line": 82}}
    rows = [wanted(), wanted(**later)]
    answers = [told("sni", "name_not_sent", span=span), told("server_certificate_rejected", "expired")]
    assert scored(tmp_path, rows, answers) == {"cases": 1, "own rows": 2, "own cause": 2}


def test_the_bar() -> None:
    """A score below the bar says where; one without rows is not below it."""
    assert bar.below(Counter()) == []
    counts = Counter({"own rows": 100, "own cause": 95, "own exact": 4, "own wrong": 1, "overclaim": 1})
    counts |= Counter({"completed counted": 50, "completed off": 1})
    assert bar.below(counts) == [
        "own: cause 95.0 % is below 96 %",
        "own: fair 99.0 % is below 100 %",
        "overclaim: 1, and none is allowed",
        "completed handshakes are off by 2.0 %, above 1 %",
    ]
    assert bar.table(counts).splitlines()[1].split() == [
        "own",
        "100",
        "99.0",
        "95.0",
        "99.0",
        "0",
        "0",
        "1",
        "0",
    ]

"""Scores what `wmtls explain` says of a labelled corpus.

The measures are described in README.md. A case is a folder with `expected.jsonl` and the logs that it
names; nothing here knows how a case was made.
"""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.lab.pairing import best

Json = Mapping[str, Any]

Verdict = Literal["cause", "exact", "listed", "soft", "wrong"]

RANK: dict[Verdict, int] = {"cause": 4, "exact": 3, "listed": 2, "soft": 1, "wrong": 0}

PATIENCE = 600
"""Seconds for one case."""

ALTERNATIVES = 3
"""So many alternatives count."""

BEFORE, AFTER = 2, 40
"""Lines by which an answer may miss a row and still be its own: a row's last line is where its last record
begins."""

SECRET = re.compile(
    r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2} ){7}[0-9A-Fa-f]{2}\b"
    r"|(?<!Extended )(?<!extended )(?:Master Secret|PreMaster Secret)"
    r"|Authorization: Basic|c2VjcmV0|write (?:key|IV)"
)
"""Hex dumps, key material, and the plaintext that the lab sends."""

_SERIAL = re.compile(r'"serial": *"[^"]*"')


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of a case, counted over all its files."""

    first: int
    last: int

    def shared(self, other: "Span") -> int:
        """Return how many lines both have; 0 or less if none."""
        return min(self.last, other.last) - max(self.first, other.first) + 1

    def whole(self, other: "Span") -> int:
        """Return how many lines lie between the outer ends of both."""
        return max(self.last, other.last) - min(self.first, other.first) + 1

    @property
    def length(self) -> int:
        """Return its number of lines."""
        return self.last - self.first + 1


@dataclass(slots=True)
class Score:
    """What was counted, and a line for each thing that is off, and for each right answer that is unsure."""

    counts: Counter[str] = field(default_factory=Counter)
    off: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        """Take another score in."""
        self.counts.update(other.counts)
        self.off.extend(other.off)
        self.unsure.extend(other.unsure)


def judge(row: Json, answer: Json) -> Verdict:
    """Return how right an answer is, if it is the one to this row."""
    issues = {issue for issue, _ in row["primary"]}
    if answer["issue"] in issues:
        pairs = {(issue, cause) for issue, cause in row["primary"]}
        return "cause" if pairs & {(answer["issue"], "*"), (answer["issue"], answer["cause"])} else "exact"
    if answer["confidence"] == "certain" or (row["evidence"] == "own" and not row["also"]):
        return "wrong"
    listed = {alternative["issue"] for alternative in (answer["alternatives"] or ())[:ALTERNATIVES]}
    if listed & (issues | set(row["also"])) or answer["issue"] in row["also"]:
        return "listed"
    return "soft" if row["evidence"] == "transport-only" and answer["issue"] == "interrupted" else "wrong"


class Lines:
    """The lines of a case's files as one sequence."""

    def __init__(self, case: Path, files: Sequence[str]) -> None:
        """Count the lines of the files, the oldest first."""
        self._before, total = {}, 0
        for name in files:
            self._before[name] = total
            total += (case / name).read_bytes().count(b"\n")

    def of_row(self, row: Json) -> Span | None:
        """Return the lines of a row, or None if it names none."""
        if not row["first"] or not row["last"]:
            return None
        places = [row[end].rpartition(":") for end in ("first", "last")]
        first, last = (self._before.get(name, 0) + int(line) for name, _, line in places)
        return Span(first, last)

    def of_answer(self, answer: Json) -> Span | None:
        """Return the lines of an answer, or None if it names none."""
        ends = [(answer.get("span") or {}).get(end) or {} for end in ("first", "last")]
        if any(end.get("line") is None for end in ends):
            return None
        first, last = (self._before.get(Path(end["file"]).name, 0) + end["line"] for end in ends)
        return Span(first, last)


def closeness(row: Json, answer: Json, lines: Lines) -> tuple[int, float] | None:
    """Return how well an answer lies on a row: 2 on it, 1 partly, 0 near, and the share of common lines.

    None if it cannot be the same handshake: another role or thread, or far away.
    """
    if answer.get("role") not in {row["role"], "unknown", None}:
        return None
    named, thread = (row["thread"] or "").strip(), (answer.get("thread") or "").strip()
    if named and thread and named != thread:
        return None
    wanted, found = lines.of_row(row), lines.of_answer(answer)
    if wanted is None or found is None:
        return 0, 0.0
    shared = wanted.shared(found)
    if shared > 0:
        return (2 if 2 * shared >= min(wanted.length, found.length) else 1), shared / wanted.whole(found)
    near = found.first <= wanted.last + AFTER and found.last >= wanted.first - BEFORE
    return (0, 0.0) if near else None


def assign(rows: Sequence[Json], answers: Sequence[Json], lines: Lines) -> dict[int, int]:
    """Return the number of the answer to each row that has one, by the row's number.

    First of all as many answers as possible are right and on the lines of their row; then they lie well,
    then they are right. Interleaved threads of one name cannot be told apart by a row, and no answer
    suffers from that.
    """
    worth = {}
    for i, row in enumerate(rows):
        for j, answer in enumerate(answers):
            lies = closeness(row, answer, lines)
            if lies is not None:
                right = RANK[judge(row, answer)]
                worth[i, j] = 100 * (right > 0 and lies[0] > 0) + 10 * lies[0] + right + lies[1] + 0.01
    return best(worth)


def explained(command: Sequence[str], case: Path, files: Sequence[str]) -> tuple[list[Json], str]:
    """Return the objects that `explain` printed of a case, and the text of its output.

    Raises ValueError with the reason if it crashed, hung, or printed something else.
    """
    call = [*command, "explain", "--format", "jsonl", "--all", *(str(case / name) for name in files)]
    try:
        done = subprocess.run(
            call, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"no answer in {PATIENCE} s") from None
    if done.returncode not in {0, 1}:
        raise ValueError(f"exit code {done.returncode}: {done.stderr.strip()[-200:]}")
    return [json.loads(line) for line in done.stdout.splitlines()], done.stdout


def score(command: Sequence[str], case: Path) -> Score:
    """Return the score of one case."""
    rows = [json.loads(line) for line in (case / "expected.jsonl").read_text("utf-8").splitlines()]
    result = Score(Counter(cases=1))
    files = rows[0]["files"]
    try:
        objects, text = explained(command, case, files)
    except ValueError as reason:
        result.counts["crash"] += 1
        result.off.append(f"{case}: CRASH {reason}")
        for row in rows:
            if row["outcome"] == "failed":
                result.counts.update((f"{row['evidence']} rows", f"{row['evidence']} missed"))
        return result
    secret = SECRET.search(_SERIAL.sub("", text))
    if secret:
        result.counts["leak"] += 1
        result.off.append(f"{case}: LEAK {secret[0][:40]!r}")
    told = [o for o in objects if o["kind"] == "handshake"]
    failed = [o for o in told if o["outcome"] == "failed"]
    lines = Lines(case, files)
    _failures(rows, failed, lines, case, result)
    _completions(rows, objects, result)
    return result


def _failures(rows: Sequence[Json], answers: Sequence[Json], lines: Lines, case: Path, result: Score) -> None:
    """Count what is said of rows that failed, then of those that need not show; the rest is false."""
    left = list(answers)
    for outcome in ("failed", "unseen"):
        some = [row for row in rows if row["outcome"] == outcome]
        chosen = assign(some, left, lines)
        false = []
        for number, row in enumerate(some):
            answer = left[chosen[number]] if number in chosen else None
            if outcome == "failed":
                _count(row, answer, case, result)
            elif answer is not None and row["primary"] and judge(row, answer) == "wrong":
                false.append(answer)
        taken = set(chosen.values())
        left = [answer for number, answer in enumerate(left) if number not in taken] + false
    for answer in left:
        result.counts["false alarm"] += 1
        first = (answer.get("span") or {}).get("first") or {}
        result.off.append(f"{case}: FALSE ALARM {_said(answer)} at {first.get('file')}:{first.get('line')}")


def _count(row: Json, answer: Json | None, case: Path, result: Score) -> None:
    kind = row["evidence"]
    result.counts[f"{kind} rows"] += 1
    verdict = judge(row, answer) if answer is not None else "missed"
    result.counts[f"{kind} {verdict}"] += 1
    if answer is not None and answer["confidence"] == "certain":
        result.counts["overclaim"] += verdict == "wrong"
        result.counts["overclaim cause"] += verdict == "exact" and answer["cause"] != "undetermined"
    if verdict != "cause":
        wanted = " or ".join("/".join(pair) for pair in row["primary"])
        where = f"{row['role']} {row['thread']!r} {row['first']}..{row['last']} [{kind}]"
        lines = result.unsure if verdict in {"listed", "soft"} else result.off
        lines.append(
            f"{case}: {verdict.upper()} {where} wanted {wanted}"
            + (f", got {_said(answer)}" if answer else "")
        )


def _said(answer: Json) -> str:
    who = f"{answer.get('role')} {answer.get('thread')!r}"
    return f"{answer['issue']}/{answer['cause']} {answer['confidence']} ({who})"


def _completions(rows: Sequence[Json], objects: Sequence[Json], result: Score) -> None:
    """Count how far the number of completed handshakes is off, where the log shows all of them."""
    wanted = sum(row["outcome"] == "completed" for row in rows)
    seen = sum(o["kind"] == "handshake" and o["outcome"] == "completed" for o in objects)
    result.counts["completed rows"] += wanted
    shallow = any(o["kind"] == "summary" and o["depth"] == "shallow" for o in objects)
    if not shallow and all(row["outcome"] != "unseen" for row in rows):
        result.counts["completed counted"] += wanted
        result.counts["completed off"] += abs(seen - wanted)


def cases(corpus: Path, part: str = "") -> Iterator[Path]:
    """Yield the folders of the cases that have the text in their path."""
    for expected in sorted(corpus.rglob("expected.jsonl")):
        if part in str(expected.parent.relative_to(corpus)) and expected.stat().st_size:
            yield expected.parent

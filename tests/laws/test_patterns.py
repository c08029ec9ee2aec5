"""Nothing is looked for that nobody prints: each branch of a pattern, and each row of a table, has a sample.

A new one needs a case in the corpus, or a line in samples.py.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from agent.dialects import jsse_bodies, jsse_legacy, jsse_messages, jsse_records
from tests.laws.branches import marked
from tests.laws.cases import CASES, rows
from tests.laws.samples import SAMPLES

ROOT = Path(__file__).resolve().parents[2]

UNREACHABLE = {
    ("agent.redaction", "secret"): "in a tag, what the name of a key begins with is enough: <secretkey>",
    **{
        ("agent.framing.envelope", branch): "is taken off before, but where a large block hides it"
        for branch in (r"std(?:out|err) [FP](?::\S*)? ", "out", "err")
    },
}
"""Branches that nothing can use, by module and text, and why they are there."""


def test_every_branch_is_used() -> None:
    """Reading all cases and samples takes each branch of each pattern at least once."""
    command = [sys.executable, "-m", "tests.laws.branches"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)  # noqa: S603
    found = json.loads(done.stdout)
    assert found["patterns"] > 100
    unused = [
        (module, pattern, branch)
        for module, pattern, branches in found["unused"]
        for branch in branches
        if (module, branch) not in UNREACHABLE
    ]
    assert unused == []


@cache
def printed() -> str:
    """Return all cases and samples."""
    return b"".join((*(line for case in CASES for line in rows(case)), *SAMPLES)).decode("latin-1")


def texts(table: Iterable[object]) -> list[str]:
    """Return the texts that the rows of a table begin with."""
    rows_ = [row[0] if isinstance(row, tuple) else row for row in table]
    return [row.decode("latin-1") if isinstance(row, bytes) else str(row) for row in rows_]


TABLES = {
    "messages of JSSE": (jsse_records._READERS, "|{}"),
    "bodies of JSSE": (jsse_records._OTHER_BODIES, "|{}"),
    "handshake messages of JSSE": (jsse_messages._MESSAGES, "{}"),
    "stack frames of JSSE": ([frame for frames in jsse_bodies.FRAMES.values() for frame in frames], "{}"),
    "lines of legacy JSSE": (jsse_legacy._SINGLE, "{}"),
    "words of legacy JSSE": (jsse_legacy._WORDS, "{}"),
    "bodies of legacy JSSE": (jsse_legacy._BODIES, "{}"),
    "handshake messages of legacy JSSE": (jsse_legacy._MESSAGES, "*** {}"),
}
"""The tables of texts that are compared without a pattern, and how a log has them."""


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_printed(table: str) -> None:
    """Each text of a table stands in a case or a sample."""
    found, form = TABLES[table]
    assert [text for text in texts(found) if form.format(text) not in printed()] == []


@pytest.mark.parametrize(
    ("pattern", "branches"),
    [
        ("abc", ["abc"]),
        ("a|b", ["a", "b"]),
        ("x(?:a|b)[|]\\|", ["x(?:a|b)[|]\\|", "a", "b"]),
        ("(?i)(?P<n>a|(b|c))", ["(?P<n>a|(b|c))", "a", "(b|c)", "b", "c"]),
        ("(?!a|b)(?<=c|d)[]|)]", ["(?!a|b)(?<=c|d)[]|)]", "c", "d"]),
        ("(?>a|b)|", ["(?>a|b)", "a", "b", ""]),
    ],
)
def test_branches(pattern: str, branches: list[str]) -> None:
    """Branches are told from what looks like them, in classes and behind a backslash."""
    copy, found = marked(pattern)
    assert found == branches
    assert re.compile(copy).groupindex.keys() >= {f"b{n}" for n in range(len(branches))}

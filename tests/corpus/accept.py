"""Writes a case's expected.json from the present answer: read the difference before it is committed.

usage: python -m tests.corpus.accept CASE...      (CASE as in tests/corpus, like iaik/article-issue-1)
"""

import gzip
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC
from functools import cache
from pathlib import Path

from agent.knowledge.catalogue import Catalogue, load
from agent.model.block import Block, Where
from agent.pipeline import Ended, Pipeline, PipelineOutcome

CORPUS = Path(__file__).parent

BLOCK_BYTES = 1 << 16

EXPECTED = "expected.json"


def cases() -> list[str]:
    """Return the names of all cases."""
    return sorted(
        f"{d.parent.name}/{d.name}" for d in CORPUS.glob("*/*") if d.is_dir() and d.parent.name[0] != "_"
    )


def logs(case: str) -> list[bytes]:
    """Return the files of a case, the oldest first: the one with the highest number was rolled first."""
    files = [f for f in (CORPUS / case).iterdir() if f.name != EXPECTED]
    files.sort(key=lambda f: age(f.name), reverse=True)
    return [gzip.decompress(f.read_bytes()) if f.suffix == ".gz" else f.read_bytes() for f in files]


def age(name: str) -> int:
    """Return how often a log was rolled: N of "wrapper.log.N", 0 for the newest."""
    rolled = re.search(r"\.(\d+)(?:\.gz)?$", name)
    return int(rolled[1]) if rolled else 0


def blocks(data: bytes, identity: str, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield a file as blocks of whole lines, each of about `size` bytes."""
    start, line = 0, 1
    while start < len(data):
        end = data.find(b"\n", min(start + size, len(data))) + 1 or len(data)
        yield Block(Where("wrapper.log", identity, start, line), data[start:end])
        line += data.count(b"\n", start, end)
        start = end


@cache
def catalogue() -> Catalogue:
    """Return the product's catalogue."""
    return load()


def outcomes(files: list[bytes], size: int = BLOCK_BYTES) -> list[PipelineOutcome]:
    """Return what the pipeline makes of files, read one behind the other."""
    pipeline = Pipeline(catalogue(), UTC)
    told = [
        o
        for n, data in enumerate(files)
        for block in blocks(data, str(n), size)
        for o in pipeline.feed(block)
    ]
    return told + pipeline.finish()


def answer(case: str) -> list[dict[str, str | None]]:
    """Return the handshakes of a case, in the order in which they are told, by what matters most."""
    return [row(outcome) for outcome in outcomes(logs(case)) if isinstance(outcome, Ended)]


def row(ended: Ended) -> dict[str, str | None]:
    """Return a handshake by what matters most: how it ended, and what is said of it."""
    handshake, diagnosis = ended.handshake, ended.diagnosis
    return {
        "outcome": handshake.outcome,
        "dialect": handshake.dialect,
        "role": handshake.role,
        "thread": handshake.thread,
        "issue": diagnosis.issue if diagnosis else None,
        "cause": diagnosis.cause if diagnosis else None,
        "confidence": diagnosis.confidence if diagnosis else None,
        "acting_side": diagnosis.acting_side if diagnosis else None,
        "entry": diagnosis.entry if diagnosis else None,
    }


def expected(case: str) -> list[dict[str, str | None]]:
    """Return what a case states; nothing where it states nothing yet."""
    file = CORPUS / case / EXPECTED
    stated: list[dict[str, str | None]] = json.loads(file.read_text("utf-8")) if file.exists() else []
    return stated


def main() -> None:
    """Rewrite expected.json of the named cases."""
    for case in sys.argv[1:]:
        rows = ",\n".join(json.dumps(r, ensure_ascii=False) for r in answer(case))
        (CORPUS / case / EXPECTED).write_text(f"[\n{rows}\n]\n" if rows else "[]\n", "utf-8")


if __name__ == "__main__":
    main()

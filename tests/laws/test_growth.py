"""No log makes the memory grow without end: not by what it names, nor by what it never ends.

Limits are made small here, so that a few hundred units of a flood are more than any of them.
"""

import gc
import sys
from collections.abc import Iterator
from datetime import UTC
from types import CodeType, FunctionType, ModuleType

import pytest

from agent.assembly import attribution, engines, starts, stores
from agent.assembly.assembler import Limits
from agent.dialects import iaik, jsse, jsse_legacy_names
from agent.framing import envelope
from agent.model.block import Block, Where
from agent.pipeline import Ended, Pipeline
from bench.floods import floods
from tests.corpus import accept

FLOODS = floods(long=2_400)

UNITS = 100

SMALL = (
    (stores, "OWN_KEYS_LIMIT"),
    (stores, "ANCHORS_LIMIT"),
    (attribution, "THREADS_LIMIT"),
    (attribution, "SESSIONS_LIMIT"),
    (engines, "LIVE_LIMIT"),
    (engines, "NAMES_LIMIT"),
    (jsse, "_SECONDS_LIMIT"),
    (iaik, "MAX_OPEN"),
    (iaik, "MAX_NAMES"),
    (jsse_legacy_names, "NAMES_LIMIT"),
    (starts, "STARTS_LIMIT"),
    (envelope, "CACHED_PREFIXES"),
)
"""Limits that are made so small that each flood reaches them."""

BYTES = 1_500_000
"""What is saved at the most of a flood under limits this small; a log without one takes a few kB."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in SMALL:
        monkeypatch.setattr(module, name, 20)


def held(pipeline: Pipeline) -> tuple[int, int]:
    """Return how many objects a pipeline holds beside its catalogue, and their bytes."""
    own = {name: part for name, part in vars(pipeline).items() if name != "_catalogue"}
    seen: set[int] = {id(pipeline._catalogue)}
    waiting: list[object] = [own]
    count = size = 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType | CodeType):
            continue
        seen.add(id(one))
        count, size = count + 1, size + sys.getsizeof(one)
        waiting.extend(gc.get_referents(one))
    return count, size


def measured(name: str, *ends: int) -> Iterator[tuple[int, int, int]]:
    """Yield bytes saved, and number and bytes of objects held, after so many units of a flood."""
    pipeline = Pipeline(accept.catalogue(), UTC, limits=Limits(open_handshakes=20, open_bytes=200_000))
    unit, offset, line, done = FLOODS[name], 0, 1, 0
    for end in ends:
        while done < end:
            data = "".join(unit(i) for i in range(done, done + 10)).encode()
            pipeline.feed(Block(Where("wrapper.log", "8:15", offset, line), data))
            offset, line, done = offset + len(data), line + data.count(b"\n"), done + 10
        yield (len(pipeline.save()), *held(pipeline))


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood(name: str) -> None:
    """Twice the flood takes no more memory: neither what is saved nor what is held."""
    once, twice = measured(name, UNITS, 2 * UNITS)
    for before, after in zip(once, twice, strict=True):
        assert after <= before * 1.15 + 2_000
    assert twice[0] <= BYTES


@pytest.mark.parametrize("name", ["thread ids", "numbers"])
def test_who_is_given_up_is_told(name: str) -> None:
    """Each conversation that has to make room is told as incomplete, none is dropped in silence."""
    pipeline = Pipeline(accept.catalogue(), UTC, limits=Limits(open_handshakes=20))
    data = "".join(FLOODS[name](i) for i in range(100)).encode()
    told = pipeline.feed(Block(Where("wrapper.log", "8:15", 0, 1), data))
    assert [o.handshake.outcome for o in told if isinstance(o, Ended)] == ["incomplete"] * 80
    assert (pipeline.open, pipeline.evicted) == (20, 80)

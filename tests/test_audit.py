"""What the real agent counted on a real disk, counted again."""

import os
import random  # noqa: TID251  (schedules by their seeds)
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path

import pytest
import structlog

from agent import __version__, store_look
from agent.audit import Compared, Counts, Verdict, audit, recount
from agent.pipeline import Pipeline
from agent.store import MIGRATIONS
from agent.tail.generation import LONGEST_LINE
from agent.tally import Tally
from tests.following.handshakes import refused
from tests.following.world import World, append, known

CORPUS = Path(__file__).parent / "corpus"
REAL = (CORPUS / "jsse" / "17.ok.client.ssl" / "wrapper.log").read_bytes()


@pytest.fixture
def world(tmp_path: Path, tmpfs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a log and an agent that is not started."""
    with structlog.testing.capture_logs():
        world = World(tmp_path, tmpfs / "state", monkeypatch)
        yield world
        world.close()


def audited(world: World) -> list[Compared]:
    """Count again, while the agent may be running."""
    found = list[Compared]()
    for key, tallies in store_look.tallies(world.state).items():
        found += audit(Path(key), tallies, lambda: Pipeline(known(), UTC), version=__version__)
    return found


def verdicts(world: World) -> dict[str, str]:
    """Return what is said of each file."""
    return {one.file: one.verdict.value for one in audited(world)}


def change(world: World, sql: str) -> None:
    """Change what the state says was counted."""
    with closing(sqlite3.connect(world.state / "wmtls.db")) as db, db:
        db.execute(sql)


def test_what_was_counted_is_found_again(world: World) -> None:
    """Rolled within handshakes, stopped and killed: of every file that is there the counts are the same."""
    stream = (REAL + refused(1)) * 4
    size, cuts = len(stream) // 7, [0]
    world.run()
    for number in range(7):
        cuts.append(stream.find(b"\n", size * (number + 1)) + 1 or len(stream))
        append(world.log, stream[cuts[-2] : cuts[-1]])
        world.turn(2)
        if number % 3 == 1:
            world.restart(kill=number == 4)
        if number in {1, 2, 5}:
            world.roll()
    world.turn(30)
    told = audited(world)
    assert [(one.file, one.verdict) for one in told] == [
        (name, Verdict.EQUAL) for name in ("wrapper.log.3", "wrapper.log.2", "wrapper.log.1", "wrapper.log")
    ]
    assert sum(one.counted.lines for one in told) == stream.count(b"\n")
    assert sum(one.counted.failed for one in told) == 4
    assert sum(one.waiting for one in told) == 0


def test_silence_within_a_handshake_is_counted_again_as_it_was(world: World) -> None:
    """What the agent took for ended, because nothing followed for long, is no difference."""
    lines = refused(1).splitlines(keepends=True)
    world.run()
    append(world.log, b"".join(lines[:3]))
    world.turn(40)
    append(world.log, b"".join(lines[3:]))
    world.turn(40)
    (told,) = audited(world)
    assert told.verdict is Verdict.EQUAL
    assert told.counted.failed + told.counted.incomplete >= 1


@pytest.mark.parametrize(
    ("sql", "differences"),
    [
        ("UPDATE tallies SET lines = lines + 1", ("lines",)),
        ("UPDATE tallies SET bytes = bytes - 50", ("read_bytes",)),
        ("UPDATE tallies SET failed = failed + 1", ("failed",)),
    ],
)
def test_a_count_that_is_wrong_is_told_with_its_place(
    world: World, sql: str, differences: tuple[str, ...]
) -> None:
    """A line or a failure counted twice, or not at all, shows; file, bytes and both counts are told."""
    append(world.log, refused(1))
    world.run().settle()
    world.turn(20)
    change(world, sql)
    (told,) = audited(world)
    assert (told.file, told.first, told.end) == ("wrapper.log", 0, len(refused(1)))
    assert told.verdict is Verdict.DIFFERENT
    assert told.differences == differences
    assert told.found == Counts(len(refused(1)), 6, 0, 1, 0)


def test_a_file_that_is_gone_is_told_as_that(world: World) -> None:
    """Nothing can be said of it; and a handshake that began in it is no difference in the next one."""
    lines = refused(1).splitlines(keepends=True)
    append(world.log, b"".join(lines[:5]))
    world.run().settle()
    world.roll()
    append(world.log, b"".join(lines[5:]))
    world.turn(20)
    world.rolled(1).unlink()
    world.turn(2)
    gone, live = audited(world)
    assert (gone.file, gone.verdict, gone.found) == ("wrapper.log", Verdict.GONE, None)
    assert (live.file, live.verdict) == ("wrapper.log", Verdict.UNPROVEN)


def test_another_file_in_its_place_is_not_taken_for_it(world: World) -> None:
    """A file is known by what it holds, so what was written over it is not compared with it."""
    append(world.log, refused(1))
    world.run().settle()
    world.stop()
    world.log.write_bytes(refused(2) * 3)
    assert verdicts(world) == {"wrapper.log": "gone"}


def test_a_start_at_the_end_is_counted_from_there(world: World) -> None:
    """What was there before the agent came was never counted, and is not counted now."""
    append(world.log, refused(1))
    world.start = "end"
    world.run().settle()
    append(world.log, refused(2))
    world.turn(20)
    (told,) = audited(world)
    assert (told.first, told.verdict) == (len(refused(1)), Verdict.EQUAL)
    assert told.counted.failed == 1


def test_what_waits_to_be_read_is_no_difference(world: World) -> None:
    """The agent is stopped, and the log grows."""
    append(world.log, refused(1))
    world.run().settle()
    world.stop()
    append(world.log, refused(2))
    (told,) = audited(world)
    assert told.verdict is Verdict.EQUAL
    assert told.waiting == len(refused(2))


def test_a_state_of_an_older_schema_has_nothing_to_compare_until_the_agent_ran(world: World) -> None:
    """Positions are kept, and from the next line on each file is counted."""
    append(world.log, refused(1))
    world.run().turn(20)
    world.stop()
    for table in ("tallies", "silences"):
        change(world, f"DROP TABLE {table}")
    before = next(number for number, step in enumerate(MIGRATIONS) if "TABLE tallies" in step[0])
    change(world, f"UPDATE meta SET value = '{before}' WHERE key = 'schema'")  # noqa: S608  (our own)
    world.run()
    append(world.log, refused(2))
    world.turn(20)
    (told,) = audited(world)
    assert (told.first, told.verdict) == (len(refused(1)), Verdict.EQUAL)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_nothing_differs(world: World, seed: int) -> None:
    """Any order of writes, rolls, copies that truncate, stops, kills and silences."""
    chance = random.Random(seed)  # noqa: S311  (no secret)
    stream = iter([line for number in range(60) for line in refused(number).splitlines(keepends=True)])
    world.keep = 3
    world.run()
    for _ in range(40):
        what = chance.random()
        if what < 0.5:
            append(
                world.log,
                b"".join(line for line, _ in zip(stream, range(chance.randint(1, 9)), strict=False)),
            )
        elif what < 0.65:
            world.roll()
        elif what < 0.75 and world.log.exists():
            world.copy()
            world.turn(chance.randint(0, 1))
            world.cut()
        elif what < 0.85:
            world.restart(kill=chance.random() < 0.5)
        else:
            world.turn(chance.choice([1, 2, 12]))
    world.turn(5)
    assert "different" not in verdicts(world).values()


def test_lines_are_found_by_a_walk_of_its_own(tmp_path: Path) -> None:
    """Zeros ahead of a line and lines that are too long are left out; a last line may lack its end."""
    path = tmp_path / "wrapper.log"
    long = b"x" * (LONGEST_LINE + 1) + b"\n"
    longest = b"y" * LONGEST_LINE + b"\n"
    path.write_bytes(b"first\n" + b"\0" * 3_000_000 + b"after a hole\n" + long + longest + b"no end")
    tally = Tally(
        identity="1", file="wrapper.log", first=6, end=path.stat().st_size + 1, silences=((3_000_019, 2.0),)
    )
    fd = os.open(path, os.O_RDONLY)
    assert [block.data for block in recount(fd, tally)] == [b"after a hole\n", longest, b"no end\n"]
    os.close(fd)

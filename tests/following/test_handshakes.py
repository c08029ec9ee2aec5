"""Handshakes, and what becomes of them, while their log rolls, is cut, falls silent, or is lost in part."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.following.handshakes import FAILURES, refused
from tests.following.world import World, append

LATE = datetime(2027, 1, 1, tzinfo=UTC)


def incidents(world: World) -> list[dict[str, Any]]:
    """Return the incidents that wait to be sent."""
    assert world.store is not None
    return [json.loads(one.incident) for one in world.store.due("ops", LATE, 1000)]


def incomplete(world: World) -> int:
    """Return how many handshakes ended without an end."""
    counters = world.shown[-1].counters
    return int(sum(counters[one] for one in counters if one[0] == "wmtls_handshakes_incomplete_total"))


def test_over_a_roll(world: World) -> None:
    """Begun in the rolled file, ended in the new one: one handshake, with its places in both."""
    lines = refused(1).splitlines(keepends=True)
    append(world.log, b"".join(lines[:3]))
    world.run().settle()
    world.roll()
    append(world.log, b"".join(lines[3:]))
    world.turn(40)
    (incident,) = incidents(world)
    handshake = incident["failure"]["handshake"]
    assert world.counted(FAILURES) == world.failures() == 1
    assert (handshake["first"]["line"], handshake["last"]["line"]) == (1, 3)


def test_over_three_rolls(world: World) -> None:
    """A piece in each of four files: one handshake."""
    lines = refused(1).splitlines(keepends=True)
    world.run()
    for number in range(3):
        append(world.log, b"".join(lines[2 * number : 2 * number + 2]))
        world.turn(number)
        world.roll()
    world.write(1)
    world.turn(40)
    assert world.counted(FAILURES) == world.failures() == 1


def test_two_at_once_over_a_roll(world: World) -> None:
    """The lines of two connections alternate, and the log rolls amid them: two, neither with the other's."""
    pairs = list(zip(refused(1).splitlines(keepends=True), refused(2).splitlines(keepends=True), strict=True))
    lines = [line for pair in pairs for line in pair]
    append(world.log, b"".join(lines[:5]))
    world.run().settle()
    world.roll()
    append(world.log, b"".join(lines[5:]))
    world.turn(40)
    assert world.counted(FAILURES) == world.failures() == 2


@pytest.mark.parametrize("kill", [False, True], ids=["running", "killed"])
def test_a_writer_that_stops_amid_a_handshake(world: World, *, kill: bool) -> None:
    """The JVM was killed: the handshake is told as incomplete, once, after a while of silence."""
    append(world.log, b"".join(refused(1).splitlines(keepends=True)[:2]))
    world.run().settle()
    if kill:
        world.restart(kill=True)
    world.seconds += 400
    world.turn(8)
    assert (incomplete(world), world.failures()) == (1, 0)
    world.restart(kill=True)
    world.seconds += 400
    world.turn(8)
    assert (incomplete(world), world.failures()) == (1, 0)


def test_a_part_that_was_lost(world: World) -> None:
    """The end of a handshake went with a file that was cut: a gap is told, and no failure."""
    lines = refused(1).splitlines(keepends=True)
    append(world.log, b"".join(lines[:2]))
    world.run().settle()
    append(world.log, b"".join(lines[2:]))
    world.cut()
    world.write(20)
    world.turn(8)
    world.seconds += 400
    world.turn(8)
    assert (world.gaps, world.failures(), incomplete(world)) == (1, 0, 1)


def test_the_same_incident_after_a_kill(world: World) -> None:
    """Read again after a kill before the commit, it has the id that it had."""
    append(world.log, refused(1))
    world.run()
    ids = []
    for _ in range(2):
        world.turn(40)
        ids.append([one["id"] for one in incidents(world)])
        world.kill()
        for file in world.state.iterdir():
            file.unlink()
        world.run()
    assert ids[0] == ids[1]
    assert len(ids[0]) == 1


def test_a_stack_trace_without_end(world: World) -> None:
    """Longer than anything that is kept: what is told of it is cut, and the next handshake is right."""
    lines = refused(1).splitlines(keepends=True)
    trace = b"jvm 1    | \tat com.example.Deep.call(Deep.java:1)\n" * 50_000
    append(world.log, b"".join(lines[:5]) + trace + lines[5] + refused(2))
    world.run().settle()
    world.turn(40)
    assert world.failures() == 2
    assert len(world.sent()) < 200_000


def test_a_clock_that_goes_back(world: World) -> None:
    """The log's own time jumps back by an hour amid a handshake: no negative duration, no early end."""
    lines = [line.split(b"| ", 1)[1] for line in refused(1).splitlines(keepends=True)]
    times = [b"12:00:00", b"12:00:01", b"11:00:02", b"11:00:03", b"11:00:04", b"11:00:05"]
    pairs = zip(times, lines, strict=True)
    append(world.log, b"".join(b"jvm 1    | 2026/11/23 %s | %s" % pair for pair in pairs))
    world.run().settle()
    world.turn(40)
    assert (world.failures(), incomplete(world)) == (1, 0)
    durations = [value for one, value in world.shown[-1].counters.items() if "duration" in one[0]]
    assert min(durations, default=0) >= 0


def test_an_old_backlog_at_the_start(world: World) -> None:
    """What happened long ago is counted, and its incident has the time that the log gives it."""
    times = b"2026/10/01 08:00:00"
    lines = [line.split(b"| ", 1)[1] for line in refused(1).splitlines(keepends=True)]
    append(world.log, b"".join(b"jvm 1    | %s | %s" % (times, line) for line in lines))
    world.run().settle()
    world.turn(40)
    (incident,) = incidents(world)
    assert world.failures() == 1
    assert str(incident["first_seen"]).startswith("2026-10-01T08:00:00")


def test_more_open_handshakes_than_are_kept(world: World) -> None:
    """Those that have to make room are counted as incomplete; memory stays bounded."""
    world.more = "[limits]\nopen_handshakes = 100\n"
    first = [refused(number).splitlines(keepends=True)[0] for number in range(1000)]
    append(world.log, b"".join(first))
    world.run().settle()
    world.turn(8)
    opened = world.shown[-1].gauges["wmtls_handshakes_open", ("is",)]
    assert opened <= 100
    assert incomplete(world) == 1000 - opened

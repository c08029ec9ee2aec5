"""`wmtls audit` as it is called."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from agent import __version__
from agent.cli import main
from tests.following.handshakes import refused
from tests.following.world import World, append


@pytest.fixture
def world(tmp_path: Path, tmpfs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a log of two files, counted by an agent that still runs."""
    with structlog.testing.capture_logs():
        world = World(tmp_path, tmpfs / "state", monkeypatch)
        world.more = f'[state]\ndirectory = "{world.state}"\n'
        append(world.log, refused(1))
        world.run().turn(20)
        world.roll()
        append(world.log, refused(2))
        world.turn(20)
        yield world
        world.close()


def called(world: World, *options: str) -> int:
    """Call it."""
    return main(["audit", "--config", str(world.place / "config.toml"), *options])


def test_all_is_equal(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each file, and a count of what was said."""
    assert called(world) == 0
    said = f"bytes 0 to {len(refused(1))}; 6 lines, 0 completed, 1 failed, 0 incomplete"
    assert capsys.readouterr().out.splitlines() == [
        f"equal        is: {world.rolled(1)}, {said}",
        f"equal        is: {world.log}, {said}",
        "2 equal, 0 different, 0 unproven, 0 gone, 0 unreadable",
    ]


def test_a_difference_is_told_and_is_the_exit_code(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Which file, which bytes, which counts; a file that is gone is told, too."""
    with closing(sqlite3.connect(world.state / "wmtls.db")) as db, db:
        db.execute(
            "UPDATE tallies SET failed = 7, lines = 8 WHERE file = CAST('wrapper.log' AS BLOB) AND row > 1"
        )
    world.rolled(1).unlink()
    append(world.log, b"more\n")
    assert called(world) == 1
    different, gone, *rest = capsys.readouterr().out.splitlines()
    size = len(refused(1))
    said = "1 of the files that were read; lines counted in them: 6, failures: 1"
    assert gone == f"gone         is: {said}"
    assert different == (
        f"DIFFERENT    is: {world.log}, bytes 0 to {size}; lines 8 counted, 6 found, "
        "failed 7 counted, 1 found; 5 bytes wait to be read"
    )
    assert rest[0] == "0 equal, 1 different, 0 unproven, 1 gone, 0 unreadable"
    assert rest[1].startswith("mend: ")


def test_for_programs(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """An object for each file and a summary, a line each."""
    assert called(world, "--format", "jsonl") == 0
    first, _, summary = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    counts = {"read_bytes": len(refused(1)), "lines": 6, "completed": 0, "failed": 1, "incomplete": 0}
    assert first.pop("identity")
    assert first == {
        "kind": "file",
        "log": "is",
        "path": str(world.rolled(1)),
        "first": 0,
        "end": len(refused(1)),
        "verdict": "equal",
        "counted": counts,
        "found": counts,
        "differences": [],
        "waiting": 0,
        "reason": None,
    }
    assert summary == {
        "kind": "summary",
        "version": __version__,
        "files": {"equal": 2, "different": 0, "unproven": 0, "gone": 0, "unreadable": 0},
    }


def test_without_a_state_nothing_can_be_compared(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, and the exit code of an unusable state."""
    world.stop()
    (world.state / "wmtls.db").unlink()
    assert called(world) == 74
    assert capsys.readouterr().err == (
        f"wmtls: {world.state}/wmtls.db is not there: nothing was counted yet; let wmtls run once, or check "
        "state.directory\n"
    )


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("position = x'00'", "the state store holds a position that cannot be read"),
        ("lines = 'many'", "holds a count that is no number"),
    ],
)
def test_a_record_that_is_damaged(
    world: World, capsys: pytest.CaptureFixture[str], damage: str, said: str
) -> None:
    """One sentence, and the exit code of an unusable state."""
    with closing(sqlite3.connect(world.state / "wmtls.db")) as db, db:
        db.execute(f"UPDATE tallies SET {damage}")  # noqa: S608  (our own)
    assert called(world) == 74
    assert capsys.readouterr().err.endswith(f"{said}\n")

"""A log that has a file for each day: nothing is renamed, the wrapper goes on in the next day's file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tail.conftest import Tail

Days = Callable[[str], Tail]


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    """Return what starts to follow the log of days."""
    started: list[Tail] = []

    def follow(start: str) -> Tail:
        started.append(Tail(tmp_path / "wrapper-YYYYMMDD.log", "end" if start == "end" else "beginning"))
        return started[-1]

    yield follow
    for one in started:
        one.follower.close()


def write(folder: Path, day: int, *lines: str) -> None:
    """Append lines to the file of a day of November."""
    with (folder / f"wrapper-202611{day:02}.log").open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def test_next_day_follows_the_day_before(tmp_path: Path, days: Days) -> None:
    """The rest of the old file comes first, however late it is read."""
    write(tmp_path, 22, "a")
    tail = days("beginning")
    assert tail.poll() == "a\n"
    write(tmp_path, 22, "b")
    write(tmp_path, 23, "c")
    assert tail.poll() == "b\nc\n"
    assert tail.places()[1:] == [("wrapper-20261122.log", 2, 2), ("wrapper-20261123.log", 0, 1)]
    assert (tail.state.rotations, tail.state.gaps) == (1, 0)


def test_late_lines_of_the_day_before(tmp_path: Path, days: Days) -> None:
    """A file of yesterday that grows after midnight is still read, each line once."""
    write(tmp_path, 22, "a")
    tail = days("beginning")
    write(tmp_path, 23, "b")
    assert tail.poll() == "a\nb\n"
    write(tmp_path, 22, "late")
    assert [tail.poll(), tail.poll()] == ["late\n", ""]


def test_down_over_midnights(tmp_path: Path, days: Days) -> None:
    """The rest of the last file, then all days since, in their order."""
    write(tmp_path, 19, "a")
    tail = days("beginning")
    assert tail.poll() == "a\n"
    saved = tail.save()
    write(tmp_path, 19, "b")
    for day in (22, 20, 21):
        write(tmp_path, day, f"{day}")
    tail.restart(saved)
    assert tail.poll() == "b\n20\n21\n22\n"
    assert tail.state.gaps == 0


def test_size_and_date_together(tmp_path: Path, days: Days) -> None:
    """A file that was rolled within its day is older than the day's own."""
    write(tmp_path, 22, "a")
    (tmp_path / "wrapper-20261122.log").rename(tmp_path / "wrapper-20261122.log.1")
    write(tmp_path, 22, "b")
    write(tmp_path, 23, "c")
    assert days("beginning").poll() == "a\nb\nc\n"


def test_years_of_files_and_a_start_at_the_end(tmp_path: Path, days: Days) -> None:
    """Old files stay unread, and few of them are kept open."""
    for day in range(1, 31):
        write(tmp_path, day, "old")
    tail = days("end")
    assert tail.poll() == ""
    assert len(tail.state.generations) <= 8
    write(tmp_path, 30, "new")
    assert tail.poll() == "new\n"


def test_no_file_yet(tmp_path: Path, days: Days) -> None:
    """The first file of a log of days is waited for, and wholly new."""
    tail = days("end")
    assert (tail.poll(), tail.follower.missing) == ("", True)
    write(tmp_path, 23, "a")
    assert (tail.poll(), tail.follower.missing) == ("a\n", False)


def test_yesterday_deleted(tmp_path: Path, days: Days) -> None:
    """A file that is removed by age was read, and is no loss."""
    write(tmp_path, 22, "a")
    tail = days("beginning")
    write(tmp_path, 23, "b")
    assert tail.poll() == "a\nb\n"
    (tmp_path / "wrapper-20261122.log").unlink()
    write(tmp_path, 23, "c")
    tail.restart()
    assert tail.poll() == "c\n"
    assert tail.state.gaps == 0

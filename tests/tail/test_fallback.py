"""A wrapper that may not write its log, in the folders of an installation."""

import os
from pathlib import Path

import pytest

from agent.tail.fallback import fallback, mend

PREFIX = "WARN   | wrapper  | 2026/11/23 12:00:00 | "
SAID = (
    f"{PREFIX}Unable to write to the configured log file: {{}} (Permission denied)\n"
    f"{PREFIX}  Falling back to the default file in the current working directory: wrapper.log\n"
)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Give a profile with a log that was written to in the past."""
    for name in ("logs", "bin", "configuration"):
        (tmp_path / name).mkdir()
    (tmp_path / "logs" / "wrapper.log").write_text("line\n")
    os.utime(tmp_path / "logs" / "wrapper.log", (1, 1))
    return tmp_path


@pytest.mark.parametrize("folder", ["bin", "configuration", "."])
@pytest.mark.parametrize("told", ["../logs/wrapper.log", "/opt/is/logs/wrapper.log"])
def test_the_file_that_is_written_instead_is_found_by_what_it_says(
    profile: Path, folder: str, told: str
) -> None:
    """Wherever the working directory is, and however the configuration names the log."""
    written = profile / folder / "wrapper.log"
    written.write_text(SAID.format(told) + "more\n" * 300_000)
    log = profile / "logs" / "wrapper.log"
    assert fallback(log) == written
    assert mend(log, written).startswith(
        f"the wrapper cannot write {log} and writes {written} instead; give "
    )
    written.write_text("x" * 3_000_000 + "\n" + SAID.format(told))
    assert fallback(log) == written


def test_a_log_of_days_has_one_too(profile: Path) -> None:
    """The message names the file of a day."""
    (profile / "bin" / "wrapper.log").write_text(SAID.format("../logs/wrapper_20261123.log"))
    assert fallback(profile / "logs" / "wrapper_YYYYMMDD.log") == profile / "bin" / "wrapper.log"


def test_what_is_no_fallback(profile: Path) -> None:
    """Another wrapper's file, one that says nothing of it or of another log, and one of the past."""
    log, other = profile / "logs" / "wrapper.log", profile / "bin" / "wrapper.log"
    assert fallback(log) is None
    other.write_text("INFO   | jvm 1    | 2026/11/23 12:00:00 | started\n")
    assert fallback(log) is None
    other.write_text(SAID.format("../logs/other.log"))
    assert fallback(log) is None
    other.write_text(SAID.format("../logs/wrapper.log"))
    log.write_text("the wrapper writes it again\n")
    os.utime(other, (5, 5))
    assert fallback(log) is None
    assert fallback(other) is None
    other.unlink()
    other.mkdir()
    os.utime(log, (1, 1))
    assert fallback(log) is None

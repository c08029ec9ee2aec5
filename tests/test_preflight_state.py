"""What is said of a state directory, in every condition that it may be left in."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agent.preflight_logs import Finding, Level
from agent.preflight_state import check_state
from agent.store import FILE_NAME, MIGRATIONS, Store

FINE = f"holds positions and counters (schema {len(MIGRATIONS)})"


def left(folder: Path, sql: str = "") -> list[tuple[Level, str]]:
    """Return what is said of what an agent left, after a change, without the directory itself."""
    with Store.open(folder):
        pass
    with closing(sqlite3.connect(folder / FILE_NAME)) as db, db:
        db.execute(sql)
    return said(folder)


def said(folder: Path) -> list[tuple[Level, str]]:
    """Return what is said, paths shortened."""
    first, *rest = check_state(folder)
    assert first == Finding(Level.OK, "state", f"{folder} can be written")
    return [(one.level, one.text.replace(f"{folder}/", "").replace(str(folder), "it")) for one in rest]


def test_a_state_that_is_fine_or_will_be(tmp_path: Path) -> None:
    """Of this version, of an older one, and in use by an agent that runs."""
    assert left(tmp_path) == [(Level.OK, f"wmtls.db {FINE}")]
    with Store.open(tmp_path):
        assert said(tmp_path) == [
            (Level.OK, "an agent is using it; a second one would refuse to start"),
            (Level.OK, f"wmtls.db {FINE}"),
        ]
    assert left(tmp_path, "UPDATE meta SET value = '1'") == [
        (Level.OK, f"wmtls.db is of an older wmtls; the next run brings it to schema {len(MIGRATIONS)}")
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "UPDATE meta SET value = '99'",
            (Level.ERROR, f"wmtls.db was written by a newer wmtls; this one knows schema {len(MIGRATIONS)}"),
        ),
        ("DROP TABLE meta", (Level.WARNING, "wmtls.db is damaged")),
        ("PRAGMA application_id = 7", (Level.WARNING, "wmtls.db is not a state file of wmtls")),
    ],
)
def test_a_state_that_the_agent_would_not_take(tmp_path: Path, sql: str, expected: tuple[Level, str]) -> None:
    """A newer one stops it, and one that cannot be read makes it begin anew."""
    assert left(tmp_path, sql) == [expected]


def test_what_was_set_aside_waits_for_somebody_to_look(tmp_path: Path) -> None:
    """The agent would not be ready, and says so here too."""
    with Store.open(tmp_path) as store:
        store.begin_anew()
    assert said(tmp_path)[1] == (
        Level.WARNING,
        "wmtls.db.corrupt-1 was set aside because it was damaged; the agent is not ready while it is there",
    )


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """A link is refused by the agent, wherever it leads."""
    (tmp_path / FILE_NAME).symlink_to("elsewhere")
    assert said(tmp_path) == [(Level.ERROR, "wmtls.db is no regular file")]


def test_a_state_of_somebody_else(nobody: Path) -> None:
    """Begun by root with a command typed by hand: the service's user could not go on with it."""
    with Store.open(nobody):
        pass
    (nobody / FILE_NAME).chmod(0o400)
    found = list(check_state(nobody))[1]
    assert found.level is Level.ERROR
    assert found.text.startswith(f"{nobody}/wmtls.db (owner ")
    assert f"mode 0400) cannot be written by uid {os.geteuid()} (" in found.text
    assert found.mend == f"chown wmtls:wmtls {nobody}/wmtls.db*"

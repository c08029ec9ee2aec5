"""Looks at the state directory before the agent opens it: whether it can, and what it will find there.

Nothing is changed, and an agent that is using the directory is not held up.
"""

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from agent.errors import StateError
from agent.preflight_logs import USER, Finding, Level, may, owned, who
from agent.store import FILE_NAME, LOCK_NAME, MIGRATIONS, set_aside
from agent.store_look import Health, in_use, look

FREE_BYTES = 100_000_000
"""Room that the state store wants: counters, and the incidents of days in which no receiver answers."""

_SUBJECT = "state"

_KNOWN = f"schema {len(MIGRATIONS)}"
_BEGINS_ANEW = (
    "move it away and keep it, or let wmtls run set it aside; counters and positions begin anew then, "
    "each log where its start says"
)

_SAID: Mapping[Health, tuple[Level, str, str | None]] = MappingProxyType(
    {
        Health.FINE: (Level.OK, f"holds positions and counters ({_KNOWN})", None),
        Health.OLDER: (Level.OK, f"is of an older wmtls; the next run brings it to {_KNOWN}", None),
        Health.NEWER: (
            Level.ERROR,
            f"was written by a newer wmtls; this one knows {_KNOWN}",
            "install that version again, or move the file away: counters and positions begin anew then",
        ),
        Health.DAMAGED: (Level.WARNING, "is damaged", _BEGINS_ANEW),
        Health.FOREIGN: (Level.WARNING, "is not a state file of wmtls", _BEGINS_ANEW),
    }
)


def check_state(directory: Path) -> Iterator[Finding]:
    """Return what is to be said of the state directory and of what an earlier run left in it."""
    make = f"install -d -o {USER} -g {USER} -m 0700 {shlex.quote(str(directory))}"
    ground = next((one for one in (directory, *directory.parents) if os.path.lexists(one)), Path("/"))
    if not ground.is_dir():
        yield Finding(Level.ERROR, _SUBJECT, f"{ground} is not a directory", f"remove it, then {make}")
        return
    if not may(ground, os.W_OK | os.X_OK):
        text = f"{directory} cannot be written" if ground == directory else f"{directory} cannot be created"
        yield Finding(Level.ERROR, _SUBJECT, text, make)
        return
    text = f"{directory} can be written" if ground == directory else f"{directory} will be created"
    yield Finding(Level.OK, _SUBJECT, text)
    free = shutil.disk_usage(ground).free
    if free < FREE_BYTES:
        text = f"the disk of {directory} has only {free // 1_000_000} MB left"
        yield Finding(Level.WARNING, _SUBJECT, text, f"make {FREE_BYTES // 1_000_000} MB room")
    if ground == directory:
        yield from _left(directory)


def _left(directory: Path) -> Iterator[Finding]:
    """Tell of the files of an earlier run."""
    for path in (directory / LOCK_NAME, directory / FILE_NAME):
        try:
            status = path.stat(follow_symlinks=False)
        except OSError:
            continue
        if path.is_symlink() or not path.is_file():
            yield Finding(
                Level.ERROR, _SUBJECT, f"{path} is no regular file", f"remove it: rm {shlex.quote(str(path))}"
            )
            return
        if not may(path, os.R_OK | os.W_OK):
            text = f"{path} ({owned(status)}) cannot be written by {who()}"
            mend = f"chown {USER}:{USER} {shlex.quote(str(path))}*"
            yield Finding(Level.ERROR, _SUBJECT, text, mend)
            return
    if in_use(directory):
        yield Finding(
            Level.OK, _SUBJECT, f"an agent is using {directory}; a second one would refuse to start"
        )
    path = directory / FILE_NAME
    try:
        found = look(directory)
    except StateError as error:
        name, _, reason = str(error).partition(": ")
        yield Finding(Level.ERROR, _SUBJECT, f"{name} cannot be looked into", reason)
        return
    if found.health in _SAID:
        level, said, todo = _SAID[found.health]
        yield Finding(level, _SUBJECT, f"{path} {said}", todo)
    for aside in set_aside(directory):
        yield Finding(
            Level.WARNING,
            _SUBJECT,
            f"{aside} was set aside because it was damaged; the agent is not ready while it is there",
            "look at it, then delete it or move it elsewhere",
        )

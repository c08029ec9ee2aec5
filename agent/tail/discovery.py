"""Which files a configured path means: the live ones, not what rolled off them."""

import glob
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from agent.tail import access, naming
from agent.tail.fallback import fallback

_NOT_LIVE = re.compile(
    r"""( \.[1-9]\d{0,3}                       # wrapper.log.1
      | \.(gz|bz2|xz|zst|zip|Z|lz4|tgz|tar)  # compressed
      | [-.]\d{8}(-?\d{2,6})?                # logrotate's dateext: wrapper.log-20261123
      | [-.]\d{4}-\d\d-\d\d(-?\d{2,6})?
      | ~ | \#                               # editors
      | \.(sw[a-p]|bak|tmp|orig|old|save|part|lck|lock|pid)
    )\Z""",
    re.VERBOSE,
)

ROLL_NUMBER = re.compile(r"[-_.]([1-9]\d{0,3})(?=\.[A-Za-z]+$)")
"""The number in a name that the wrapper made with ROLLNUM: wrapper_1.log beside wrapper.log."""


def expand(pattern: str) -> list[Path]:
    """Return the live files a path or glob means, sorted; a plain path also when nothing is there.

    A file that two names lead to is returned once, by its own name if that is among them. The files of a log
    that has one for each day are one path, with YYYYMMDD for the date.
    """
    if not glob.has_magic(pattern) or os.path.exists(pattern):  # noqa: PTH110 - raises nothing
        return [Path(pattern)]
    return sorted({naming.family(path) for path in matches(pattern)})


def matches(pattern: str) -> list[Path]:
    """Return the files that a glob matches and that a log may be written to, each once; `DAY` is any date.

    What may not be looked at counts as a file: whoever follows it tells what is missing.
    """
    found: dict[tuple[int, int] | Path, Path] = {}
    searched = pattern.replace(naming.DAY, "[0-9]" * len(naming.DAY))
    names = [Path(name) for name in glob.glob(searched, recursive=True)]  # noqa: PTH207 - an absolute pattern
    for path in sorted(names, key=lambda path: (os.path.islink(path), path)):  # noqa: PTH114 - raises nothing
        if _rolled(path):
            continue
        try:
            status = path.stat()
        except PermissionError:
            found[path] = path
        except OSError:
            continue  # gone since it was listed, or a link that leads nowhere
        else:
            if stat.S_ISREG(status.st_mode):
                found.setdefault((status.st_dev, status.st_ino), path)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a path or glob means now: files, each with its path without links.

    `problem` says with its mend what keeps us from finding more. `elsewhere` are the files that the wrapper
    writes in place of some.
    """

    files: list[tuple[Path, Path]]
    problem: str | None = None
    elsewhere: dict[Path, Path] = field(default_factory=dict)


def sighted(pattern: str) -> Sighting:
    """Return the files that a path or glob means."""
    files = [(path, Path(os.path.realpath(path))) for path in expand(pattern)]  # which raises nothing
    elsewhere = {path: written for path, _ in files if (written := fallback(path)) is not None}
    return Sighting(files, None if files else _closed(Path(pattern)), elsewhere)


def _closed(pattern: Path) -> str | None:
    """Return what is missing to look into the folder that a glob begins in."""
    folder = next(one for one in pattern.parents if not glob.has_magic(str(one)))
    try:
        with os.scandir(folder):
            return None
    except PermissionError as error:
        return access.mend(folder, error)
    except OSError:
        return None  # it is not there yet


def _rolled(path: Path) -> bool:
    """Tell by its name whether a file is a sibling, an archive or an editor's."""
    name = path.name
    live = ROLL_NUMBER.sub("", name)
    if live != name and os.path.exists(path.with_name(live)):  # noqa: PTH110 - raises nothing
        return True
    undated = naming.undated(path)
    if undated is not None and os.path.exists(undated):  # noqa: PTH110 - likewise
        return True
    return name.startswith((".", "#")) or _NOT_LIVE.search(name) is not None

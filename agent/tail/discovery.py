"""Which files a configured path means: the live ones, not what rolled off them."""

import glob
import re
from pathlib import Path

from agent.tail import naming

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
    if not glob.has_magic(pattern) or Path(pattern).exists():
        return [Path(pattern)]
    found: dict[tuple[int, int], Path] = {}
    searched = pattern.replace(naming.DAY, "[0-9]" * len(naming.DAY))
    names = [Path(name) for name in glob.glob(searched, recursive=True)]  # noqa: PTH207 - an absolute pattern
    for path in sorted(names, key=lambda path: (path.is_symlink(), path)):
        if path.is_file() and not _rolled(path):
            status = path.stat()
            found.setdefault((status.st_dev, status.st_ino), naming.family(path))
    return sorted(set(found.values()))


def sighted(pattern: str) -> list[tuple[Path, Path]]:
    """Return the files that a path or glob means, each with its path without links."""
    return [(path, path.resolve()) for path in expand(pattern)]


def _rolled(path: Path) -> bool:
    """Tell by its name whether a file is a sibling, an archive or an editor's."""
    name = path.name
    live = ROLL_NUMBER.sub("", name)
    if live != name and path.with_name(live).exists():
        return True
    undated = naming.undated(path)
    if undated is not None and undated.exists():
        return True
    return name.startswith((".", "#")) or _NOT_LIVE.search(name) is not None

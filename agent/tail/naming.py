"""How the files of one log are named: the live one, and what rolled off it.

The wrapper rolls `wrapper.log` to `wrapper.log.1`, or with ROLLNUM in `wrapper.logfile` to `wrapper_1.log`.
With YYYYMMDD in it nothing is renamed: each day has a file of its own, and the youngest is the live one.
Other programs that roll, logrotate among them, put a date behind the name or into it. Sources: the Java
Service Wrapper's `wrapper.logfile` and `wrapper.logfile.rollmode`, logrotate(8) `dateext`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

DAY = "YYYYMMDD"
"""The wrapper's token for the date, as a path of the configuration names the log of a day."""

PACKED = ".gz"
"""What logrotate puts behind the name of a file that it compressed."""

SLACK = 4
"""Numbers looked at above each one listed: rolls that may happen while we look."""

PROBED = 32
"""Numbers looked at when the directory may be entered but not listed."""

_DATED = 10_000
"""Place of the youngest dated file behind a live file: numbers have four digits at most."""

_DATE = r"(?P<date>(?:19|20)\d\d(?:-[01]\d-[0-3]\d|[01]\d[0-3]\d)(?:[-T_]?\d{2,6})?)"
_NUMBER = r"(?P<number>[1-9]\d{0,3})"
_IN_NAME = re.compile(r"(?<!\d)(?:19|20)\d\d[01]\d[0-3]\d(?!\d)")
_JOINTS = "-_."
"""What the wrapper leaves out together with a token that it does not use."""


def members(path: Path, listed: Iterable[str]) -> list[tuple[int, str]]:
    """Return place and name of the files of a log among the names of its directory, youngest first.

    The live file has place 0 and may be absent. A file that rolled has its number; one with a date comes
    behind all that have none. Where the path holds `DAY` the youngest is the live one.
    """
    numbered: list[tuple[int, str]] = []
    dated: list[tuple[str, int, str]] = []
    for name in listed:
        for pattern in _patterns(path.name):
            if found := pattern.fullmatch(name):
                fields = found.groupdict()
                number = int(fields.get("number") or 0)
                if date := fields.get("date"):
                    dated.append((re.sub(r"\D", "", date), -number, name))
                else:
                    numbered.append((number, name))
                break
    first = 0 if DAY in path.name else _DATED
    youngest = sorted(dated, reverse=True)
    return [*sorted(numbered), *((first + rank, name) for rank, (_, _, name) in enumerate(youngest))]


def archives(path: Path, listed: Iterable[str]) -> list[tuple[int, str]]:
    """Return place and name of the compressed members, youngest first.

    An archive beside its plain file is left out: it is still being written.
    """
    names = set(listed)
    plain = {name.removesuffix(PACKED) for name in names if name.endswith(PACKED)} - names
    return [(place, name + PACKED) for place, name in members(path, plain) if place or DAY in path.name]


def candidates(path: Path, listed: Iterable[str]) -> list[tuple[int, str]]:
    """Return the members, and the names that their next rolls will give, youngest first."""
    found = members(path, listed)
    if DAY in path.name:
        return found
    names = {name: place for place, name in found}
    for place, name in [(0, path.name), *found]:
        if place < _DATED:
            number = f"{place}"
            for more in range(SLACK + 1):
                if place and name != f"{path.name}.{place}":  # wrapper_1.log
                    at = name.rindex(number)
                    names.setdefault(name[:at] + f"{place + more}" + name[at + len(number) :], place + more)
                else:
                    names.setdefault(numbered(path, place + more), place + more)
    return sorted((place, name) for name, place in names.items())


def numbered(path: Path, number: int) -> str:
    """Return the name of the file that rolled so often, 0 for the live one."""
    return f"{path.name}.{number}" if number else path.name


def family(path: Path) -> Path:
    """Return the path of the log that a file belongs to: `DAY` in place of a date in its name."""
    return path.with_name(_IN_NAME.sub(DAY, path.name, count=1))


def undated(path: Path) -> Path | None:
    """Return the live path that a dated name would have rolled off; None for a name without a date."""
    found = _IN_NAME.search(path.name)
    if found is None:
        return None
    before, after = path.name[: found.start()], path.name[found.end() :]
    return path.with_name((before[:-1] if before[-1:] in _JOINTS else before) + after)


@lru_cache(maxsize=256)
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    if DAY in name:
        before, _, after = name.partition(DAY)
        date = r"(?P<date>(?:19|20)\d\d[01]\d[0-3]\d)"
        return (re.compile(rf"{re.escape(before)}{date}{re.escape(after)}(?:\.{_NUMBER})?"),)
    whole = re.escape(name)
    patterns = [rf"{whole}(?:\.{_NUMBER})?", rf"{whole}[-.]{_DATE}(?:\.{_NUMBER})?"]
    stem, dot, extension = name.rpartition(".")
    if dot and extension.isalpha() and stem:
        patterns += [
            rf"{re.escape(stem)}[-_.]{_NUMBER}\.{extension}",
            rf"{re.escape(stem)}[-_.]{_DATE}\.{extension}(?:\.{_NUMBER})?",
        ]
    return tuple(re.compile(pattern) for pattern in patterns)

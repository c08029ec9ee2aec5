"""Ranges of product versions: ">=10.7", "<=10.5", ">=9.5,<10.15"."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

Version = tuple[int, ...]

_COMPARISONS: dict[str, Callable[[Version, Version], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_BOUND = re.compile(r"(<=|>=|==|<|>)\s*(\d+(?:\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds that must all hold; `text` is how they were written."""

    text: str
    bounds: tuple[tuple[str, Version], ...]

    def __contains__(self, version: Version) -> bool:
        # 10.5.0.3 is a 10.5: only as many numbers count as the bound names
        return all(_COMPARISONS[sign](version[: len(bound)], bound) for sign, bound in self.bounds)

    def begins_by(self, version: Version) -> bool:
        """Tell whether some version up to this one can be in the range."""
        lower = [bound for sign, bound in self.bounds if sign in {">=", ">", "=="}]
        return all(bound <= version for bound in lower)


def parse_range(text: str) -> Range:
    """Return a range; raises ValueError for a text that is none."""
    bounds = []
    for part in text.split(","):
        found = _BOUND.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"{part.strip()!r} is no bound such as '>=10.7'")
        bounds.append((found[1], _numbers(found[2])))
    return Range(text, tuple(bounds))


def parse_version(text: str | None) -> Version | None:
    """Return the numbers that a version begins with, None for a text that begins with none."""
    found = re.match(r"\s*v?(\d+(?:\.\d+)*)", text or "")
    return _numbers(found[1]) if found else None


def _numbers(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))

"""Sentences with names between braces: checked when they are loaded, filled when they are said."""

import string
from collections.abc import Iterable, Mapping
from functools import lru_cache

from agent.knowledge.checks import Place, one_of, texts


def read(
    place: Place, key: str, value: object, allowed: Iterable[str], always: Iterable[str]
) -> tuple[str, ...]:
    """Return the wordings of a sentence, the fullest first.

    Each may use the names in `allowed` and `always`; the last may use only those that are always known.
    """
    wordings = texts(place, key, [value] if isinstance(value, str) else value)
    if not wordings:
        raise place.wrong(f"{key!r} is empty; write a sentence", key)
    needless = frozenset(always)
    for wording in wordings:
        try:
            names = placeholders(wording)
        except ValueError as error:
            raise place.wrong(f"{key!r} {error}", key) from error
        for name in names:
            one_of(place, key, name, needless | frozenset(allowed), name=f"{key} placeholder")
    if not needless.issuperset(placeholders(wordings[-1])):
        raise place.wrong(f"the last {key} must need no value, so that one always fits", key)
    return tuple(wordings)


def fill(wordings: Iterable[str], known: Mapping[str, str]) -> str:
    """Return the first wording whose values are all known, filled; "" where there is none."""
    for wording in wordings:
        if known.keys() >= frozenset(placeholders(wording)):
            return wording.format_map(known)
    return ""


@lru_cache(maxsize=4096)
def placeholders(text: str) -> tuple[str, ...]:
    """Return the names between braces; ValueError for anything but plain names."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"has a wrong brace: {error}") from error
    names = tuple(name for _, name, _, _ in fields if name is not None)
    if any(not name.isidentifier() or spec or turned for _, name, spec, turned in fields if name is not None):
        raise ValueError("may hold plain names between braces only")
    return names

"""Checks of what a catalogue's file holds; each complaint names file, line, table and the mend."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from agent.errors import ConfigError
from agent.knowledge.toml_lines import line_of

_SHOWN_WORDS = 20
"""A complaint lists the known words where they are no more than this."""

E = TypeVar("E", bound=StrEnum)


class CatalogueError(ConfigError):
    """A file of the catalogue is wrong; the text begins with the file and, where there is one, the line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table of a file: what a complaint is about. `label` is how the reader knows the table.

    `within` is the key that holds what is read, where that is a table written on its line.
    """

    file: str
    text: str
    table: str
    number: int
    label: str
    within: str | None = None

    def inline(self, key: str) -> "Place":
        """Return the place of a table that a key holds."""
        return replace(self, within=key)

    def wrong(self, what: str, key: str | None = None) -> CatalogueError:
        """Return a complaint about the table, or about a key of it."""
        line = line_of(self.text, self.table, self.number, self.within or key)
        return CatalogueError(f"{self.file}:{line}: {self.label}: {what}")


def known(place: Place, row: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Refuse a key that is none of these."""
    for key in row:
        if key not in keys:
            raise place.wrong(_unknown("key", key, keys), key)


def one_of(place: Place, key: str, value: object, allowed: Iterable[str], *, name: str | None = None) -> str:
    """Return a word that is one of those allowed; `name` is what a complaint calls it."""
    if not isinstance(value, str) or value not in allowed:
        raise place.wrong(_unknown(name or key, value, allowed), key)
    return value


def word(place: Place, key: str, value: object, kind: Callable[[str], E]) -> E:
    """Return a word of the vocabulary."""
    try:
        return kind(value if isinstance(value, str) else "")
    except ValueError as error:
        raise place.wrong(f"unknown {key} {value!r}; use a word of the vocabulary", key) from error


def words(place: Place, key: str, row: Mapping[str, Any], kind: Callable[[str], E]) -> frozenset[E]:
    """Return the words of a list that may be absent."""
    return frozenset(word(place, key, one, kind) for one in texts(place, key, row.get(key, [])))


def texts(place: Place, key: str, value: object) -> list[str]:
    """Return a list of texts."""
    if not isinstance(value, list):
        raise place.wrong(f"{key!r} must be a list of texts", key)
    return [text(place, key, item) for item in value]


def text(place: Place, key: str, value: object) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise place.wrong(f"{key!r} must be a text that is not empty", key)
    return value


def optional(place: Place, key: str, value: object) -> str | None:
    """Return a text, or None for what is absent."""
    return None if value is None else text(place, key, value)


def table(place: Place, key: str, value: object) -> Mapping[str, Any]:
    """Return a table."""
    if not isinstance(value, dict):
        raise place.wrong(f"{key!r} must be a table", key)
    return value


def flag(place: Place, key: str, row: Mapping[str, Any]) -> bool | None:
    """Return true, false, or None for what is absent."""
    value = row.get(key)
    if not isinstance(value, bool | None):
        raise place.wrong(f"{key!r} must be true or false", key)
    return value


def needed(place: Place, row: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Refuse a table that lacks a key."""
    for key in keys:
        if key not in row:
            raise place.wrong(f"{key!r} is missing; add it")


def pattern(place: Place, key: str, value: str) -> str:
    """Return a regular expression."""
    try:
        re.compile(value)
    except re.error as error:
        raise place.wrong(f"{key} {value!r} is no regular expression: {error}", key) from error
    return value


def _unknown(name: str, value: object, allowed: Iterable[str]) -> str:
    listed = sorted(allowed)
    if len(listed) > _SHOWN_WORDS:
        return f"unknown {name} {value!r}; the {len(listed)} that are known stand in docs/diagnoses.md"
    return f"unknown {name} {value!r}; known: {', '.join(listed) or 'none'}"

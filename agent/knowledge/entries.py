"""Entries of the catalogue: their shape, and the checks that a TOML file must pass.

A file holds `[[entry]]` tables and `[remedy.<name>]` tables that entries of any file may name. Every
complaint names the file and the entry.
"""

import re
import string
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from agent.errors import ConfigError
from agent.knowledge.condition import Condition
from agent.knowledge.facts import FACTS
from agent.knowledge.values import VALUES
from agent.knowledge.versions import Range, parse_range
from agent.model.diagnosis import Alternative, Remedy
from agent.model.tls import ALERTS
from agent.model.vocabulary import CAUSES, ActingSide, Confidence, Dialect, Issue, Role

_ALERT_NAMES = frozenset(ALERTS.values())
MAX_ALTERNATIVES = 3
"""As many as an incident shows."""

_SHOWN_WORDS = 20
"""A complaint lists the known words where they are no more than this."""

E = TypeVar("E", bound=StrEnum)


class CatalogueError(ConfigError):
    """A file of the catalogue is wrong; the text begins with the file and the entry."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A remedy and where it applies; empty sets mean everywhere."""

    remedy: Remedy
    versions: Range | None
    roles: frozenset[Role]
    dialects: frozenset[Dialect]


@dataclass(frozen=True, slots=True)
class Entry:
    """One diagnosis. The first of `summaries` whose values are all known is the sentence.

    `unknown_role` replaces the alternatives where the log does not show the role, and makes the diagnosis
    merely possible; None leaves it as it is.
    """

    id: str
    file: str
    issue: Issue
    cause: str
    confidence: Confidence
    acting_side: ActingSide
    acting_side_by_role: Mapping[Role, ActingSide]
    when: Condition
    summaries: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    unknown_role: tuple[Alternative, ...] | None
    would_confirm: str | None
    advice: tuple[Advice, ...]

    @property
    def is_fallback(self) -> bool:
        """The entry asks nothing and so always fits."""
        return self.when == Condition()


_WHEN_KEYS = frozenset(Condition.__dataclass_fields__)
_ENTRY_KEYS = frozenset(
    {
        "id",
        "issue",
        "cause",
        "confidence",
        "acting_side",
        "acting_side_by_role",
        "when",
        "summary",
        "alternatives",
        "unknown_role",
        "would_confirm",
        "remedies",
    }
)
_REMEDY_KEYS = frozenset(
    {"text", "setting", "value", "applies_to", "restart", "weakens_security", "roles", "dialects"}
)


def parse(sources: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return the entries of files given as name and text; raises CatalogueError for the first fault."""
    tables = {file: _toml(file, text) for file, text in sources.items()}
    named: dict[str, Advice] = {}
    for file, table in tables.items():
        for name, row in table.get("remedy", {}).items():
            where = f"{file}: remedy {name!r}"
            if name in named:
                raise CatalogueError(f"{where}: the name is taken; choose another")
            named[name] = _advice(where, row)
    entries: dict[str, Entry] = {}
    for file, table in tables.items():
        for number, row in enumerate(table.get("entry", ()), 1):
            entry = _entry(file, number, row, named)
            if entry.id in entries:
                raise CatalogueError(
                    f"{file}: entry {entry.id!r}: the id is taken by {entries[entry.id].file}; choose another"
                )
            entries[entry.id] = entry
    return tuple(entries.values())


def _toml(file: str, text: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{file}: not valid TOML: {error}") from error
    _known(file, table, {"entry", "remedy"})
    return table


def _entry(file: str, number: int, row: Mapping[str, Any], named: Mapping[str, Advice]) -> Entry:
    where = f"{file}: entry {row.get('id', number)!r}"
    _known(where, row, _ENTRY_KEYS)
    for key in ("id", "issue", "cause", "confidence", "acting_side", "when", "summary"):
        if key not in row:
            raise CatalogueError(f"{where}: {key!r} is missing; add it")
    issue = _word(where, "issue", row["issue"], Issue)
    by_role = _table(where, "acting_side_by_role", row.get("acting_side_by_role", {}))
    alternatives = row.get("unknown_role")
    return Entry(
        id=_text(where, "id", row["id"]),
        file=file,
        issue=issue,
        cause=_cause(where, issue, row["cause"]),
        confidence=_word(where, "confidence", row["confidence"], Confidence),
        acting_side=_word(where, "acting_side", row["acting_side"], ActingSide),
        acting_side_by_role={
            _word(where, "acting_side_by_role", role, Role): _word(
                where, "acting_side_by_role", side, ActingSide
            )
            for role, side in by_role.items()
        },
        when=_condition(where, _table(where, "when", row["when"])),
        summaries=_summaries(where, row["summary"]),
        alternatives=_alternatives(where, "alternatives", row.get("alternatives", [])),
        unknown_role=None if alternatives is None else _alternatives(where, "unknown_role", alternatives),
        would_confirm=_optional(where, "would_confirm", row.get("would_confirm")),
        advice=_remedies(where, row.get("remedies", []), named),
    )


def _condition(where: str, row: Mapping[str, Any]) -> Condition:
    _known(f"{where}: when", row, _WHEN_KEYS)

    def named(key: str, allowed: Iterable[str]) -> frozenset[str]:
        words = _texts(where, key, row.get(key, []))
        return frozenset(_one_of(where, key, word, allowed) for word in words)

    condition = Condition(
        role=_words(where, "role", row, Role),
        dialect=_words(where, "dialect", row, Dialect),
        exception=tuple(
            _pattern(where, text) for text in _texts(where, "exception", row.get("exception", []))
        ),
        alert_received=named("alert_received", _ALERT_NAMES),
        alert_sent=named("alert_sent", _ALERT_NAMES),
        word=named("word", _ALERT_NAMES),
        facts=named("facts", FACTS),
        any_facts=named("any_facts", FACTS),
        no_facts=named("no_facts", FACTS),
    )
    clash = sorted(condition.facts & condition.no_facts)
    if clash:
        raise CatalogueError(f"{where}: {clash[0]!r} is asked for and ruled out; the entry could never fit")
    return condition


def _summaries(where: str, value: object) -> tuple[str, ...]:
    summaries = _texts(where, "summary", [value] if isinstance(value, str) else value)
    if not summaries:
        raise CatalogueError(f"{where}: 'summary' is empty; write a sentence")
    for text in summaries:
        for name in placeholders(where, text):
            _one_of(where, "summary placeholder", name, VALUES)
    if placeholders(where, summaries[-1]):
        raise CatalogueError(f"{where}: the last summary must need no value, so that one always fits")
    return tuple(summaries)


@lru_cache(maxsize=2048)
def placeholders(where: str, text: str) -> list[str]:
    """Return the names between braces; raises CatalogueError for anything but plain names."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        raise CatalogueError(f"{where}: 'summary' has a wrong brace: {error}") from error
    names = [name for _, name, _, _ in fields if name is not None]
    if any(not name.isidentifier() or spec or turned for _, name, spec, turned in fields if name is not None):
        raise CatalogueError(f"{where}: 'summary' may hold plain names between braces only")
    return names


def _remedies(where: str, value: object, named: Mapping[str, Advice]) -> tuple[Advice, ...]:
    if not isinstance(value, list):
        raise CatalogueError(f"{where}: 'remedies' must be a list of tables or names")
    advice = []
    for item in value:
        if isinstance(item, str):
            advice.append(named[_one_of(where, "remedies", item, named)])
        else:
            advice.append(_advice(f"{where}: remedies", item))
    return tuple(advice)


def _advice(where: str, row: object) -> Advice:
    table = _table(where, "remedy", row)
    _known(where, table, _REMEDY_KEYS)
    if "text" not in table:
        raise CatalogueError(f"{where}: 'text' is missing; add it")
    restart = table.get("restart")
    weakens = table.get("weakens_security", False)
    if not isinstance(restart, bool | None) or not isinstance(weakens, bool):
        raise CatalogueError(f"{where}: 'restart' and 'weakens_security' must be true or false")
    applies_to = _optional(where, "applies_to", table.get("applies_to"))
    try:
        versions = parse_range(applies_to) if applies_to is not None else None
    except ValueError as error:
        raise CatalogueError(f"{where}: 'applies_to': {error}") from error
    return Advice(
        remedy=Remedy(
            text=_text(where, "text", table["text"]),
            setting=_optional(where, "setting", table.get("setting")),
            value=_optional(where, "value", table.get("value")),
            applies_to=applies_to,
            restart=restart,
            weakens_security=weakens,
        ),
        versions=versions,
        roles=_words(where, "roles", table, Role),
        dialects=_words(where, "dialects", table, Dialect),
    )


def _alternatives(where: str, key: str, value: object) -> tuple[Alternative, ...]:
    alternatives = []
    for text in _texts(where, key, value):
        issue, _, cause = text.partition("/")
        kind = _word(where, key, issue, Issue)
        alternatives.append(Alternative(kind, _cause(where, kind, cause), Confidence.POSSIBLE))
    if len(alternatives) > MAX_ALTERNATIVES or len(set(alternatives)) < len(alternatives):
        raise CatalogueError(f"{where}: {key!r} holds at most {MAX_ALTERNATIVES}, none of them twice")
    return tuple(alternatives)


def _cause(where: str, issue: Issue, cause: object) -> str:
    return _one_of(where, f"cause of {issue.value}", cause, CAUSES[issue])


def _pattern(where: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise CatalogueError(f"{where}: exception {text!r} is no regular expression: {error}") from error


def _known(where: str, row: Mapping[str, Any], keys: Iterable[str]) -> None:
    for key in row:
        _one_of(where, "key", key, keys)


def _one_of(where: str, key: str, value: object, allowed: Iterable[str]) -> str:
    words = sorted(allowed)
    if not isinstance(value, str) or value not in words:
        known = ", ".join(words) if len(words) <= _SHOWN_WORDS else f"{len(words)} are known"
        raise CatalogueError(f"{where}: unknown {key} {value!r}; known: {known}")
    return value


def _word(where: str, key: str, value: object, kind: Callable[[str], E]) -> E:
    try:
        return kind(value if isinstance(value, str) else "")
    except ValueError as error:
        raise CatalogueError(f"{where}: unknown {key} {value!r}; use a word of the vocabulary") from error


def _words(where: str, key: str, row: Mapping[str, Any], kind: Callable[[str], E]) -> frozenset[E]:
    return frozenset(_word(where, key, word, kind) for word in _texts(where, key, row.get(key, [])))


def _texts(where: str, key: str, value: object) -> list[str]:
    if not isinstance(value, list):
        raise CatalogueError(f"{where}: {key!r} must be a list of texts")
    return [_text(where, key, item) for item in value]


def _text(where: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{where}: {key!r} must be a text that is not empty")
    return value


def _optional(where: str, key: str, value: object) -> str | None:
    return None if value is None else _text(where, key, value)


def _table(where: str, key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise CatalogueError(f"{where}: {key!r} must be a table")
    return value

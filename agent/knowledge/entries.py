"""Entries of the catalogue: their shape, and how a TOML file says them.

A file holds `[[entry]]` tables, one diagnosis each; `[[mirrored]]` tables, which are two: what this side, as
the client, finds wrong with the server's certificate, and the same, as the server, with the client's. Beside
them stands what entries of any file may name: `[remedy.<name>]`, `[[probe.<name>]]`, `[partner.<name>]` and,
in `[words]`, lists that are put in place of "@<name>".
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.knowledge import partner, probes, remedies, sentences
from agent.knowledge.checks import (
    CatalogueError,
    Place,
    known,
    needed,
    one_of,
    optional,
    pattern,
    table,
    text,
    texts,
    word,
    words,
)
from agent.knowledge.condition import Condition
from agent.knowledge.facts import FACTS
from agent.knowledge.partner import Letter
from agent.knowledge.probes import Probe
from agent.knowledge.remedies import Advice
from agent.knowledge.values import ALWAYS, VALUES
from agent.model.diagnosis import Alternative
from agent.model.tls import ALERTS
from agent.model.vocabulary import CAUSES, ActingSide, Confidence, Dialect, Issue, Role

_ALERT_NAMES = frozenset(ALERTS.values())
MAX_ALTERNATIVES = 3
"""As many as an incident shows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One diagnosis. The first of `summaries` whose values are all known is the sentence.

    `of_user` marks an entry of a user's file, which goes before one of the product that fits as well.
    `unknown_role` replaces the alternatives where the log does not show the role, and makes the diagnosis
    merely possible; None leaves it as it is. `probes` are variants, of which the first that fits is told.
    """

    id: str
    file: str
    of_user: bool
    issue: Issue
    cause: str
    confidence: Confidence
    acting_side: ActingSide
    acting_side_by_role: Mapping[Role, ActingSide]
    when: Condition
    summaries: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    unknown_role: tuple[Alternative, ...] | None
    probes: tuple[Probe, ...]
    advice: tuple[Advice, ...]
    letter: Letter | None

    @property
    def is_fallback(self) -> bool:
        """The entry asks nothing and so always fits."""
        return self.when == Condition()


_WHEN_KEYS = frozenset(Condition.__dataclass_fields__)
_ENTRY_KEYS = frozenset(
    {
        *("id", "issue", "cause", "confidence", "acting_side", "acting_side_by_role", "when", "summary"),
        *("alternatives", "unknown_role", "would_confirm", "remedies", "partner"),
    }
)
_NEEDED = ("id", "issue", "cause", "confidence", "acting_side", "when", "summary")

_MIRRORS = (
    (Issue.SERVER_CERTIFICATE_REJECTED, ["client", "unknown"]),
    (Issue.CLIENT_CERTIFICATE_REJECTED, ["server"]),
)
"""What a mirrored table is read as: in the client's log, or one that shows no role, and in the server's."""


@dataclass(slots=True)
class _Named:
    """What entries may name, by the name."""

    remedies: dict[str, Advice] = field(default_factory=dict)
    probes: dict[str, tuple[Probe, ...]] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)


def parse(
    product: Mapping[str, str], user: Mapping[str, str] | None = None, *, proven: bool = False
) -> tuple[Entry, ...]:
    """Return the entries of files given as name and text, the product's first.

    Raises CatalogueError for the first fault. A user's file passes the same checks as one of the product; it
    takes no name that is taken, and cannot change what stands in another file. `proven` says that the
    product's own patterns are known to be regular expressions, as the tests see to, so that those not needed
    need not be compiled.
    """
    sources = [(file, source, False) for file, source in product.items()]
    sources += [(file, source, True) for file, source in (user or {}).items()]
    files = [(file, source, of_user, _toml(file, source)) for file, source, of_user in sources]
    named = _Named()
    for file, source, _, rows in files:
        _name(file, source, rows, named)
    entries: dict[str, Entry] = {}
    asked: dict[tuple[bool, Condition], str] = {}
    for file, source, of_user, rows in files:
        reader = _Reader(named, of_user=of_user, patterns=of_user or not proven)
        for place, row in _rows(file, source, rows):
            entry = reader.entry(place, row)
            if entry.id in entries:
                raise place.wrong(f"the id is taken by {entries[entry.id].file}; choose another", "id")
            other = asked.setdefault((of_user, entry.when), entry.id)
            if other != entry.id:
                raise place.wrong(f"asks for the same as {other!r}; one of the two could never win", "when")
            entries[entry.id] = entry
    return tuple(entries.values())


def _toml(file: str, source: str) -> dict[str, Any]:
    try:
        rows = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        reason, _, at = str(error).rstrip(")").rpartition(" (at ")
        line = at.removeprefix("line ").partition(",")[0]
        line = line if line.isdecimal() else str(source.count("\n") + 1)
        raise CatalogueError(f"{file}:{line}: not valid TOML: {reason or error}") from error
    known(
        Place(file, source, "", 1, "file"), rows, {"entry", "mirrored", "remedy", "probe", "partner", "words"}
    )
    return rows


def _name(file: str, source: str, rows: Mapping[str, Any], named: _Named) -> None:
    """Take what the entries of any file may name."""

    def places(kind: str) -> Iterator[tuple[str, Place, Any]]:
        whole = Place(file, source, kind, 1, kind)
        for name, row in table(whole, kind, rows.get(kind, {})).items():
            place = Place(file, source, f"{kind}.{name}" if kind != "words" else kind, 1, f"{kind} {name!r}")
            taken: Mapping[str, object] = getattr(named, _TAKEN[kind])
            if name in taken:
                raise place.wrong("the name is taken; choose another")
            yield name, place, row

    for name, place, row in places("remedy"):
        named.remedies[name] = remedies.read(place, table(place, name, row))
    for name, place, row in places("probe"):
        if not isinstance(row, list):
            raise place.wrong(f"write [[probe.{name}]] in double brackets")
        named.probes[name] = tuple(probes.read(place, table(place, name, one), VALUES, ALWAYS) for one in row)
    for name, place, row in places("partner"):
        named.letters[name] = partner.read(place, table(place, name, row))
    for name, place, row in places("words"):
        named.words[name] = texts(place, name, row)


_TAKEN = {"remedy": "remedies", "probe": "probes", "partner": "letters", "words": "words"}


def _rows(file: str, source: str, rows: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Yield each entry's table, a mirrored one twice."""
    for kind in ("mirrored", "entry"):
        whole = Place(file, source, kind, 1, kind)
        listed = rows.get(kind, [])
        if not isinstance(listed, list):
            raise whole.wrong(f"write [[{kind}]] in double brackets")
        for number, row in enumerate(listed, 1):
            slug = table(whole, kind, row).get("id", number)
            place = Place(file, source, kind, number, f"{kind} {slug!r}")
            if kind == "entry":
                yield place, row
                continue
            text(place, "id", slug)
            for key in ("issue", "unknown_role"):
                if key in row:
                    raise place.wrong(f"{key!r} is told by being mirrored; remove it", key)
            when = table(place, "when", row.get("when"))
            if "role" in when:
                raise place.wrong("'role' is told by being mirrored; remove it", "role")
            for issue, roles in _MIRRORS:
                seen = dict(row) | {"id": f"{issue.value}.{slug}", "issue": issue.value}
                seen["when"] = dict(when) | {"role": roles}
                if Role.UNKNOWN.value in roles:
                    seen["unknown_role"] = [f"{_MIRRORS[1][0].value}/{row.get('cause')}"]
                yield place, seen


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the entries of one file."""

    named: _Named
    of_user: bool
    patterns: bool

    def entry(self, place: Place, row: Mapping[str, Any]) -> Entry:
        """Return an entry; raises CatalogueError for a faulty one."""
        known(place, row, _ENTRY_KEYS)
        needed(place, row, _NEEDED)
        issue = word(place, "issue", row["issue"], Issue)
        by_role = table(place, "acting_side_by_role", row.get("acting_side_by_role", {}))
        others = row.get("unknown_role")
        named = self.named
        letter = optional(place, "partner", row.get("partner"))
        return Entry(
            id=text(place, "id", row["id"]),
            file=place.file,
            of_user=self.of_user,
            issue=issue,
            cause=_cause(place, "cause", issue, row["cause"]),
            confidence=word(place, "confidence", row["confidence"], Confidence),
            acting_side=word(place, "acting_side", row["acting_side"], ActingSide),
            acting_side_by_role={
                word(place, "acting_side_by_role", role, Role): word(
                    place, "acting_side_by_role", side, ActingSide
                )
                for role, side in by_role.items()
            },
            when=self._condition(place, table(place, "when", row["when"])),
            summaries=sentences.read(place, "summary", row["summary"], VALUES, ALWAYS),
            alternatives=_alternatives(place, "alternatives", issue, row.get("alternatives", [])),
            unknown_role=None if others is None else _alternatives(place, "unknown_role", issue, others),
            probes=self._probes(place, row.get("would_confirm")),
            advice=self._advice(place, row.get("remedies", [])),
            letter=None if letter is None else named.letters[one_of(place, "partner", letter, named.letters)],
        )

    def _condition(self, place: Place, row: Mapping[str, Any]) -> Condition:
        known(place, row, _WHEN_KEYS)

        def listed(key: str, allowed: Iterable[str]) -> frozenset[str]:
            return frozenset(one_of(place, key, one, allowed) for one in self._texts(place, key, row))

        exception = self._texts(place, "exception", row)
        if self.patterns:
            exception = [pattern(place, "exception", one) for one in exception]
        condition = Condition(
            role=words(place, "role", row, Role),
            dialect=words(place, "dialect", row, Dialect),
            exception=tuple(exception),
            alert_received=listed("alert_received", _ALERT_NAMES),
            alert_sent=listed("alert_sent", _ALERT_NAMES),
            word=listed("word", _ALERT_NAMES),
            facts=listed("facts", FACTS),
            any_facts=listed("any_facts", FACTS),
            no_facts=listed("no_facts", FACTS),
        )
        clash = sorted(condition.facts & condition.no_facts)
        if clash:
            raise place.wrong(
                f"{clash[0]!r} is asked for and ruled out; the entry could never fit", "no_facts"
            )
        return condition

    def _texts(self, place: Place, key: str, row: Mapping[str, Any]) -> list[str]:
        """Return a list of texts, "@name" being a list of the table [words]."""
        found = []
        for one in texts(place, key, row.get(key, [])):
            name = one.removeprefix("@")
            found += [one] if name == one else self.named.words[one_of(place, key, name, self.named.words)]
        return found

    def _probes(self, place: Place, value: object) -> tuple[Probe, ...]:
        if value is None:
            return ()
        if isinstance(value, str):
            return self.named.probes[one_of(place, "would_confirm", value, self.named.probes)]
        row = table(place, "would_confirm", value)
        return (probes.read(place.inline("would_confirm"), row, VALUES, ALWAYS),)

    def _advice(self, place: Place, value: object) -> tuple[Advice, ...]:
        if not isinstance(value, list):
            raise place.wrong("'remedies' must be a list of tables or names", "remedies")
        named = self.named.remedies
        return tuple(
            named[one_of(place, "remedies", item, named)]
            if isinstance(item, str)
            else remedies.read(place.inline("remedies"), table(place, "remedies", item))
            for item in value
        )


def _alternatives(place: Place, key: str, own: Issue, value: object) -> tuple[Alternative, ...]:
    """Return "issue/cause" pairs; "/cause" is of the entry's own issue."""
    found = []
    for one in texts(place, key, value):
        issue, _, cause = one.partition("/")
        kind = word(place, key, issue, Issue) if issue else own
        found.append(Alternative(kind, _cause(place, key, kind, cause), Confidence.POSSIBLE))
    if len(found) > MAX_ALTERNATIVES or len(set(found)) < len(found):
        raise place.wrong(f"{key!r} holds at most {MAX_ALTERNATIVES}, none of them twice", key)
    return tuple(found)


def _cause(place: Place, key: str, issue: Issue, cause: object) -> str:
    return one_of(place, key, cause, CAUSES[issue], name=f"cause of {issue.value}")

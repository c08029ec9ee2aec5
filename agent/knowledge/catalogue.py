"""The catalogue of failures: loaded once, asked for each failed handshake; the most specific entry wins."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from agent.knowledge.entries import MAX_ALTERNATIVES, CatalogueError, Entry, parse, placeholders
from agent.knowledge.facts import Findings, findings, traits
from agent.knowledge.versions import parse_version
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.handshake import Handshake
from agent.model.vocabulary import Confidence, Depth, Issue, Role

_CONFIDENCE_ORDER = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE)

_REMEMBERED = 512
"""Kinds of failure whose entries are remembered."""

_ROLE_NOTE = " The log does not show whether this JVM was the client or the server."

_DEEPER = (
    "The debug output shows alerts and exceptions only; with"
    " -Djavax.net.debug=ssl,handshake,keymanager,trustmanager (never 'all': it prints application data) it"
    " would show the hellos and certificates that decide."
)


class Catalogue:
    """Entries, and what they say of a handshake."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._matched: dict[object, list[Entry]] = {}
        self._said: dict[object, Diagnosis] = {}
        fallbacks = [entry for entry in self.entries if entry.is_fallback]
        if len(fallbacks) != 1:
            names = ", ".join(f"{e.file}: entry {e.id!r}" for e in fallbacks) or "none"
            raise CatalogueError(f"exactly one entry may have no condition, the last resort; found: {names}")

    def diagnose(
        self, handshake: Handshake, product_version: str | None = None, *, depth: Depth | None = None
    ) -> Diagnosis:
        """Return what is said of a failed handshake.

        Only remedies for `product_version` are given; without a version those for all, each with its range.
        `depth` is that of the whole log: it tells a peer that said nothing from a log that shows nothing.
        What was said of a failure alike in all that counts is said again.
        """
        key = (traits(handshake), product_version, depth)
        if key not in self._said:
            if len(self._said) >= _REMEMBERED:
                self._said.clear()
            self._said[key] = self._diagnose(handshake, product_version, depth)
        return self._said[key]

    def _diagnose(self, handshake: Handshake, product_version: str | None, depth: Depth | None) -> Diagnosis:
        found = findings(handshake, depth)
        entry, *others = self.matching(found)
        confidence, explicit, note = entry.confidence, entry.alternatives, ""
        if found.role is Role.UNKNOWN and entry.unknown_role is not None:
            confidence, explicit, note = Confidence.POSSIBLE, entry.unknown_role, _ROLE_NOTE
        unsure = confidence is not Confidence.CERTAIN
        return Diagnosis(
            entry=entry.id,
            issue=entry.issue,
            cause=entry.cause,
            confidence=confidence,
            acting_side=entry.acting_side_by_role.get(found.role, entry.acting_side),
            summary=_summary(entry, found) + note,
            remedies=_remedies(entry, found, product_version),
            alternatives=_alternatives(entry, explicit, others if unsure else ()),
            would_confirm=entry.would_confirm or (_DEEPER if unsure and "shallow" in found.facts else None),
        )

    def matching(self, found: Findings) -> list[Entry]:
        """Return the entries that fit, the most specific first; the last resort is always among them.

        Remembered, because failures of one kind come in rows.
        """
        key = (found.role, found.dialect, found.verdict, found.facts)
        if key not in self._matched:
            if len(self._matched) >= _REMEMBERED:
                self._matched.clear()
            self._matched[key] = self._match(found)
        return self._matched[key]

    def _match(self, found: Findings) -> list[Entry]:
        ranked = []
        for index, entry in enumerate(self.entries):
            score = entry.when.score(found)
            if score is not None:
                ranked.append((-score, _CONFIDENCE_ORDER.index(entry.confidence), index, entry))
        ranked.sort(key=lambda row: row[:3])
        return [row[3] for row in ranked]


def load(extra: Mapping[str, str] | None = None) -> Catalogue:
    """Return the product's catalogue with a user's files, given as name and text, added to it.

    Raises CatalogueError for a faulty file, and for one named like a file of the product.
    """
    folder = resources.files("agent.knowledge")
    own = {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".toml")}
    for name in sorted(own.keys() & (extra or {}).keys()):
        raise CatalogueError(f"{name}: a file of the product has this name; rename yours")
    return Catalogue(parse(dict(sorted(own.items())) | dict(extra or {})))


@cache
def _product() -> Catalogue:
    return load()


def diagnose(
    handshake: Handshake, product_version: str | None = None, *, depth: Depth | None = None
) -> Diagnosis:
    """Return what the product's own catalogue says of a failed handshake."""
    return _product().diagnose(handshake, product_version, depth=depth)


def _summary(entry: Entry, found: Findings) -> str:
    """Return the first sentence whose values are known; the last needs none (checked at load)."""
    known = found.values.keys()
    text = next(t for t in entry.summaries if known >= set(placeholders(entry.id, t)))
    return text.format_map(found.values)


def _remedies(entry: Entry, found: Findings, product_version: str | None) -> tuple[Remedy, ...]:
    version = parse_version(product_version)
    fitting = [
        advice.remedy
        for advice in entry.advice
        if (not advice.roles or found.role in advice.roles or found.role is Role.UNKNOWN)
        and (not advice.dialects or found.dialect in advice.dialects)
        and (advice.versions is None or version is None or version in advice.versions)
    ]
    return tuple(sorted(fitting, key=lambda remedy: remedy.weakens_security))


def _alternatives(
    entry: Entry, explicit: tuple[Alternative, ...], others: Iterable[Entry]
) -> tuple[Alternative, ...]:
    """Return the entry's own alternatives, then what the other fitting entries say.

    Left out is what adds nothing: the last resort, and the same issue without a cause.
    """
    kept = {(a.issue, a.cause): a for a in explicit}
    for other in others:
        vague = other.issue is entry.issue and other.cause == "undetermined"
        if not vague and other.issue is not Issue.UNCLASSIFIED:
            kept.setdefault(
                (other.issue, other.cause), Alternative(other.issue, other.cause, Confidence.POSSIBLE)
            )
    kept.pop((entry.issue, entry.cause), None)
    return tuple(kept.values())[:MAX_ALTERNATIVES]

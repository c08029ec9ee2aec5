"""The catalogue of failures: loaded once, asked for each failed handshake; the most specific entry wins."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources

from agent.knowledge import partner, probes, remedies, sentences
from agent.knowledge.checks import CatalogueError
from agent.knowledge.entries import MAX_ALTERNATIVES, Entry, parse
from agent.knowledge.facts import Findings, findings, traits
from agent.knowledge.supposed import supposed
from agent.knowledge.versions import parse_version
from agent.knowledge.view import view
from agent.model.diagnosis import Alternative, Diagnosis
from agent.model.handshake import Handshake
from agent.model.vocabulary import ActingSide, Confidence, Depth, Dialect, Issue, Role

_CONFIDENCE_ORDER = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE)

_REMEMBERED = 512
"""Kinds of failure whose entries are remembered."""

_SHARED = ("certificates.toml", "remedies.toml", "probes.toml", "partner.toml", "words.toml")
"""Files beside those of the issues: entries for both roles, and what entries name."""

_WRITTEN_TO = frozenset({ActingSide.PEER, ActingSide.EITHER, ActingSide.ISSUING_CA})
"""Who acts where the other end's operator is told."""

_ROLE_NOTE = " The log does not show whether this JVM was the client or the server."

_DEBUG = "-Djavax.net.debug=ssl,handshake,keymanager,trustmanager"
_DEEPER = (
    f"The debug output shows alerts and exceptions only; with {_DEBUG} (never 'all': it prints application"
    " data) it would show the hellos and certificates that decide."
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
            raise CatalogueError(
                f"exactly one entry may have no condition, the last resort; found: {names}; give yours one"
            )

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
        said = self._said[key]
        if said.partner_message is None:
            return said
        at = handshake.ended_at or handshake.started_at
        return replace(said, partner_message=partner.dated(said.partner_message, at))

    def _diagnose(self, handshake: Handshake, product_version: str | None, depth: Depth | None) -> Diagnosis:
        seen = view(handshake, depth)
        found = findings(seen)
        entry, *others = self.matching(found)
        confidence, explicit, note = entry.confidence, entry.alternatives, ""
        if found.role is Role.UNKNOWN and entry.unknown_role is not None:
            confidence, explicit, note = Confidence.POSSIBLE, entry.unknown_role, _ROLE_NOTE
        unsure = confidence is not Confidence.CERTAIN
        acting = entry.acting_side_by_role.get(found.role, entry.acting_side)
        shell = probes.shell_values(seen, found.values)
        confirm = probes.say(entry.probes, found.role, found.dialect, found.values | shell)
        if unsure and "shallow" in found.facts and found.dialect is not Dialect.IAIK:
            confirm = _with_deeper(confirm)
        return Diagnosis(
            entry=entry.id,
            issue=entry.issue,
            cause=entry.cause,
            confidence=confidence,
            acting_side=acting,
            summary=sentences.fill(entry.summaries, found.values) + note,
            remedies=remedies.fitting(
                entry.advice,
                found.role,
                found.dialect,
                parse_version(product_version),
                wrapped=handshake.jvm is not None,
            ),
            alternatives=_alternatives(
                entry, explicit, [*self._if_shared(handshake, depth), *others] if unsure else ()
            ),
            would_confirm=confirm,
            partner_message=partner.write(entry.letter, seen, found.values)
            if entry.letter is not None and acting in _WRITTEN_TO
            else None,
        )

    def _if_shared(self, handshake: Handshake, depth: Depth | None) -> list[Entry]:
        """Return what would be said if one of the lines that other handshakes share were this one's own."""
        return [self.matching(findings(view(one, depth)))[0] for one in supposed(handshake)]

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
                rank = _CONFIDENCE_ORDER.index(entry.confidence)
                ranked.append((-score, not entry.of_user, rank, index, entry))
        ranked.sort(key=lambda row: row[:4])
        return [row[4] for row in ranked]


def load(user: Mapping[str, str] | None = None) -> Catalogue:
    """Return the product's catalogue with a user's files, given as name and text, added to it.

    Raises CatalogueError for a faulty file.
    """
    return Catalogue(parse(files(), user, proven=True))


def files() -> dict[str, str]:
    """Return the product's own files by name: the TOML files of this package that hold entries."""
    return {name: file(name) for name in (*(f"{issue.value}.toml" for issue in Issue), *_SHARED)}


def file(name: str) -> str:
    """Return a text file of this package."""
    return resources.files("agent.knowledge").joinpath(name).read_text(encoding="utf-8")


@cache
def _product() -> Catalogue:
    return load()


def diagnose(
    handshake: Handshake, product_version: str | None = None, *, depth: Depth | None = None
) -> Diagnosis:
    """Return what the product's own catalogue says of a failed handshake."""
    return _product().diagnose(handshake, product_version, depth=depth)


def _with_deeper(confirm: str | None) -> str:
    """Return what would decide, deeper debug output first."""
    if confirm is None:
        return _DEEPER
    return confirm if _DEBUG in confirm else f"{_DEEPER} {confirm}"


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

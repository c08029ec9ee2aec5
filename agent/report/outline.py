"""What a report says, in order, before it is set as text, Markdown or HTML.

The words are raw: they hold what the log held. Each renderer makes them harmless for its own reader.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agent.formats.facts import decisive_alert, decisive_exception
from agent.formats.words import (
    ACTING,
    CERTAINTY,
    EMERGENCY,
    ROLES,
    TITLES,
    cause_words,
    conditions,
    headline,
    in_order,
    setting_text,
)
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.vocabulary import ARTICLE, ActingSide, Confidence, Depth, Dialect, Outcome
from agent.report import advice, certificates, inventory
from agent.report.findings import Findings, Group
from agent.report.phrases import listed, product, seen, span, with_whom
from agent.report.rungs import rungs, told

FILES_NAMED = 5
AUTHORITIES_NAMED = 3
CHAPTERS = 100
"""What is named one by one; the rest is counted. The whole lists are in the JSON lines."""

LIBRARIES = MappingProxyType(
    {
        Dialect.IAIK: "Entrust IAIK",
        Dialect.JSSE_LEGACY: "JSSE (older debug text)",
        Dialect.JSSE: "JSSE",
        Dialect.IBM_JSSE: "IBM JSSE",
    }
)
"""Who wrote the debug output."""

_EMERGENCY = "Emergency only"
_NO_CLOCK = "not told: the lines have no clock"
_ACTORS = MappingProxyType(
    {
        ActingSide.THIS_SIDE: "this side",
        ActingSide.PEER: "the other side",
        ActingSide.EITHER: "either side",
        ActingSide.ISSUING_CA: "the issuing authority",
        ActingSide.NETWORK: "whoever runs the network",
        ActingSide.NOBODY: "nobody",
    }
)

_SHARED = "(this handshake's, or that of another one at the same time)"

Facts = tuple[tuple[str, str], ...]
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to change; `setting` is to be copied as it stands, `note` says for whom and at what price."""

    text: str
    setting: str | None
    note: str | None
    emergency: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """One kind of failure, in the order in which people ask.

    `facts` say what failed and with whom, since when and how often, why and how sure that is, who must act;
    `details` what the log shows of it. `confirm` is a sentence on what would make it sure, and commands to be
    copied as they stand, or nothing. `letter` is ready to be sent to the other side, None where that has
    nothing to do. Evidence is (place, line).
    """

    title: str
    facts: Facts
    changes: tuple[Change, ...]
    confirm: tuple[str, ...]
    letter: str | None
    certificates: tuple[str, ...]
    details: Facts
    evidence: Facts


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole report.

    `notices` are of the debug output: a sentence each, and the changes that it leads to. The first row of a
    table is its head. Chapters are those of the first groups of the findings, in their order.
    """

    title: str
    facts: Facts
    verdict: str
    notices: tuple[tuple[str, tuple[Change, ...]], ...]
    issues: Rows
    chapters: tuple[Chapter, ...]
    left_out: str | None
    others: Rows
    certificates: Rows = ()


def outline(findings: Findings) -> Outline:
    """Return what is to be said of findings."""
    notices = advice.notices(
        findings.depth,
        dialects=findings.dialects,
        leaks=findings.leaks,
        wrapped=findings.wrapped,
        product_version=findings.product_version,
    )
    return Outline(
        title=f"TLS handshakes in {_files(findings)}",
        facts=tuple(_header(findings)),
        verdict=_verdict(findings),
        notices=tuple((notice.text, _changes(notice.steps)) for notice in notices),
        issues=_issues(findings),
        chapters=tuple(_chapter(group) for group in findings.groups[:CHAPTERS]),
        left_out=_left_out(findings),
        others=_others(findings),
        certificates=inventory.rows(findings.certificates),
    )


# -- the whole ---------------------------------------------------------------------------------------------


def _files(findings: Findings) -> str:
    return listed(tuple("standard input" if name == "-" else name for name in findings.files), FILES_NAMED)


def _header(findings: Findings) -> Iterator[tuple[str, str]]:
    outcomes = findings.outcomes
    if any(outcomes.values()):
        yield "Time", span(findings.first_seen, findings.last_seen) or _NO_CLOCK
    failed, completed = outcomes[Outcome.FAILED], outcomes[Outcome.COMPLETED]
    yield "Handshakes", f"{failed} failed, {completed} completed, {outcomes[Outcome.INCOMPLETE]} incomplete"
    if findings.evicted:
        yield "Given up", f"{findings.evicted:,} of the incomplete ones: too many were open at once"
    leaks = " and ".join(advice.LEAKS[leak] for leak in findings.leaks)
    yield "Debug output", advice.DEPTHS[findings.depth] + (f"; with {leaks}" if leaks else "")
    if findings.product_version:
        yield "Product", product(findings)
    yield "Read", f"{findings.bytes:,} bytes, {findings.lines:,} {'line' if findings.lines == 1 else 'lines'}"
    if findings.dialects:
        yield "TLS library", ", ".join(LIBRARIES[dialect] for dialect in findings.dialects)


def _verdict(findings: Findings) -> str:
    if findings.depth is Depth.NONE:
        return "No TLS debug output was found, so nobody can say whether a handshake failed."
    failed = findings.outcomes[Outcome.FAILED]
    if not failed:
        return "No handshake failed."
    kinds = len(findings.groups)
    if failed == 1:
        ways = "One handshake failed"
    elif kinds == 1 and not findings.ungrouped:
        ways = f"{failed:,} handshakes failed, all in the same way"
    else:
        ways = f"{failed:,} handshakes failed, in {kinds:,} {'or more ' if findings.ungrouped else ''}ways"
    return f"{ways}. {_actors(findings.groups)}"


def _actors(groups: Sequence[Group]) -> str:
    """Return who has to act, no surer than the diagnoses are."""
    sure = all(group.diagnosis.confidence is Confidence.CERTAIN for group in groups)
    actors = Counter(group.diagnosis.acting_side for group in groups)
    if len(actors) == 1:
        actor = _ACTORS[next(iter(actors))]
        words = f"{actor} has to act." if sure else f"as far as the log tells, {actor} has to act."
        return f"{words[0].upper()}{words[1:]}"
    shares = ", ".join(f"{_ACTORS[actor]} on {count}" for actor, count in actors.most_common())
    return f"Who has to act{'' if sure else ', as far as the log tells'}: {shares}."


def _left_out(findings: Findings) -> str | None:
    more = findings.ungrouped + sum(group.count for group in findings.groups[CHAPTERS:])
    if not more:
        return None
    return (
        f"{more:,} failures of less frequent kinds are counted above and not listed; "
        "--format jsonl lists every one."
    )


def _issues(findings: Findings) -> Rows:
    if not findings.failures:
        return ()
    distinct = Counter(group.diagnosis.issue for group in findings.groups)
    more = "+" if findings.ungrouped else ""
    rows = [
        (str(count), f"{distinct[issue]}{more}", str(ARTICLE.get(issue, "-")), f"{TITLES[issue]} [{issue}]")
        for issue, count in findings.failures.items()
    ]
    return (("Count", "Distinct", "Article", "Issue"), *rows)


def _others(findings: Findings) -> Rows:
    if not findings.peaceful:
        return ()
    rows = [
        (
            str(one.count),
            one.outcome,
            one.role,
            one.protocol or "-",
            one.cipher_suite or "-",
            one.other_side or "-",
        )
        for one in findings.peaceful
    ]
    return (("Count", "Outcome", "Role", "Protocol", "Cipher suite", "With"), *rows)


# -- one kind of failure -----------------------------------------------------------------------------------


def _chapter(group: Group) -> Chapter:
    handshake, diagnosis = group.handshake, group.diagnosis
    return Chapter(
        title=headline(handshake, diagnosis),
        facts=tuple(_facts(group)),
        changes=_changes(diagnosis.remedies),
        confirm=tuple(line for line in (diagnosis.would_confirm or "").split("\n") if line.strip()),
        letter=diagnosis.partner_message,
        certificates=tuple(
            line for chain in certificates.chains(handshake) for line in certificates.lines(chain)
        ),
        details=tuple(_details(group)),
        evidence=(
            *((f"{one.at.file}:{one.at.line}", one.text) for one in handshake.evidence),
            *((f"{one.at.file}:{one.at.line}", f"{_SHARED} {one.text}") for one in handshake.shared),
        ),
    )


def _facts(group: Group) -> Iterator[tuple[str, str]]:
    handshake, diagnosis = group.handshake, group.diagnosis
    yield "With", with_whom(handshake)
    yield "This side", ROLES[handshake.role]
    yield "Seen", seen(group)
    yield "Why", diagnosis.summary
    yield "How sure", CERTAINTY[diagnosis.confidence]
    if diagnosis.alternatives:
        yield "Or else", "; ".join(_alternative(other, diagnosis) for other in diagnosis.alternatives)
    yield "Who must act", ACTING[diagnosis.acting_side]


def _details(group: Group) -> Iterator[tuple[str, str]]:
    handshake, issue = group.handshake, group.diagnosis.issue
    number = f", number {ARTICLE[issue]} of the vendor's article" if issue in ARTICLE else ""
    yield "Issue", f"{issue}, cause {group.diagnosis.cause}{number}"
    alert = decisive_alert(handshake)
    if alert is not None:
        level = f"{alert.level} " if alert.level else ""
        yield "Alert", f"{'sent' if alert.sent else 'received'} {level}{alert.description}"
    exception = decisive_exception(handshake)
    if exception is not None:
        yield "Exception", exception
    if handshake.protocol or handshake.cipher_suite:
        yield "Agreed", ", ".join(word for word in (handshake.protocol, handshake.cipher_suite) if word)
    elif handshake.offered_versions:
        yield "Offered", ", ".join(handshake.offered_versions)
    if handshake.authorities is not None:
        yield "Issuers asked", listed(handshake.authorities, AUTHORITIES_NAMED, "; ") or "none named"
    steps = [
        f"{told(rung)}{f' [{rung.broke}]' if rung.broke else ''}".lstrip()
        for rung in rungs(handshake, group.diagnosis)
    ]
    if steps:
        yield "Steps", "; ".join(steps)


def _alternative(other: Alternative, said: Diagnosis) -> str:
    unknown = other.cause == "undetermined"
    cause = "" if unknown else f" ({cause_words(other.cause)})"
    if unknown and other.issue is said.issue and said.cause != other.cause:
        cause = " (for another reason)"
    return f"{other.confidence}: {TITLES[other.issue]}{cause}"


def _changes(remedies: Iterable[Remedy]) -> tuple[Change, ...]:
    return tuple(
        Change(
            text=remedy.text,
            setting=setting_text(remedy),
            note=conditions(remedy),
            emergency=remedy.weakens_security,
        )
        for remedy in in_order(remedies)
    )


# -- words -------------------------------------------------------------------------------------------------


def emergency(change: Change) -> str:
    """Return a change in words, an emergency measure marked as such."""
    if not change.emergency:
        return change.text
    said = change.text.removeprefix(_EMERGENCY)  # many texts begin so themselves
    return f"{EMERGENCY}: {said}" if said == change.text else f"{EMERGENCY}{said}"

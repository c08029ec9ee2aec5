"""What a report says, in order, before it is set as text, Markdown or HTML.

The words are raw: they hold what the log held. Each renderer makes them harmless for its own reader.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
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
    other_side,
    setting_text,
)
from agent.model.diagnosis import Alternative, Remedy
from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import ARTICLE, Depth, Outcome, Role
from agent.report import advice
from agent.report.findings import Findings, Group

FILES_NAMED = 5
CERTIFICATES_NAMED = 4
AUTHORITIES_NAMED = 3
"""What is named one by one; the rest is counted. The whole lists are in the JSON lines."""

_LEADS = MappingProxyType(
    {
        Depth.NONE: "To switch it on, before the failure happens again:",
        Depth.SHALLOW: "Deeper debug output would tell more. To switch it on:",
    }
)
_EMERGENCY = "Emergency only"
_NO_CLOCK = "not told: the lines have no clock"

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
    """One kind of failure; evidence is (place, line)."""

    title: str
    facts: Facts
    changes: tuple[Change, ...]
    certificates: tuple[str, ...]
    evidence: Facts


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole report.

    `verdict` is None where chapters speak for themselves. `lead` leads to the changes in `deeper`, None where
    there are none. The first row of a table is its head.
    """

    title: str
    facts: Facts
    verdict: str | None
    lead: str | None
    deeper: tuple[Change, ...]
    issues: Rows
    chapters: tuple[Chapter, ...]
    left_out: str | None
    others: Rows


def outline(findings: Findings) -> Outline:
    """Return what is to be said of findings."""
    deeper = advice.debug_steps(
        findings.depth, dialects=findings.dialects, product_version=findings.product_version
    )
    return Outline(
        title=f"TLS handshakes in {_files(findings)}",
        facts=tuple(_header(findings)),
        verdict=_verdict(findings),
        lead=_LEADS[findings.depth] if deeper else None,
        deeper=_changes(deeper),
        issues=_issues(findings),
        chapters=tuple(_chapter(group) for group in findings.groups),
        left_out=f"{findings.ungrouped} failures of further kinds are counted above and not listed; "
        "--format jsonl lists every one."
        if findings.ungrouped
        else None,
        others=_others(findings),
    )


# -- the whole ---------------------------------------------------------------------------------------------


def _files(findings: Findings) -> str:
    return _listed(tuple("standard input" if name == "-" else name for name in findings.files), FILES_NAMED)


def _header(findings: Findings) -> Iterator[tuple[str, str]]:
    outcomes = findings.outcomes
    if any(outcomes.values()):
        yield "Time", _span(findings.first_seen, findings.last_seen) or _NO_CLOCK
    failed, completed = outcomes[Outcome.FAILED], outcomes[Outcome.COMPLETED]
    yield "Handshakes", f"{failed} failed, {completed} completed, {outcomes[Outcome.INCOMPLETE]} incomplete"
    yield "Debug output", advice.DEPTHS[findings.depth]
    dialects = ", ".join(findings.dialects)
    yield (
        "Read",
        f"{findings.bytes} bytes, {findings.lines} lines{f', written by {dialects}' if dialects else ''}",
    )


def _verdict(findings: Findings) -> str | None:
    if findings.depth is Depth.NONE:
        return "No TLS debug output was found, so nobody can say whether a handshake failed."
    if findings.outcomes[Outcome.FAILED]:
        return None
    return "No handshake failed."


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
        certificates=(
            *_certificates("peer", handshake.peer_chain),
            *_certificates("own", handshake.own_chain),
        ),
        evidence=tuple((f"{one.at.file}:{one.at.line}", one.text) for one in handshake.evidence),
    )


def _facts(group: Group) -> Iterator[tuple[str, str]]:
    handshake, diagnosis = group.handshake, group.diagnosis
    yield "With", _with_whom(handshake)
    yield "This side", ROLES[handshake.role]
    yield "How often", "once" if group.count == 1 else f"{group.count} times"
    yield "When", _span(group.first_seen, group.last_seen) or _NO_CLOCK
    yield "Why", diagnosis.summary
    yield "How sure", CERTAINTY[diagnosis.confidence]
    if diagnosis.alternatives:
        yield "Or else", "; ".join(_alternative(other) for other in diagnosis.alternatives)
    if diagnosis.would_confirm:
        yield "To be sure", diagnosis.would_confirm
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
        yield "Issuers asked", _listed(handshake.authorities, AUTHORITIES_NAMED, "; ") or "none named"
    yield "Who must act", ACTING[diagnosis.acting_side]


def _with_whom(handshake: Handshake) -> str:
    name = other_side(handshake)
    asked = handshake.server_name
    if handshake.role is Role.SERVER:
        said = name or "a client that the log does not name"
        return f"{said}, asking for {asked}" if asked else said
    if name is None:
        return "not named in the log"
    return f"{name} at {handshake.peer}" if handshake.peer and handshake.peer != name else name


def _alternative(other: Alternative) -> str:
    cause = "" if other.cause == "undetermined" else f" ({cause_words(other.cause)})"
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


def _certificates(of: str, chain: tuple[Certificate, ...] | None) -> Iterator[str]:
    if chain is None:
        return
    if not chain:
        yield f"{of}: none was sent"
    for number, certificate in enumerate(chain[:CERTIFICATES_NAMED], start=1):
        parts = [f"{of} {number}: {certificate.subject or 'subject not printed'}"]
        if certificate.issuer is not None:
            same = certificate.issuer == certificate.subject
            parts.append("self-issued" if same else f"issued by {certificate.issuer}")
        if certificate.serial is not None:
            parts.append(f"serial {certificate.serial}")
        if certificate.version is not None:
            parts.append(f"X.509 v{certificate.version}")
        if certificate.not_before and certificate.not_after:
            parts.append(f"valid {certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}")
        elif certificate.not_after:
            parts.append(f"valid to {certificate.not_after:%Y-%m-%d}")
        yield "; ".join(parts)
    if len(chain) > CERTIFICATES_NAMED:
        yield f"{of}: {len(chain) - CERTIFICATES_NAMED} more"


# -- words -------------------------------------------------------------------------------------------------


def emergency(change: Change) -> str:
    """Return a change in words, an emergency measure marked as such."""
    if not change.emergency:
        return change.text
    said = change.text.removeprefix(_EMERGENCY)  # many texts begin so themselves
    return f"{EMERGENCY}: {said}" if said == change.text else f"{EMERGENCY}{said}"


def _listed(names: tuple[str, ...], limit: int, joint: str = ", ") -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return joint.join(names[:limit]) + more


def _moment(time: datetime) -> str:
    return time.isoformat(" ", "seconds")


def _span(first: datetime | None, last: datetime | None) -> str | None:
    if first is None or last is None:
        return None
    one, other = _moment(first), _moment(last)
    return one if one == other else f"{one} to {other}"

"""What a message says, in the order in which people need it; how it looks is each format's business.

What failed and with whom, since when and how often, why and how sure, who must act, the exact change, what to
send to the other side, a few lines of the log, links. A message of what is over is short: there is nothing to
do any more.

Texts are as they came, of any length: a format makes them harmless in its own markup and cuts them to the
limit that stands beside each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.formats.links import dashboard, runbook
from agent.formats.setting import Setting
from agent.formats.words import (
    ACTING,
    CERTAINTY,
    EMERGENCY,
    ENDINGS,
    LETTER,
    ROLES,
    TITLES,
    cause_words,
    conditions,
    in_order,
    other_side,
    setting_text,
    title,
)
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.handshake import Handshake
from agent.model.incident import Failure, Incident, Notice, Summary
from agent.model.vocabulary import ARTICLE, Severity

LOCK_SCREEN = 140
"""Characters that a telephone shows of a message without a touch: some two lines."""

NAME = 200
SENTENCE = 900
REMEDY = 500
LINE = 300
REASONS = 1800
REMEDIES = 2400
LETTER_LINES = 1200

_LOOKED_AT = 5000
_LINES = 3
_PARTS = 8
_REMEDIES = 8

TEST = "TEST - "
OF_A_TEST = "A test of the way from wmtls to this receiver. Nothing of this happened."


class Style(StrEnum):
    """How a span stands out; code is what is copied, character by character."""

    PLAIN = "plain"
    STRONG = "strong"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Span:
    """Text that may hold anything, and how much of it is shown at most."""

    text: str
    limit: int = SENTENCE
    style: Style = Style.PLAIN


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines under a label. `budget` is what all of them may take; whole lines are left out beyond it.

    `verbatim` lines stand as they are, in letters of one width.
    """

    label: str
    lines: tuple[Line, ...]
    budget: int = REMEDIES
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """All that is said. `mark` goes in front of `title`; `facts` are short, each a label with a value."""

    mark: str
    title: str
    severity: Severity
    over: bool
    facts: tuple[tuple[str, Span], ...]
    paragraphs: tuple[Paragraph, ...]
    links: tuple[tuple[str, str], ...]
    origin: Line


def message(incident: Incident, setting: Setting) -> Message:
    """Return what an incident has to say."""
    links = (("Runbook", runbook(incident, setting)), ("Dashboard", dashboard(incident, setting)))
    return Message(
        mark=TEST if incident.test else "",
        title=title(incident),
        severity=incident.severity,
        over=incident.resolution is not None,
        facts=tuple(_facts(incident, setting)),
        paragraphs=tuple(_paragraphs(incident)),
        links=tuple((label, url) for label, url in links if url is not None),
        origin=tuple(_origin(incident)),
    )


def moment(time: datetime) -> str:
    """Return a time as people read it: to the second, with its offset."""
    return time.isoformat(" ", "seconds")


def _facts(incident: Incident, setting: Setting) -> Iterator[tuple[str, Span]]:
    if incident.failure is not None:
        handshake = incident.failure.handshake
        known = other_side(handshake)
        yield "With", Span(known or "unknown", NAME, Style.CODE)
        yield "This side is", Span(ROLES[handshake.role])
        if handshake.server_name is not None and handshake.server_name != known:
            yield "Server name", Span(handshake.server_name, NAME, Style.CODE)
    if incident.log:
        yield "Log", Span(incident.log, NAME, Style.CODE)
    yield "Agent", Span(setting.instance, NAME, Style.CODE)


def _paragraphs(incident: Incident) -> Iterator[Paragraph]:
    yield Paragraph("Seen", (_seen(incident),))
    if incident.resolution is not None:
        yield Paragraph("Over", ((Span(ENDINGS[incident.resolution]),),))
    if incident.failure is not None:
        yield from _of_failure(incident.failure, over=incident.resolution is not None)
    if incident.summary is not None:
        yield _of_many(incident.summary)
    if incident.notice is not None:
        yield from _of_agent(incident.notice, over=incident.resolution is not None)


def _seen(incident: Incident) -> Line:
    if incident.count <= 1:
        return (Span(f"Once, {moment(incident.last_seen)}"),)
    since, last = moment(incident.first_seen), moment(incident.last_seen)
    return (Span(f"{incident.count} times since {since}, last {last}"),)


def _of_failure(failure: Failure, *, over: bool) -> Iterator[Paragraph]:
    handshake, diagnosis = failure.handshake, failure.diagnosis
    yield Paragraph("Why", tuple(_why(failure)), REASONS)
    if over:
        return
    yield Paragraph("Who must act", ((Span(ACTING[diagnosis.acting_side]),),))
    if diagnosis.remedies:
        yield Paragraph("What to change", tuple(_changes(diagnosis)))
    if diagnosis.partner_message is not None:
        lines = tuple((Span(line),) for line in _lines_of(diagnosis.partner_message))
        yield Paragraph(LETTER, lines, LETTER_LINES, verbatim=True)
    if handshake.evidence:
        yield Paragraph("In the log", tuple(_evidence(handshake)), verbatim=True)


def _why(failure: Failure) -> Iterator[Line]:
    diagnosis = failure.diagnosis
    yield (Span(diagnosis.summary),)
    sure = CERTAINTY[diagnosis.confidence]
    if diagnosis.cause == "undetermined":
        yield (Span(f"How sure: {sure}"),)
    else:
        yield (Span(f"Cause: {cause_words(diagnosis.cause)}", NAME), Span(f" ({sure})"))
    if diagnosis.alternatives:
        yield (Span(f"Or: {'; '.join(map(_alternative, diagnosis.alternatives))}", SENTENCE),)
    if diagnosis.would_confirm is not None:
        sentence, *commands = _lines_of(diagnosis.would_confirm) or [""]
        yield (Span("To be sure: "), Span(sentence, REMEDY))
        yield from ((Span(command, REMEDY, Style.CODE),) for command in commands if command)
    if failure.both_ends:
        yield (Span("Both ends of the connection are in this log."),)


def _lines_of(text: str) -> list[str]:
    """Return the lines of a text of ours in which names of a log stand."""
    return text[:_LOOKED_AT].splitlines()


def _alternative(other: Alternative) -> str:
    return f"{TITLES[other.issue]}, {cause_words(other.cause)[:NAME]} ({other.confidence})"


def _changes(diagnosis: Diagnosis) -> Iterator[Line]:
    ordered = in_order(diagnosis.remedies)
    for number, remedy in enumerate(ordered[:_REMEDIES], start=1):
        yield (Span(f"{number}. "), *_change(remedy))
    if len(ordered) > _REMEDIES:
        yield (Span(f"... and {len(ordered) - _REMEDIES} more"),)


def _change(remedy: Remedy) -> Iterator[Span]:
    setting, when = setting_text(remedy), conditions(remedy)
    if remedy.weakens_security:
        yield Span(f"{EMERGENCY}:", style=Style.STRONG)
        yield Span(" ")
    yield Span(remedy.text, REMEDY)
    if setting is not None:
        yield Span(" ")
        yield Span(setting, REMEDY, Style.CODE)
    if when is not None:
        yield Span(f" ({when[:NAME]})")


def _evidence(handshake: Handshake) -> Iterator[Line]:
    for line in handshake.evidence[:_LINES]:
        yield (Span(f"{line.at.file[:NAME]}:{line.at.line} {line.text}", LINE),)


def _of_many(summary: Summary) -> Paragraph:
    lines = []
    for part in summary.parts[:_PARTS]:
        count = f"{_number(part.failures, 'failure')} of {_number(part.kinds, 'kind')}"
        others = (
            f", among them with {', '.join(other[:NAME] for other in part.others)}" if part.others else ""
        )
        lines.append((Span(f"{TITLES[part.issue]} ({cause_words(part.cause)}): {count}{others}", LINE),))
    if len(summary.parts) > _PARTS:
        lines.append((Span(f"... and {len(summary.parts) - _PARTS} more"),))
    return Paragraph("What failed", tuple(lines))


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _of_agent(notice: Notice, *, over: bool) -> Iterator[Paragraph]:
    details = [
        (Span(f"{name}: ", NAME), Span(value, REMEDY, Style.CODE)) for name, value in notice.details[:_PARTS]
    ]
    yield Paragraph("What is wrong" if not over else "What was wrong", ((Span(notice.summary),), *details))
    if not over:
        yield Paragraph("What to change", ((Span(notice.mend),),))


def _origin(incident: Incident) -> Iterator[Span]:
    if incident.test:
        yield Span(OF_A_TEST)
        return
    if incident.failure is not None:
        issue = incident.failure.diagnosis.issue
        yield Span(issue, style=Style.CODE)
        if issue in ARTICLE:
            yield Span(f", issue {ARTICLE[issue]} of the vendor's article")
        yield Span(" - ")
    yield Span("incident ")
    yield Span(incident.incident, style=Style.CODE)

"""The steps of a handshake as rungs of a ladder, with the one on which it broke.

Which step that was follows from the issue: a rejected certificate broke it on the Certificate message that
carried it, a refused hello on that hello. What the log does not show is not drawn: a gap stands for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from agent.formats.words import TITLES, cause_words
from agent.model.block import Where
from agent.model.diagnosis import Diagnosis
from agent.model.events import AlertSeen
from agent.model.handshake import Handshake, Step
from agent.model.tls import BENIGN_ALERTS, Message
from agent.model.vocabulary import Confidence, Issue, Role

MOST = 18
"""Rungs drawn: a full TLS 1.2 handshake with client authentication and an alert. Longer ones are folded."""

_ENDS = 3  # rungs kept at either end, and on either side of the break, where a ladder is folded


class Kind(StrEnum):
    """What a rung is."""

    MESSAGE = "message"
    ALERT = "alert"  # one that ends the handshake
    NOTICE = "notice"  # an alert that does not
    GAP = "gap"  # what is not in the log, or not drawn
    BREAK = "break"  # where it broke, between two steps


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung: `sent` is None where the log does not tell the direction, or where there is none to tell.

    `broke` says what broke it here, None elsewhere. `later` marks a message that came too late to matter.
    `times` counts like steps in a row.
    """

    kind: Kind
    words: str
    sent: bool | None = None
    place: Where | None = None
    times: int = 1
    broke: str | None = None
    later: bool = False


_BROKE = MappingProxyType(
    {
        Confidence.CERTAIN: "It broke here",
        Confidence.LIKELY: "It probably broke here",
        Confidence.POSSIBLE: "It may have broken here",
    }
)
_ENDED = "The connection ended here"
_CERTIFICATE_ISSUES = frozenset(
    {
        Issue.SERVER_CERTIFICATE_REJECTED,
        Issue.CLIENT_CERTIFICATE_MISSING,
        Issue.CLIENT_CERTIFICATE_REJECTED,
        Issue.X509_V1_CERTIFICATE,
    }
)
_OPENERS = frozenset({Message.CLIENT_HELLO, Message.HELLO_REQUEST})
_MESSAGES = frozenset(Message)
_EMPTY = MappingProxyType(
    {Message.CERTIFICATE: " (empty)", Message.CERTIFICATE_REQUEST: " (names no authority)"}
)


def rungs(handshake: Handshake, diagnosis: Diagnosis | None) -> tuple[Rung, ...]:
    """Return the rungs from the first to the last; none where the log shows no step at all.

    Without a diagnosis nothing broke.
    """
    steps = _joined(handshake.steps)
    if not steps:
        return ()
    drawn = _drawn(steps, handshake.alerts)
    if diagnosis is not None:
        drawn = _broken(drawn, steps, handshake, diagnosis)
    if handshake.shallow:
        drawn.insert(0, Rung(Kind.GAP, "no handshake message is in the log"))
    elif steps[0].step.name not in _OPENERS:
        drawn.insert(0, Rung(Kind.GAP, "what came before is not in the log"))
    return tuple(_folded(drawn))


def told(rung: Rung) -> str:
    """Return a rung in words, without what broke there."""
    if rung.kind in {Kind.GAP, Kind.BREAK}:
        return rung.words
    what = rung.words if rung.kind is Kind.MESSAGE else f"alert {rung.words}"
    times = f", {rung.times} times" if rung.times > 1 else ""
    if rung.sent is None:
        return f"{what}{times}, direction not in the log"
    return f"{'sent' if rung.sent else 'received'} {what}{times}"


# -- steps -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Joined:
    """A step and how many like it stood in a row."""

    step: Step
    times: int


def _joined(steps: Iterable[Step]) -> list[_Joined]:
    """Return the steps, those in a row that are alike as one.

    An end sends one Certificate message, so a second line about it (IAIK tells of an empty one in two lines)
    is about the same.
    """
    joined: list[_Joined] = []
    for step in steps:
        last = joined[-1] if joined else None
        if last is None or (last.step.name, last.step.sent) != (step.name, step.sent):
            joined.append(_Joined(step, 1))
        elif step.name == Message.CERTIFICATE:
            joined[-1] = replace(last, step=replace(last.step, empty=last.step.empty or step.empty))
        else:
            joined[-1] = replace(last, times=last.times + 1)
    return joined


def _drawn(steps: Sequence[_Joined], alerts: Iterable[AlertSeen]) -> list[Rung]:
    levels = {(alert.description, alert.sent): alert.level for alert in alerts}
    return [_rung(joined, levels.get((joined.step.name, bool(joined.step.sent)))) for joined in steps]


def _rung(joined: _Joined, level: str | None) -> Rung:
    step = joined.step
    if step.name in _MESSAGES:
        empty = _EMPTY.get(Message(step.name), "") if step.empty else ""
        return Rung(Kind.MESSAGE, _title(step.name) + empty, step.sent, step.at, joined.times)
    mild = step.name in BENIGN_ALERTS or (level or "").lower() == "warning"
    words = f"{step.name}{f' ({level})' if level else ''}"
    return Rung(Kind.NOTICE if mild else Kind.ALERT, words, step.sent, step.at, joined.times)


def _title(name: str) -> str:
    """Return a message's name as RFC 8446 writes it."""
    return "".join(word.capitalize() for word in name.split("_"))


# -- where it broke ----------------------------------------------------------------------------------------


def _broken(
    drawn: list[Rung], steps: Sequence[_Joined], handshake: Handshake, diagnosis: Diagnosis
) -> list[Rung]:
    """Return the rungs with the one that broke marked, or with a rung of its own for the break."""
    issue = diagnosis.issue
    words = _verdict(diagnosis)
    end = next((i for i, rung in enumerate(drawn) if rung.kind is Kind.ALERT), len(drawn))
    by_us = drawn[end].sent is not False if end < len(drawn) else True  # without an alert, this side gave up
    said = [i for i in range(end) if drawn[i].kind is Kind.MESSAGE]
    if issue is Issue.SNI:  # the name stands, or is missing, in the hello
        at = next((i for i in reversed(said) if steps[i].step.name == Message.CLIENT_HELLO), None)
    elif issue in _CERTIFICATE_ISSUES:
        at = _certificate(steps, said, handshake.role, issue, by_us=by_us)
    elif issue is Issue.INTERRUPTED:
        at = None
    else:
        at = _judged([(i, drawn[i].sent) for i in said], by_us=by_us)
    if at is not None:
        marked = [*drawn[:at], replace(drawn[at], broke=words)]
        return marked + [_late(rung) for rung in drawn[at + 1 :]]
    gap = []
    if issue in _CERTIFICATE_ISSUES - {Issue.CLIENT_CERTIFICATE_MISSING} and not handshake.shallow:
        gap = [Rung(Kind.GAP, "the Certificate message is not in the log")]
    return [*drawn[:end], *gap, Rung(Kind.BREAK, "", broke=words), *(_late(rung) for rung in drawn[end:])]


def _verdict(diagnosis: Diagnosis) -> str:
    """Return what broke it, and how sure that is; where a connection ended is always plain."""
    known = diagnosis.cause != "undetermined"
    if diagnosis.issue is Issue.INTERRUPTED:
        return f"{_ENDED}: {cause_words(diagnosis.cause)}" if known else _ENDED
    why = cause_words(diagnosis.cause) if known else TITLES[diagnosis.issue]
    return f"{_BROKE[diagnosis.confidence]}: {why}"


def _judged(said: Sequence[tuple[int, bool | None]], *, by_us: bool) -> int | None:
    """Return the index of the message that was judged, or None.

    An end judges what the other one said. This side does so message by message; of the other end's verdict on
    several in a row nobody here can say which one it is about.
    """
    if not said or said[-1][1] is by_us:
        return None
    if not by_us and len(said) > 1 and said[-2][1] is said[-1][1]:
        return None
    return said[-1][0]


def _certificate(
    steps: Sequence[_Joined], said: Sequence[int], role: Role, issue: Issue, *, by_us: bool
) -> int | None:
    """Return the index of the Certificate message that an issue is about, or None."""
    missing = issue is Issue.CLIENT_CERTIFICATE_MISSING
    if issue is Issue.X509_V1_CERTIFICATE:
        ours = not by_us
    elif role is Role.UNKNOWN:
        ours = None
    else:
        ours = (issue is Issue.SERVER_CERTIFICATE_REJECTED) is (role is Role.SERVER)
    return next(
        (
            index
            for index in reversed(said)
            if (step := steps[index].step).name == Message.CERTIFICATE
            and step.empty is missing
            and (ours is None or step.sent in {ours, None})
        ),
        None,
    )


def _late(rung: Rung) -> Rung:
    return replace(rung, later=True) if rung.kind is Kind.MESSAGE else rung


# -- long ladders ------------------------------------------------------------------------------------------


def _folded(drawn: list[Rung]) -> list[Rung]:
    """Return the ends, the first alert and what is around the break; gaps stand for the rest."""
    if len(drawn) <= MOST:
        return drawn
    last = len(drawn) - 1
    broke = next((i for i, rung in enumerate(drawn) if rung.broke), last)
    alert = next((i for i, rung in enumerate(drawn) if rung.kind is Kind.ALERT), last)
    kept = {i for i in range(len(drawn)) if min(i, last - i, abs(i - broke), abs(i - alert)) < _ENDS}
    folded: list[Rung] = []
    skipped = 0
    for index, rung in enumerate(drawn):
        if index not in kept:
            skipped += rung.times
            continue
        if skipped:
            folded.append(Rung(Kind.GAP, f"{skipped} more"))
            skipped = 0
        folded.append(rung)
    return folded

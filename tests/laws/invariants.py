"""What holds of every answer, whatever the log: legal words, places in order, no secret, bounded memory."""

import re
from collections.abc import Iterable, Iterator

from agent.model.block import Where
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.vocabulary import CAUSES, Dialect, Outcome
from agent.pipeline import Ended, PipelineOutcome
from agent.redaction import LIMIT
from tests.laws.cases import blocks, pipeline, run, split

MEMORY = 16 << 20
"""Bytes of a saved pipeline, at most: the limits of all its parts, each filled to the brim."""

_SECRET = re.compile(
    r"[0-9A-Fa-f]{3}0: (?:[0-9A-Fa-f]{2} +){4}"  # a row of a dump: its place, sixteen bytes apart
    r"|(?:\b[0-9A-Fa-f]{2}[ :]){12}"
    r"|(?<![0-9A-Fa-f])[0-9A-Fa-f]{40}"
    r"|(?:-?\d{1,3}, ){8}"  # bytes as Java prints an array
    r"|(?i:authorization: ?\w|master secret: ?\w)"
)

_UNSHOWABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def demand(data: bytes, cuts: Iterable[int]) -> None:
    """Read a log at once, and in blocks that end before these lines with a restart after each; they agree."""
    lines = split(data)
    outcomes = run(blocks(lines, []))
    assert not faults(outcomes), faults(outcomes)
    one, restarted = pipeline(), list[PipelineOutcome]()
    for block in blocks(lines, [cut % (len(lines) + 1) for cut in cuts]):
        restarted += one.feed(block)
        saved = one.save()
        assert len(saved) <= MEMORY
        one = pipeline(saved)
    silenced = faults(pipeline(one.save()).quiet(1e6))
    assert not silenced, silenced
    restarted += one.finish()
    assert restarted == outcomes, "what was told depends on how the log was cut"


def faults(outcomes: Iterable[PipelineOutcome]) -> list[str]:
    """Return what is wrong with outcomes by themselves."""
    found: list[str] = []
    for outcome in outcomes:
        if isinstance(outcome, Ended):
            found += _handshake(outcome.handshake)
            failed = outcome.handshake.outcome is Outcome.FAILED
            if failed is (outcome.diagnosis is None):
                found.append(f"{outcome.handshake.outcome} with diagnosis {outcome.diagnosis}")
            if outcome.diagnosis is not None:
                found += _diagnosis(outcome.diagnosis)
    return found


def _handshake(handshake: Handshake) -> Iterator[str]:
    if handshake.dialect not in Dialect or handshake.outcome not in Outcome:
        yield "a word that is none"
    if not (handshake.steps or handshake.failures):
        yield "a handshake of nothing"
    places = [handshake.first, *(line.at for line in handshake.evidence), handshake.last]
    if len({place.identity for place in places}) == 1 and not _inside(places):
        yield f"evidence outside of the span: {[place.line for place in places]}"
    if handshake.started_at and handshake.started_at.tzinfo is None:
        yield "a time without a zone"
    for line in handshake.evidence:
        if len(line.text) > LIMIT or not line.text:
            yield f"evidence of {len(line.text)} characters"
        yield from _shown(line.text)
    for text in _texts(handshake):
        yield from _shown(text)


def _inside(places: list[Where]) -> bool:
    first, *between, last = [place.offset for place in places]
    return all(first <= place <= last for place in [first, *between, last])


def _texts(handshake: Handshake) -> Iterator[str]:
    """Yield what is told of a handshake besides its evidence; a serial number is meant to be."""
    yield handshake.thread or ""
    yield handshake.server_name or ""
    yield handshake.peer or ""
    yield from (fact.value for fact in handshake.facts)
    yield from (part for f in handshake.failures for t in f.throwables for part in (t.name, t.text))
    yield from (alert.description for alert in handshake.alerts)
    yield from handshake.authorities or ()


def _diagnosis(diagnosis: Diagnosis) -> Iterator[str]:
    named = [(diagnosis.issue, diagnosis.cause)]
    named += [(other.issue, other.cause) for other in diagnosis.alternatives]
    for issue, cause in named:
        if cause not in CAUSES[issue]:
            yield f"{issue} has no cause {cause}"
    if len(set(named)) < len(named) or len(named) > 4:
        yield f"alternatives {named}"
    yield from _shown(diagnosis.summary)


def _shown(text: str) -> Iterator[str]:
    if _UNSHOWABLE.search(text):
        yield f"unprintable text {text!r}"
    secret = _SECRET.search(text)
    if secret:
        yield f"the shape of a secret, {secret[0]!r}, in {text!r}"

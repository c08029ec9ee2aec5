"""What a damaged log may still say, measured by what the undamaged one says.

Damage takes knowledge away. So a damaged log may say less and say it less surely; but a failure that it
calls certain must be one that the whole log tells of the same speaker, and of an issue and a cause that the
whole log does not contradict.
"""

from collections.abc import Iterable, Iterator

from agent.model.diagnosis import Diagnosis
from agent.model.vocabulary import Confidence, Dialect, Issue, Outcome
from agent.pipeline import Ended, PipelineOutcome
from tests.laws.cases import handshakes, whole

_REJECTED = (Issue.SERVER_CERTIFICATE_REJECTED, Issue.CLIENT_CERTIFICATE_REJECTED)

GENERAL = {
    (Issue.X509_V1_CERTIFICATE, "issuer_is_v1"): [
        (issue, cause) for issue in _REJECTED for cause in ("not_a_ca", "undetermined")
    ]
}
"""What is rightly said without the line that makes it more special: an issuer of version 1 is no CA."""


def false_alarms(case: str, outcomes: Iterable[PipelineOutcome]) -> list[str]:
    """Return the certain failures of a damaged log that the whole log does not bear out."""
    true = handshakes(whole(case))
    found = []
    for one in _certain(outcomes):
        assert one.diagnosis is not None
        same = [other for other in true if _speaker(other) == _speaker(one) or _of_engine(other, one)]
        borne = {said for other in same if other.diagnosis for said in possible(other.diagnosis)}
        if (one.diagnosis.issue, one.diagnosis.cause) not in borne:
            found.append(f"{_told(one)} is called certain; the whole log has {sorted(map(_told, same))}")
    return found


def failures_of_what_completed(case: str, outcomes: Iterable[PipelineOutcome]) -> list[str]:
    """Return the failures, however sure, of speakers of whom the whole log tells others, and no failure."""
    true = handshakes(whole(case))
    failed = {_speaker(one) for one in true if one.handshake.outcome is Outcome.FAILED}
    unfailing = {_speaker(one) for one in true} - failed
    return [_told(one) for one in handshakes(outcomes) if one.diagnosis and _speaker(one) in unfailing]


def _certain(outcomes: Iterable[PipelineOutcome]) -> Iterator[Ended]:
    for one in handshakes(outcomes):
        if one.diagnosis and one.diagnosis.confidence is Confidence.CERTAIN:
            yield one


def possible(diagnosis: Diagnosis) -> Iterator[tuple[Issue, str]]:
    """Yield all that a diagnosis leaves possible, and what is a part of it."""
    said = [(diagnosis.issue, diagnosis.cause)]
    said += [(other.issue, other.cause) for other in diagnosis.alternatives]
    for issue, cause in said:
        yield from ((issue, cause), (issue, "undetermined"), *GENERAL.get((issue, cause), ()))


def _speaker(one: Ended) -> tuple[object, ...]:
    handshake = one.handshake
    # a damaged log need not show which variant of one dialect it is
    variant = Dialect.JSSE_LEGACY if handshake.dialect is Dialect.IBM_JSSE else handshake.dialect
    return variant, handshake.jvm, handshake.thread, handshake.connection


def _of_engine(other: Ended, one: Ended) -> bool:
    """Return whether a handshake of SSLEngine, which is no thread's, and a thread's end with the same words.

    A log that begins after the engines were made need not show that they are there.
    """
    if other.handshake.thread is not None or other.handshake.role is not one.handshake.role:
        return False
    return _last(other) is not None and _last(other) == _last(one)


def _last(one: Ended) -> str | None:
    """Return the text of the line that tells how a handshake ended."""
    return one.handshake.evidence[-1].text if one.handshake.evidence else None


def _told(one: Ended) -> str:
    """Return a handshake in short, for a message."""
    handshake, said = one.handshake, one.diagnosis
    why = f" {said.issue}/{said.cause}, {said.confidence} by {said.entry}" if said else ""
    return f"{handshake.role} {handshake.thread or handshake.connection}: {handshake.outcome}{why}"

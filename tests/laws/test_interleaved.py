"""Several threads of legacy JSSE at once: less is told of each than alone, and nothing else."""

from collections.abc import Iterator

import pytest

from agent.model.vocabulary import Confidence, Outcome, Role
from agent.pipeline import Ended, PipelineOutcome
from tests.laws.alarms import possible
from tests.laws.cases import blocks, run, split
from tests.laws.interleaved import Voice, choose, mixed, of
from tests.laws.profile import ALL

SEEDS = range(200 if ALL else 12)

CONTENTS = ("server_name", "own_chain", "peer_chain", "authorities", "cipher_suite")
"""What only lines without a thread's name tell."""


def outcomes(log: bytes) -> list[PipelineOutcome]:
    """Return what comes of a log."""
    return run(blocks(split(log), []))


def untrue(voice: Voice, told: list[Ended]) -> Iterator[str]:
    """Yield what is claimed of a thread and is not so."""
    for outcome in (Outcome.FAILED, Outcome.COMPLETED):
        said, so = ([one for one in many if one.handshake.outcome is outcome] for many in (told, voice.true))
        if len(said) > len(so):
            yield f"{voice}: {len(said)} {outcome}, truly {len(so)}"
    roles = {one.handshake.role for one in voice.true}
    so_of = {said for one in voice.true if one.diagnosis for said in possible(one.diagnosis)}
    for one in told:
        if one.handshake.role not in {*roles, Role.UNKNOWN}:
            yield f"{voice}: role {one.handshake.role}"
        certain = one.diagnosis and one.diagnosis.confidence is Confidence.CERTAIN
        if one.diagnosis and certain and (one.diagnosis.issue, one.diagnosis.cause) not in so_of:
            yield f"{voice}: {one.diagnosis.issue}/{one.diagnosis.cause} by {one.diagnosis.entry}"
        for name in CONTENTS:
            value = getattr(one.handshake, name)
            if value is not None and value not in [getattr(so.handshake, name) for so in voice.true]:
                yield f"{voice}: {name} {value}"


@pytest.mark.parametrize("by_record", [False, True])
@pytest.mark.parametrize("threads", [2, 4, 16])
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_untrue(seed: int, threads: int, by_record: bool) -> None:  # noqa: FBT001 - a parameter
    """However the lines of threads are mixed, no handshake gets what is another one's."""
    voices = choose(seed, threads)
    told = outcomes(mixed(voices, seed, by_record=by_record, torn=0.2))
    assert [claim for voice in voices for claim in untrue(voice, of(voice, told))] == []
    names = {voice.name for voice in voices}
    assert [o for o in told if isinstance(o, Ended) and o.diagnosis and o.handshake.thread not in names] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_certain_and_untrue_of_a_part(seed: int) -> None:
    """Nor where the log begins amid the handshakes."""
    voices = choose(seed, 4)
    lines = split(mixed(voices, seed))
    told = run(blocks(lines[seed * len(lines) // (2 * len(SEEDS)) :], []))
    for voice in voices:
        so = {said for one in voice.true if one.diagnosis for said in possible(one.diagnosis)}
        sure = [
            (one.diagnosis.issue, one.diagnosis.cause)
            for one in of(voice, told)
            if one.diagnosis and one.diagnosis.confidence is Confidence.CERTAIN
        ]
        assert [said for said in sure if said not in so] == [], voice


def test_alone_is_as_before() -> None:
    """One thread alone gives what its log gives."""
    for voice in choose(0, 6):
        told = of(voice, outcomes(mixed([voice], 0)))
        assert [short(one) for one in told] == [short(one) for one in voice.true]


def short(one: Ended) -> tuple[object, ...]:
    """Return a handshake by what was found."""
    return (
        one.handshake.outcome,
        one.handshake.role,
        one.diagnosis and (one.diagnosis.issue, one.diagnosis.cause),
    )

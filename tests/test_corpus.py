"""Real logs, and the exact handshakes in them: every case is a negative sample for all other entries."""

import pytest

from agent.model.vocabulary import Dialect
from agent.pipeline import Ended
from tests.corpus import accept

CASES = accept.cases()


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    """A case gives exactly the handshakes that it states, in their order."""
    assert accept.answer(case) == accept.expected(case)


@pytest.mark.parametrize("case", CASES)
def test_nothing_secret_is_shown(case: str) -> None:
    """No line that is kept as evidence holds a hex dump, a key or a credential."""
    shown = [
        e.text
        for o in accept.outcomes(accept.logs(case))
        if isinstance(o, Ended)
        for e in o.handshake.evidence
    ]
    text = "\n".join(shown)
    for secret in ("Authorization", "c2VjcmV0", "PreMaster Secret", "write key", "0000: "):
        assert secret not in text


def test_every_case_is_stated() -> None:
    """Each case has its expected.json, in a folder named after its dialect."""
    folders = {case.partition("/")[0] for case in CASES}
    assert folders <= set(Dialect)
    assert [case for case in CASES if not (accept.CORPUS / case / accept.EXPECTED).exists()] == []


def test_files_in_their_order() -> None:
    """The file that was rolled first is read first, packed or not."""
    rolled = ["wrapper.log.10.gz", "wrapper.log.2", "wrapper.log.1.gz", "wrapper.log"]
    assert sorted(rolled, key=accept.age, reverse=True) == rolled

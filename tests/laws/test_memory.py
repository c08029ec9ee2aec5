"""A reading that was interrupted goes on as if it had not been: all that counts is in what is saved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.pipeline import PipelineOutcome
from tests.laws.cases import CASES, blocks, pipeline, rows, whole
from tests.laws.profile import DRAWN


@pytest.mark.parametrize("case", CASES)
def test_restored_at_every_line(case: str) -> None:
    """A pipeline that is saved and restored behind each line tells and saves what one does that is not."""
    steady, outcomes = pipeline(), list[PipelineOutcome]()
    saved = steady.save()
    for block in blocks(rows(case), range(len(rows(case)))):
        restored = pipeline(saved)
        assert restored.save() == saved
        told = restored.feed(block)
        assert told == steady.feed(block)
        outcomes += told
        saved = restored.save()
        assert steady.save() == saved
    assert outcomes + pipeline(saved).finish() == list(whole(case))


@DRAWN
@given(st.sampled_from(CASES), st.data())
def test_silence_after_a_restart(case: str, data: st.DataObject) -> None:
    """What a silence ends does not depend on a restart before it."""
    end = data.draw(st.integers(0, len(rows(case))))
    seconds = data.draw(st.sampled_from([0.5, 3.0, 6.0, 11.0, 61.0, 301.0]))
    steady = pipeline()
    for block in blocks(rows(case)[:end], []):
        steady.feed(block)
    restored = pipeline(steady.save())
    assert restored.quiet(seconds) == steady.quiet(seconds)
    assert restored.save() == steady.save()
    rest = list(blocks(rows(case), [end]))[1:] if 0 < end < len(rows(case)) else []
    for block in rest:
        assert restored.feed(block) == steady.feed(block)
    assert restored.finish() == steady.finish()

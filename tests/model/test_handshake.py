"""The one question that a handshake answers by itself."""

from agent.model.block import Where
from agent.model.events import Fact, FactKind
from agent.model.handshake import Handshake
from agent.model.vocabulary import Dialect, Outcome, Role


def test_fact() -> None:
    """The last value of a kind counts; a kind that was not told is None, one without a value is empty."""
    here = Where("wrapper.log", "8:15", 0, 1)
    handshake = Handshake(
        dialect=Dialect.JSSE,
        role=Role.CLIENT,
        outcome=Outcome.FAILED,
        jvm=1,
        thread="T1",
        connection=None,
        first=here,
        last=here,
        started_at=None,
        ended_at=None,
        facts=(Fact(FactKind.PEER, "a:1"), Fact(FactKind.RESUMED), Fact(FactKind.PEER, "b:2")),
    )
    kinds = (FactKind.PEER, FactKind.RESUMED, FactKind.LIBRARY)
    assert [handshake.fact(kind) for kind in kinds] == ["b:2", "", None]

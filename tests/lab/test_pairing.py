"""The best pairing against all pairings."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from tests.lab.pairing import best


def pairings(rows: list[int], worth: dict[tuple[int, int], float], taken: frozenset[int]) -> Iterator[float]:
    """Yield what each possible pairing of the rows is worth."""
    if not rows:
        yield 0.0
        return
    yield from pairings(rows[1:], worth, taken)
    for (row, answer), gain in worth.items():
        if row == rows[0] and answer not in taken:
            for rest in pairings(rows[1:], worth, taken | {answer}):
                yield gain + rest


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 130).map(float), max_size=14
    )
)
def test_best(worth: dict[tuple[int, int], float]) -> None:
    """No other pairing is worth more, and each answer is given once."""
    chosen = best(worth)
    assert len(set(chosen.values())) == len(chosen)
    rows = sorted({row for row, _ in worth})
    assert sum(worth[pair] for pair in chosen.items()) == max(pairings(rows, worth, frozenset()))


def test_a_row_changes_its_answer_for_another() -> None:
    """A row that has a second choice leaves the first one to a row that has none."""
    assert best({("a", 1): 5.0, ("a", 2): 4.0, ("b", 1): 3.0}) == {"a": 2, "b": 1}

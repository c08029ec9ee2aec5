from hypothesis import given
from hypothesis import strategies as st

from agent.framing.division import divide
from agent.model.block import Block, Origins, Where

START = Where("wrapper.log", "8:15", 1000, 40)
EARLIER = Where("wrapper.log", "8:14", 70_000, 900)
TEXT = b"one\ntwo\nthree\n"


def test_between_lines() -> None:
    """What stands before a place is one piece, and each piece knows where it begins."""
    assert divide(Block(START, TEXT), [(1000, 40), (1004, 41), (1004, 41)]) == [
        Block(START, b""),
        Block(START, b"one\n"),
        Block(Where("wrapper.log", "8:15", 1004, 41), b""),
        Block(Where("wrapper.log", "8:15", 1004, 41), b"two\nthree\n"),
    ]


def test_amid_a_line() -> None:
    """Both pieces of a line count as that line."""
    assert divide(Block(START, TEXT), [(1006, 41)]) == [
        Block(START, b"one\ntw"),
        Block(Where("wrapper.log", "8:15", 1006, 41), b"o\nthree\n"),
    ]


def test_a_text_taken_out_of_a_file() -> None:
    """A text that was taken out of a file is divided where its lines were in the file."""
    whole = Block(
        START, TEXT, Origins([0, 4, 8], [1013, 1200, 1300], [41, 44, 45], [1013, 1200, 1300], EARLIER)
    )
    first, second = divide(whole, [(1150, 43)])
    assert (first.data, second.data) == (b"one\n", b"two\nthree\n")
    assert first.origins == Origins([0], [1013], [41], [1013], EARLIER)
    assert second.origins == Origins([0, 4], [1200, 1300], [44, 45], [1200, 1300])
    assert [first.where(0, 40), second.where(0, 41), second.where(4, 42)] == [
        EARLIER,
        Where("wrapper.log", "8:15", 1200, 44),
        Where("wrapper.log", "8:15", 1300, 45),
    ]


@given(st.lists(st.sampled_from((1000, 1013, 1200, 1250, 1300, 1400)), max_size=5).map(sorted))
def test_nothing_is_lost(offsets: list[int]) -> None:
    """The pieces are the whole."""
    whole = Block(START, TEXT, Origins([0, 4, 8], [1013, 1200, 1300], [41, 44, 45], [1013, 1200, 1300]))
    pieces = divide(whole, [(offset, 0) for offset in offsets])
    assert len(pieces) == len(offsets) + 1
    assert b"".join(piece.data for piece in pieces) == TEXT
    assert [line for piece in pieces if piece.origins for line in piece.origins.lines] == [41, 44, 45]

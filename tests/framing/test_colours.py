"""Colours are taken out of lines, and every line still knows where it stands in the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.framing.colours import plain, uncoloured
from agent.framing.division import divide
from agent.framing.unwrapping import Unwrapping
from agent.model.block import Block, Origins, Where
from tests.framing.rendering import cri, docker
from tests.framing.test_unwrapping import CLOCK, WHEN, rows

START = Where("wrapper.log", "8:15", 1000, 40)


@pytest.mark.parametrize(
    ("coloured", "text"),
    [
        (b"\x1b[32mINFO   | jvm 1    | text\x1b[0m\n", b"INFO   | jvm 1    | text\n"),
        (b"text\x1b[0m\r\n", b"text\r\n"),
        (b"\x1b[1;38;5;208mte\x1b[38:2:1:2:3mxt\x1b(B\x1b[m\n", b"text\n"),
        (b"a \x1b[01;31m\x1b[Kfound\x1b[m\x1b[K word\n", b"a found word\n"),
        (b"\x1b[?25ltext\x1b[?25h", b"text"),
        (b"cut off \x1b[3\n2m text \x1b\n", b"cut off \x1b[3\n2m text \x1b\n"),
        (b"text [0m (B\n", b"text [0m (B\n"),
    ],
)
def test_what_is_taken_out(coloured: bytes, text: bytes) -> None:
    """Sequences go wherever they stand in a line; what is none stays."""
    assert plain(coloured) == text


def test_lines_keep_their_places() -> None:
    """A line begins in the file where its first byte or the sequence before that stands."""
    block = uncoloured(Block(START, b"one\n\x1b[1mtwo\x1b[0m\n\nthree"))
    assert block == Block(
        START,
        b"one\ntwo\n\nthree",
        Origins(
            [0, 4, 8, 9], [1000, 1004, 1016, 1017], [40, 41, 42, 43], [1000, 1004, 1016, 1017], exact=True
        ),
    )
    assert [block.where(4, 41).offset, block.where(8, 42).offset] == [1004, 1016]
    assert [block.reached(position) for position in (0, 2, 4, 6, 8, 13)] == [
        1000,
        1002,
        1004,
        1006,
        1016,
        1021,
    ]


def test_a_block_without_colours_is_handed_on() -> None:
    """Nothing is copied where there is nothing to take out."""
    for data in (b"one\ntwo\n", b"one \x1b two\n"):
        block = Block(START, data)
        assert uncoloured(block) is block


def test_containers() -> None:
    """The text of a container's line has them escaped, or cut through by the end of a piece."""
    log = [
        cri("stderr", WHEN, b"\x1b[32mgreen\x1b[0m"),
        cri("stdout", WHEN, b"cut \x1b[3", whole=False),
        cri("stdout", WHEN, b"2moff\x1b[0m"),
        docker("stdout", WHEN, b"\x1b[32mgreen\x1b[0m"),
        b"\x1b[1mbare\x1b[0m\n",
    ]
    assert [
        (stream, line) for stream, line, _, _ in rows(Unwrapping().feed(Block(START, b"".join(log))))
    ] == [
        ("stderr", CLOCK + b"green\n"),
        ("stdout", CLOCK + b"cut off\n"),
        ("stdout", CLOCK + b"green\n"),
        ("", b"bare\n"),
    ]


@given(
    st.lists(st.sampled_from((b"\x1b[0m", b"\x1b[31m", b"a", b"bc", b"\n", b"\r")), max_size=30).map(
        b"".join
    ),
    st.lists(st.integers(0, 40), max_size=4),
)
def test_pieces_know_their_places(data: bytes, positions: list[int]) -> None:
    """Wherever a text is divided, amid lines too, each line of each piece is where it is in the whole."""
    whole = uncoloured(Block(START, data))
    places = sorted((whole.reached(at), 0) for at in positions if at < len(whole.data))
    pieces = divide(whole, places)
    assert b"".join(piece.data for piece in pieces) == plain(data)
    begin = 0
    for piece in pieces:
        position = 0
        for number, line in enumerate(piece.data.split(b"\n")[: piece.data.count(b"\n")]):
            assert piece.where(position, piece.start.line + number).offset == whole.reached(begin + position)
            position += len(line) + 1
        begin += len(piece.data)

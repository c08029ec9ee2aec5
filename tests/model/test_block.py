from agent.model.block import Block, Origins, Where

START = Where("wrapper.log", "8:15", 1000, 40)


def test_a_place_in_the_file_itself() -> None:
    """The lines of a file are counted from the block's start."""
    block = Block(START, b"one\ntwo\n")
    assert [block.where(0, 40), block.where(4, 41)] == [START, Where("wrapper.log", "8:15", 1004, 41)]


def test_a_place_in_a_text_taken_out_of_a_file() -> None:
    """Each line of a text that was taken out of a file knows where it came from."""
    block = Block(START, b"one\ntwo\n", Origins([0, 4], [1013, 1200], [41, 44], [1013, 1200]))
    assert [block.where(0, 40), block.where(4, 41)] == [
        Where("wrapper.log", "8:15", 1013, 41),
        Where("wrapper.log", "8:15", 1200, 44),
    ]


def test_a_line_that_began_in_another_file() -> None:
    """The first line may have begun in the file that was rolled away."""
    earlier = Where("wrapper.log", "8:14", 70_000, 900)
    block = Block(START, b"one\ntwo\n", Origins([0, 4], [1013, 1200], [41, 44], [1013, 1200], earlier))
    assert [block.where(0, 40), block.where(4, 41).line] == [earlier, 44]


def test_what_is_reached() -> None:
    """A position is one in the file; in a text that was taken out, it is where its line ended."""
    taken = Block(START, b"one\ntwo\n", Origins([0, 4], [1013, 1200], [41, 44], [1113, 1200]))
    assert [Block(START, b"one\ntwo\n").reached(at) for at in (0, 5)] == [1000, 1005]
    assert [taken.reached(at) for at in (0, 3, 4, 8)] == [1113, 1113, 1200, 1200]

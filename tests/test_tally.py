from agent.tally import of_block


def test_zero_bytes_are_not_counted() -> None:
    """Where a block begins decides whether zeros ahead of a line are in it, so they count nowhere."""
    assert of_block(b"\0\0one\n\0two\n") == (8, 2)

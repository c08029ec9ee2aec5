from agent.formats.fitting import SHARES, fitted, shared, size_in_bytes


def test_the_greatest_share_that_fits_is_taken() -> None:
    """Each share is tried once, the whole first; where none fits the shortest is what there is."""
    tried = []

    def made(share: float) -> str:
        tried.append(share)
        return "x" * int(1000 * share)

    assert len(fitted(made, 400)) == 350
    assert tried == [1.0, 0.6, 0.35]
    assert len(fitted(made, 1)) == int(1000 * SHARES[-1])


def test_size_may_be_that_on_the_way() -> None:
    """Characters are bytes of UTF-8 there, halves of some too."""
    assert fitted(lambda share: "\u20ac" * int(100 * share), 150, size_in_bytes) == "\u20ac" * 35
    assert size_in_bytes("a\udcff") == 2


def test_our_own_words_are_not_shortened() -> None:
    """What is short stays whole however full a message is."""
    assert [shared(1000, 0.5), shared(1000, 0.01), shared(10, 0.01)] == [500, 40, 10]

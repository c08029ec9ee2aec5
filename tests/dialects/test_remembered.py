from agent.dialects.remembered import remembered


def test_short_ones_are_remembered() -> None:
    """What is short is read once, however often it comes; what is long is read each time."""
    read: list[str] = []

    @remembered(2, len, 3)
    def upper(text: str) -> str:
        """Return it in capitals."""
        read.append(text)
        return text.upper()

    assert [upper(text) for text in ("abc", "abc", "abcd", "abcd")] == ["ABC", "ABC", "ABCD", "ABCD"]
    assert read == ["abc", "abcd", "abcd"]
    assert upper.__doc__ == "Return it in capitals."


def test_only_so_many() -> None:
    """Of more than fit, the one that was not asked for longest is forgotten."""
    read: list[int] = []

    @remembered(2, lambda _: 0, 0)
    def keep(number: int) -> int:
        read.append(number)
        return number

    for number in (1, 2, 3, 3, 1):
        keep(number)
    assert read == [1, 2, 3, 1]

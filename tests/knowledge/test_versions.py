import pytest

from agent.knowledge.versions import parse_range, parse_version


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("<=10.5", ["8.2", "10.5", "10.5.0.3"], ["10.7", "10.15", "12.1"]),
        (">=10.7", ["10.7", "10.15", "11.1"], ["10.5", "9.12"]),
        (">=9.5,<10.15", ["9.5", "9.12", "10.11"], ["9.0", "10.15", "11.1"]),
        ("==10.11", ["10.11", "10.11.0.9"], ["10.1", "10.15"]),
        (">10.5", ["10.7"], ["10.5"]),
    ],
)
def test_range(text: str, inside: list[str], outside: list[str]) -> None:
    """A version is compared by numbers, as many of them as the bound names."""
    versions = parse_range(text)
    assert versions.text == text
    assert [v for v in inside + outside if (parse_version(v) or ()) in versions] == inside


@pytest.mark.parametrize("text", ["", "10.5", ">=x", ">=10.7;<11", "=>10"])
def test_a_wrong_range_is_refused(text: str) -> None:
    """A text that is no list of bounds is a ValueError that names an example."""
    with pytest.raises(ValueError, match="is no bound such as"):
        parse_range(text)


def test_a_text_without_numbers_is_no_version() -> None:
    """A version begins with numbers; anything else is not known."""
    assert [parse_version(v) for v in ("v10.11-fix3", " 10.5 ", "latest", "", None)] == [
        (10, 11),
        (10, 5),
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "begins"),
    [(">=10.15", False), (">=9.5,<10.15", True), ("<=10.5", True), ("==10.11", True), (">10.15", False)],
)
def test_a_range_begins_by_a_version_or_later(text: str, begins: bool) -> None:  # noqa: FBT001 - the expectation
    """Only the lower bounds count."""
    assert parse_range(text).begins_by((10, 11)) is begins

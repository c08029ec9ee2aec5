from enum import StrEnum

import pytest

from agent.knowledge import checks
from agent.knowledge.checks import CatalogueError, Place

PLACE = Place("mine.toml", '[[entry]]\nid = "x"\nbad = 1\n', "entry", 1, "entry 'x'")


class Colour(StrEnum):
    """A vocabulary."""

    RED = "red"


def test_what_is_right_is_returned() -> None:
    """A check gives back what it was given, in the type that is wanted."""
    assert checks.one_of(PLACE, "bad", "a", {"a", "b"}) == "a"
    assert checks.word(PLACE, "bad", "red", Colour) is Colour.RED
    assert checks.words(PLACE, "bad", {"bad": ["red"]}, Colour) == {Colour.RED}
    assert checks.words(PLACE, "bad", {}, Colour) == frozenset()
    assert checks.texts(PLACE, "bad", ["a"]) == ["a"]
    assert checks.optional(PLACE, "bad", None) is None
    assert checks.flag(PLACE, "bad", {"bad": False}) is False
    assert checks.flag(PLACE, "bad", {}) is None
    assert checks.pattern(PLACE, "bad", "a+") == "a+"
    assert checks.table(PLACE, "bad", {}) == {}


def test_what_is_wrong_is_told_with_its_line() -> None:
    """A complaint stands at the key, else at the table, else at the key that holds the table."""
    with pytest.raises(CatalogueError, match=r"^mine\.toml:3: entry 'x': unknown bad 'c'; known: a, b$"):
        checks.one_of(PLACE, "bad", "c", {"a", "b"})
    with pytest.raises(CatalogueError, match=r"^mine\.toml:1: entry 'x': 'y' is missing; add it$"):
        checks.needed(PLACE, {}, ["y"])
    with pytest.raises(CatalogueError, match=r"^mine\.toml:3: entry 'x': 'y' is missing; add it$"):
        checks.needed(PLACE.inline("bad"), {}, ["y"])
    with pytest.raises(CatalogueError, match=r"the 30 that are known stand in docs/diagnoses\.md$"):
        checks.one_of(PLACE, "bad", "c", [str(number) for number in range(30)])

import pytest

from agent.knowledge import sentences
from agent.knowledge.checks import CatalogueError, Place

PLACE = Place("mine.toml", "", "entry", 1, "entry")


def test_the_fullest_wording_that_is_known_is_filled() -> None:
    """Of several wordings the first counts whose names are all known."""
    wordings = sentences.read(PLACE, "summary", ["{a} and {b}.", "{a}.", "Of {us}."], {"a", "b"}, {"us"})
    assert sentences.fill(wordings, {"a": "1", "b": "2", "us": "3"}) == "1 and 2."
    assert sentences.fill(wordings, {"a": "1", "us": "3"}) == "1."
    assert sentences.fill(wordings, {"us": "3"}) == "Of 3."


def test_braces_in_a_value_mean_nothing() -> None:
    """A value is put in as it is, never read as a sentence."""
    assert sentences.fill(("{a}.",), {"a": "{b} {0}"}) == "{b} {0}."


@pytest.mark.parametrize("text", ["{a", "{a.b}", "{a[0]}", "{0}", "{}", "{a!r}", "{a:>9}"])
def test_only_plain_names_may_stand_between_braces(text: str) -> None:
    """Anything that could reach into a value, or format it, is refused."""
    with pytest.raises(CatalogueError):
        sentences.read(PLACE, "summary", [text, "x"], {"a"}, ())

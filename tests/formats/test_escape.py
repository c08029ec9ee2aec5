import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.escape import escaped, within

MARKS = {"&": "&amp;", "_": "\u02cd"}


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("a&b", 7, "a&amp;b"),
        ("a&b", 6, "a..."),
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abc..."),
        ("&&&&", 9, "&amp;..."),
        ("", 5, ""),
        (" ", 5, " "),
        (" a ", 5, " a "),
        ("a\r\n\x1b[2Jb", 20, "a   [2Jb"),
        ("\u202eevil", 20, "\ufffdevil"),
        ("watt.a_b _c_", 20, "watt.a_b \u02cdc\u02cd"),
    ],
)
def test_text_is_harmless_and_short_enough(text: str, limit: int, shown: str) -> None:
    """Replacements stay whole, blanks at the ends stay, underscores within a word stay."""
    assert escaped(text, MARKS, limit) == shown


def test_only_what_may_be_shown_is_looked_at() -> None:
    """A cut text ends with dots, however long it was."""
    assert escaped("&" * 1_000_000, MARKS, 100) == "&amp;" * 19 + "..."


def test_whole_lines_fit_or_are_counted() -> None:
    """A list is cut between two lines, never inside one."""
    assert within(["abc", "def"], 8) == ["abc", "def"]
    assert within(["abc", "def", "ghi"], 8) == ["abc", "def", "... and 1 more"]
    assert within(iter(["abc"]), 3) == ["... and 1 more"]


@given(text=st.text(), limit=st.integers(3, 60))
def test_whatever_it_is_it_is_short_whole_and_clean(text: str, limit: int) -> None:
    """Never longer than the limit, no half of a replacement, no control or formatting character."""
    shown = escaped(text, {"&": "&amp;", "<": "&lt;"}, limit)
    assert len(shown) <= limit
    assert not set(re.sub("&(amp|lt);", "", shown)) & set("&<")
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in shown)


@given(lines=st.lists(st.text(max_size=20)), budget=st.integers(0, 60))
def test_lines_are_kept_from_the_first_on(lines: list[str], budget: int) -> None:
    """What is shown begins as it was, and what is not shown is counted."""
    kept = within(lines, budget)
    if kept == lines:
        assert sum(len(line) + 1 for line in lines) <= budget
    else:
        *shown, last = kept
        assert shown == lines[: len(shown)]
        assert last == f"... and {len(lines) - len(shown)} more"

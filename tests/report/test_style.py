import re
from collections.abc import Mapping
from itertools import combinations

import pytest

from agent.model.vocabulary import Issue
from agent.report import chart
from agent.report.style import DARK, LIGHT, MARKS, sheet

TEXT, GRAPHICS = 4.5, 3.0  # WCAG 2.2, success criteria 1.4.3 and 1.4.11


def luminance(colour: str) -> float:
    """Return relative luminance (WCAG 2.2) of "#rrggbb"."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(colours: Mapping[str, str]) -> None:
    """Each colour of text, on each ground that it stands on."""
    grounds = {
        "paper": ("ink", "muted", "link", "bad", "warn", "good"),
        "panel": ("ink", "muted", "bad", "good"),
        "warned": ("ink", "warn", "muted"),
    }
    assert [
        (text, ground, round(contrast(colours[text], colours[ground]), 2))
        for ground, texts in grounds.items()
        for text in texts
        if contrast(colours[text], colours[ground]) < TEXT
    ] == []


@pytest.mark.parametrize(("side", "paper"), [(0, LIGHT["paper"]), (1, DARK["paper"])], ids=["light", "dark"])
def test_bars_can_be_seen(side: int, paper: str) -> None:
    """Each issue's colour against the page."""
    assert [issue for issue, mark in MARKS.items() if contrast(mark[side], paper) < GRAPHICS] == []


def test_every_issue_has_a_mark_of_its_own() -> None:
    """The pattern tells apart what the colour does not, and the article's six have six patterns."""
    assert set(MARKS) == set(Issue)
    assert [(a, b) for a, b in combinations(MARKS, 2) if MARKS[a] == MARKS[b]] == []
    article = list(MARKS.values())[:6]
    assert len({pattern for _, _, pattern in article}) == 6
    assert {pattern for _, _, pattern in MARKS.values()} == set(chart.PATTERNS)


def test_the_sheet_loads_nothing() -> None:
    """No address, no import, and each variable that is used is set."""
    rules = sheet()
    assert not re.search(r"url\(|@import|//", rules)
    assert set(re.findall(r"var\(--([\w-]+)\)", rules)) <= set(re.findall(r"--([\w-]+):", rules))
    assert rules.count("{") == rules.count("}")

"""HTML and SVG as trees: a library writes them out, so every element is closed and every text escaped."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

from agent.formats.words import printable

LONGEST = 2_000
"""Characters of one text: more than any name or sentence has."""

Content = Element | str | None | Iterable["Content"]
"""What can stand in an element; None is nothing."""

Value = str | float | None
"""What an attribute can be; None leaves it out."""


def element(tag: str, *content: Content, **attributes: Value) -> Element:
    """Return an element; "class_" is the attribute class and "aria_label" aria-label."""
    made = Element(
        tag, {_name(name): _value(value) for name, value in attributes.items() if value is not None}
    )
    _fill(made, content)
    return made


def style(rules: str) -> Element:
    """Return a style sheet, which HTML takes as it stands; `rules` are ours and never text of a log."""
    made = Element("style")
    made.text = rules
    return made


def written(root: Element) -> str:
    """Return a tree as HTML."""
    return tostring(root, encoding="unicode", method="html")


def shown(text: str) -> str:
    """Return text as one harmless line of at most `LONGEST` characters."""
    line = printable(text[: LONGEST + 1])
    return line if len(text) <= LONGEST else line[: LONGEST - 1] + "…"


def _fill(parent: Element, content: Iterable[Content]) -> None:
    for one in content:
        if isinstance(one, str):
            _append(parent, _spaced(one))
        elif isinstance(one, Element):
            parent.append(one)
        elif one is not None:
            _fill(parent, one)


def _spaced(text: str) -> str:
    """Return harmless text that keeps a space at either end, for the element that stands there."""
    line = shown(text)
    return f"{' ' * text.startswith(' ')}{line}{' ' * (bool(line) and text.endswith(' '))}"


def _append(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return shown(value) if isinstance(value, str) else f"{value:g}"

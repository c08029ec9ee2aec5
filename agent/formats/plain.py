"""A message as lines of plain text, for receivers without markup."""

from agent.formats.escape import escaped, within
from agent.formats.message import Line, Message, Style


def text(said: Message) -> str:
    """Return all that is said but the title; code stands in quotes where the text goes on behind it."""
    lines = [f"{label}: {escaped(fact.text, {}, fact.limit)}" for label, fact in said.facts]
    for one in said.paragraphs:
        lines.append(f"{one.label}:")
        lines += [f"  {line}" for line in within(map(_line, one.lines), one.budget)]
    lines += [f"{label}: {url}" for label, url in said.links]
    return "\n".join([*lines, _line(said.origin)])


def title(said: Message, limit: int) -> str:
    """Return the title with its mark."""
    return said.mark + escaped(said.title, {}, limit - len(said.mark))


def _line(line: Line) -> str:
    return "".join(
        f'"{escaped(span.text, {}, span.limit)}"'
        if span.style is Style.CODE and len(line) > 1
        else escaped(span.text, {}, span.limit)
        for span in line
    )


def line(text: str, limit: int) -> str:
    """Return text of a log, or a name, as one line."""
    return escaped(text, {}, limit)

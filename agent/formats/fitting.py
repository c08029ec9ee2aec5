"""Messages that have to stay below a size."""

from collections.abc import Callable

SHARES = (1.0, 0.6, 0.35, 0.2, 0.1, 0.05)
"""Parts of what may be shown of each text, tried in turn."""

LEAST = 40
"""Characters that are shown of a text however full the message is: most of our own words are shorter."""


def shared(limit: int, share: float) -> int:
    """Return what is left of a limit."""
    return max(int(limit * share), min(limit, LEAST))


def fitted(made: Callable[[float], str], most: int, size: Callable[[str], int] = len) -> str:
    """Return the first text of at most `most`, else the shortest; `made` takes a share of all limits."""
    text = ""
    for share in SHARES:
        text = made(share)
        if size(text) <= most:
            break
    return text


def size_in_bytes(text: str) -> int:
    """Return how long a text is on the way."""
    return len(text.encode("utf-8", "replace"))

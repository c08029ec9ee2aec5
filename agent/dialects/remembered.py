"""A memory of what was read before, for texts that come again and again.

A server says the same in one handshake after another. But a log may hold texts of any length, and a memory
that is bounded by number alone would keep thousands of them: only short ones are remembered.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def remembered(
    entries: int, size: Callable[..., int], longest: int
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator: up to `entries` results are remembered, for arguments of a `size` up to `longest`.

    Arguments have to be hashable.
    """

    def decorate(read: Callable[P, T]) -> Callable[P, T]:
        kept = lru_cache(maxsize=entries)(read)

        @wraps(read)
        def look(*args: P.args, **kwargs: P.kwargs) -> T:
            return (kept if size(*args, **kwargs) <= longest else read)(*args, **kwargs)  # type: ignore[arg-type]

        return look

    return decorate

"""Where messages go."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver as configured: its name, a key of `FORMATS`, and how to get its URL.

    The URL is a credential. It is asked for at each attempt, so that a rotated file is picked up, and is kept
    nowhere.
    """

    name: str
    format: str
    url: Callable[[], str] = field(repr=False)

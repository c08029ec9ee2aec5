"""How a receiver took the last message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivery:
    """The last attempt: `reason` is None if it was taken; `status` is that of the answer.

    `advice` says what to do, where more is known than the reason.
    """

    reason: str | None = None
    status: int | None = None
    advice: str | None = None

"""How many messages a receiver gets within a minute."""

from collections import deque
from datetime import datetime, timedelta

_WINDOW = timedelta(minutes=1)


class Rate:
    """Holds attempts back beyond so many within any minute."""

    def __init__(self, per_minute: int) -> None:
        self._made: deque[datetime] = deque(maxlen=per_minute)

    def note(self, now: datetime) -> None:
        """Count an attempt."""
        self._made.append(now)

    def free_at(self, now: datetime) -> datetime:
        """Return when the next attempt may be made; a clock that was set back holds nothing up."""
        if len(self._made) < (self._made.maxlen or 0) or self._made[0] > now:
            return now
        return max(now, self._made[0] + _WINDOW)

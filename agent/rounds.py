"""Whose turn it is: what is written now goes before what waited long, and nobody waits for a disk that hangs.

Logs that are read to their end come first, then those that are behind, the one that waited longest first.
They take shares, the smaller the more of them there are, for as long as the turn lasts. An answer that is
not there in time is taken in a later turn.
"""

import threading
from collections.abc import Callable, Collection, Iterator

from agent.feed import Feed
from agent.tail.lookout import Look

TURN_SECONDS = 0.25
"""After so long a turn takes up no further share, so that what was read is committed."""

TURN_BYTES = 16 << 20
"""Likewise after so many bytes: no kill has more than that read again."""

SHARE_BYTES = 1 << 20
"""Bytes taken of one log at once: a fifth of a second of work where the debug text is densest."""

LEAST_BYTES = 64 << 10
"""Bytes of a share however many logs are behind, and of one that is not known to be: many records."""


class Rounds:
    """Asks the feeds and gives their answers in a fair order; used by one thread.

    `seconds` is a clock that never goes back, `patience` how many seconds the answer to a question is waited
    for, `news` what the feeds' errands set.
    """

    def __init__(self, seconds: Callable[[], float], patience: float, news: threading.Event) -> None:
        self._seconds, self._patience, self._news, self._served = seconds, patience, news, 0

    def answers(self, feeds: Collection[Feed]) -> Iterator[tuple[Feed, Look]]:
        """Ask every feed that is not out, and give answers until the turn is over.

        The caller notes in the feed whether it is behind before it asks for the next answer.
        """
        began, taken = self._seconds(), 0
        share = max(LEAST_BYTES, SHARE_BYTES // max(1, sum(feed.behind for feed in feeds)))
        for feed in sorted(feeds, key=_urgency):
            if not feed.lookout.errand.out:
                self._ask(feed, share)
        while self._seconds() - began < TURN_SECONDS and taken < TURN_BYTES:
            self._news.clear()
            ready = min((feed for feed in feeds if feed.lookout.errand.answered), key=_urgency, default=None)
            if ready is None:
                awaited = [feed for feed in feeds if feed.lookout.errand.out and not feed.late]
                if not awaited:
                    return
                if not self._news.wait(self._patience):
                    for feed in awaited:
                        feed.late = not feed.lookout.errand.answered
                continue
            ready.late = False
            look = ready.lookout.errand.take()
            taken += look.moved["read_bytes"]
            self._served += 1
            ready.served = self._served
            yield ready, look
            if ready.behind:
                self._ask(ready, share)

    def _ask(self, feed: Feed, share: int) -> None:
        feed.asked = self._seconds()
        feed.lookout.errand.ask(share if feed.behind else LEAST_BYTES)


def _urgency(feed: Feed) -> tuple[bool, int]:
    return feed.behind, feed.served

"""What an entry of the catalogue asks of a handshake, and how much that is worth."""

import re
from dataclasses import dataclass
from functools import cache

from agent.knowledge.facts import Findings
from agent.model.vocabulary import Dialect, Role

_DEEPEST = 9
"""An outer text counts less than an inner one by its depth, but never less than an alert."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold, all of it; an empty part asks nothing.

    `exception` holds if one of its patterns, which ignore case, is found in a text of the deciding report.
    """

    role: frozenset[Role] = frozenset()
    dialect: frozenset[Dialect] = frozenset()
    exception: tuple[str, ...] = ()
    alert_received: frozenset[str] = frozenset()
    alert_sent: frozenset[str] = frozenset()
    word: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    any_facts: frozenset[str] = frozenset()
    no_facts: frozenset[str] = frozenset()

    @property
    def weight(self) -> int:
        """How much the condition asks: a text weighs more than an alert, an alert more than facts."""
        return (
            100 * bool(self.exception)
            + 40 * bool(self.alert_received)
            + 30 * bool(self.alert_sent)
            + 20 * bool(self.word)
            + 6 * len(self.facts)
            + 4 * bool(self.any_facts)
            + 2 * len(self.no_facts)
            + 3 * bool(self.dialect)
            + (4 - len(self.role) if self.role else 0)
        )

    def score(self, found: Findings) -> int | None:
        """Return how well a handshake fits, None where it does not; an inner text fits better."""
        verdict = found.verdict
        holds = (
            (not self.role or found.role in self.role)
            and (not self.dialect or found.dialect in self.dialect)
            and self.facts <= found.facts
            and (not self.any_facts or bool(self.any_facts & found.facts))
            and not self.no_facts & found.facts
            and (not self.alert_received or verdict.received in self.alert_received)
            and (not self.alert_sent or verdict.sent in self.alert_sent)
            and (not self.word or verdict.word in self.word)
        )
        if not holds:
            return None
        if not self.exception:
            return self.weight
        pattern = _pattern(self.exception)
        for depth, text in enumerate(verdict.texts):
            if pattern.search(text):
                return self.weight - min(depth, _DEEPEST)
        return None


@cache
def _pattern(texts: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern for all, compiled when it is first asked for: most logs need few of them."""
    return re.compile("|".join(f"(?:{text})" for text in texts), re.IGNORECASE)

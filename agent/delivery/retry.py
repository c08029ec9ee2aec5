"""What a failed attempt means: when to try again, and when to give up. Tables and arithmetic; no clock.

Three paces. An OUTAGE ends by itself: the message waits for days. So it does where the receiver is SHUT to us
(a wrong address, an expired right, a proxy in maintenance), which a person mends: it is tried less often.
A REFUSAL is of the message itself: repeated slowly for a while, counted from the first refusal of an unbroken
row, before the message is given up.

Status codes: RFC 9110 section 15; 425: RFC 8470; 429: RFC 6585; Retry-After: RFC 9110 section 10.2.3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType

REASONS = (
    "timeout",
    "connect",
    "tls",
    "rate_limited",
    "server_error",
    "client_error",
    "redirect",
    "gave_up",
)
"""The closed set of words for what goes wrong with a delivery; label values of the failures' metric."""

MAX_AGE = timedelta(days=7)
"""So long a message is kept for a receiver unless the configuration says otherwise."""
LONGEST_RETRY_AFTER = timedelta(hours=1)
RECEIVERS_OWN = 5
"""So many messages refused in a row are not each at fault: the receiver is."""
_SHORTEST = timedelta(seconds=1)
_MOST_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """Waits double from `first` to `longest`; `patience` is how long all of it may take.

    It counts from the first refusal. None is as long as the receiver waits for a message at all, which counts
    from its making.
    """

    first: timedelta
    longest: timedelta
    patience: timedelta | None = None


OUTAGE = Pace(timedelta(seconds=10), timedelta(hours=1))
SHUT = Pace(timedelta(minutes=2), timedelta(hours=1))
REFUSAL = Pace(timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Failure:
    """How an attempt failed. `of_message` says that the next message may fare better at once."""

    reason: str
    pace: Pace
    of_message: bool = False


STATUSES: Mapping[int, Failure] = MappingProxyType(
    {
        400: Failure("client_error", REFUSAL, of_message=True),
        401: Failure("client_error", SHUT),
        403: Failure("client_error", SHUT),
        404: Failure("client_error", SHUT),
        405: Failure("client_error", SHUT),
        408: Failure("timeout", OUTAGE),
        410: Failure("client_error", SHUT),
        413: Failure("client_error", REFUSAL, of_message=True),
        422: Failure("client_error", REFUSAL, of_message=True),
        425: Failure("rate_limited", OUTAGE),
        429: Failure("rate_limited", OUTAGE),
    }
)
"""Answers that are told apart."""

CLASSES: Mapping[int, Failure] = MappingProxyType(
    {
        3: Failure("redirect", OUTAGE),
        4: Failure("client_error", SHUT),
        5: Failure("server_error", OUTAGE),
    }
)
"""All other answers, by their first digit."""

EXCEPTIONS: Mapping[str, Failure] = MappingProxyType(
    {
        "timeout": Failure("timeout", OUTAGE),
        "connect": Failure("connect", OUTAGE),
        "tls": Failure("tls", OUTAGE),
    }
)
"""No answer at all, by reason."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One failed attempt at a message: the how-manieth it was, from 1, and what came before it."""

    number: int
    created: datetime
    refused_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again. `refused_since` is to be kept for the next decision."""

    at: datetime
    refused_since: datetime | None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Patience is at an end."""


def judge(status: int) -> Failure | None:
    """Return what an answer's status means; None for one that takes the message (2xx)."""
    if status // 100 == 2:  # noqa: PLR2004  (2xx)
        return None
    return STATUSES.get(status) or CLASSES.get(status // 100, CLASSES[5])


def decide(  # noqa: PLR0913  (all that a decision needs, by name)
    failure: Failure,
    attempt: Attempt,
    *,
    now: datetime,
    jitter: float,
    retry_after: str | None = None,
    max_age: timedelta = MAX_AGE,
) -> Retry | GiveUp:
    """Return what to do with a message after a failed attempt; `jitter` is a number in [0, 1)."""
    pace = failure.pace
    refused_since = None if pace.patience is None else attempt.refused_since or now
    deadline = attempt.created + max_age
    if refused_since is not None and pace.patience is not None:
        deadline = min(deadline, refused_since + pace.patience)
    if now >= deadline:
        return GiveUp()
    wait = wished(retry_after, now) or backoff(pace, attempt.number, jitter)
    return Retry(min(now + wait, deadline), refused_since)


def hold(
    failure: Failure, streak: int, *, now: datetime, jitter: float, retry_after: str | None = None
) -> datetime | None:
    """Return until when nothing at all is sent to a receiver that failed `streak` times in a row.

    None where the failure seems to be the message's own.
    """
    if failure.of_message and streak < RECEIVERS_OWN:
        return None
    return now + (wished(retry_after, now) or backoff(failure.pace, streak, jitter))


def backoff(pace: Pace, number: int, jitter: float) -> timedelta:
    """Return the wait after a failure, the first being number 1: any part of the full wait.

    Full jitter keeps many agents from coming back to a receiver at once
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    full: timedelta = min(pace.longest, pace.first * 2 ** min(number - 1, _MOST_DOUBLINGS))
    return max(_SHORTEST, full * jitter)


def wished(retry_after: str | None, now: datetime) -> timedelta | None:
    """Return the wait that a Retry-After header asks for, within bounds; None without a valid one."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]+", text):
        seconds = int(text[:9])  # more digits than that are beyond the bound either way
        return max(_SHORTEST, min(LONGEST_RETRY_AFTER, timedelta(seconds=seconds)))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return max(_SHORTEST, min(LONGEST_RETRY_AFTER, wait))

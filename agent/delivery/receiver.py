"""Where messages go."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from agent.delivery.retry import MAX_AGE
from agent.delivery.trust import Trust

PER_MINUTE = 60
"""So many messages a receiver gets within a minute unless the configuration says otherwise."""


def _none() -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver as configured: its name, a key of `FORMATS`, and how to get its credentials.

    They are asked for at each attempt, so that a rotated file is picked up, and are kept nowhere; each raises
    ConfigError where it cannot be had. `secret` signs (Standard Webhooks), `routing_key` is PagerDuty's,
    `token` goes into the header Authorization, `proxy` is a URL. It gets at most `per_minute` messages, none
    of them older than `max_age`. What goes on is sent `again` so often; None for once.
    """

    name: str
    format: str
    url: Callable[[], str] = field(repr=False)
    secret: Callable[[], str | None] = field(default=_none, repr=False)
    routing_key: Callable[[], str | None] = field(default=_none, repr=False)
    token: Callable[[], str | None] = field(default=_none, repr=False)
    proxy: Callable[[], str | None] = field(default=_none, repr=False)
    trust: Trust = field(default=Trust(), repr=False)
    allow_link_local: bool = field(default=False, repr=False)
    again: timedelta | None = field(default=None, repr=False)
    per_minute: int = field(default=PER_MINUTE, repr=False)
    max_age: timedelta = field(default=MAX_AGE, repr=False)

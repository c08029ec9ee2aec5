"""Where the engine meets the clock and the rest of the agent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from threading import Event

from agent.model.delivery import Delivery
from agent.model.incident import Incident
from agent.model.vocabulary import WatchMode
from agent.telemetry.metrics import Snapshot


@dataclass(frozen=True, slots=True)
class Clock:
    """The door to time: the wall clock, and seconds that never go back.

    `patience` is how many real seconds a turn waits for a disk; what takes longer is waited for in the
    background. The start waits four times as long.
    """

    now: Callable[[], datetime]
    seconds: Callable[[], float]
    patience: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the engine meets the rest of the agent.

    `zone` is this machine's. `publish` takes what /metrics shows, `announce` is called when messages wait in
    the outbox, and whoever changes the store's counters sets `stale`. `watched` says how many directories
    there are of each way in which changes are noticed, `deliveries` how each receiver took the last attempt
    since the start; `urgent` sends what cannot be put into the outbox.
    """

    clock: Clock
    zone: tzinfo
    publish: Callable[[Snapshot], None]
    announce: Callable[[], None]
    watched: Callable[[], Mapping[WatchMode, int]] = dict
    deliveries: Callable[[], Mapping[str, Delivery]] = dict
    urgent: Callable[[Iterable[tuple[str, Incident]]], object] = list
    stale: Event = field(default_factory=Event)

"""The threads that carry the outbox away, one for each receiver, so that none can delay another."""

from collections import deque
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from threading import Event, Thread

from agent.codec import decode
from agent.delivery.courier import Answer, Courier
from agent.delivery.rate import Rate
from agent.delivery.receiver import Receiver
from agent.delivery.retry import OUTAGE, Attempt, Failure, GiveUp, Retry, backoff, decide, hold
from agent.errors import StateError
from agent.incidents.compaction import KEPT, compacted, goes_on
from agent.model.delivery import Delivery
from agent.model.incident import Incident
from agent.outbox import GAVE_UP, MAX_WAITING, Outgoing
from agent.store import Store

_BATCH = 20
_POLL_SECONDS = 60.0
_GRACE_SECONDS = 3.0
_CUT_SECONDS = 3.0
_URGENT = 8
_AWAY = timedelta(minutes=30)
_FOLD_EVERY = timedelta(minutes=1)
_TOO_OLD = "it waited for as long as give_up_hours allows; wmtls outbox retry sends it all the same"


class Happening(StrEnum):
    """What is worth telling of a receiver, once each time it begins."""

    FAILING = "failing"  # attempts fail, for a new reason
    DELIVERING = "delivering"  # they no longer do
    GAVE_UP = "gave_up"  # a message was given up
    STORE_FAILED = "store_failed"  # the outbox itself cannot be read or written


@dataclass(frozen=True, slots=True)
class Change:
    """A happening with its reason (one of `REASONS`) and the status of the answer, where there are such."""

    receiver: str
    happening: Happening
    reason: str | None = None
    status: int | None = None
    advice: str | None = None


class Sender:
    """Carries the outbox away until stopped.

    `on_change` is called by the receivers' threads and must not raise. `jitter` returns a number in [0, 1).
    `courier` makes one for each receiver.
    """

    def __init__(  # noqa: PLR0913  (all doors of the room, by name)
        self,
        receivers: Collection[Receiver],
        store: Store,
        on_change: Callable[[Change], None],
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        *,
        courier: Callable[[], Courier] | None = None,
    ) -> None:
        make = courier or (lambda: Courier(clock=clock))
        self._workers = {
            receiver.name: _Worker(
                receiver, make(), store=store, on_change=on_change, clock=clock, jitter=jitter
            )
            for receiver in receivers
        }

    def start(self) -> None:
        """Start a thread for each receiver."""
        for worker in self._workers.values():
            worker.thread.start()

    def notify(self) -> None:
        """Tell all threads that there may be something to send."""
        for worker in self._workers.values():
            worker.wake.set()

    def deliveries(self) -> dict[str, Delivery]:
        """Return how each receiver took the last attempt; one that was not tried yet is left out."""
        return {name: one.delivery for name, one in self._workers.items() if one.delivery is not None}

    def urgent(self, messages: Iterable[tuple[str, Incident]]) -> None:
        """Send messages once, past the outbox and before all that waits in it: for when that is shut."""
        for name, incident in messages:
            if name in self._workers:
                self._workers[name].urgent.append(incident)
                self._workers[name].wake.set()

    def stop(self) -> None:
        """Stop all threads: an attempt that is under way gets a few seconds, then it is cut off."""
        for worker in self._workers.values():
            worker.stopping.set()
            worker.wake.set()
        started = [worker for worker in self._workers.values() if worker.thread.ident is not None]
        grace = _GRACE_SECONDS
        for worker in started:
            worker.thread.join(grace)
            if worker.thread.is_alive():
                grace = 0.0
        for worker in started:
            if worker.thread.is_alive():
                worker.courier.cut()
                worker.thread.join(_CUT_SECONDS)
        for worker in self._workers.values():
            if not worker.thread.is_alive():
                worker.courier.close()


class _Worker:
    """One receiver's thread.

    `_streak` counts failures in a row, `_held` ends the pause they cost; `_heard_from` is when it last took
    something, `_folded` when what waits was last shortened.
    """

    def __init__(  # noqa: PLR0913  (made in one place)
        self,
        receiver: Receiver,
        courier: Courier,
        *,
        store: Store,
        on_change: Callable[[Change], None],
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
    ) -> None:
        self.courier = courier
        self.stopping = Event()
        self.wake = Event()
        self.urgent: deque[Incident] = deque(maxlen=_URGENT)
        self.delivery: Delivery | None = None
        self.thread = Thread(target=self._run, name=f"delivery-{receiver.name}", daemon=True)
        self._receiver = receiver
        self._store = store
        self._on_change = on_change
        self._clock = clock
        self._jitter = jitter
        self._streak = 0
        self._held: datetime | None = None
        self._rate = Rate(receiver.per_minute)
        self._folded: datetime | None = None
        self._heard_from = clock()
        self._told: tuple[Happening, str | None] = (Happening.DELIVERING, None)

    def _run(self) -> None:
        while not self.stopping.is_set():
            self.wake.clear()
            self._send_what_is_urgent()
            try:
                self._fold()
                self._send_what_is_due()
                self._send_what_goes_on()
                seconds = self._seconds_to_wait()
            except StateError:
                self._tell(Happening.STORE_FAILED)
                self._streak += 1
                pause = backoff(OUTAGE, self._streak, self._jitter())
                self._held = self._clock() + pause
                seconds = min(_POLL_SECONDS, pause.total_seconds())
            self.wake.wait(seconds)

    def _send_what_is_urgent(self) -> None:
        while self.urgent and not self.stopping.is_set():
            incident = self.urgent.popleft()
            self._rate.note(self._clock())
            with suppress(Exception):  # it is in the outbox as well, where a fault is told
                self._noted(self.courier.post(self._receiver, incident))

    def _noted(self, answer: Answer) -> Answer:
        """Keep how the receiver took an attempt, for whoever asks."""
        if not self.courier.was_cut:
            reason = None if answer.failure is None else answer.failure.reason
            self.delivery = Delivery(reason, answer.status, answer.advice)
        return answer

    def _send_what_is_due(self) -> None:
        while not self._must_pause():
            letters = self._store.due(self._receiver.name, self._clock(), _BATCH)
            if not letters:
                return
            for letter in letters:
                if self._must_pause():
                    return
                self._attempt(letter)

    def _send_what_goes_on(self) -> None:
        """Send again what was taken and is not over, for a receiver that would forget it."""
        name, again = self._receiver.name, self._receiver.again
        while again is not None and not self._must_pause():
            letters = self._store.standing(name, self._clock(), _BATCH)
            if not letters:
                return
            for letter in letters:
                if self._must_pause():
                    return
                self._send_again(letter, again)

    def _send_again(self, letter: Outgoing, again: timedelta) -> None:
        now = self._clock()
        if now - letter.created >= self._receiver.max_age:
            self._store.send_no_more(letter.row)
            return
        self._rate.note(now)
        answer = self._noted(self.courier.post(self._receiver, decode(letter.incident, Incident)))
        if answer.failure is None:
            self._store.sent_again(self._receiver.name, letter.row, now + again)
            self._taken()
        elif not self.courier.was_cut:
            self._store.sent_again(self._receiver.name, letter.row, now + again, answer.failure.reason)
            self._not_taken(answer.failure, answer, now)

    def _fold(self) -> None:
        """Shorten what waits for a receiver that has taken nothing for long, or where there is too much."""
        now, name = self._clock(), self._receiver.name
        lately = self._folded is not None and now - self._folded < _FOLD_EVERY
        if self._held is None or lately:
            return
        self._folded = now
        away = now - self._heard_from >= _AWAY
        if self._store.backlog(name).length > (KEPT if away else MAX_WAITING // 2):
            self._store.fold(name, now, partial(compacted, now=now))

    def _must_pause(self) -> bool:
        now = self._clock()
        held = self._held is not None and now < self._held
        return self.stopping.is_set() or held or now < self._rate.free_at(now)

    def _seconds_to_wait(self) -> float:
        name = self._receiver.name
        times = [self._store.next_try(name)]
        if self._receiver.again is not None:
            times.append(self._store.next_again(name))
        next_try = min((at for at in times if at is not None), default=None)
        if next_try is None:
            return _POLL_SECONDS
        at = max(next_try, self._rate.free_at(self._clock()))
        at = at if self._held is None else max(at, self._held)
        return min(_POLL_SECONDS, max(0.0, (at - self._clock()) / timedelta(seconds=1)))

    def _attempt(self, letter: Outgoing) -> None:
        now = self._clock()
        if now - letter.created >= self._receiver.max_age:
            self._store.gave_up(letter.row, GAVE_UP, attempted=False)
            self._on_change(Change(self._receiver.name, Happening.GAVE_UP, GAVE_UP, advice=_TOO_OLD))
            return
        self._rate.note(now)
        try:
            incident = decode(letter.incident, Incident)
            answer = self._noted(self.courier.post(self._receiver, incident))
        except Exception:  # noqa: BLE001  (one unreadable message may not stop those behind it; it is kept)
            self._store.gave_up(letter.row, GAVE_UP)
            self._on_change(Change(self._receiver.name, Happening.GAVE_UP, GAVE_UP))
            return
        if answer.failure is None:
            again = self._receiver.again if goes_on(incident) else None
            self._store.delivered(letter.row, None if again is None else now + again)
            self._taken()
        elif not self.courier.was_cut:
            self._failed(letter, answer.failure, answer)

    def _failed(self, letter: Outgoing, failure: Failure, answer: Answer) -> None:
        now = self._clock()
        attempt = Attempt(letter.attempts + 1, letter.created, letter.refused_since)
        match decide(
            failure,
            attempt,
            now=now,
            jitter=self._jitter(),
            retry_after=answer.retry_after,
            max_age=self._receiver.max_age,
        ):
            case Retry(at, refused_since):
                self._store.postponed(letter.row, at, failure.reason, refused_since)
            case GiveUp():
                self._store.gave_up(letter.row, failure.reason)
                self._on_change(Change(self._receiver.name, Happening.GAVE_UP, failure.reason, answer.status))
        self._not_taken(failure, answer, now)

    def _taken(self) -> None:
        self._streak, self._held, self._heard_from = 0, None, self._clock()
        self._tell(Happening.DELIVERING)

    def _not_taken(self, failure: Failure, answer: Answer, now: datetime) -> None:
        self._streak += 1
        self._held = hold(
            failure, self._streak, now=now, jitter=self._jitter(), retry_after=answer.retry_after
        )
        self._tell(Happening.FAILING, failure.reason, answer)

    def _tell(self, happening: Happening, reason: str | None = None, answer: Answer | None = None) -> None:
        if self._told != (happening, reason):
            self._told = (happening, reason)
            status, advice = (answer.status, answer.advice) if answer else (None, None)
            self._on_change(Change(self._receiver.name, happening, reason, status, advice))

"""The threads that carry the outbox away, one for each receiver, so that none can delay another.

The only door to httpx. A receiver's URL is a credential: it is in no error, log line or result of this
module, and the library's own log lines, which hold it, are turned off.
"""

import logging
import ssl
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event, Thread

import httpx

from agent import __version__
from agent.codec import decode
from agent.delivery.exchange import Exchange
from agent.delivery.receiver import Receiver
from agent.delivery.retry import (
    EXCEPTIONS,
    OUTAGE,
    Attempt,
    Failure,
    GiveUp,
    Retry,
    backoff,
    decide,
    hold,
    judge,
)
from agent.delivery.trial import trial_incident
from agent.errors import ConfigError, StateError
from agent.formats import FORMATS
from agent.formats.request import Request
from agent.model.incident import Incident
from agent.store import GAVE_UP, Outgoing, Store

_BATCH = 20
_POLL_SECONDS = 60.0
_GRACE_SECONDS = 3.0
_CUT_SECONDS = 3.0


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


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """How one attempt went: `reason` is one of `REASONS` or None, `status` None without an answer."""

    ok: bool
    status: int | None
    reason: str | None
    seconds: float
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, and for the whole of an attempt."""

    connect: float = 5.0
    total: float = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: no `failure` means that the message was taken."""

    failure: Failure | None
    status: int | None = None
    retry_after: str | None = None
    advice: str | None = None


class Courier:
    """Makes one attempt at a time."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        timeouts: Timeouts | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # noqa: TID251  (their lines hold URLs)
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        # httpx brings a bundle of public authorities; a company's own are in the system's store.
        trust = httpx.create_ssl_context()
        trust.load_default_certs(ssl.Purpose.SERVER_AUTH)
        self._client = httpx.Client(
            headers={"User-Agent": f"wmtls/{__version__}"},
            timeout=httpx.Timeout(self._timeouts.total, connect=self._timeouts.connect),
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            verify=trust,
            transport=transport,
        )
        self._exchange: Exchange | None = None
        self.was_cut = False

    def post(self, receiver: Receiver, incident_id: str, request: Request) -> Answer:
        """Send a request to where the receiver is now, and wait for the answer's first lines."""
        exchange = self._exchange = Exchange(self._timeouts.total)
        try:
            with (
                exchange,
                self._client.stream(
                    "POST",
                    receiver.url().strip(),
                    content=request.body,
                    headers={**request.headers, "webhook-id": incident_id},
                    extensions={"trace": exchange.trace},
                ) as response,
            ):
                status = response.status_code
                return Answer(judge(status), status, response.headers.get("Retry-After"))
        except ConfigError as error:  # the URL cannot be had; the sentence names its file, never the URL
            return Answer(EXCEPTIONS["connect"], advice=str(error))
        except Exception as error:  # noqa: BLE001  (any of them may hold the URL, none may end the thread)
            reason = "timeout" if exchange.cut_off else _reason(error)
            return Answer(EXCEPTIONS[reason])

    def send_now(self, receiver: Receiver, incident: Incident) -> ProbeResult:
        """Make one attempt outside of the outbox."""
        request = FORMATS[receiver.format](incident)
        before = self._clock()
        answer = self.post(receiver, incident.id, request)
        seconds = (self._clock() - before).total_seconds()
        reason = None if answer.failure is None else answer.failure.reason
        return ProbeResult(answer.failure is None, answer.status, reason, seconds, answer.advice)

    def probe(self, receiver: Receiver) -> ProbeResult:
        """Send a clearly marked test."""
        return self.send_now(receiver, trial_incident(self._clock()))

    def cut(self) -> None:
        """End the attempt that is under way in another thread, if there is one."""
        self.was_cut = True
        if self._exchange is not None:
            self._exchange.cut()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


class Sender:
    """Carries the outbox away until stopped.

    `on_change` is called by the receivers' threads and must not raise. `jitter` returns a number in [0, 1).
    """

    def __init__(  # noqa: PLR0913  (all doors of the room, by name)
        self,
        receivers: Collection[Receiver],
        store: Store,
        on_change: Callable[[Change], None],
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        *,
        timeouts: Timeouts | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._clock = clock
        self._timeouts = timeouts
        self._transport = transport
        self._workers = [
            _Worker(receiver, self._courier(), store=store, on_change=on_change, clock=clock, jitter=jitter)
            for receiver in receivers
        ]

    def start(self) -> None:
        """Start a thread for each receiver."""
        for worker in self._workers:
            worker.thread.start()

    def notify(self) -> None:
        """Tell all threads that there may be something to send."""
        for worker in self._workers:
            worker.wake.set()

    def stop(self) -> None:
        """Stop all threads: an attempt that is under way gets a few seconds, then it is cut off."""
        for worker in self._workers:
            worker.stopping.set()
            worker.wake.set()
        started = [worker for worker in self._workers if worker.thread.ident is not None]
        grace = _GRACE_SECONDS
        for worker in started:
            worker.thread.join(grace)
            if worker.thread.is_alive():
                grace = 0.0
        for worker in started:
            if worker.thread.is_alive():
                worker.courier.cut()
                worker.thread.join(_CUT_SECONDS)
        for worker in self._workers:
            if not worker.thread.is_alive():
                worker.courier.close()

    def probe(self, receiver: Receiver) -> ProbeResult:
        """Send a clearly marked test, past the outbox."""
        with closing(self._courier()) as courier:
            return courier.probe(receiver)

    def send_now(self, receiver: Receiver, incident: Incident) -> ProbeResult:
        """Send one incident, past the outbox."""
        with closing(self._courier()) as courier:
            return courier.send_now(receiver, incident)

    def _courier(self) -> Courier:
        return Courier(clock=self._clock, timeouts=self._timeouts, transport=self._transport)


class _Worker:
    """One receiver's thread. `_streak` counts failures in a row, `_held` ends the pause they cost."""

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
        self.thread = Thread(target=self._run, name=f"delivery-{receiver.name}", daemon=True)
        self._receiver = receiver
        self._store = store
        self._on_change = on_change
        self._clock = clock
        self._jitter = jitter
        self._streak = 0
        self._held: datetime | None = None
        self._told: tuple[Happening, str | None] = (Happening.DELIVERING, None)

    def _run(self) -> None:
        while not self.stopping.is_set():
            self.wake.clear()
            try:
                self._send_what_is_due()
                seconds = self._seconds_to_wait()
            except StateError:
                self._tell(Happening.STORE_FAILED)
                self._streak += 1
                pause = backoff(OUTAGE, self._streak, self._jitter())
                self._held = self._clock() + pause
                seconds = min(_POLL_SECONDS, pause.total_seconds())
            self.wake.wait(seconds)

    def _send_what_is_due(self) -> None:
        while not self._must_pause():
            letters = self._store.due(self._receiver.name, self._clock(), _BATCH)
            if not letters:
                return
            for letter in letters:
                if self._must_pause():
                    return
                self._attempt(letter)

    def _must_pause(self) -> bool:
        return self.stopping.is_set() or (self._held is not None and self._clock() < self._held)

    def _seconds_to_wait(self) -> float:
        next_try = self._store.backlog(self._receiver.name).next_try
        if next_try is None:
            return _POLL_SECONDS
        at = next_try if self._held is None else max(next_try, self._held)
        return min(_POLL_SECONDS, max(0.0, (at - self._clock()) / timedelta(seconds=1)))

    def _attempt(self, letter: Outgoing) -> None:
        try:
            incident = decode(letter.incident, Incident)
            request = FORMATS[self._receiver.format](incident)
        except Exception:  # noqa: BLE001  (one unreadable message may not stop those behind it; it is kept)
            self._store.gave_up(letter.row, GAVE_UP)
            self._on_change(Change(self._receiver.name, Happening.GAVE_UP, GAVE_UP))
            return
        answer = self.courier.post(self._receiver, incident.id, request)
        if answer.failure is None:
            self._store.delivered(letter.row)
            self._streak = 0
            self._held = None
            self._tell(Happening.DELIVERING)
        elif not self.courier.was_cut:
            self._failed(letter, answer.failure, answer)

    def _failed(self, letter: Outgoing, failure: Failure, answer: Answer) -> None:
        now = self._clock()
        attempt = Attempt(letter.attempts + 1, letter.created, letter.refused_since)
        match decide(failure, attempt, now=now, jitter=self._jitter(), retry_after=answer.retry_after):
            case Retry(at, refused_since):
                self._store.postponed(letter.row, at, failure.reason, refused_since)
            case GiveUp():
                self._store.gave_up(letter.row, failure.reason)
                self._on_change(Change(self._receiver.name, Happening.GAVE_UP, failure.reason, answer.status))
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


def _reason(error: BaseException) -> str:
    """Return the word for an exception; a TLS failure is told by what caused it, further down the chain."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls"
        if isinstance(cause, httpx.TimeoutException):
            return "timeout"
        cause = cause.__cause__ or cause.__context__
    return "connect"

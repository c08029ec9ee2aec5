"""Tries the way to every receiver with a sample of every event, or only shows what would be sent."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from agent.delivery.courier import Courier, ProbeResult
from agent.delivery.posting import Posting
from agent.delivery.receiver import Receiver
from agent.delivery.trial import trial_incidents
from agent.errors import ConfigError
from agent.model.incident import Incident

PATIENCE_SECONDS = 10.0
"""Longest pause that a receiver is granted which says that there was too much at once."""

_TRIES = 3
_PAUSE_SECONDS = 1.1  # chats take some one message a second


class Rehearsal:
    """Sends samples and tells each answer; `failed` counts those that were not taken.

    `wait` pauses for seconds.
    """

    def __init__(self, courier: Courier, wait: Callable[[float], object]) -> None:
        self._courier = courier
        self._wait = wait
        self.failed = 0

    def send(self, receivers: Sequence[Receiver], now: datetime) -> Iterator[str]:
        """Yield a line for each answer, as it comes; who does not answer is asked once."""
        silent: set[str] = set()
        for event, incident in trial_incidents(now).items():
            for receiver in receivers:
                if receiver.name not in silent:
                    answer = self._answer(receiver, incident)
                    yield f"{receiver.name}: {event}: {_said(answer)}"
                    self.failed += not answer.ok
                    if answer.status is None:  # nobody is there, and each more try could take its whole time
                        silent.add(receiver.name)

    def _answer(self, receiver: Receiver, incident: Incident) -> ProbeResult:
        answer = self._courier.send_now(receiver, incident)
        for _ in range(_TRIES - 1):
            if answer.reason != "rate_limited":
                break
            self._wait(min(answer.retry_after or _PAUSE_SECONDS, PATIENCE_SECONDS))
            answer = self._courier.send_now(receiver, incident)
        return answer

    def show(self, receivers: Sequence[Receiver], now: datetime) -> Iterator[str]:
        """Yield the request of each sample as it would be sent, credentials hidden; nothing is sent."""
        for receiver in receivers:
            for event, incident in trial_incidents(now).items():
                try:
                    posting = self._courier.shown(receiver, incident)
                except ConfigError as error:
                    self.failed += 1
                    yield f"{receiver.name}: {error}"
                    break
                yield f"# {receiver.name} ({receiver.format}): {event}"
                yield from _lines(posting)


def _said(answer: ProbeResult) -> str:
    said = "delivered" if answer.ok else f"failed: {answer.reason}"
    said += f": {answer.advice}" if answer.advice else ""
    status = f" (HTTP {answer.status})" if answer.status is not None else ""
    return f"{said}{status} in {answer.seconds:.2f} s"


def _lines(posting: Posting) -> Iterator[str]:
    yield f"POST {posting.url}"
    yield from (f"{name}: {value}" for name, value in posting.headers.items())
    yield ""
    yield posting.body.decode("utf-8")
    yield ""

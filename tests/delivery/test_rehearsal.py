"""`wmtls notify --test`: what it sends, what it tells, and what it would send."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.delivery.courier import Courier
from agent.delivery.receiver import Receiver
from agent.delivery.rehearsal import PATIENCE_SECONDS, Rehearsal
from agent.delivery.trial import trial_incidents
from agent.errors import ConfigError
from agent.formats import FORMATS
from tests.formats import vendors

Serve = Callable[..., Any]  # FakeReceiver of conftest.py, which cannot be imported
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SECRET = "whsec_" + "aHVzaC1odXNoLWh1c2gtaHVzaC1odXNo"
KEY = "HUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSH"


def hush(name: str, fmt: str, url: str = "https://hooks.example.com/hush") -> Receiver:
    """Return a receiver with every credential that there can be."""
    return Receiver(
        name,
        fmt,
        lambda: url,
        secret=lambda: SECRET,
        routing_key=lambda: KEY,
        token=lambda: "hush-token",
        proxy=lambda: None,
    )


def test_every_event_goes_to_every_receiver(serve: Serve, clock: Any) -> None:
    """Each answer is told as it comes; what is opened is closed again."""
    one, two = serve(), serve(200, 404)
    courier = Courier(clock=clock)
    rehearsal = Rehearsal(courier, lambda _: None)
    lines = list(rehearsal.send([hush("a", "generic", one.url), hush("b", "generic", two.url)], NOW))
    courier.close()
    events = list(trial_incidents(NOW))
    said = {("b", "updated"): "failed: client_error (HTTP 404)"}
    assert lines == [
        f"{name}: {event}: {said.get((name, event), 'delivered (HTTP 200)')} in 0.00 s"
        for event in events
        for name in ("a", "b")
    ]
    assert rehearsal.failed == 1
    bodies = [json.loads(one.take().body) for _ in events]
    assert [(body["type"], body["test"], body["resolution"]) for body in bodies] == [
        ("incident.test", True, ended)
        for ended in (None, None, "success", None, "quiet", None, "quiet", None, "mended")
    ]


def test_a_receiver_that_has_too_much_at_once_is_given_time(serve: Serve, clock: Any) -> None:
    """It is asked again when it says, but not after a time that nobody waits for, and not for ever."""
    fake = serve((429, "Retry-After", "3"), (429, "Retry-After", "3000"), 200, 429, 429, 429)
    waits: list[float] = []
    courier = Courier(clock=clock)
    lines = Rehearsal(courier, waits.append).send([hush("a", "generic", fake.url)], NOW)
    assert [next(lines), next(lines)] == [
        "a: opened: delivered (HTTP 200) in 0.00 s",
        "a: updated: failed: rate_limited (HTTP 429) in 0.00 s",
    ]
    courier.close()
    assert waits == [3.0, PATIENCE_SECONDS, 1.1, 1.1]


@pytest.mark.parametrize("name", FORMATS)
def test_what_would_be_sent_is_shown_without_credentials(name: str, clock: Any) -> None:
    """Address, headers and body of each sample, as the vendor wants it; nothing is given away."""
    courier = Courier(clock=clock)
    rehearsal = Rehearsal(courier, lambda _: None)
    lines = list(rehearsal.show([hush("ops", name)], NOW))
    courier.close()
    assert "hush" not in "\n".join(lines).lower()
    assert rehearsal.failed == 0
    assert [line for line in lines if line.startswith("# ")] == [
        f"# ops ({name}): {event}" for event in trial_incidents(NOW)
    ]
    assert {line for line in lines if line.startswith("POST ")} == {
        "POST [redacted]"
        + {
            "alertmanager": "/api/v2/alerts",
            "google_chat": "?messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD",
        }.get(name, "")
    }
    assert "webhook-signature: v1,[redacted]" in lines
    assert "Authorization: Bearer [redacted]" in lines
    bodies = [line for line in lines if line.startswith(("{", "["))]
    assert len(bodies) == len(trial_incidents(NOW))
    for body in bodies:
        assert vendors.faults(name, body.replace("[redacted]", "R" * 32).encode()) == []


def test_who_does_not_answer_is_asked_once(serve: Serve, clock: Any) -> None:
    """The others get all samples."""
    fake = serve()
    receivers = [hush("gone", "generic", "http://127.0.0.1:1/"), hush("ops", "generic", fake.url)]
    courier = Courier(clock=clock)
    rehearsal = Rehearsal(courier, lambda _: None)
    lines = list(rehearsal.send(receivers, NOW))
    courier.close()
    assert lines[0] == "gone: opened: failed: connect in 0.00 s"
    assert [line.partition(":")[0] for line in lines[1:]] == ["ops"] * len(trial_incidents(NOW))
    assert rehearsal.failed == 1


def test_a_credential_that_cannot_be_had_is_told_once(clock: Any) -> None:
    """The others are shown nevertheless."""

    def absent() -> str:
        raise ConfigError('receiver "ops": url_file /x cannot be read')

    courier = Courier(clock=clock)
    rehearsal = Rehearsal(courier, lambda _: None)
    lines = list(rehearsal.show([replace(hush("ops", "slack"), url=absent), hush("b", "slack")], NOW))
    courier.close()
    assert lines[:2] == ['ops: receiver "ops": url_file /x cannot be read', "# b (slack): opened"]
    assert rehearsal.failed == 1

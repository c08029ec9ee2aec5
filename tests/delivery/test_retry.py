from datetime import UTC, datetime, timedelta

import pytest

from agent.delivery import retry
from agent.delivery.retry import OUTAGE, REFUSAL, SHUT, Attempt, Failure, GiveUp, Retry

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "reason", "pace", "of_message"),
    [
        (300, "redirect", OUTAGE, False),
        (302, "redirect", OUTAGE, False),
        (400, "client_error", REFUSAL, True),
        (401, "client_error", SHUT, False),
        (403, "client_error", SHUT, False),
        (404, "client_error", SHUT, False),
        (405, "client_error", SHUT, False),
        (408, "timeout", OUTAGE, False),
        (410, "client_error", SHUT, False),
        (413, "client_error", REFUSAL, True),
        (418, "client_error", SHUT, False),
        (422, "client_error", REFUSAL, True),
        (425, "rate_limited", OUTAGE, False),
        (429, "rate_limited", OUTAGE, False),
        (500, "server_error", OUTAGE, False),
        (503, "server_error", OUTAGE, False),
        (599, "server_error", OUTAGE, False),
        (777, "server_error", OUTAGE, False),
        (101, "server_error", OUTAGE, False),
    ],
)
def test_what_an_answer_means(status: int, reason: str, pace: retry.Pace, of_message: bool) -> None:  # noqa: FBT001  (a column of the table)
    """Each status is one of the reasons, at one of the two paces."""
    assert retry.judge(status) == Failure(reason, pace, of_message)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_an_answer_that_takes_the_message(status: int) -> None:
    """Only 2xx does."""
    assert retry.judge(status) is None


def test_every_reason_has_a_word() -> None:
    """The tables use the closed set and use all of it; giving up is the store's word."""
    tables = (retry.STATUSES, retry.CLASSES, retry.EXCEPTIONS)
    used = {failure.reason for table in tables for failure in table.values()}
    assert used | {"gave_up"} == set(retry.REASONS)
    assert all(failure.reason == reason for reason, failure in retry.EXCEPTIONS.items())


def test_waits_double_up_to_an_hour() -> None:
    """Any part of the whole, from 1 s up to 1 h; a number of any size is no trouble."""
    shortest = [retry.backoff(OUTAGE, number, 0.0) / SECOND for number in (1, 2, 3, 9, 10, 10_000)]
    longest = [retry.backoff(OUTAGE, number, 1.0) / SECOND for number in (1, 2, 3, 9, 10, 10_000)]
    assert shortest == [1, 1, 1, 1, 1, 1]
    assert longest == [10, 20, 40, 2560, 3600, 3600]


def test_an_outage_is_waited_out_for_days() -> None:
    """A message is tried again until it is a week old, the last time at the very end."""
    failure = retry.EXCEPTIONS["connect"]
    outcomes = [
        retry.decide(failure, Attempt(number, T0), now=T0 + age, jitter=0.5)
        for number, age in ((1, 0 * DAY), (99, 6 * DAY), (100, 7 * DAY - SECOND), (101, 7 * DAY))
    ]
    assert outcomes == [
        Retry(T0 + 5 * SECOND, None),
        Retry(T0 + 6 * DAY + 0.5 * HOUR, None),
        Retry(T0 + 7 * DAY, None),
        GiveUp(),
    ]


def test_a_receiver_can_wait_for_less() -> None:
    """The age that is configured ends an outage, and a refusal that would go on for longer."""
    for failure in (retry.EXCEPTIONS["connect"], retry.STATUSES[400]):
        outcomes = [
            retry.decide(failure, Attempt(1, T0), now=T0 + age, jitter=0.99, max_age=HOUR / 2)
            for age in (HOUR / 2 - SECOND, HOUR / 2)
        ]
        assert isinstance(outcomes[0], Retry)
        assert outcomes[0].at == T0 + HOUR / 2
        assert outcomes[1] == GiveUp()


def test_a_refusal_is_repeated_slowly_for_an_hour() -> None:
    """The hour begins with the first refusal, however old the message is."""
    refused = retry.STATUSES[422]
    now, waits, since = T0 + 3 * DAY, [], None
    for number in range(1, 20):
        outcome = retry.decide(refused, Attempt(number, T0, since), now=now, jitter=0.99)
        if isinstance(outcome, GiveUp):
            break
        waits.append(round((outcome.at - now) / timedelta(minutes=1)))
        now, since = outcome.at, outcome.refused_since
    assert waits == [2, 4, 8, 15, 15, 15, 2]
    assert (since, now) == (T0 + 3 * DAY, T0 + 3 * DAY + HOUR)


def test_an_outage_between_two_refusals_starts_the_hour_anew() -> None:
    """What is kept of a refusal is dropped by any other failure."""
    attempt = Attempt(5, T0, refused_since=T0)
    outcome = retry.decide(retry.CLASSES[5], attempt, now=T0 + 2 * HOUR, jitter=0)
    assert isinstance(outcome, Retry)
    assert outcome.refused_since is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("0", 1),
        (" 30 ", 30),
        ("3601", 3600),
        ("9" * 5000, 3600),
        ("Mon, 23 Nov 2026 07:02:00 GMT", 120),
        ("Mon, 23 Nov 2026 07:02:00 -0000", 120),
        ("Mon, 23 Nov 2026 08:02:00 +0100", 120),
        ("Mon, 23 Nov 2020 07:00:00 GMT", 1),
        ("Mon, 23 Nov 2099 07:00:00 GMT", 3600),
        ("Mon, 99 Nov 2026 07:00:00 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: int | None) -> None:
    """Seconds or a date, from 1 s to 1 h; anything else is as if it was not there."""
    assert retry.wished(header, T0) == (None if seconds is None else seconds * SECOND)
    if seconds is not None:
        limited = retry.STATUSES[429]
        at = T0 + seconds * SECOND
        outcome = retry.decide(limited, Attempt(9, T0), now=T0, jitter=0.5, retry_after=header)
        assert outcome == Retry(at, None)
        assert retry.hold(limited, 9, now=T0, jitter=0.5, retry_after=header) == at


def test_a_receiver_that_fails_is_left_alone() -> None:
    """The pause grows with the failures in a row; a message's own fault costs none until it is a habit."""
    bad = retry.STATUSES[400]
    assert retry.hold(retry.CLASSES[5], 1, now=T0, jitter=0.5) == T0 + 5 * SECOND
    assert retry.hold(retry.CLASSES[5], 3, now=T0, jitter=0.5) == T0 + 20 * SECOND
    assert retry.hold(retry.STATUSES[404], 1, now=T0, jitter=0.5) == T0 + 60 * SECOND
    assert retry.hold(bad, 4, now=T0, jitter=0.5) is None
    assert retry.hold(bad, 5, now=T0, jitter=0.5) == T0 + 450 * SECOND

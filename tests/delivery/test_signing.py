"""Signatures, judged by the library that receivers use."""

from datetime import UTC, datetime

import pytest
import standardwebhooks

from agent.delivery.signing import headers

OLD = "whsec_" + "b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQt"
NEW = "whsec_" + "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXct"
BODY = '{"type": "incident.opened"}'


def test_a_receiver_can_verify_a_message() -> None:
    """The official library takes the message, and none whose body, id or time was changed."""
    now = datetime.now(UTC)  # noqa: TID251  (the library compares with the clock)
    made = headers("id-1", now, BODY.encode(), NEW)
    webhook = standardwebhooks.Webhook(NEW)
    assert webhook.verify(BODY, made) == {"type": "incident.opened"}
    forged = [
        (BODY + " ", made),
        (BODY, {**made, "webhook-id": "id-2"}),
        (BODY, {**made, "webhook-timestamp": str(int(made["webhook-timestamp"]) + 1)}),
    ]
    for body, sent in forged:
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            webhook.verify(body, sent)


def test_two_secrets_make_two_signatures() -> None:
    """While a secret is changed, a receiver that knows either of them takes the message."""
    now = datetime.now(UTC)  # noqa: TID251  (the library compares with the clock)
    made = headers("id-1", now, BODY.encode(), f"{NEW}\n{OLD}")
    for secret in (NEW, OLD):
        standardwebhooks.Webhook(secret).verify(BODY, made)


def test_without_a_secret_nothing_is_signed() -> None:
    """The id and the time are there nevertheless."""
    at = datetime(2026, 11, 23, 7, 0, 0, 999_999, tzinfo=UTC)
    assert headers("id-1", at, b"", None) == {"webhook-id": "id-1", "webhook-timestamp": "1795417200"}

"""Every format on its way: a real server that checks each request as the vendor documents it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import standardwebhooks

from agent.delivery.courier import Courier
from agent.delivery.receiver import Receiver
from agent.formats import FORMATS
from agent.model.incident import Failure, Incident
from tests.formats import conftest as incidents
from tests.formats import vendors
from tests.formats.samples import SETTING, samples
from tests.formats.test_hostile import poisoned

Serve = Callable[..., Any]  # FakeReceiver of conftest.py, which cannot be imported
SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"

incident, failure, storm, gap = incidents.incident, incidents.failure, incidents.storm, incidents.gap


def paths(posted: Any) -> tuple[str, Mapping[str, str]]:
    """Return the path and the query of a request."""
    parts = urlsplit(posted.path)
    return parts.path, dict(parse_qsl(parts.query))


@pytest.fixture
def sent(incident: Incident, failure: Failure, storm: Incident, gap: Incident) -> list[Incident]:
    """Return an incident of each event, and some of which every text was chosen to do harm."""
    poison = poisoned(incident, failure, "<!channel> @all *x* \x1b[2J\u202e" * 3000)
    return [*samples(incident, storm, gap).values(), *poison]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_arrives_as_its_vendor_wants_it(name: str, serve: Serve, sent: list[Incident]) -> None:
    """Method, path, headers, size, keys and signature."""
    now = datetime.now(UTC)  # noqa: TID251  (the library that verifies compares with the clock)
    fake = serve()
    receiver = Receiver(
        "ops",
        name,
        lambda: f"{fake.url}?key=k%2F1",
        secret=lambda: SECRET if name == "generic" else None,
        routing_key=lambda: SETTING.routing_key,
    )
    courier = Courier(clock=lambda: now, setting=SETTING)
    for one in sent:
        assert courier.post(receiver, one).failure is None
        posted = fake.take()
        assert vendors.faults(name, posted.body) == []
        assert posted.headers["content-type"].lower().split("; ") in [
            ["application/json"],
            ["application/json", "charset=utf-8"],
        ]
        assert posted.headers["webhook-id"] == one.id
        assert "location" not in posted.headers
        path, query = paths(posted)
        assert path == "/hook/s3cret" + ("/api/v2/alerts" if name == "alertmanager" else "")
        threads = {"messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"}
        assert query == {"key": "k/1", **(threads if name == "google_chat" else {})}
        if name == "generic":
            body = standardwebhooks.Webhook(SECRET).verify(posted.body.decode(), posted.headers)
            assert body == json.loads(posted.body)
        else:
            assert "webhook-signature" not in posted.headers
    courier.close()


def test_a_retry_is_the_same_message(serve: Serve, incident: Incident) -> None:
    """The id and the body stay; the time and so the signature are those of the attempt."""
    fake = serve()
    times = [datetime(2026, 11, 23, 7, minute, tzinfo=UTC) for minute in (0, 1)]
    receiver = Receiver("ops", "generic", lambda: fake.url, secret=lambda: SECRET)
    posted = []
    for now in times:
        courier = Courier(clock=lambda now=now: now, setting=replace(SETTING, now=None))  # type: ignore[misc]  # bound now
        courier.post(receiver, incident)
        posted.append(fake.take())
        courier.close()
    one, two = posted
    assert (one.body, one.headers["webhook-id"]) == (two.body, two.headers["webhook-id"])
    assert one.headers["webhook-signature"] != two.headers["webhook-signature"]

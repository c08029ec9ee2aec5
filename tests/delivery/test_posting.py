"""Requests as they are sent, and as they may be shown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.delivery import posting as module
from agent.delivery.posting import Credentials, credentials, posting, shown
from agent.delivery.receiver import Receiver
from agent.delivery.trial import trial_incident
from agent.errors import ConfigError
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Incident

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SECRET = "whsec_" + "aHVzaC1odXNoLWh1c2gtaHVzaC1odXNo"
KNOWN = Credentials("https://hooks.example.com/hush?sig=a%2Fb", SECRET, "hush-key", "hush-token")
OPS = Receiver(
    "ops", "probe", lambda: f" {KNOWN.url}\n", lambda: SECRET, lambda: "hush-key", lambda: "hush-token"
)


@pytest.fixture(autouse=True)
def _probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a format in place that uses everything a format may use."""

    def render(incident: Incident, setting: Setting) -> Request:
        body = f"{incident.log} {setting.routing_key} {setting.now}".encode()
        return Request(body, {"Content-Type": "text/plain"}, "/api/v2/alerts", {"thread": "a&b", "sig": "no"})

    monkeypatch.setattr(module, "FORMATS", {"probe": render})


def test_a_request_with_all_that_it_needs() -> None:
    """Path and query are added, those of the URL stay; the token and the signature are headers."""
    made = posting(OPS, trial_incident(NOW), Setting(), NOW, credentials(OPS))
    assert made.url == "https://hooks.example.com/hush/api/v2/alerts?sig=a%2Fb&thread=a%26b"
    assert made.body == b"test hush-key 2026-11-23 07:00:00+00:00"
    assert made.headers == {
        "Content-Type": "text/plain",
        "webhook-id": trial_incident(NOW).id,
        "webhook-timestamp": "1795417200",
        "webhook-signature": made.headers["webhook-signature"],
        "Authorization": "Bearer hush-token",
    }
    assert made.headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize(
    ("url", "joined"),
    [
        ("http://a", "http://a/api/v2/alerts"),
        ("http://a/", "http://a/api/v2/alerts"),
        ("http://a/api/v2/alerts", "http://a/api/v2/alerts"),
        ("http://a/prefix/api/v2/alerts/", "http://a/prefix/api/v2/alerts"),
    ],
)
def test_a_path_is_added_once(url: str, joined: str) -> None:
    """Whether the address ends with it or not."""
    made = posting(OPS, trial_incident(NOW), Setting(), NOW, Credentials(url))
    assert made.url.partition("?")[0] == joined


def test_a_url_that_needs_nothing_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a byte of a signed URL is changed."""
    monkeypatch.setattr(module, "FORMATS", {"probe": lambda *_: Request(b"", {})})
    for url in ("https://a/?sig=%2f%2F+x", "https://a?b", "https://a/b/?"):
        assert posting(OPS, trial_incident(NOW), Setting(), NOW, Credentials(url)).url == url


def test_what_is_shown_holds_no_credential() -> None:
    """Each has a mark in its place, and all else is what would be sent."""
    made = shown(OPS, trial_incident(NOW), Setting(), NOW, KNOWN)
    assert made.url == "[redacted]/api/v2/alerts?thread=a%26b&sig=no"
    assert made.body == b"test [redacted] 2026-11-23 07:00:00+00:00"
    assert made.headers == {
        "Content-Type": "text/plain",
        "webhook-id": trial_incident(NOW).id,
        "webhook-timestamp": "1795417200",
        "webhook-signature": "v1,[redacted]",
        "Authorization": "Bearer [redacted]",
    }
    bare = shown(OPS, trial_incident(NOW), Setting(), NOW, Credentials("https://hooks.example.com/hush"))
    assert set(made.headers) - set(bare.headers) == {"webhook-signature", "Authorization"}


def test_nothing_secret_is_in_a_repr() -> None:
    """What holds credentials shows none of them."""
    made = posting(OPS, trial_incident(NOW), Setting(routing_key="hush-key"), NOW, KNOWN)
    assert "hush" not in repr((made, KNOWN, OPS, Setting(routing_key="hush-key")))


def test_a_credential_that_cannot_be_had() -> None:
    """The error of the configuration goes through."""

    def absent() -> str | None:
        raise ConfigError("token_file /x cannot be read")

    with pytest.raises(ConfigError, match="token_file"):
        credentials(replace(OPS, token=absent))

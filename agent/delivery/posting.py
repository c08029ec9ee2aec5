"""The request that is sent: what a format made, with the receiver's address and credentials."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from agent.delivery.receiver import Receiver
from agent.delivery.signing import headers
from agent.formats import FORMATS
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Incident

HIDDEN = "[redacted]"
_NOBODY = "receiver.invalid"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a receiver's credentials are now; `url` is never empty, the others are None where not given."""

    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    routing_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Posting:
    """A POST, complete, credentials included."""

    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def credentials(receiver: Receiver) -> Credentials:
    """Return the credentials as they are now; raises ConfigError where one cannot be had."""
    return Credentials(receiver.url().strip(), receiver.secret(), receiver.routing_key(), receiver.token())


def posting(
    receiver: Receiver, incident: Incident, setting: Setting, now: datetime, known: Credentials
) -> Posting:
    """Return the request of an incident."""
    request = FORMATS[receiver.format](incident, replace(setting, routing_key=known.routing_key, now=now))
    found = {**request.headers, **headers(incident.id, now, request.body, known.secret)}
    if known.token is not None:
        found["Authorization"] = f"Bearer {known.token}"
    return Posting(_joined(known.url, request), found, request.body)


def shown(
    receiver: Receiver, incident: Incident, setting: Setting, now: datetime, known: Credentials
) -> Posting:
    """Return the same request with a mark in place of each credential."""
    hidden = Credentials(
        f"https://{_NOBODY}",
        None,  # a signature of another secret would be of no use to anybody
        *(None if one is None else HIDDEN for one in (known.routing_key, known.token)),
    )
    made = posting(receiver, incident, setting, now, hidden)
    if known.secret is not None:
        made.headers["webhook-signature"] = f"v1,{HIDDEN}"
    return replace(made, url=made.url.replace(f"https://{_NOBODY}", HIDDEN, 1))


def _joined(url: str, request: Request) -> str:
    """Return the address with what the format adds; a URL that needs nothing stays as it is written."""
    if not request.path and not request.query:
        return url
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if not path.endswith(request.path):
        path += request.path
    there = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    more = urlencode({name: value for name, value in request.query.items() if name not in there})
    query = "&".join(part for part in (parts.query, more) if part)
    return urlunsplit((parts.scheme, parts.netloc, path or parts.path, query, ""))

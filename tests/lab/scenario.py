"""What a scenario is: who talks to whom, how, and what is wrong.

Fields of a JSSE end are those that `java/Step.java` reads. An end that does not name one is sound there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.lab.faults import Fault
from tests.lab.pki import HOST
from tests.lab.relay import Relay

Fields = Mapping[str, str]

SERVER: Fields = {"key": "server", "trust": "root", "then": "answer"}
CLIENT: Fields = {"trust": "root", "host": HOST, "verify": "yes", "then": "ask"}
"""Sound ends."""

TLS12: Fields = {"protocols": "TLSv1.2"}
TLS13: Fields = {"protocols": "TLSv1.3"}

LATE: Mapping[str, Fields] = {
    "12": TLS12,
    "13": {**TLS13, "then": "listen"},
    "13w": TLS13,
}
"""In TLS 1.3 a client believes in success before the server has judged its certificate: it learns of it
when it reads, and often not at all when it writes first."""


@dataclass(frozen=True, slots=True)
class Jsse:
    """An end that JSSE plays, in a JVM whose log is kept. A field that is None is left out."""

    fields: Fields


@dataclass(frozen=True, slots=True)
class Openssl:
    """An end that the openssl command plays, with these arguments."""

    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raw:
    """An end that is no TLS implementation: see `tests.lab.peers`."""

    kind: str


End = Jsse | Openssl | Raw


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of connection."""

    name: str
    client: End
    server: End
    fault: Fault | None = None
    relay: Relay | None = None
    since: int = 8
    """The first Java that can play it."""


def server(**fields: str) -> Jsse:
    """Return a sound server but for these fields; an empty value takes one away."""
    return _end(SERVER, fields)


def client(**fields: str) -> Jsse:
    """Return a sound client but for these fields; an empty value takes one away, `host` apart."""
    return _end(CLIENT, fields)


def _end(sound: Fields, changed: Fields) -> Jsse:
    return Jsse({k: v for k, v in {**sound, **changed}.items() if v or k in {"host", "sni"}})


def in_versions(scenario: Scenario, versions: Mapping[str, Fields] | None = None) -> Iterator[Scenario]:
    """Yield a scenario once in each version of the protocol, as the client asks for it."""
    for tag, fields in (versions or {"12": TLS12, "13": TLS13}).items():
        assert isinstance(scenario.client, Jsse)
        asking = Jsse({**scenario.client.fields, **fields})
        yield replace(scenario, name=f"{scenario.name}.{tag}", client=asking)

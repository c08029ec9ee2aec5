"""Which scenarios are played together, under which wrapper and debug option: the plan of a corpus.

One session is one run of a client's and a server's JVM, or of one JVM that is both; each of their logs is a
case.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.lab import families
from tests.lab.relay import Relay
from tests.lab.scenario import Jsse, Scenario
from tests.lab.wrapper import Logging

QUIET = "ssl"
HANDSHAKE = "ssl:handshake"
FULL = "ssl,handshake,keymanager,trustmanager"
ALL = "all"

Side = Literal["client", "server", "mixed"]
"""The JVMs of a session, each with a log."""


Options = Mapping[Side, tuple[str, ...]]
"""More options of the JVM of a side."""

STRICT: Options = {
    "client": (
        "-Djdk.tls.allowLegacyMasterSecret=false",
        "-Djava.security.properties={certificates}/strict.security",
    ),
    "server": ("-Djdk.tls.rejectClientInitiatedRenegotiation=true",),
}
NARROW: Options = {"server": ("-Djdk.tls.namedGroups=secp384r1,secp521r1",)}
_LAX = ("-Djava.security.properties={certificates}/lax.security",)
LAX: Options = {"client": _LAX, "server": _LAX}
"""`{certificates}` is the folder of certificates."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run."""

    name: str
    scenarios: tuple[Scenario, ...]
    debug: str = FULL
    client: Logging = field(default_factory=Logging)
    server: Logging = field(default_factory=Logging)
    together: bool = False
    """Both ends in one JVM."""
    at_once: int = 1
    """So many scenarios run at the same time."""
    parallel: int = 1
    """So many threads make the same connection at the same time."""
    noise: bool = False
    dumps: int = 0
    """So many thread dumps are asked for."""
    network: Relay | None = None
    """What lies between the ends of every scenario that says nothing of it."""
    options: Options = field(default_factory=dict)
    client_fields: Mapping[str, str] = field(default_factory=dict)
    server_fields: Mapping[str, str] = field(default_factory=dict)
    """What holds for every end of a side unless its scenario says otherwise."""
    zone: str = "UTC"
    tag: str = ""
    """What tells apart sessions of one name and debug option."""

    def sides(self) -> dict[Side, Logging]:
        """Return the JVMs, and how each is logged."""
        if self.together:
            return {"mixed": self.server}
        used: dict[Side, Logging] = {}
        if any(isinstance(s.server, Jsse) for s in self.scenarios):
            used["server"] = self.server
        if any(isinstance(s.client, Jsse) for s in self.scenarios):
            used["client"] = self.client
        return used

    @property
    def label(self) -> str:
        """Return the end of its cases' names: the debug option, fit for a file name, and the tag."""
        option = self.debug.replace(":", "-").replace(",", "-").replace(FULL.replace(",", "-"), "full")
        return f"{option}.{self.tag}" if self.tag else option

    def case(self, side: Side) -> str:
        """Return the name of the case of one JVM."""
        return f"{self.name}.{side}.{self.label}"


TINY = ("ok.13", "srv-expired.12", "srv-unknown-ca.13", "cli-none.12", "proto-c12-s13")


def tiny(seed: int) -> list[Session]:
    """Return one session with a handful of scenarios."""
    known = {scenario.name: scenario for family in families.ALL.values() for scenario in family}
    return [shuffled(Session("tiny", tuple(known[name] for name in TINY)), seed)]


def small(seed: int) -> list[Session]:
    """Return the sessions of a small corpus: each scenario in one version of the protocol, by chance."""
    return [sampled(session, seed) for session in full(seed)]


def full(seed: int) -> list[Session]:
    """Return the sessions of a full corpus: every scenario, in every kind of log."""
    family = families.ALL
    chosen = [
        Session("srv", family["srv"]),
        Session("srv", family["srv"], QUIET, Logging("PM"), Logging("M")),
        Session("cli", family["cli"], client=Logging("LPZM"), server=Logging("LPDZM")),
        Session("cli", family["cli"], QUIET, Logging("TM"), Logging("LPTM")),
        Session("neg", family["neg"], HANDSHAKE, Logging("M"), Logging("PTM")),
        Session("neg", family["neg"], QUIET),
        Session("ok", family["ok"], ALL, Logging("LPTM", "200k", 99), Logging("LPTM", "1m", 99)),
        Session("ok", family["ok"]),
        Session("engine", family["engine"], HANDSHAKE),
        Session("x", family["x"]),
        Session("x", family["x"], QUIET),
        Session("ossl", family["ossl"]),
        Session("ossl", family["ossl"], QUIET),
        Session("policy", family["policy"], HANDSHAKE, options=STRICT),
        Session("groups", family["groups"], HANDSHAKE, options=NARROW),
        Session("old", family["old"], HANDSHAKE, options=LAX),
    ]
    return [shuffled(session, seed) for session in chosen]


def sampled(session: Session, seed: int) -> Session:
    """Return a session with one of those scenarios that differ in the version of the protocol alone."""
    chance = random.Random(f"{seed} {session.name} {session.label}")  # noqa: S311  (no secret)
    versions: dict[str, list[Scenario]] = {}
    for scenario in session.scenarios:
        versions.setdefault(scenario.name.rpartition(".")[0] or scenario.name, []).append(scenario)
    return replace(session, scenarios=tuple(chance.choice(some) for some in versions.values()))


def shuffled(session: Session, seed: int) -> Session:
    """Return a session with its scenarios in another order."""
    order = list(session.scenarios)
    random.Random(f"{seed} {session.name} {session.label}").shuffle(order)  # noqa: S311  (no secret)
    return replace(session, scenarios=tuple(order))


def only(sessions: Sequence[Session], part: str) -> list[Session]:
    """Return the sessions with the text in their name, and those with it in a scenario's, cut to that."""
    chosen = []
    for session in sessions:
        if part in f"{session.name}.{session.label}":
            chosen.append(session)
            continue
        some = tuple(s for s in session.scenarios if part in s.name)
        if some:
            chosen.append(replace(session, scenarios=some))
    return chosen


SIZES: dict[str, Callable[[int], list[Session]]] = {"tiny": tiny, "small": small, "full": full}
"""How much is played, by the name of the size."""

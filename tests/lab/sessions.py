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

SLOW = Relay(delay=0.02)
"""A network that gives an end the time to finish writing, so that the other one's alert is read."""

NAMES = (
    "HTTP Handler [::1] | Größe",
    " leading and trailing ",
    "main|javax.net.ssl|DEBUG|01|fake|2026-11-23 07:25:55.648 UTC|Fake.java:1|Fatal (BAD_CERTIFICATE): no",
    "",
    "Thread-7",
)
"""What threads can be called."""

Side = Literal["client", "server", "mixed"]
"""The JVMs of a session, each with a log."""


HANDLERS = tuple(f"HTTP Handler 10.0.{n // 100}.{n % 100 + 1}" for n in range(400))
"""Names that tell threads apart where handshakes that time out lie over others."""

NUMBERED = Logging("M", "1m", 99, "wrapper_ROLLNUM.log")
BUSY = (Logging("LPDZM", "100k", 999), Logging("LPZM", "1m", 99))
ODD = (Logging("LPQTZURGM"), Logging("ZLPM"))
"""How the wrapper writes: its number amid the name, rolled often, formats that nobody expects."""

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
    noise: int = 0
    """An application prints something about every so many milliseconds; 0 if none does."""
    dumps: int = 0
    """So many thread dumps are asked for."""
    crash: bool = False
    """In the middle the client's JVM dies while a handshake is open, and the wrapper launches another."""
    threads: tuple[str, ...] = ()
    """What the threads are called, in turn."""
    locale: str = "en-US"
    network: Relay | None = None
    """What lies between the ends of every scenario that says nothing of it."""
    options: Options = field(default_factory=dict)
    zone: str = "UTC"
    small: int = 0
    """So many scenarios are played in a small corpus, chosen by chance; 0 if the session is no part of it."""

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
        """Return the end of its cases' names: the debug option, fit for a file name."""
        return "full" if self.debug == FULL else self.debug.replace(":", "-")

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
    return [sampled(session, seed) for session in full(seed) if session.small]


def full(seed: int) -> list[Session]:
    """Return the sessions of a full corpus: every scenario, in every kind of log."""
    srv, cli, neg, ok, engine, x, ossl = (
        families.ALL[name] for name in ("srv", "cli", "neg", "ok", "engine", "x", "ossl")
    )
    usual = (*srv, *cli, *neg, *ok)
    bit, part = "100k", "1m"
    plain, bare = Logging("LPTM"), Logging("M")
    rolled, often = Logging("LPTM", part, 99), Logging("LPTM", bit, 999)
    every, some, few = 999, 30, 16
    chosen = [
        # every family by itself, where messages are printed
        Session("srv", srv, network=SLOW, small=every),
        Session("cli", cli, HANDSHAKE, Logging("LPZM"), Logging("LPDZM"), small=every),
        Session("neg", neg, HANDSHAKE, bare, Logging("PTM"), small=every),
        Session("ok", ok, ALL, often, rolled, small=every),
        Session("engine", engine, HANDSHAKE, Logging("PM"), plain, small=every),
        Session("x", x, threads=HANDLERS, small=every),
        Session("ossl", ossl, small=every),
        Session("policy", families.ALL["policy"], HANDSHAKE, options=STRICT, small=every),
        Session("groups", families.ALL["groups"], HANDSHAKE, options=NARROW, small=every),
        Session("old", families.ALL["old"], HANDSHAKE, options=LAX, small=every),
        Session("srv", srv, HANDSHAKE, Logging("TM"), Logging("PTM")),
        Session("cli", cli, network=SLOW),
        Session("neg", neg, ALL, network=SLOW),
        Session("ok", ok, HANDSHAKE, network=SLOW),
        Session("x", x, ALL, threads=HANDLERS),
        # the same with the setting that many guides name, which prints no messages on older Java
        Session("srv", srv, QUIET, Logging("PM"), bare, small=some),
        Session("cli", cli, QUIET, Logging("TM"), plain, small=few),
        Session("neg", neg, QUIET, small=few),
        Session("ok", ok, QUIET),
        Session("x", x, QUIET, threads=HANDLERS),
        Session("ossl", ossl, QUIET),
        # as a server's log looks: both roles, many threads, other text, rolled in the middle
        Session("mixed", usual, server=often, together=True, at_once=4, noise=60, dumps=2, small=some),
        Session("mixed", usual, HANDSHAKE, server=NUMBERED, together=True, at_once=20, noise=15),
        Session("mixed", usual, QUIET, server=plain, together=True, at_once=4, noise=6),
        Session("busy", usual, HANDSHAKE, *BUSY, at_once=20, noise=60, dumps=3, small=some),
        Session("crowd", crowd(), FULL, rolled, rolled, parallel=20, small=every),
        Session("crash", usual, HANDSHAKE, plain, Logging("PM"), crash=True, small=few),
        Session("names", usual, HANDSHAKE, *ODD, threads=NAMES, zone="Asia/Tokyo", locale="de-DE", small=few),
    ]
    return [shuffled(session, seed) for session in chosen]


def crowd() -> tuple[Scenario, ...]:
    """Return the scenarios that many threads play at once, each the same."""
    names = ("ok.13", "ok-mutual.12", "srv-unknown-ca.12", "cli-none.12", "srv-hostname.13")
    return tuple(s for family in families.ALL.values() for s in family if s.name in names)


def sampled(session: Session, seed: int) -> Session:
    """Return a session with some of its scenarios, and one of those that differ in the version alone."""
    chance = random.Random(f"{seed} {session.name} {session.label}")  # noqa: S311  (no secret)
    versions: dict[str, list[Scenario]] = {}
    for scenario in session.scenarios:
        versions.setdefault(scenario.name.rpartition(".")[0] or scenario.name, []).append(scenario)
    kinds = [chance.choice(some) for some in versions.values()]
    return replace(session, scenarios=tuple(chance.sample(kinds, min(session.small, len(kinds)))))


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

"""A short way to write handshakes: steps as ">client_hello" (sent) and "<server_hello" (received)."""

import tomllib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from agent.model.block import Where
from agent.model.events import AlertSeen, Certificate, Fact, FactKind, Failed, StoreEntry, Throwable
from agent.model.handshake import Handshake, Step
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Outcome, Role

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
_DAY = timedelta(days=1)
_MESSAGES = frozenset(Message)


def _certificate(  # noqa: PLR0913 - a certificate has that many fields worth varying
    subject: str,
    issuer: str,
    *,
    version: int = 3,
    begins: int = -300,
    ends: int = 300,
    ca: bool | None = None,
    serial: str = "01:02",
    usage: tuple[str, ...] | None = None,
    signature: str | None = None,
    key: str | None = None,
) -> Certificate:
    return Certificate(
        subject=f"CN={subject}, O=Acme",
        issuer=f"CN={issuer}, O=Acme",
        serial=serial,
        version=version,
        not_before=NOW + begins * _DAY,
        not_after=NOW + ends * _DAY,
        ca=ca,
        extended_key_usage=usage,
        signature_algorithm=signature,
        key=key,
    )


CERTIFICATES = MappingProxyType(
    {
        "leaf": _certificate("leaf", "Issuing CA"),
        "ca": _certificate("Issuing CA", "Root CA", ca=True),
        "root": _certificate("Root CA", "Root CA", ca=True),
        "newroot": _certificate("Root CA", "Root CA", ca=True, serial="03:04"),
        "other": _certificate("Other CA", "Other Root", ca=True),
        "byroot": _certificate("leaf", "Root CA"),
        "self": _certificate("self", "self"),
        "newself": _certificate("self", "self", serial="03:04"),
        "oldca": _certificate("Issuing CA", "Root CA", ca=True, ends=-30),
        "serveronly": _certificate("leaf", "Issuing CA", usage=("serverAuth",)),
        "md5": _certificate("leaf", "Issuing CA", signature="MD5withRSA", key="RSA 2048"),
        "md5root": _certificate("Root CA", "Root CA", ca=True, signature="MD5withRSA", key="RSA 2048"),
        "short": _certificate("leaf", "Issuing CA", signature="SHA256withRSA", key="RSA 768"),
        "old": _certificate("old", "Issuing CA", ends=-30),
        "early": _certificate("early", "Issuing CA", begins=30),
        "v1ca": _certificate("Issuing CA", "Root CA", version=1),
        "v1leaf": _certificate("leaf", "Issuing CA", version=1),
        "notca": _certificate("Issuing CA", "Root CA", ca=False),
    }
)

Build = Callable[..., Handshake]


@pytest.fixture
def build() -> Build:
    """Return a function that makes handshakes out of short words."""
    return make


def make(  # noqa: PLR0913 - a test names the few it needs
    *steps: str,
    role: str = "client",
    dialect: str = "jsse",
    text: str | tuple[str, ...] = (),
    word: str | None = None,
    reading: bool | None = None,
    received: str | None = None,
    sent: str | None = None,
    peer: str | None = None,
    own: str | None = None,
    keys: str = "",
    anchors: str = "",
    authorities: tuple[str, ...] | None = None,
    facts: dict[str, str] | None = None,
    name: str | None = "is.example.com",
    versions: tuple[str, ...] = ("TLSv1.3", "TLSv1.2"),
    suites: tuple[str, ...] = ("TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    **more: object,
) -> Handshake:
    """Return a failed handshake.

    `text` is one report's chain of exceptions, outermost first; a report of a received alert is made by
    itself. `peer`, `own`, `keys` and `anchors` name certificates of `CERTIFICATES`, "" for an empty message.
    """
    texts = (text,) if isinstance(text, str) else text
    reports = []
    if received and not texts:
        texts = (f"javax.net.ssl.SSLHandshakeException: Received fatal alert: {received}",)
    if texts:
        reports.append(Failed(tuple(_throwable(t) for t in texts), word=word, reading=reading, engine=False))
    alerts = [AlertSeen(sent=True, level="fatal", description=sent)] if sent else []
    alerts += [AlertSeen(sent=False, level="fatal", description=received)] if received else []
    said = [_step(step, line) for line, step in enumerate(steps, 1)]
    greeted = any(step.name == Message.CLIENT_HELLO for step in said)
    stores = [StoreEntry("key", _chain(keys) or ())] if keys else []
    stores += [StoreEntry(None, _chain(anchors) or ())] if anchors else []
    values: dict[str, object] = {
        "dialect": Dialect(dialect),
        "role": Role(role),
        "outcome": Outcome.FAILED,
        "jvm": 1,
        "thread": "main",
        "connection": None,
        "first": _where(1),
        "last": _where(99),
        "started_at": NOW,
        "ended_at": NOW,
        "offered_versions": versions if greeted else (),
        "offered_suites": suites if greeted else (),
        "server_name": name if greeted else None,
        "peer_chain": _chain(peer),
        "own_chain": _chain(own),
        "authorities": authorities,
        "steps": tuple(said),
        "alerts": tuple(alerts),
        "failures": tuple(reports),
        "facts": tuple(Fact(FactKind(kind), value) for kind, value in (facts or {}).items()),
        "shallow": not any(step.name in _MESSAGES for step in said),
        "stores": tuple(stores),
    }
    return Handshake(**(values | more))  # type: ignore[arg-type]  # a dict of keywords has one value type


def _where(line: int) -> Where:
    return Where("wrapper.log", "1", line * 100, line)


def _step(text: str, line: int) -> Step:
    name, _, empty = text[1:].partition("-")
    return Step(name, sent=text[0] == ">", at=_where(line), empty=bool(empty))


def _throwable(text: str) -> Throwable:
    name, colon, rest = text.partition(": ")
    return Throwable(name, rest) if colon and " " not in name else Throwable("", text)


def _chain(names: str | None) -> tuple[Certificate, ...] | None:
    return None if names is None else tuple(_named(names.split()))


def _named(names: Iterable[str]) -> Iterable[Certificate]:
    return (CERTIFICATES[name] for name in names)


_MIRRORED = {"server_certificate_rejected": "client", "client_certificate_rejected": "server"}


def _samples() -> dict[str, dict[str, Any]]:
    """Return the words of a handshake for each entry's id."""
    tables = tomllib.loads(Path(__file__).with_name("samples.toml").read_text(encoding="utf-8"))
    own = tables.pop("own")
    rows = {f"{issue}.{slug}": words for issue, table in tables.items() for slug, words in table.items()}
    for issue, role in _MIRRORED.items():
        rows |= {f"{issue}.{slug}": {"role": role, **words} for slug, words in own.items()}
    return rows


def compose(words: dict[str, Any]) -> Handshake:
    """Return the handshake that words of a TOML file describe."""
    words = {key: tuple(value) if isinstance(value, list) else value for key, value in words.items()}
    steps = words.pop("steps", ())
    if words.get("name") == "":
        words["name"] = None
    return make(*steps, **words)


@pytest.fixture(scope="session")
def samples() -> dict[str, Handshake]:
    """Return for each entry of the catalogue a composed handshake that it explains best."""
    return {name: compose(words) for name, words in _samples().items()}

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from agent import codec
from agent.model.block import Where
from agent.model.events import (
    AlertSeen,
    Certificate,
    Ended,
    Event,
    Fact,
    FactKind,
    Failed,
    Happening,
    Hello,
    JvmHappening,
    Leaked,
    Perhaps,
    Said,
    Speaker,
    Started,
    StoreEntry,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, JvmEvent, Leak, Role

CERTIFICATE = Certificate(
    subject='CN=is, O="Müller, Söhne"', version=3, not_after=datetime(2026, 11, 23, tzinfo=UTC), ca=False
)

HAPPENINGS: list[Happening] = [
    Started(),
    Said(
        Message.CLIENT_HELLO,
        sent=True,
        role=Role.CLIENT,
        hello=Hello(("TLSv1.2",), ("A", "B"), "is", ("h2",)),
    ),
    Said(Message.CERTIFICATE, sent=False, certificates=(CERTIFICATE,)),
    Said(Message.CERTIFICATE, sent=None, certificates=()),
    Said(Message.CERTIFICATE_REQUEST, sent=True, role=Role.SERVER, authorities=("CN=a", "CN=b")),
    AlertSeen(sent=False, level=None, description="unknown_ca"),
    Failed(
        (Throwable("SSLException", "x"), Throwable("", "y")),
        "unknown_ca",
        Role.SERVER,
        reading=False,
        final=False,
    ),
    Fact(FactKind.PEER, "127.0.0.1:5555"),
    Perhaps(said=Said(Message.CERTIFICATE, sent=True, certificates=())),
    Perhaps(fact=Fact(FactKind.NO_CLIENT_CERTIFICATE)),
    Ended(),
    StoreEntry("alias", (CERTIFICATE,)),
    StoreEntry(None, ()),
    JvmHappening(JvmEvent.RESTART),
    Leaked(Leak.KEYS),
]


def event(what: Happening, when: datetime | None = None) -> Event:
    """Return an event of no particular place."""
    speaker = Speaker(Dialect.JSSE, 1, "Thread|1", "0F|Thread|1", 3)
    return Event(Where("wrapper.log", "8:15", 42, 3), when, speaker, what, "a line")


@pytest.mark.parametrize("what", HAPPENINGS, ids=lambda w: type(w).__name__)
@pytest.mark.parametrize("when", [None, datetime(2026, 11, 23, 7, 0, 0, 123000, tzinfo=UTC)])
def test_event_packed_and_unpacked(what: Happening, when: datetime | None) -> None:
    """An event comes back equal from what it was packed into, after a journey as JSON too."""
    packed = codec.pack_event(event(what, when))
    assert codec.unpack_event(codec.decode(codec.encode(packed), dict)) == event(what, when)


def test_each_happening_is_packed() -> None:
    """The cases above hold each type of happening there is."""
    assert {type(what) for what in HAPPENINGS} == set(Happening.__args__)


@dataclass(frozen=True, slots=True)
class Inner:
    """A value within a value."""

    kind: JvmEvent
    at: datetime


@dataclass(slots=True)
class Outer:
    """A state with everything that states are made of."""

    inner: Inner | None = None
    names: dict[str, tuple[int, ...]] = field(default_factory=dict)


def test_dataclasses() -> None:
    """Nested values come back equal from JSON and from builtins."""
    value = Outer(Inner(JvmEvent.HUNG, datetime(2026, 11, 23, tzinfo=UTC)), {"ü": (1, 2)})
    assert codec.decode(codec.encode(value), Outer) == value
    assert codec.from_builtins(codec.to_builtins(value), Outer) == value


@pytest.mark.parametrize("text", ["", "{", '{"names": 3}', '{"inner": {"kind": "unheard"}}', "[]"])
def test_what_does_not_fit(text: str) -> None:
    """Broken JSON, and JSON of another shape, is a ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        codec.decode(text, Outer)


def test_place_of_the_fault() -> None:
    """The error names the field."""
    with pytest.raises(ValueError, match=r"\$\.inner\.kind"):
        codec.from_builtins({"inner": {"kind": "unheard"}}, Outer)

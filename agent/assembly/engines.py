"""Handshakes of SSLEngine in legacy JSSE's text: which of them a line that names a thread belongs to.

With SSLEngine a thread's name tells little. Records are read by a thread that serves many connections, the
messages are worked on by any thread of a pool, and only the order of messages ties a handshake together. So
each handshake is followed by itself, driven by its messages: a ClientHello that comes in begins one, and a
record, an alert or an exception goes to the one that is at the right place for it. Where several are, they
are mingled: what was known of each is no longer sure and is taken back. How far each came is still told.
Sources: sun.security.ssl.SSLEngineImpl, Handshaker (JDK 7 and 8).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from agent.assembly.threads import Phase, Thread
from agent.model.events import AlertSeen, Ended, Event, Failed
from agent.model.tls import CERTIFICATE_ALERTS, Message
from agent.model.vocabulary import Role

T = TypeVar("T")

LIVE_LIMIT = 200
"""Handshakes followed at once; the oldest are given up."""

NAMES_LIMIT = 2000

_OF_ENGINES = re.compile(r", (?:fatal error: |called close(?:Out|In)bound)")
_OF_SOCKETS = re.compile(r", (?:handling exception: |called close(?:Socket|Internal)?\()")
"""What only one of SSLEngine and SSLSocket prints."""

_AT_HELLO = re.compile(r"no cipher suites in common|Client requested protocol|Unrecognized server name")
_AT_CERTIFICATE = re.compile(r"null cert chain|TLS client authentication")
_BEFORE = re.compile(r"plaintext connection|unwrapping net record|Unsupported record version")

_PREFIX = "\N{NULL}engine "
"""Before the number of a handshake in its key: no thread's name begins so."""


@dataclass(slots=True)
class Engines:
    """What is known of engines.

    `created` counts engines, `reads` handshake records that came in, each until a message takes it. `live`
    are the keys of handshakes under way or failed and not closed, `last` is the one that each thread spoke
    for last, `socket` tells threads known to use sockets from those known to use engines.
    """

    seen: bool = False
    created: int = 0
    reads: int = 0
    number: int = 0
    live: list[str] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)
    socket: dict[str, bool] = field(default_factory=dict)


def is_engine(key: str) -> bool:
    """Return whether a key is that of an engine's handshake and not a thread's name."""
    return key.startswith(_PREFIX)


def learn(engines: Engines, event: Event) -> None:
    """Take what a line proves of its thread: whether it uses engines or sockets."""
    if isinstance(event.what, Ended | Failed):
        engine = _OF_ENGINES.search(event.text)
        if engine or (engines.seen and _OF_SOCKETS.search(event.text)):
            engines.seen = True
            note(engines.socket, event.speaker.key, not engine)


def speaks(
    engines: Engines, threads: dict[str, Thread], starts: Sequence[object], event: Event, record: str
) -> bool:
    """Return whether a named line is of a handshake of SSLEngine; `starts` are the clients about to begin.

    A thread's first lines may not show it yet; then it is the state of the handshakes that tells.
    """
    name = event.speaker.key
    if not engines.seen:
        return False
    if name in engines.socket:  # a handshake that was taken for an engine's stays one
        return not engines.socket[name] or engines.last.get(name) in engines.live
    thread = threads.get(name)
    if thread and thread.phase is not Phase.IDLE:
        return False
    if record == "READ Handshake":
        return engines.created > 0
    fit = candidates(engines, threads, event, record)
    if record == "WRITE Handshake" and starts:
        return any(Message.SERVER_HELLO_DONE in threads[key].said for key in fit)
    return bool(fit or engines.last.get(name))


def note(table: dict[str, T], key: str, value: T) -> None:
    """Remember a value for a thread's name, and forget that of the name that was first there."""
    if len(table) >= NAMES_LIMIT and key not in table:
        del table[next(iter(table))]
    table[key] = value


def new(engines: Engines, threads: dict[str, Thread]) -> str:
    """Return the key of a handshake that begins."""
    engines.number += 1
    key = f"{_PREFIX}{engines.number}"
    threads[key] = Thread()
    engines.live.append(key)
    engines.created = max(engines.created - 1, 0)
    if len(engines.live) > LIVE_LIMIT:
        threads.pop(engines.live.pop(0), None)
    return key


def is_warning(event: Event) -> bool:
    """Return whether a line tells of an alert that ends nothing."""
    return isinstance(event.what, AlertSeen) and event.what.level == "warning"


def ends(event: Event) -> bool:
    """Return whether a line tells of an end that no handshake under way can have come to."""
    what = event.what
    return isinstance(what, Failed) or (isinstance(what, AlertSeen) and what.level == "fatal")


def tidy(engines: Engines, threads: dict[str, Thread]) -> None:
    """Forget the handshakes that are complete, or closed after a failure."""
    over = [k for k in engines.live if k not in threads or threads[k].phase in {Phase.OPEN, Phase.IDLE}]
    for key in over:
        engines.live.remove(key)
        threads.pop(key, None)


def candidates(engines: Engines, threads: dict[str, Thread], event: Event, record: str) -> list[str]:
    """Return the handshakes that a line can belong to, of those that are at the right place for it.

    `record` is "READ Handshake" and the like, "" for a line about no record.
    """
    what, who = event.what, event.speaker.key
    mine = engines.last.get(who, "")
    if isinstance(what, Ended) or (isinstance(what, AlertSeen) and what.sent):
        failed = [k for k in engines.live if threads[k].phase is Phase.FAILED and not threads[k].ended]
        return [mine] if mine in failed else failed[:1]
    if isinstance(what, Failed) and _OF_SOCKETS.search(event.text):
        return [mine] if mine in engines.live else []  # its thread was taken for an engine's
    places = _places(what, record)
    if record in _GOES_ON and mine in engines.live:
        finishes = record == "WRITE Handshake" and _changed(threads[mine])
        if finishes or any(fits(threads[mine]) for fits in places):
            return [mine]
    for fits in places:
        fit = [key for key in engines.live if threads[key].phase is Phase.TALKING and fits(threads[key])]
        if fit:
            return fit
    return []


def _places(what: object, record: str) -> tuple[Callable[[Thread], bool], ...]:
    """Return what a handshake must be like for a line, the best first."""
    if isinstance(what, AlertSeen):
        # on a certificate nothing is said in a resumed handshake, nor after the cipher was changed
        first: Callable[[Thread], bool] = _any if what.description not in CERTIFICATE_ALERTS else _answering
        return (lambda t: t.writes > 0 and first(t), lambda t: t.writes > 0, _any)
    if isinstance(what, Failed):
        text = what.throwables[-1].text
        if _BEFORE.search(text):
            return ()
        if _AT_HELLO.search(text):
            return (lambda t: t.role is not Role.CLIENT and not t.writes,)
        if _AT_CERTIFICATE.search(text):
            return (lambda t: t.role is not Role.CLIENT and t.writes > 0 and not t.ciphers,)
        return (lambda t: not t.finished, _any)
    return _RECORDS.get(record, ())


def _any(_: Thread) -> bool:
    return True


def _changed(thread: Thread) -> bool:
    """Return whether the cipher was changed and the Finished is to follow, which the same thread writes."""
    return True in thread.ciphers and True not in thread.finished


def _answering(thread: Thread) -> bool:
    """Return whether both ends still speak without a cipher."""
    return not thread.ciphers


_GOES_ON = frozenset({"READ Handshake", "WRITE Handshake", "WRITE Change Cipher Spec"})
"""Records that a thread reads or writes behind another one of the same handshake, without a pause."""

_RECORDS: dict[str, tuple[Callable[[Thread], bool], ...]] = {
    "READ Handshake": (
        lambda t: False in t.ciphers and False not in t.finished,
        lambda t: t.role is Role.CLIENT and not t.reads,
    ),
    "WRITE Handshake": (
        lambda t: t.role is Role.SERVER and not t.writes and Message.SERVER_HELLO_DONE in t.said,
        lambda t: t.role is Role.SERVER and not t.writes,
        lambda t: t.role is Role.CLIENT and t.reads > 0 and not t.ciphers,
    ),
    "READ Change Cipher Spec": (
        lambda t: False not in t.ciphers and Message.CLIENT_KEY_EXCHANGE in t.said,
        lambda t: False not in t.ciphers and True in t.finished,
        lambda t: False not in t.ciphers and t.writes > 0,
    ),
    "WRITE Change Cipher Spec": (
        lambda t: True not in t.ciphers and False in t.finished,
        lambda t: True not in t.ciphers and t.role is Role.CLIENT and t.writes > 1,
        lambda t: True not in t.ciphers and t.writes > 0,
    ),
}
"""For each record, what a handshake must be like to have it next: the likeliest place first."""

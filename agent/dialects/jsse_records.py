"""What each JSSE record means: from its message and the named fields of its body to happenings.

Messages are those of the classes of sun.security.ssl (and org.openjsse.sun.security.ssl) from 8u262 to 25.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType

from agent.dialects import jsse_messages
from agent.dialects.jsse_bodies import Pick
from agent.dialects.jsse_messages import Picked
from agent.dialects.remembered import remembered
from agent.model.events import (
    AlertSeen,
    Ended,
    Fact,
    FactKind,
    Failed,
    Happening,
    Leaked,
    Said,
    StoreEntry,
    Throwable,
)
from agent.model.tls import BENIGN_ALERTS, alert_name, version_name
from agent.model.vocabulary import Leak, Role
from agent.redaction import clean, evidence

INTERESTING = (
    rb"(?:(?:Rep|P)roduced |Consuming |Fatal \(|Received alert message|handling exception"
    rb"|Negotiated protocol version|use cipher suite|No X\.509 cert|No available client auth"
    rb"|X509KeyManager class|KeyMgr: |matching alias|Ignore alias|Unable to indicate server name"
    rb"|Resuming session|WRITE: TLS[^|\n]{1,8} alert\(|found key for : |adding as trusted cert"
    rb"|close the (?:underlying socket|SSL connection)|Closing outbound of SSLEngine"
    rb"|Plaintext (?:before|after) )"
)
"""The messages that become events; everything else is never looked at."""

_SERVER_TEXTS = re.compile(
    r"no cipher suites in common|Empty client certificate chain|not accepted by server preferences"
    r"|in server context|Unrecognized server name indication"
)
_CLIENT_TEXTS = re.compile(
    r"not accepted by client preferences|not enabled or supported by the client|[Rr]eceived handshake warning"
)

_ALERT_PREFIX = re.compile(r"^\([a-z_0-9]+\) ")  # 17.0.21, 21.0.13 and 25 put the alert's name first
_FATAL = re.compile(r"Fatal \((?P<word>[A-Z_0-9]+)\)(?:: (?P<text>.*?))?(?: \()?$")
_CONSEQUENCE = "handling exception"
_TEXT_LIMIT = 500  # characters of an exception's text: two distinguished names and a sentence


_OTHER_BODIES = MappingProxyType(
    {
        "Fatal (": "throwable",
        _CONSEQUENCE: "throwable",
        "Received alert": "alert",
        "found key for": "certificates",
        "adding as trusted cert": "anchors",
    }
)


def bodied(message: str) -> bool:
    """Return whether a record with this message has a body of interest.

    A report or an alert always has one, be its header torn.
    """
    return body(message) is not None and (message.endswith("(") or message.startswith(_ALWAYS))


_ALWAYS = ("Fatal (", _CONSEQUENCE, "Received alert")


@remembered(1024, len, 200)
def body(message: str) -> str | None:
    """Return the kind of body (a key of `PICKERS`) of a record with this message; None if of no interest."""
    for start, kind in _OTHER_BODIES.items():
        if message.startswith(start):
            return kind
    return jsse_messages.body_of(message)


def happenings(message: str, picks: tuple[Pick, ...], shown: str) -> tuple[tuple[Happening, str], ...]:
    """Return what a whole record says, each with the line to show for it; () for a record of no use."""
    session = next((value for name, value in picks if name == "session"), None)
    if session is None:
        return _happenings(message, picks, shown)
    rest = tuple(pick for pick in picks if pick[0] != "session")
    return tuple(
        (replace(what, hello=replace(what.hello, session=session)), line)
        if isinstance(what, Said) and what.hello
        else (what, line)
        for what, line in _happenings(message, rest, shown)
    )


def _size(message: str, picks: tuple[Pick, ...], shown: str) -> int:
    return len(message) + len(shown) + sum([len(value) for _, value in picks])


@remembered(512, _size, 10_000)
def _happenings(message: str, picks: tuple[Pick, ...], shown: str) -> tuple[tuple[Happening, str], ...]:
    """Return what a record says but for what is new each time.

    Remembered, because a server says the same in one handshake after another: its chain, its suites.
    """
    for start, read in _READERS:
        if message.startswith(start):
            return tuple((what, _shown(what, shown)) for what in read(message, picks))
    return ()


def _shown(what: Happening, shown: str) -> str:
    """Return the evidence line: a wrapper exception says nothing without its innermost cause."""
    if isinstance(what, Failed) and len(what.throwables) > 1:
        inner = what.throwables[-1]
        said = f"{inner.name}: {inner.text}"
        if inner.text not in shown:
            return evidence(f"{shown} — caused by {said}".encode())
    return shown


def _alert(_message: str, picks: Picked) -> Iterator[Happening]:
    fields = dict(picks)
    name = alert_name(fields.get("description", ""))
    if name:
        yield AlertSeen(sent=False, level=fields.get("level"), description=name)


def _write_alert(message: str, _picks: Picked) -> Iterator[Happening]:
    name = alert_name(message.partition("alert(")[2].partition(")")[0])
    if name and name not in BENIGN_ALERTS:
        yield AlertSeen(sent=True, level=None, description=name)


def _failed(message: str, picks: Picked) -> Iterator[Happening]:
    found = _FATAL.match(message)
    final = message.startswith("Fatal (")
    chain = [pick for pick in picks if pick[0] in {"first", "Caused by"}]  # frames stand anywhere among them
    throwables = [_throwable(value) for _, value in chain]
    said = clean(_ALERT_PREFIX.sub("", found["text"] or ""))[:_TEXT_LIMIT] if found else ""
    if throwables and not message.endswith("("):
        said = throwables[0].text  # the header was torn: the text goes on elsewhere
    elif ("torn", "") in picks and _foreign(chain, said, throwables):
        del throwables[0]  # what stands there is the other writer's
    if final and not any(said in t.text for t in throwables):
        throwables.insert(0, Throwable("", said))  # "Illegal handshake message" over a bare exception
    frames = {value for name, value in picks if name == "frame"}
    yield Failed(
        throwables=tuple(throwables),
        word=alert_name(found["word"]) if found else None,
        role=_role(frames, " ".join(t.text for t in throwables)),
        reading=_reading(frames),
        final=final,
        engine=True if "engine" in frames else False if "socket" in frames else None,
    )


def _foreign(chain: list[tuple[str, str]], said: str, throwables: list[Throwable]) -> bool:
    """Return whether what stands first in a torn record is not the exception that its header tells of."""
    return bool(chain) and chain[0][0] == "first" and (not said or said not in throwables[0].text)


def _reading(frames: set[str]) -> bool | None:
    if "after" in frames:
        return True
    return False if "handshake" in frames else True if "data" in frames else None


def _role(frames: set[str], texts: str) -> Role:
    client = "client" in frames or bool(_CLIENT_TEXTS.search(texts))
    server = "server" in frames or bool(_SERVER_TEXTS.search(texts))
    if client is server:
        return Role.UNKNOWN
    return Role.CLIENT if client else Role.SERVER


def _throwable(line: str) -> Throwable:
    # cleaned before it is taken apart: a torn class name would take the first word of "Authorization: ..."
    name, _, said = clean(line.strip()).partition(": ")
    return Throwable(name.rpartition(".")[2], clean(_ALERT_PREFIX.sub("", said))[:_TEXT_LIMIT])


def _store(message: str, picks: Picked) -> Iterator[Happening]:
    chain = jsse_messages.certificates(picks)
    if message.startswith("found key for"):
        alias = message.removeprefix("found key for :").removesuffix("(").strip()
        yield StoreEntry(alias=alias[:100], chain=chain)
    else:
        for anchor in chain:
            yield StoreEntry(alias=None, chain=(anchor,))


def _fact(kind: FactKind, start: str) -> Callable[[str, Picked], Iterator[Happening]]:
    def read(message: str, _picks: Picked) -> Iterator[Happening]:
        yield Fact(kind, clean(message.removeprefix(start).removesuffix("(").strip())[:200])

    return read


def _protocol(message: str, _picks: Picked) -> Iterator[Happening]:
    version = version_name(message.rpartition(":")[2])
    if version:
        yield Fact(FactKind.PROTOCOL, version)


def _key_manager(message: str, _picks: Picked) -> Iterator[Happening]:
    name = message.rpartition(":")[2].strip()
    absent = name.endswith("DummyX509KeyManager")  # what SSLContext.init(null, ...) puts in
    yield Fact(FactKind.KEY_MANAGER_ABSENT if absent else FactKind.KEY_MANAGER, name[:200])


def _leaked(_message: str, _picks: Picked) -> Iterator[Happening]:
    yield Leaked(Leak.PLAINTEXT)


def _ended(_message: str, _picks: Picked) -> Iterator[Happening]:
    yield Ended()


_READERS: tuple[tuple[str, Callable[[str, Picked], Iterator[Happening]]], ...] = (
    ("Produced ", jsse_messages.said),
    ("Consuming ", jsse_messages.said),
    ("Reproduced ", jsse_messages.said),
    ("Fatal (", _failed),
    (_CONSEQUENCE, _failed),
    ("Received alert message", _alert),
    ("WRITE: ", _write_alert),
    ("Negotiated protocol version", _protocol),
    ("use cipher suite", _fact(FactKind.CIPHER_SUITE, "use cipher suite")),
    ("No X.509 certificate for client auth", _fact(FactKind.NO_CLIENT_CERTIFICATE, "")),
    ("No available client auth", _fact(FactKind.NO_CLIENT_CERTIFICATE, "")),
    ("No X.509 cert selected for", _fact(FactKind.NO_CERTIFICATE_SELECTED, "No X.509 cert selected for")),
    ("X509KeyManager class", _key_manager),
    ("KeyMgr: no matching key", _fact(FactKind.NO_MATCHING_KEY, "KeyMgr: no matching key found")),
    ("KeyMgr: choosing key: ", _fact(FactKind.KEY_CHOSEN, "KeyMgr: choosing key: ")),
    ("matching alias: ", _fact(FactKind.KEY_CHOSEN, "matching alias: ")),
    ("Ignore alias ", _fact(FactKind.ALIAS_IGNORED, "Ignore alias ")),
    (
        "Unable to indicate server name",
        _fact(FactKind.SERVER_NAME_WITHHELD, "Unable to indicate"),
    ),
    ("Resuming session", _fact(FactKind.RESUMED, "Resuming session")),
    ("Plaintext ", _leaked),
    ("found key for", _store),
    ("adding as trusted cert", _store),
    ("close the ", _ended),
    ("Closing outbound", _ended),
)

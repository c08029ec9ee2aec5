"""JSSE records that another writer tears: System.out and System.err share one pipe.

A record above the pipe's buffer is written in pieces, and what is printed elsewhere gets between them at any
byte. What is read out of such a record may be less than it held, but nothing of it may be wrong; above all,
nothing may seem to be absent that was there.
"""

from datetime import UTC
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.dialects.jsse import Reader
from agent.framing.envelope import Framing
from agent.model.block import Block, Where
from agent.model.events import Certificate, Event, Failed, Happening, Hello, Said
from agent.model.vocabulary import Role
from tests.corpus import accept

P = b"INFO   | jvm 1    | 2026/11/23 07:49:02 | "

OTHERS = [
    b"2026-11-23 07:49:02 UTC [ISP.0090.0004C] <doc> (x)\n",
    b"no newline at the end of this; ",
    b")\n",
    b"\n",
    b"text\n)\nmore\n",
    b"com.acme.Oops: disk full\n\tat com.acme.A.b(A.java:1)\nCaused by: a.b.C: x\n",
    b'{\n  "a" : 1\n}\n',
    b"a list: [a, b]\n",
]
"""What gets in between: whole lines, and pieces of one."""

RECORDS = {
    "ClientHello": ("jsse/25.ok-mtls.server.ssl-handshake", b"Consuming ClientHello"),
    "Certificate": ("jsse/25.cli-expired.server.ssl-handshake", b"Consuming client Certificate"),
    "Certificate until TLS 1.2": (
        "jsse/8.srv-missing-intermediate.client.ssl-handshake",
        b"Consuming server Certificate",
    ),
    "CertificateRequest": (
        "jsse/25.cli-issuer-not-in-list.server.ssl-handshake",
        b"Produced CertificateRequest",
    ),
    "CertificateRequest without authorities": (
        "jsse/25.cli-emptyca-skip.client.ssl-handshake",
        b"Consuming CertificateRequest",
    ),
    "empty Certificate": ("jsse/8.cli-none.client.ssl-handshake", b"Produced client Certificate"),
    "Fatal": ("jsse/25.srv-hostname.client.ssl-handshake", b"Fatal ("),
    "Fatal with a cause": ("jsse/17.srv-expired.client.ssl", b"Fatal ("),
}
"""A record of a real log: its case, and what its message begins with."""


@cache
def record(name: str) -> bytes:
    """Return a record as the JVM wrote it: the first of its kind, without what stands before its lines."""
    case, begins = RECORDS[name]
    data = b"".join(accept.logs(case))
    header = data.rindex(b"javax.net.ssl|", 0, data.index(b"|" + begins))
    width = header - data.rindex(b"\n", 0, header) - 1
    lines: list[bytes] = []
    for line in data[header - width :].splitlines(keepends=True):
        lines.append(line[width:])
        if lines[-1] == b")\n":
            break
    return b"".join(lines)


def read(written: bytes) -> list[Event]:
    """Return the events of what a JVM wrote, behind the wrapper's prefixes, and of a record behind it."""
    after = b"javax.net.ssl|DEBUG|01|main|2026-11-23 07:49:03.000 UTC|S.java:1|Ignored\n"
    log = b"".join(P + line for line in (written + after).splitlines(keepends=True))
    reader = Reader(Framing(UTC))
    return reader.feed(Block(Where("wrapper.log", "1", 0, 1), log)) + reader.finish()


@cache
def truth(name: str) -> Happening:
    """Return what a record says that nobody has torn."""
    (event,) = read(record(name))
    return event.what


def less(told: object, true: object, other: bytes) -> bool:
    """Return whether what is told is what is true, or not told.

    Text without a line end within a text can't be told from it.
    """
    if isinstance(told, str) and isinstance(true, str) and b"\n" not in other:
        told = told.replace(other.decode().strip(), "")
        return told.replace(" ", "") == true.replace(" ", "")
    return told in (None, (), true)


def fair(told: Happening, true: Happening, other: bytes) -> bool:
    """Return whether nothing that is told of a record is wrong, and nothing is said to be absent wrongly."""
    if isinstance(told, Failed) and isinstance(true, Failed):
        known = {throwable.text for throwable in true.throwables}
        wrong = [throwable.text for throwable in told.throwables if throwable.text not in known]
        return len(wrong) <= 1 and told.word in {None, true.word} and told.role in {true.role, Role.UNKNOWN}
    if not isinstance(told, Said) or not isinstance(true, Said):
        return False
    same = (told.message, told.sent, told.role) == (true.message, true.sent, true.role)
    return same and _fair_hello(told.hello, true.hello) and _fair_lists(told, true, other)


def _fair_hello(told: Hello | None, true: Hello | None) -> bool:
    return told is None or (
        true is not None
        and told.server_name == true.server_name
        and all(
            told_of in {(), true_of} for told_of, true_of in zip(_offers(told), _offers(true), strict=True)
        )
    )


def _offers(hello: Hello) -> tuple[tuple[str, ...], ...]:
    return hello.versions, hello.suites, hello.application_protocols


def _fair_lists(told: Said, true: Said, other: bytes) -> bool:
    if told.authorities is not None and b"\n" in other and told.authorities != true.authorities:
        return False
    if told.certificates is None or true.certificates is None:
        return told.certificates is None
    return len(told.certificates) == len(true.certificates) and all(
        less(getattr(one, field), getattr(true_one, field), other)
        for one, true_one in zip(told.certificates, true.certificates, strict=True)
        for field in Certificate.__dataclass_fields__
    )


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(RECORDS)), st.sampled_from(OTHERS), st.data())
def test_torn_anywhere(name: str, other: bytes, data: st.DataObject) -> None:
    """Other text at any byte of a record makes nothing that it says wrong."""
    written = record(name)
    place = data.draw(st.integers(0, len(written)))
    for event in read(written[:place] + other + written[place:]):
        assert fair(event.what, truth(name), other), event.what

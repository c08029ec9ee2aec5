"""What JSSE prints of handshake messages: from "Produced ..." and "Consuming ..." and the fields of a body.

The wording is that of the producers and consumers in sun.security.ssl (and org.openjsse.sun.security.ssl).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from agent.dialects.distinguished_names import split_names
from agent.dialects.jsse_bodies import Pick
from agent.model.events import SOME_ZONE, Certificate, Fact, FactKind, Happening, Hello, Said
from agent.model.tls import Message, suite_name, version_name
from agent.model.vocabulary import Role

Picked = tuple[Pick, ...]

_MESSAGES = MappingProxyType(
    {
        "ClientHello": Message.CLIENT_HELLO,
        "ServerHello": Message.SERVER_HELLO,
        "HelloRetryRequest": Message.HELLO_RETRY_REQUEST,
        "EncryptedExtensions": Message.ENCRYPTED_EXTENSIONS,
        "Certificate": Message.CERTIFICATE,
        "CertificateStatus": Message.CERTIFICATE_STATUS,
        "ServerKeyExchange": Message.SERVER_KEY_EXCHANGE,
        "CertificateRequest": Message.CERTIFICATE_REQUEST,
        "ServerHelloDone": Message.SERVER_HELLO_DONE,
        "ClientKeyExchange": Message.CLIENT_KEY_EXCHANGE,
        "CertificateVerify": Message.CERTIFICATE_VERIFY,
        "ChangeCipherSpec": Message.CHANGE_CIPHER_SPEC,
        "Finished": Message.FINISHED,
        "NewSessionTicket": Message.NEW_SESSION_TICKET,
        "HelloRequest": Message.HELLO_REQUEST,
        "KeyUpdate": Message.KEY_UPDATE,
    }
)

_CLIENTS = frozenset({Message.CLIENT_HELLO, Message.CLIENT_KEY_EXCHANGE})
_SERVERS = frozenset(
    {
        Message.SERVER_HELLO,
        Message.HELLO_RETRY_REQUEST,
        Message.ENCRYPTED_EXTENSIONS,
        Message.SERVER_KEY_EXCHANGE,
        Message.CERTIFICATE_REQUEST,
        Message.SERVER_HELLO_DONE,
        Message.NEW_SESSION_TICKET,
        Message.HELLO_REQUEST,
    }
)

_SAID = re.compile(
    r"(?P<verb>Reproduced|Produced|Consuming) (?P<owner>client |server )?(?:\w+ )*?(?P<name>[A-Z]\w+)"
    r"(?P<retry>\(HRR\))?(?: stateless)?(?: post-handshake)?(?: handshake)?"
    r"(?: message(?: \()?|(?<= NewSessionTicket))$"
)

_VERSION_FIELDS = ("versions", "selected version", "client version", "server version")
_LISTED = re.compile(r'"?\[?([^\[\]"]*)\]?"?')
_SUITE = re.compile(r"([\w-]+(?:\([0-9A-Fa-f]{4}\))?)\(0x[0-9A-Fa-f]{4}\)")
_FIELDS = frozenset({"version", "serial number", "signature algorithm", "issuer", "subject"})
_ALGORITHM = re.compile(r"[\w/.-]+")
_UTC = frozenset({"UTC", "GMT", "Z"})
_USAGES_LIMIT = 16  # of one certificate that are kept
_USAGES = frozenset(
    {
        *("anyExtendedKeyUsage", "serverAuth", "clientAuth", "codeSigning", "emailProtection"),
        *("ipsecEndSystem", "ipsecTunnel", "ipsecUser", "timeStamping", "OCSPSigning"),
    }
)
"""Usages that sun.security.x509.ExtendedKeyUsageExtension has a name for; the others it prints as numbers."""

_BODIES = MappingProxyType(
    {
        Message.CLIENT_HELLO: "hello",
        Message.SERVER_HELLO: "hello",
        Message.CERTIFICATE: "certificates",
        Message.CERTIFICATE_REQUEST: "authorities",
    }
)


def body_of(message: str) -> str | None:
    """Return the kind of body (a key of `PICKERS`) of a message; None if of no interest."""
    found = _SAID.match(message)
    name = _MESSAGES.get(found["name"]) if found else None
    return _BODIES.get(name) if name else None


def said(message: str, picks: Picked) -> Iterator[Happening]:
    """Yield what a message that was produced or consumed says, and what its fields prove beside it."""
    found = _SAID.match(message)
    name = _MESSAGES.get(found["name"]) if found else None
    if found is None or name is None:
        return
    sent = found["verb"] != "Consuming"
    owner = (found["owner"] or "").strip()
    if not owner:
        owner = "client" if name in _CLIENTS else "server" if name in _SERVERS else ""
    role = Role.UNKNOWN
    if owner and name is not Message.KEY_UPDATE:
        role = Role.CLIENT if (owner == "client") is sent else Role.SERVER
    body = message.endswith("(")
    if found["retry"]:  # how a client says that it was asked to try again
        yield Said(Message.HELLO_RETRY_REQUEST, sent=False, role=role)
    yield Said(
        message=name,
        sent=sent,
        role=role,
        hello=_hello(name, picks) if _BODIES.get(name) == "hello" and body else None,
        certificates=_chain(picks) if name is Message.CERTIFICATE and body else None,
        modern=_modern(name, message, picks),
        authorities=_authorities(picks) if name is Message.CERTIFICATE_REQUEST and body else None,
    )
    # the first handshake of a connection has nothing to prove here (RFC 5746 section 3.4)
    if name is Message.CLIENT_HELLO and any(field == "renegotiated connection" for field, _ in picks):
        yield Fact(FactKind.RENEGOTIATION)


_TICKETS = MappingProxyType(
    {
        "Produced NewSessionTicket post-handshake message": True,
        "Produced NewSessionTicket stateless post-handshake message": True,
        "Produced NewSessionTicket stateless handshake message": False,
        "Consuming NewSessionTicket message": True,
        "Consuming NewSessionTicket": False,
    }
)
"""How sun.security.ssl.NewSessionTicket announces the tickets of TLS 1.3 and of older versions."""


def _modern(name: Message, message: str, picks: Picked) -> bool | None:
    """Return whether a message has the form of TLS 1.3; None where it has the same in all versions."""
    if name is Message.NEW_SESSION_TICKET:
        return _TICKETS.get(message.removesuffix("(").strip())
    form = next((field for field, _ in picks if field.startswith("Certificate")), None)
    return None if form is None else form == "Certificate"


def _hello(name: Message, picks: Picked) -> Hello | None:
    """Return a hello's fields; None for one that was torn, or names no server but was cut.

    A list counts if all of it is what it should be.
    """
    fields = dict(picks)
    unnamed = name is Message.CLIENT_HELLO and "value" not in fields
    if "torn" in fields or (unnamed and fields.keys() & {"cut", "server_name"}):
        return None
    versions = [
        version_name(v) for v in _items(next((fields[f] for f in _VERSION_FIELDS if f in fields), ""))
    ]
    suites = [
        _SUITE.fullmatch(s) for s in _items(fields.get("cipher suites") or fields.get("cipher suite") or "")
    ]
    return Hello(
        versions=tuple(v for v in versions if v) if all(versions) else (),
        suites=tuple(suite_name(s[1]) for s in suites if s) if all(suites) else (),
        server_name=fields.get("value"),
        application_protocols=tuple(_items(fields.get("[", ""))),
    )


def _items(listed: str) -> list[str]:
    """Return the items of a list, or of a single text, without brackets and quotes."""
    found = _LISTED.fullmatch(listed)
    return [item for item in (part.strip() for part in found[1].split(",")) if item] if found else []


def _chain(picks: Picked) -> tuple[Certificate, ...] | None:
    """Return the certificates of a message; None where it was cut, () only where the text says so.

    One whose beginning is missing may have lost certificates too: then nobody knows which is the first.
    """
    names = [name for name, _ in picks]
    if "cut" in names or names[:1] not in (["Certificates"], ["Certificate"]):
        return None
    empty = ("Certificates", "<") in picks or names[0] == "Certificate"
    return certificates(picks) or (() if empty else None)


def certificates(picks: Picked) -> tuple[Certificate, ...]:
    """Return the certificates of a body, in its order; one whose fields were lost keeps its place."""
    rows: list[dict[str, str]] = []
    usages: list[list[str]] = []
    for name, value in picks:
        heads = name == "certificate"
        # its first lines may have been torn
        if heads or (name in _FIELDS and (not rows or name in rows[-1] or (name == "version" and rows[-1]))):
            rows.append({})
            usages.append([])
        if heads:
            continue
        if rows and name:
            rows[-1].setdefault(name, value)
        elif rows and len(usages[-1]) < _USAGES_LIMIT:
            usages[-1].append(value)
    return tuple(_certificate(row, tuple(used)) for row, used in zip(rows, usages, strict=True))


def _certificate(row: dict[str, str], usages: tuple[str, ...]) -> Certificate:
    version = row.get("version", "").removeprefix("v")
    # a word that is none was torn, or is another writer's: then what else the list held is not known
    sound = bool(usages) and all(usage in _USAGES or usage.replace(".", "").isdecimal() for usage in usages)
    algorithm = row.get("signature algorithm", "")
    return Certificate(
        subject=row.get("subject"),
        issuer=row.get("issuer"),
        serial=row.get("serial number") or None,
        version=int(version) if version in {"1", "2", "3"} else None,
        not_before=_date(row.get("not before")),
        not_after=_date(row.get("not  after")),
        signature_algorithm=algorithm if _ALGORITHM.fullmatch(algorithm) else None,
        ca=row["CA"] == "true" if "CA" in row else None,
        extended_key_usage=usages if sound else None,
    )


@lru_cache(maxsize=512)
def _date(printed: str | None) -> datetime | None:
    """Return a certificate's date, "2026-10-19 07:36:26.000 UTC"; of other zones the day is right.

    The JVM prints these in its own zone by an ambiguous abbreviation. Midnight is hour 24 of the day that it
    begins: hours are formatted with "kk" (SSLLogger.SSLSimpleFormatter).
    """
    if not printed:
        return None
    zone = UTC if printed[23:].strip() in _UTC else SOME_ZONE
    try:
        return datetime.fromisoformat(printed[:19].replace(" 24:", " 00:")).replace(tzinfo=zone)
    except ValueError:
        return None


def _authorities(picks: Picked) -> tuple[str, ...] | None:
    """Return the names of a CertificateRequest: TLS 1.2 prints one line, TLS 1.3 one name to a line.

    None where the list was cut or torn: an empty one means that any authority will do.
    """
    marks = {name for name, _ in picks}
    listed = [value.rstrip() for name, value in picks if name in {"certificate authorities", ""}]
    if marks & {"cut", "torn"} and len(listed) != 1:
        return None
    if (listed or marks & {"certificate types", "certificate_authorities"}) and not any(
        value.endswith("]") for value in listed
    ):
        return None  # TLS 1.2 always prints a list, TLS 1.3 where the extension is there
    names = [name for value in listed for name in split_names(value.rstrip("],").strip())]
    told = "".join(listed).strip("], ")
    return None if told and ("[" in told or not names) else tuple(names)

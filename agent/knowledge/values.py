"""What a catalogue's sentences can be filled with."""

import re
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from agent.knowledge import chains
from agent.knowledge.view import View
from agent.model.events import Certificate, FactKind
from agent.model.handshake import Handshake

_VALUE_LIMIT = 200
"""Characters of a value in a sentence: a peer chooses the length of its names."""

VALUES = MappingProxyType(
    {
        "accepted": "protocol versions that the server accepts, as the failure text lists them",
        "alert": "the alert that was received, else sent",
        "alias": "alias of the key that was chosen or passed over",
        "authorities_count": "number of authorities in the CertificateRequest",
        "chain_length": "number of certificates that the peer sent",
        "chosen": "protocol version that was chosen",
        "early_subject": "subject of the certificate whose time had not begun",
        "exception": "innermost text of the deciding report",
        "expired_at": "end of the expired certificate",
        "expired_subject": "subject of the expired certificate",
        "issuer": "issuer of the peer's certificate",
        "name": "host name that was looked for in the certificate",
        "not_after": "end of the peer's certificate",
        "not_before": "beginning of the peer's certificate",
        "offered": "protocol versions that the client offered",
        "own_expired_at": "end of this side's expired certificate",
        "own_issuer": "issuer of this side's certificate, or of its only key's",
        "own_subject": "subject of this side's certificate, or of its only key's",
        "peer": "address of the other end",
        "protocol": "negotiated protocol version",
        "serial": "serial number of the peer's certificate",
        "server_name": "server name in the ClientHello",
        "subject": "subject of the peer's certificate",
        "top_issuer": "issuer that the last certificate of the peer's chain names",
        "unfit_subject": "subject of the certificate that is no CA",
        "v1_subject": "subject of the X.509 version 1 certificate",
        "valid_from": "beginning of the certificate whose time had not begun",
    }
)

_CLASS = re.compile(r"^[\w.$]+(?:Exception|Error): ")
"""A class in front of a text, which a sentence does not need."""

_TEXT_VALUES = (
    re.compile(r"NotAfter: *(?P<expired_at>[^\r\n]+)"),
    re.compile(r"NotBefore: *(?P<valid_from>[^\r\n]+)"),
    re.compile(r"names? matching (?:IP address )?(?P<name>\S+) found"),
    re.compile(r"should be <(?P<name>[^>]+)>"),
    re.compile(r"supported protocol versions \[(?P<offered>[^\]]*)\].*preferences \[(?P<accepted>[^\]]*)\]"),
    re.compile(r"[Cc]lient requested protocol (?P<offered>\S+)"),
    re.compile(r"[Ss]erver (?:chose|selected protocol version) (?P<chosen>[\w.]+)"),
)


def values(view: View) -> dict[str, str]:
    """Return the values that are known, each fit for a sentence."""
    handshake, verdict = view.handshake, view.verdict
    leaf = view.peer[0] if view.peer else Certificate()
    own = view.own[0] if view.own else (view.keys[0][0] if len(view.keys) == 1 else Certificate())
    late = chains.expired(view.peer, view.at) or Certificate()
    early = chains.not_yet_valid(view.peer, view.at) or Certificate()
    known: dict[str, str | None] = {}
    for text in verdict.texts:
        for pattern in _TEXT_VALUES:
            found = pattern.search(text)
            if found:
                known.update(found.groupdict())
    known["expired_at"] = _date(late.not_after) or known.get("expired_at")
    known["valid_from"] = _date(early.not_before) or known.get("valid_from")
    own_late = chains.expired(view.own, view.at) or Certificate()
    v1 = chains.v1_issuer(view.peer) or (leaf if leaf.version == 1 else Certificate())
    length = str(len(view.peer)) if view.peer else handshake.fact(FactKind.PEER_CHAIN_LENGTH)
    ignored = handshake.fact(FactKind.ALIAS_IGNORED)
    known |= {
        "alert": verdict.received or verdict.sent,
        "alias": handshake.fact(FactKind.KEY_CHOSEN) or (ignored and ignored.partition(":")[0]),
        "authorities_count": None if handshake.authorities is None else str(len(handshake.authorities)),
        "chain_length": length,
        "chosen": known.get("chosen") or handshake.protocol,
        "early_subject": early.subject,
        "exception": _CLASS.sub("", verdict.texts[0]) if verdict.texts else _raw(handshake),
        "expired_subject": late.subject,
        "issuer": leaf.issuer,
        "not_after": _date(leaf.not_after),
        "not_before": _date(leaf.not_before),
        "offered": ", ".join(handshake.offered_versions) or known.get("offered"),
        "own_expired_at": _date(own_late.not_after),
        "own_issuer": own.issuer,
        "own_subject": own.subject,
        "peer": handshake.peer or handshake.fact(FactKind.PEER),
        "protocol": handshake.protocol,
        "serial": leaf.serial,
        "server_name": handshake.server_name,
        "subject": leaf.subject,
        "top_issuer": view.peer[-1].issuer if view.peer else None,
        "unfit_subject": (chains.unfit_issuer(view.peer) or Certificate()).subject,
        "v1_subject": v1.subject,
    }
    return {name: _plain(value) for name, value in known.items() if value}


def _raw(handshake: Handshake) -> str | None:
    """Return the innermost text of the first report, whatever it is worth."""
    texts = [t.text for failure in handshake.failures for t in reversed(failure.throwables) if t.text.strip()]
    return texts[0] if texts else None


@lru_cache(maxsize=512)
def _date(moment: datetime | None) -> str | None:
    return moment.isoformat(sep=" ", timespec="minutes") if moment else None


@lru_cache(maxsize=2048)
def _plain(value: str) -> str:
    """Return a value on one line, without control characters, cut to the limit."""
    text = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return text if len(text) <= _VALUE_LIMIT else text[: _VALUE_LIMIT - 3] + "..."

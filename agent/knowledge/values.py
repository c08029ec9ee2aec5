"""What a catalogue's sentences can be filled with."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from agent.knowledge import chains, keys, offers
from agent.knowledge.names import same_name
from agent.knowledge.view import View
from agent.model.events import SOME_ZONE, Certificate, FactKind
from agent.model.handshake import Handshake
from agent.model.tls import version_name
from agent.model.vocabulary import Role

_VALUE_LIMIT = 200
"""Characters of a value in a sentence: a peer chooses the length of its names."""

_NAMED = 3
"""Names of a list that a sentence holds; the rest is counted."""

ALWAYS = MappingProxyType(
    {
        "us": "this side: 'this client', 'this server' or 'this side'",
        "Us": "the same at the beginning of a sentence",
        "them": "the other end: 'the server', 'the client' or 'the other end'",
        "Them": "the same at the beginning of a sentence",
    }
)
"""Words for the two ends, which are always known."""

VALUES = MappingProxyType(
    {
        "accepted": "protocol versions that the server accepts, as the failure text lists them",
        "alert": "the alert that was received, else sent",
        "alias": "alias of the key that was chosen or passed over",
        "among": "those authorities by number: 'the one authority', 'among the 37 authorities'",
        "anchor_serial": "serial number of the trusted certificate that has a name of the chain",
        "anchor_subject": "subject of the trusted certificate that the chain leads to by name",
        "authorities": "the authorities in the CertificateRequest, the first few by name",
        "broken_kinds": "what is broken about the cipher suites that the client offered",
        "called": "host name that this client asked for",
        "chain_length": "number of certificates that the peer sent",
        "chain_serial": "serial number of the chain's certificate that shares its name with a trusted one",
        "chosen": "protocol version that was chosen",
        "early_subject": "subject of the certificate whose time had not begun",
        "exception": "innermost text of the deciding report",
        "expired_at": "end of the expired certificate",
        "expired_subject": "subject of the expired certificate",
        "ignored_alias": "alias of the only key whose issuer the server does not name",
        "ignored_aliases": "aliases of several such keys",
        "ignored_issuer": "issuer of that only key's certificate",
        "issuer": "issuer of the peer's certificate",
        "key_types": "key types that the cipher suites offered need",
        "name": "host name that was looked for in the certificate",
        "not_after": "end of the peer's certificate",
        "not_before": "beginning of the peer's certificate",
        "offered": "protocol versions that the client offered",
        "own_expired_at": "end of this side's expired certificate",
        "own_expired_subject": "subject of this side's expired certificate",
        "own_issuer": "issuer of this side's certificate, or of its only key's",
        "own_not_after": "end of the certificate that this side sent",
        "own_serial": "serial number of the certificate that this side sent",
        "own_subject": "subject of this side's certificate, or of its only key's",
        "own_weak_subject": "subject of this side's certificate that has a weak signature or key",
        "own_weakness": "that signature, or that key",
        "peer": "address of the other end",
        "protocol": "negotiated protocol version",
        "purpose": "whose extended key usage the certificate does not hold: 'server' or 'client'",
        "sent_issuer": "issuer of the certificate that this side sent",
        "sent_subject": "subject of the certificate that this side sent",
        "serial": "serial number of the peer's certificate",
        "server_name": "server name in the ClientHello",
        "subject": "subject of the peer's certificate",
        "suites": "number of cipher suites that the client offered, as 'one cipher suite'",
        "top_issuer": "issuer that the peer's chain ends at",
        "unfit_subject": "subject of the certificate that is no CA",
        "v1_subject": "subject of the X.509 version 1 certificate",
        "valid_from": "beginning of the certificate whose time had not begun",
    }
)

_ENDS = MappingProxyType(
    {
        Role.CLIENT: ("this client", "the server"),
        Role.SERVER: ("this server", "the client"),
        Role.UNKNOWN: ("this side", "the other end"),
    }
)

_CLASS = re.compile(r"^[\w.$]+(?:Exception|Error): ")
"""A class in front of a text, which a sentence does not need."""

_TEXT_VALUES = (
    re.compile(r"NotAfter: *(?P<expired_at>[^\r\n]+)"),
    re.compile(r"NotBefore: *(?P<valid_from>[^\r\n]+)"),
    re.compile(r"names? matching (?:IP address )?(?P<name>\S+) found"),
    re.compile(r"does not permit use for TLS (?P<purpose>server|client) authentication"),
    re.compile(r"should be <(?P<name>[^>]+)>"),
    re.compile(r"supported protocol versions \[(?P<offered>[^\]]*)\].*preferences \[(?P<accepted>[^\]]*)\]"),
    re.compile(r"[Cc]lient requested protocol (?P<offered>\S+)"),
    re.compile(r"[Ss]erver (?:chose|selected protocol version) (?P<chosen>[\w.]+)"),
    re.compile(r"(?:certificate issued by|TrustAnchor with subject) \"?(?P<top_issuer>.+?)\"? is not "),
)


_JAVA_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<month>[A-Z][a-z]{2}) (?P<day>\d\d) (?P<time>\d\d:\d\d):\d\d "
    r"(?P<zone>\S+) (?P<year>\d{4})"
)
"""What java.util.Date.toString prints, in English whatever the locale."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def values(view: View) -> dict[str, str]:
    """Return the values that are known, each fit for a sentence."""
    known = _told(view) | _agreed(view) | _peer(view) | _own(view)
    return {name: plain(value) for name, value in known.items() if value}


def ends(role: Role) -> dict[str, str]:
    """Return the words for the two ends, those of `ALWAYS`."""
    us, them = _ENDS[role]
    return {"us": us, "Us": us.capitalize(), "them": them, "Them": them.capitalize()}


def _told(view: View) -> dict[str, str | None]:
    """Return what the reports say in words."""
    verdict, known = view.verdict, dict[str, str | None]()
    for text in verdict.texts:
        for pattern in _TEXT_VALUES:
            found = pattern.search(text)
            if found:
                known.update({name: _sortable(value) for name, value in found.groupdict().items()})
    called = known.get("name") or view.handshake.server_name
    return known | {
        "called": called if view.role is Role.CLIENT else None,
        "alert": verdict.received or verdict.sent,
        "exception": _CLASS.sub("", verdict.texts[0]) if verdict.texts else _raw(view.handshake),
        "offered": ", ".join(view.handshake.offered_versions) or known.get("offered"),
        "chosen": known.get("chosen") or view.handshake.protocol,
    }


def _sortable(printed: str) -> str:
    """Return a date of Java's as all others are told, in its own zone; any other text as it is."""
    found = _JAVA_DATE.fullmatch(printed.strip())
    if found is None or found["month"] not in _MONTHS:
        return printed
    month = _MONTHS.index(found["month"]) + 1
    return f"{found['year']}-{month:02}-{found['day']} {found['time']} {found['zone']}"


def offered(view: View) -> frozenset[str]:
    """Return the protocol versions that the client offered, by its hello or by the text of the failure."""
    known = view.handshake.offered_versions or (_told(view)["offered"] or "").split(",")
    return _versions(known)


def accepted(view: View) -> frozenset[str]:
    """Return the protocol versions that the server accepts, by the text of the failure."""
    return _versions((_told(view).get("accepted") or "").split(","))


def chosen(view: View) -> frozenset[str]:
    """Return the protocol version that the server chose, none where that is not known."""
    return _versions([_told(view)["chosen"] or ""])


def _versions(names: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, (version_name(name) for name in names)))


def _agreed(view: View) -> dict[str, str | None]:
    """Return what the hellos and the request for a certificate hold."""
    handshake = view.handshake
    suites, named = offers.real(handshake.offered_suites), handshake.authorities
    return {
        "authorities": None if not named else listed(named, "; "),
        "among": None if not named else _among(len(named)),
        "broken_kinds": ", ".join(offers.broken_kinds(suites)),
        "key_types": " or ".join(sorted(offers.key_types(suites))),
        "peer": handshake.peer or handshake.fact(FactKind.PEER),
        "protocol": handshake.protocol,
        "server_name": handshake.server_name,
        "suites": None if not suites else _number(len(suites), "cipher suite"),
    }


def _peer(view: View) -> dict[str, str | None]:
    """Return what the peer's certificates, and this JVM's trust anchors, say."""
    leaf = view.peer[0] if view.peer else Certificate()
    late = chains.expired(view.peer, view.at)
    early = chains.not_yet_valid(view.peer, view.at)
    v1 = chains.v1_issuer(view.peer) or (leaf if leaf.version == 1 else None)
    last = next(iter(reversed(chains.path(view.peer))), None)
    same = chains.trusted(view.peer, view.anchors)
    one, other = chains.namesake(view.peer, view.anchors) or (None, None)
    known: dict[str, str | None] = {
        "anchor_serial": other.serial if other else None,
        "anchor_subject": _subject(same) or _subject(other) or _subject(_anchor(view, last)),
        "chain_length": str(len(view.peer)) if view.peer else view.handshake.fact(FactKind.PEER_CHAIN_LENGTH),
        "chain_serial": one.serial if one else None,
        "early_subject": _subject(early),
        "expired_subject": _subject(late),
        "issuer": leaf.issuer,
        "not_after": date(leaf.not_after),
        "not_before": date(leaf.not_before),
        "serial": leaf.serial,
        "subject": leaf.subject,
        "unfit_subject": _subject(chains.unfit_issuer(view.peer)),
        "v1_subject": _subject(v1),
    }
    decided = {
        "expired_at": date(late.not_after) if late else None,
        "valid_from": date(early.not_before) if early else None,
        "top_issuer": last.issuer if last else None,
    }
    # the log's own words for these stand where the chain says nothing
    return known | {name: value for name, value in decided.items() if value}


def _anchor(view: View, last: Certificate | None) -> Certificate | None:
    """Return the anchor that the chain leads to by its name alone."""
    if last is None:
        return None
    names = (last.issuer, last.subject)
    return next((a for a in view.anchors if any(same_name(a.subject, name) for name in names)), None)


def _own(view: View) -> dict[str, str | None]:
    """Return what this side's certificate and keys say."""
    handshake = view.handshake
    sent = view.own[0] if view.own else Certificate()
    own = sent if view.own else view.keys[0][0] if len(view.keys) == 1 else Certificate()
    late, weak = chains.expired(view.own, view.at), chains.weak(view.own)
    chosen, passed = handshake.fact(FactKind.KEY_CHOSEN), handshake.fact(FactKind.ALIAS_IGNORED)
    ignored = keys.unaccepted(handshake)
    single = ignored[0] if len(ignored) == 1 else keys.Key("", None)
    return {
        "alias": chosen or (keys.alias_of(passed) if passed else None),
        "ignored_alias": single.alias,
        "ignored_aliases": listed([key.alias for key in ignored]) if len(ignored) > 1 else None,
        "ignored_issuer": single.issuer,
        "own_expired_at": date(late.not_after) if late else None,
        "own_weak_subject": _subject(weak),
        "own_weakness": chains.weakness(weak) if weak else None,
        "own_expired_subject": _subject(late),
        "own_issuer": own.issuer,
        "own_not_after": date(sent.not_after),
        "own_serial": sent.serial,
        "own_subject": own.subject,
        "sent_issuer": sent.issuer,
        "sent_subject": sent.subject,
    }


def _among(count: int) -> str:
    return "the one authority" if count == 1 else f"among the {count} authorities"


def _number(count: int, word: str) -> str:
    return f"one {word}" if count == 1 else f"{count} {word}s"


def _subject(certificate: Certificate | None) -> str | None:
    return certificate.subject if certificate is not None else None


def _raw(handshake: Handshake) -> str | None:
    """Return the innermost text of the first report, whatever it is worth."""
    texts = [t.text for failure in handshake.failures for t in reversed(failure.throwables) if t.text.strip()]
    return texts[0] if texts else None


def listed(names: list[str] | tuple[str, ...], joint: str = ", ") -> str:
    """Return the first few names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return joint.join(names[:_NAMED]) + more


def utc(moment: datetime) -> datetime:
    """Return a time in UTC; one without a zone as it is."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo is not None else moment
    except OverflowError:  # what is valid for ever ends in the last hours that a calendar knows
        return moment.replace(tzinfo=UTC)


def date(moment: datetime | None) -> str | None:
    """Return a certificate's date as both ends read it: in UTC, to the minute, or the day alone."""
    if moment is None:
        return None
    # equal to the same moment in UTC, so that it has to be told apart before anything is remembered
    return f"{moment:%Y-%m-%d}" if moment.tzinfo is SOME_ZONE else _minute(moment)


@lru_cache(maxsize=512)
def _minute(moment: datetime) -> str:
    return f"{utc(moment):%Y-%m-%d %H:%M}" + (" UTC" if moment.tzinfo is not None else "")


@lru_cache(maxsize=2048)
def plain(value: str) -> str:
    """Return a value on one line, without control characters, cut to the limit."""
    text = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return text if len(text) <= _VALUE_LIMIT else text[: _VALUE_LIMIT - 3] + "..."

"""The facts of a handshake one by one, each with the line that it was read from.

`FACTS` is the table: what each fact is called, its value, and where it stands. A fact that the log does not
tell is None. Every value is that of the log: what follows from it is the diagnosis's business.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from agent.model.block import Where
from agent.model.events import AlertSeen, Certificate, FactKind
from agent.model.handshake import Handshake, Step
from agent.model.tls import BENIGN_ALERTS, Message
from agent.model.vocabulary import Depth, Role

Told = tuple[object, Where | None]
"""A value, and the line that told it; None where more than one line did."""

_MESSAGES = frozenset(Message)

_NAME_CHECKED = re.compile(
    r"No (?:subject alternative )?(?:DNS )?names? matching (?:IP address )?(\S+) found"
)
"""The host that a certificate does not name: sun.security.util.HostnameChecker."""


def decisive_alert(handshake: Handshake) -> AlertSeen | None:
    """Return the first fatal alert received, else the first one sent, else None.

    An alert whose level was not printed counts as fatal unless it belongs to a normal close (TLS 1.3 goes
    by the description alone: RFC 8446 section 6).
    """
    fatal = [alert for alert in handshake.alerts if _is_fatal(alert)]
    received = [alert for alert in fatal if not alert.sent]
    return next(iter(received or fatal), None)


def decisive_exception(handshake: Handshake) -> str | None:
    """Return the innermost message of the first report that ended it, its class where it has no message."""
    report = _decisive_report(handshake)
    if report is None:
        return None
    innermost = handshake.failures[report].throwables[-1]
    return innermost.text or innermost.name or None


def self_signed(certificate: Certificate) -> bool | None:
    """Tell whether a certificate names itself as its issuer; None where one of the names is not printed."""
    if certificate.subject is None or certificate.issuer is None:
        return None
    return certificate.subject == certificate.issuer


def time_text(time: datetime | None) -> str | None:
    """Return ISO 8601 with milliseconds and offset."""
    return None if time is None else time.isoformat(timespec="milliseconds")


def place(where: Where) -> dict[str, object]:
    """Return a place as it is shown."""
    return {"file": where.file, "offset": where.offset, "line": where.line}


def facts_record(handshake: Handshake) -> dict[str, dict[str, object] | None]:
    """Return every fact by its name: its value, and its file, offset and line where one line told it."""
    return {name: _shown(told(handshake)) for name, told in FACTS.items()}


def _shown(told: Told) -> dict[str, object] | None:
    value, at = told
    if value is None:
        return None
    nowhere: dict[str, object] = {"file": None, "offset": None, "line": None}
    return {"value": value, **(place(at) if at else nowhere)}


def _is_fatal(alert: AlertSeen) -> bool:
    if alert.level is None:
        return alert.description not in BENIGN_ALERTS
    return alert.level.lower() == "fatal"


def _decisive_report(handshake: Handshake) -> int | None:
    """Return the index of the first report that ended it, a repetition only where there is nothing else."""
    told = [index for index, failure in enumerate(handshake.failures) if failure.throwables]
    final = [index for index in told if handshake.failures[index].final]
    return next(iter(final or told), None)


def _role(handshake: Handshake) -> Told:
    known = handshake.role is not Role.UNKNOWN
    return (handshake.role.value, handshake.told_at("role")) if known else (None, None)


def _field(name: str, told_by: str = "") -> Callable[[Handshake], Told]:
    """Return a reader of a field; `told_by` is the name of the message that has it among others."""

    def read(handshake: Handshake) -> Told:
        value = getattr(handshake, name)
        if value == () and told_by:
            value = None
        return (list(value) if isinstance(value, tuple) else value), handshake.told_at(told_by or name)

    return read


def _kind(kind: FactKind) -> Callable[[Handshake], Told]:
    return lambda handshake: (handshake.fact(kind), handshake.told_at(kind))


def _flag(name: str) -> Callable[[Handshake], Told]:
    """Return a reader of what is true or not told."""
    return lambda handshake: (getattr(handshake, name) or None, handshake.told_at(name))


def _length(side: str) -> Callable[[Handshake], Told]:
    def read(handshake: Handshake) -> Told:
        chain = getattr(handshake, side)
        if chain is not None:
            return len(chain), handshake.told_at(side)
        counted = handshake.fact(FactKind.PEER_CHAIN_LENGTH) if side == "peer_chain" else None
        return (int(counted), handshake.told_at(FactKind.PEER_CHAIN_LENGTH)) if counted else (None, None)

    return read


def _step(handshake: Handshake, wanted: Callable[[Step], bool]) -> Step | None:
    return next((step for step in reversed(handshake.steps) if wanted(step)), None)


def _last_sent(handshake: Handshake) -> Told:
    step = _step(handshake, lambda step: bool(step.sent) and step.name in _MESSAGES)
    if step is None:
        return None, None
    return f"{step.name} (empty)" if step.empty and step.name == Message.CERTIFICATE else step.name, step.at


def _last_received(handshake: Handshake) -> Told:
    step = _step(handshake, lambda step: step.sent is False and step.name in _MESSAGES)
    return (step.name, step.at) if step else (None, None)


def _alert(handshake: Handshake) -> Told:
    alert = decisive_alert(handshake)
    if alert is None:
        return None, None
    at = next((s.at for s in handshake.steps if (s.name, s.sent) == (alert.description, alert.sent)), None)
    return alert_record(alert), at


def alert_record(alert: AlertSeen) -> dict[str, object]:
    """Return an alert as it is shown."""
    direction = "sent" if alert.sent else "received"
    return {"direction": direction, "level": alert.level, "description": alert.description}


def _exception(part: Callable[[Handshake, int], str | None]) -> Callable[[Handshake], Told]:
    def read(handshake: Handshake) -> Told:
        report = _decisive_report(handshake)
        if report is None:
            return None, None
        at = handshake.failed_at[report] if report < len(handshake.failed_at) else None
        return part(handshake, report), at

    return read


def _innermost_class(handshake: Handshake, report: int) -> str | None:
    return handshake.failures[report].throwables[-1].name or None


def _name_checked(handshake: Handshake) -> Told:
    for index, failure in enumerate(handshake.failures):
        for throwable in failure.throwables:
            found = _NAME_CHECKED.search(throwable.text)
            if found:
                at = handshake.failed_at[index] if index < len(handshake.failed_at) else None
                return found[1], at
    return None, None


def _clock(index: int) -> Callable[[Handshake], Told]:
    def read(handshake: Handshake) -> Told:
        clocks = handshake.clocks
        return (time_text(clocks[index]), handshake.told_at("clocks")) if clocks else (None, None)

    return read


def _depth(handshake: Handshake) -> Told:
    return (Depth.SHALLOW if handshake.shallow else Depth.FULL).value, None


FACTS: Mapping[str, Callable[[Handshake], Told]] = MappingProxyType(
    {
        "role": _role,
        "library": _kind(FactKind.LIBRARY),
        "depth": _depth,
        "record_time": _clock(0),
        "wrapper_time": _clock(1),
        "peer": _field("peer"),
        "server_name": _field("server_name", "hello"),
        "certificate_name_wanted": _name_checked,
        "protocols_offered": _field("offered_versions", "hello"),
        "protocol": _field("protocol"),
        "cipher_suites_offered": _field("offered_suites", "hello"),
        "cipher_suite": _field("cipher_suite"),
        "application_protocols_offered": _field("application_protocols", "hello"),
        "resumed": _flag("resumed"),
        "renegotiation": _flag("renegotiation"),
        "peer_chain_length": _length("peer_chain"),
        "peer_key": _kind(FactKind.PEER_KEY),
        "own_chain_length": _length("own_chain"),
        "own_key_alias": _kind(FactKind.KEY_CHOSEN),
        "authorities": _field("authorities"),
        "last_sent": _last_sent,
        "last_received": _last_received,
        "alert": _alert,
        "exception": _exception(lambda handshake, _: decisive_exception(handshake)),
        "exception_class": _exception(_innermost_class),
    }
)
"""Every fact: its name, and how its value and its line are found in a handshake."""

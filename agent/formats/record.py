"""A handshake as JSON-like data, the same in `explain --format jsonl` and in what receivers get.

Keys may be added, never renamed; absent facts are None.
"""

from collections.abc import Iterable
from datetime import datetime

from agent.model.block import Where
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.events import AlertSeen, Certificate
from agent.model.handshake import Handshake
from agent.model.tls import BENIGN_ALERTS
from agent.model.vocabulary import ARTICLE


def handshake_record(handshake: Handshake, diagnosis: Diagnosis | None) -> dict[str, object]:
    """Return the record of a handshake; what only a diagnosis can tell is None or empty without one."""
    return {
        "kind": "handshake",
        "outcome": handshake.outcome.value,
        "dialect": handshake.dialect.value,
        "role": handshake.role.value,
        "thread": handshake.thread,
        "connection": handshake.connection,
        "jvm": handshake.jvm,
        "started_at": time_text(handshake.started_at),
        "ended_at": time_text(handshake.ended_at),
        "protocol": handshake.protocol,
        "cipher_suite": handshake.cipher_suite,
        "server_name": handshake.server_name,
        "peer": handshake.peer,
        "resumed": handshake.resumed,
        **diagnosis_record(diagnosis),
        "alert": _alert(decisive_alert(handshake)),
        "exception": decisive_exception(handshake),
        "certificates": [
            *_certificates("peer", handshake.peer_chain),
            *_certificates("own", handshake.own_chain),
        ],
        "span": {"first": _place(handshake.first), "last": _place(handshake.last)},
        "evidence": [{**_place(line.at), "text": line.text} for line in handshake.evidence],
        "offered_protocols": list(handshake.offered_versions),
        "authorities": None if handshake.authorities is None else list(handshake.authorities),
    }


def diagnosis_record(diagnosis: Diagnosis | None) -> dict[str, object]:
    """Return the part of a record that a diagnosis tells."""
    if diagnosis is None:
        return {
            "issue": None,
            "article_issue": None,
            "cause": None,
            "confidence": None,
            "alternatives": [],
            "acting_side": None,
            "summary": None,
            "remedies": [],
            "entry": None,
            "would_confirm": None,
        }
    return {
        "issue": diagnosis.issue.value,
        "article_issue": ARTICLE.get(diagnosis.issue),
        "cause": diagnosis.cause,
        "confidence": diagnosis.confidence.value,
        "alternatives": [_alternative(other) for other in diagnosis.alternatives],
        "acting_side": diagnosis.acting_side.value,
        "summary": diagnosis.summary,
        "remedies": [_remedy(remedy) for remedy in diagnosis.remedies],
        "entry": diagnosis.entry,
        "would_confirm": diagnosis.would_confirm,
    }


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
    told = [failure for failure in handshake.failures if failure.throwables]
    final = [failure for failure in told if failure.final]
    first = next(iter(final or told), None)
    return None if first is None else first.throwables[-1].text or first.throwables[-1].name or None


def time_text(time: datetime | None) -> str | None:
    """Return ISO 8601 with milliseconds and offset."""
    return None if time is None else time.isoformat(timespec="milliseconds")


def _is_fatal(alert: AlertSeen) -> bool:
    if alert.level is None:
        return alert.description not in BENIGN_ALERTS
    return alert.level.lower() == "fatal"


def _alert(alert: AlertSeen | None) -> dict[str, object] | None:
    if alert is None:
        return None
    return {
        "direction": "sent" if alert.sent else "received",
        "level": alert.level,
        "description": alert.description,
    }


def _certificates(of: str, chain: Iterable[Certificate] | None) -> list[dict[str, object]]:
    return [
        {
            "of": of,
            "subject": certificate.subject,
            "issuer": certificate.issuer,
            "serial": certificate.serial,
            "version": certificate.version,
            "not_before": time_text(certificate.not_before),
            "not_after": time_text(certificate.not_after),
        }
        for certificate in chain or ()
    ]


def _alternative(other: Alternative) -> dict[str, object]:
    return {"issue": other.issue.value, "cause": other.cause, "confidence": other.confidence.value}


def _remedy(remedy: Remedy) -> dict[str, object]:
    return {
        "text": remedy.text,
        "setting": remedy.setting,
        "value": remedy.value,
        "applies_to": remedy.applies_to,
        "restart": remedy.restart,
        "weakens_security": remedy.weakens_security,
    }


def _place(where: Where) -> dict[str, object]:
    return {"file": where.file, "offset": where.offset, "line": where.line}

"""A handshake as JSON-like data, the same in `explain --format jsonl` and in what receivers get.

Keys may be added, never renamed; absent facts are None.
"""

from collections.abc import Iterable

from agent.formats.facts import (
    alert_record,
    decisive_alert,
    decisive_exception,
    facts_record,
    place,
    self_signed,
    time_text,
)
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import ARTICLE


def handshake_record(handshake: Handshake, diagnosis: Diagnosis | None) -> dict[str, object]:
    """Return the record of a handshake; what only a diagnosis can tell is None or empty without one."""
    alert = decisive_alert(handshake)
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
        "alert": alert_record(alert) if alert else None,
        "exception": decisive_exception(handshake),
        "certificates": [
            *_certificates("peer", handshake.peer_chain),
            *_certificates("own", handshake.own_chain),
        ],
        "span": {"first": place(handshake.first), "last": place(handshake.last)},
        "evidence": [{**place(line.at), "text": line.text} for line in handshake.evidence],
        "ambiguous": handshake.ambiguous,
        "shared_evidence": [{**place(line.at), "text": line.text} for line in handshake.shared],
        "offered_protocols": list(handshake.offered_versions),
        "authorities": None if handshake.authorities is None else list(handshake.authorities),
        "facts": facts_record(handshake),
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
            "partner_message": None,
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
        "partner_message": diagnosis.partner_message,
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
            "self_signed": self_signed(certificate),
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
        "where": remedy.where,
        "port_restart": remedy.port_restart,
    }

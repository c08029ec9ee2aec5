from dataclasses import replace

from agent.formats.facts import facts_record
from agent.formats.record import handshake_record
from agent.model.incident import Failure
from agent.model.vocabulary import Outcome


def test_the_record_of_a_failed_handshake(failure: Failure) -> None:
    """Every key that was promised, with what the handshake and the diagnosis say."""
    assert handshake_record(failure.handshake, failure.diagnosis) == {
        "kind": "handshake",
        "outcome": "failed",
        "dialect": "jsse",
        "role": "client",
        "thread": "main",
        "connection": None,
        "jvm": 1,
        "started_at": "2026-11-23T07:25:55.932+00:00",
        "ended_at": "2026-11-23T07:25:56.001+00:00",
        "protocol": "TLSv1.2",
        "cipher_suite": None,
        "server_name": "is.example.com",
        "peer": None,
        "resumed": False,
        "issue": "server_certificate_rejected",
        "article_issue": 3,
        "cause": "expired",
        "confidence": "certain",
        "alternatives": [{"issue": "interrupted", "cause": "undetermined", "confidence": "possible"}],
        "acting_side": "peer",
        "summary": "The certificate of is.example.com expired on 2026-11-23.",
        "remedies": [
            {
                "text": "Accept it anyway.",
                "setting": "watt.security.ignoreExpiredChains",
                "value": "true",
                "applies_to": "<=10.5",
                "restart": True,
                "weakens_security": True,
                "where": None,
                "port_restart": None,
            },
            {
                "text": "Ask the other side for a new certificate.",
                "setting": None,
                "value": None,
                "applies_to": None,
                "restart": False,
                "weakens_security": False,
                "where": None,
                "port_restart": None,
            },
        ],
        "entry": "server_certificate_expired",
        "would_confirm": "The certificate's dates.",
        "partner_message": None,
        "alert": {"direction": "sent", "level": "fatal", "description": "certificate_unknown"},
        "exception": "NotAfter: Mon Nov 23",
        "certificates": [
            {
                "of": "peer",
                "subject": "CN=is.example.com",
                "issuer": "CN=Example CA",
                "serial": "01",
                "version": 3,
                "not_before": "2026-11-14T07:25:55.932+00:00",
                "not_after": "2026-11-23T07:25:55.932+00:00",
                "self_signed": False,
            },
            {
                "of": "peer",
                "subject": "CN=Example CA",
                "issuer": None,
                "serial": None,
                "version": None,
                "not_before": None,
                "not_after": None,
                "self_signed": None,
            },
        ],
        "span": {
            "first": {"file": "wrapper.log", "offset": 18233, "line": 412},
            "last": {"file": "wrapper.log", "offset": 20000, "line": 450},
        },
        "evidence": [
            {"file": "wrapper.log", "offset": 100 * n, "line": n, "text": f"line {n}"} for n in (1, 2, 3, 4)
        ],
        "ambiguous": False,
        "shared_evidence": [],
        "offered_protocols": ["TLSv1.3", "TLSv1.2"],
        "authorities": ["CN=Example CA"],
        "facts": facts_record(failure.handshake),
    }


def test_a_handshake_without_a_diagnosis_has_the_same_keys(failure: Failure) -> None:
    """A completed handshake has null where only a diagnosis could speak."""
    failed = handshake_record(failure.handshake, failure.diagnosis)
    own = failure.handshake.peer_chain
    done = replace(failure.handshake, outcome=Outcome.COMPLETED, own_chain=own, peer_chain=None)
    record = handshake_record(done, None)
    assert list(record) == list(failed)
    empty = (
        "issue",
        "article_issue",
        "cause",
        "confidence",
        "acting_side",
        "summary",
        "entry",
        "would_confirm",
        "partner_message",
    )
    assert [record[key] for key in empty] == [None] * len(empty)
    assert (record["alternatives"], record["remedies"]) == ([], [])
    certificates = record["certificates"]
    assert isinstance(certificates, list)
    assert [certificate["of"] for certificate in certificates] == ["own", "own"]


def test_absent_facts_are_null(bare_failure: Failure) -> None:
    """A handshake of one line makes a record without invention."""
    record = handshake_record(bare_failure.handshake, bare_failure.diagnosis)
    absent = ("thread", "jvm", "started_at", "ended_at", "protocol", "alert", "exception", "authorities")
    assert [record[key] for key in (*absent, "article_issue")] == [None] * 9
    assert (record["connection"], record["certificates"], record["evidence"]) == (7, [], [])

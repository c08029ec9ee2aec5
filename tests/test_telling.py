from dataclasses import replace
from datetime import UTC, datetime

from agent.delivery.trial import trial_incident
from agent.model.incident import Notice, Part, Summary
from agent.model.vocabulary import Issue, Resolution, Trouble
from agent.telling import told_of

TRIAL = trial_incident(datetime(2026, 11, 23, 7, 0, tzinfo=UTC))


def test_a_failure_in_our_own_log() -> None:
    """Which incident, what it is, how sure, and what to do; the end has its reason."""
    line = {
        "log": "test",
        "incident": TRIAL.incident,
        "count": 1,
        "issue": "unclassified",
        "cause": "undetermined",
        "confidence": "possible",
        "role": "client",
        "advice": "This is a test of wmtls. Nothing failed, and nothing has to be done.",
    }
    assert told_of(TRIAL) == line
    assert told_of(replace(TRIAL, resolution=Resolution.QUIET)) == {**line, "resolution": "quiet"}


def test_a_storm_and_a_trouble_in_our_own_log() -> None:
    """Many kinds by their parts, a trouble by its details."""
    parts = (Part(Issue.SNI, "undetermined", 7, 70), Part(Issue.NOT_TLS, "undetermined", 1, 2))
    storm = replace(TRIAL, failure=None, summary=Summary(8, 72, parts), count=72)
    assert told_of(storm) == {
        "log": "test",
        "incident": TRIAL.incident,
        "count": 72,
        "kinds": 8,
        "parts": ["sni/undetermined: 70", "not_tls/undetermined: 2"],
    }
    notice = Notice(Trouble.LOG_GAP, "is", "It is gone.", "Keep more files.", (("first byte", "100"),))
    assert told_of(replace(TRIAL, failure=None, notice=notice)) == {
        "log": "test",
        "incident": TRIAL.incident,
        "count": 1,
        "trouble": "log_gap",
        "subject": "is",
        "first_byte": "100",
        "advice": "It is gone. Keep more files.",
    }

from datetime import UTC, datetime, timedelta

from agent.codec import decode, encode
from agent.delivery.trial import trial_incident
from agent.formats.words import title
from agent.model.incident import Incident

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def test_a_trial_is_marked_and_asks_for_nothing() -> None:
    """It says test wherever somebody looks, and can be stored like any incident."""
    trial = trial_incident(T0)
    assert trial.test
    assert trial.failure is not None
    assert (trial.log, trial.failure.diagnosis.acting_side) == ("test", "nobody")
    assert trial.failure.diagnosis.summary.startswith("This is a test of wmtls.")
    assert title(trial) == "Handshake failed, reason not known"
    assert decode(encode(trial), Incident) == trial


def test_each_trial_has_its_own_id() -> None:
    """A receiver that drops repeats does not drop the second test."""
    one, two = trial_incident(T0), trial_incident(T0 + timedelta(seconds=1))
    assert one.id != two.id
    assert trial_incident(T0) == one
    assert len(bytes.fromhex(one.id)) == 16

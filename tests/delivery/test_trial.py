from datetime import UTC, datetime, timedelta

from agent.codec import decode, encode
from agent.delivery.trial import trial_incident, trial_incidents
from agent.formats.words import title
from agent.model.incident import Incident
from agent.model.vocabulary import IncidentEvent

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def test_a_trial_is_marked_and_asks_for_nothing() -> None:
    """It says test wherever somebody looks, and can be stored like any incident."""
    trial = trial_incident(T0)
    assert trial.test
    assert trial.failure is not None
    assert (trial.log, trial.failure.diagnosis.acting_side) == ("test", "nobody")
    assert trial.failure.diagnosis.summary.startswith("This is a test of wmtls.")
    assert title(trial) == "Handshake failed, reason not known: partner.example.com"
    assert decode(encode(trial), Incident) == trial


def test_each_trial_has_its_own_id() -> None:
    """A receiver that drops repeats does not drop the second test."""
    one, two = trial_incident(T0), trial_incident(T0 + timedelta(seconds=1))
    assert one.id != two.id
    assert trial_incident(T0) == one
    assert len(bytes.fromhex(one.id)) == 16


def test_there_is_a_sample_of_every_event() -> None:
    """Each is marked, has an id of its own, and the last of each story ends it."""
    samples = trial_incidents(T0)
    assert {one.event for one in samples.values()} == set(IncidentEvent)
    assert len({one.id for one in samples.values()}) == len(samples)
    assert all(one.test and decode(encode(one), Incident) == one for one in samples.values())
    last = {one.incident: one for one in samples.values()}
    assert len(last) == 3
    assert all(one.resolution is not None for one in last.values())


def test_every_sample_says_that_nothing_has_to_be_done() -> None:
    """Whoever reads only one of them is not alarmed."""
    for one in trial_incidents(T0).values():
        assert one.severity == "info"
        assert one.failure is None or one.failure.diagnosis.acting_side == "nobody"
        assert one.notice is None or one.notice.summary.startswith("This is a test of wmtls.")

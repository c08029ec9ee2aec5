from dataclasses import replace
from datetime import UTC, datetime

from agent.codec import decode, encode
from agent.delivery.trial import trial_incident
from agent.incidents.routing import Route
from agent.model.incident import Notice, Part, Summary
from agent.model.vocabulary import Issue, Resolution, Severity, Trouble
from agent.telling import Memory, Teller, told_of

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
TRIAL = trial_incident(T0)


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


def test_who_is_told_of_what() -> None:
    """A failure and a trouble, to each receiver that wants them; saved and restored nothing is told again."""
    assert TRIAL.failure is not None
    routes = [Route("ops"), Route("pager", severity=Severity.CRITICAL)]
    teller = Teller(routes, {})
    teller.observe("is", TRIAL.failure.handshake, TRIAL.failure.diagnosis, T0)
    teller.report(Notice(Trouble.DEBUG_LEAKING, "is", "It leaks.", "Print less."), T0, log="is")
    addressed = [(name, one.event.value) for name, one in teller.addressed(teller.tell(T0))]
    assert addressed == [("ops", "opened"), ("ops", "operational"), ("pager", "operational")]
    gauges = {labels: value for (_, labels), value in teller.gauges().items() if value}
    assert gauges == {("unclassified",): 1, ("debug_leaking",): 1}
    assert teller.changed

    after = Teller(routes, teller.changes().opened, decode(encode(teller.memory), Memory))
    assert not teller.changed
    assert (after.tell(T0), after.gauges(), after.counted()) == ([], teller.gauges(), {})


def test_while_nothing_can_be_saved_the_agent_tells_of_itself_alone() -> None:
    """What stood before the state was full stands on."""
    assert TRIAL.failure is not None
    teller = Teller([Route("ops")], {})
    teller.observe("is", TRIAL.failure.handshake, TRIAL.failure.diagnosis, T0)
    teller.report(Notice(Trouble.LOG_GAP, "is", "It is gone.", "Keep more."), T0)
    teller.keep(Trouble.LOG_GAP, "is", T0)
    assert [one.notice and one.notice.trouble for one in teller.tell_troubles(T0)] == [Trouble.LOG_GAP]
    assert [one.event.value for one in teller.tell(T0)] == ["opened"]

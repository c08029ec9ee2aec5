"""What is said, whatever it looks like."""

from dataclasses import replace

import pytest

from agent.formats.message import LOCK_SCREEN, Message, Paragraph, Span, Style, message
from agent.formats.setting import Setting
from agent.formats.words import ENDINGS, EVENTS
from agent.model.diagnosis import Remedy
from agent.model.incident import Failure, Incident, Part, Summary
from agent.model.vocabulary import Confidence, IncidentEvent, Issue, Resolution, Role, Severity
from tests.formats.samples import SETTING, samples


def shown(said: Message) -> dict[str, list[str]]:
    """Return the paragraphs as text, by their labels."""
    return {one.label: ["".join(span.text for span in line) for line in one.lines] for one in said.paragraphs}


def test_an_incident_that_lasts(incident: Incident, storm: Incident, gap: Incident) -> None:
    """What and with whom, since when, why and how sure, who must act, the change, the letter, the proof."""
    said = message(samples(incident, storm, gap)["updated"], SETTING)
    assert (said.mark, said.title, said.severity, said.over) == (
        "",
        "Still: Server certificate rejected (expired): is.example.com",
        Severity.ERROR,
        False,
    )
    assert said.facts == (
        ("With", Span("is.example.com", 200, Style.CODE)),
        ("This side is", Span("client (outbound call)")),
        ("Log", Span("default", 200, Style.CODE)),
        ("Agent", Span("is-prod-1", 200, Style.CODE)),
    )
    assert shown(said) == {
        "Seen": ["3 times since 2026-11-23 07:25:55+00:00, last 2026-11-23 07:30:55+00:00"],
        "Why": [
            "The certificate of is.example.com expired on 2026-11-23.",
            "Cause: expired (certain: the log says so)",
            "Or: Handshake interrupted, undetermined (possible)",
            "To be sure: The certificate's dates.",
            "Both ends of the connection are in this log.",
        ],
        "Who must act": ["The other side"],
        "What to change": [
            "1. Ask the other side for a new certificate. (no restart needed)",
            (
                "2. Emergency only, weakens security: Accept it anyway."
                " watt.security.ignoreExpiredChains=true (version <=10.5, needs a restart)"
            ),
        ],
        "To send to the other side": ["Dear colleagues,", "", "your certificate expired. Please renew it."],
        "In the log": ["wrapper.log:1 line 1", "wrapper.log:2 line 2", "wrapper.log:3 line 3"],
    }
    assert [label for label, _ in said.links] == ["Runbook", "Dashboard"]


def test_one_that_is_over_asks_for_nothing(incident: Incident, gap: Incident) -> None:
    """It says why it is over, and what it was; what to change is gone."""
    over = message(replace(incident, event=IncidentEvent.RESOLVED, resolution=Resolution.QUIET), SETTING)
    assert over.title == "Over: Server certificate rejected (expired): is.example.com"
    assert over.over
    assert list(shown(over)) == ["Seen", "Over", "Why"]
    assert shown(over)["Over"] == ["It has not happened again for some time."]
    mended = message(replace(gap, resolution=Resolution.MENDED), SETTING)
    assert list(shown(mended)) == ["Seen", "Over", "What was wrong"]


def test_every_event_and_every_end_is_worded() -> None:
    """No member of a closed set is without its words."""
    assert set(EVENTS) == set(IncidentEvent)
    assert set(ENDINGS) == set(Resolution)


@pytest.mark.parametrize("event", IncidentEvent)
def test_titles_fit_a_lock_screen(incident: Incident, event: IncidentEvent) -> None:
    """What is said before the other side's name leaves room for it, for every issue."""
    assert incident.failure is not None
    for issue in Issue:
        diagnosis = replace(incident.failure.diagnosis, issue=issue, cause="revocation_unknown")
        one = replace(incident, event=event, failure=replace(incident.failure, diagnosis=diagnosis))
        assert len(message(one, SETTING).title) <= LOCK_SCREEN - len("TEST - ") - 20


def test_a_test_is_marked_at_both_ends(incident: Incident) -> None:
    """In front of the title, and in the last line."""
    said = message(replace(incident, test=True), SETTING)
    assert said.mark == "TEST - "
    assert said.origin == (Span("A test of the way from wmtls to this receiver. Nothing of this happened."),)


def test_a_server_that_was_asked_for_another_name(incident: Incident, failure: Failure) -> None:
    """The name of the client's hello is told where it is not the other side's."""
    handshake = replace(failure.handshake, role=Role.SERVER)
    said = message(replace(incident, failure=replace(failure, handshake=handshake)), Setting())
    assert [(label, fact.text) for label, fact in said.facts] == [
        ("With", "CN=is.example.com"),
        ("This side is", "server (inbound call)"),
        ("Server name", "is.example.com"),
        ("Log", "default"),
        ("Agent", "wmtls"),
    ]
    assert said.links == ()


def test_commands_can_be_copied(incident: Incident, failure: Failure) -> None:
    """What would confirm a diagnosis is a sentence and commands, each on a line of its own."""
    diagnosis = replace(failure.diagnosis, would_confirm="Look at it.\nopenssl s_client\n\necho")
    said = message(replace(incident, failure=replace(failure, diagnosis=diagnosis)), SETTING)
    why = next(one for one in said.paragraphs if one.label == "Why")
    assert why.lines[3:] == (
        (Span("To be sure: "), Span("Look at it.", 500)),
        (Span("openssl s_client", 500, Style.CODE),),
        (Span("echo", 500, Style.CODE),),
    )


def test_long_lists_are_cut_and_counted(incident: Incident, failure: Failure) -> None:
    """Remedies and kinds beyond the first eight are numbers."""
    diagnosis = replace(failure.diagnosis, remedies=tuple(Remedy(f"do {n}") for n in range(10)))
    said = message(replace(incident, failure=replace(failure, diagnosis=diagnosis)), SETTING)
    assert shown(said)["What to change"][7:] == ["8. do 7", "... and 2 more"]
    parts = tuple(Part(Issue.SNI, "name_not_sent", 1, 2) for _ in range(10))
    many = replace(incident, failure=None, summary=Summary(10, 20, parts))
    assert shown(message(many, SETTING))["What failed"][7:] == [
        "Server name missing or not known (name not sent): 2 failures of 1 kind",
        "... and 2 more",
    ]


def test_a_storm_is_told_by_its_parts(storm: Incident) -> None:
    """The most frequent first, with some of the other sides."""
    said = message(storm, SETTING)
    assert said.title == "32 kinds of TLS failures within a short time: log default"
    assert shown(said)["What failed"] == [
        (
            "Server name missing or not known (name not sent): 300 failures of 30 kinds, "
            "among them with server_name a.example.com"
        ),
        "One end does not speak TLS (undetermined): 4 failures of 2 kinds",
    ]


def test_a_trouble_of_the_agent(gap: Incident) -> None:
    """What is wrong, with its details, and the mend."""
    said = message(gap, SETTING)
    assert said.paragraphs[1:] == (
        Paragraph(
            "What is wrong",
            (
                (Span("Part of the log was gone before it could be read."),),
                (Span("file: ", 200), Span("wrapper.log.3", 500, Style.CODE)),
                (Span("first byte: ", 200), Span("100", 500, Style.CODE)),
                (Span("bytes: ", 200), Span("900", 500, Style.CODE)),
            ),
        ),
        Paragraph("What to change", ((Span("Keep more rolled files."),),)),
    )


def test_a_cause_that_is_not_known_is_none(incident: Incident, failure: Failure) -> None:
    """How sure the rest is stands by itself."""
    diagnosis = replace(failure.diagnosis, cause="undetermined", confidence=Confidence.LIKELY)
    said = message(replace(incident, failure=replace(failure, diagnosis=diagnosis)), SETTING)
    assert shown(said)["Why"][1] == "How sure: likely: it follows from what the log shows"

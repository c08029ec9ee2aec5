from dataclasses import replace

import pytest

from agent.formats.words import EMERGENCY
from agent.model.diagnosis import Diagnosis
from agent.model.events import Certificate
from agent.model.handshake import Handshake, Shared
from agent.model.vocabulary import ActingSide, Confidence, Depth, Issue, Outcome, Role
from agent.report.findings import Collector, Findings
from agent.report.outline import CHAPTERS, Change, Chapter, emergency, outline


def chapter(handshake: Handshake, diagnosis: Diagnosis) -> Chapter:
    """Return the chapter of one failure."""
    collector = Collector()
    collector.add(handshake, diagnosis)
    found = collector.findings(files=("a",), bytes=1, lines=1, depth=Depth.FULL, dialects=())
    return outline(found).chapters[0]


def test_little_is_said_of_what_little_is_known(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """Absent facts have no line, and no word stands in for them."""
    bare = replace(
        handshake,
        role=Role.UNKNOWN,
        started_at=None,
        ended_at=None,
        offered_versions=(),
        protocol=None,
        server_name=None,
        peer=None,
        peer_chain=None,
        own_chain=None,
        authorities=None,
        alerts=(),
        failures=(),
        steps=(),
        evidence=(),
    )
    plain = replace(diagnosis, remedies=(), alternatives=(), would_confirm=None, partner_message=None)
    assert chapter(bare, plain) == Chapter(
        title="Server certificate rejected (expired)",
        facts=(
            ("With", "not named in the log"),
            ("This side", "not known"),
            ("Seen", "once; the lines have no clock"),
            ("Why", diagnosis.summary),
            ("How sure", "likely: it follows from what the log shows"),
            ("Who must act", "The other side"),
        ),
        changes=(),
        confirm=(),
        letter=None,
        certificates=(),
        details=(("Issue", "server_certificate_rejected, cause expired, number 3 of the vendor's article"),),
        evidence=(),
    )


def test_shared_lines_are_marked(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """A line that fits other handshakes as well is shown as such, behind this one's own."""
    line = Shared(handshake.first, "<Empty>")
    shown = chapter(replace(handshake, evidence=(), shared=(line,)), diagnosis).evidence
    assert [text for _, text in shown] == [
        "(this handshake's, or that of another one at the same time) <Empty>"
    ]


def test_offered_versions_are_told_where_none_was_agreed(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """What was agreed says more."""
    facts = dict(chapter(replace(handshake, protocol=None), diagnosis).details)
    assert (facts["Offered"], "Agreed" in facts) == ("TLSv1.3, TLSv1.2", False)


def test_long_lists_are_cut(handshake: Handshake, diagnosis: Diagnosis, quiet: Findings) -> None:
    """The rest is counted: certificates, issuers and files."""
    long = replace(handshake, peer_chain=(Certificate(),) * 6, own_chain=None)
    said = chapter(long, diagnosis)
    assert said.certificates == (
        *(f"peer {number}: subject not printed" for number in (1, 2, 3, 4)),
        "peer: 2 more",
    )
    assert dict(said.details)["Issuers asked"] == "CN=A; CN=B; CN=C and 1 more"
    files = replace(quiet, files=("-", "b", "c", "d", "e", "f", "g"))
    assert outline(files).title == "TLS handshakes in standard input, b, c, d, e and 2 more"


def test_an_empty_list_of_issuers_is_said(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """It is a finding of its own: some clients send nothing then."""
    facts = dict(chapter(replace(handshake, authorities=()), diagnosis).details)
    assert facts["Issuers asked"] == "none named"


def test_failures_beyond_the_limit_are_owned_up_to(findings: Findings) -> None:
    """The table says that there are more kinds, and a sentence how many failures are not listed."""
    rare = replace(findings.groups[0], count=2)
    many = outline(replace(findings, groups=(*findings.groups * CHAPTERS, rare), ungrouped=7))
    assert (len(many.chapters), many.issues[1][1]) == (CHAPTERS, f"{CHAPTERS + 1}+")
    assert many.left_out == (
        "9 failures of less frequent kinds are counted above and not listed; --format jsonl lists every one."
    )
    assert outline(findings).left_out is None


def test_an_issue_beyond_the_article_has_no_number(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """The column holds a dash."""
    collector = Collector()
    collector.add(handshake, replace(diagnosis, issue=Issue.NOT_TLS))
    found = collector.findings(files=("a",), bytes=1, lines=1, depth=Depth.FULL, dialects=())
    assert outline(found).issues[1] == ("1", "1", "-", "One end does not speak TLS [not_tls]")


def test_emergency_measures_are_marked_once() -> None:
    """Some texts begin with the words themselves."""
    texts = ("Trust all.", "Emergency only: trust all.", "Emergency only, for hours: trust all.")
    said = [emergency(Change(text, None, None, emergency=True)) for text in texts]
    assert said == [
        f"{EMERGENCY}: Trust all.",
        f"{EMERGENCY}: trust all.",
        f"{EMERGENCY}, for hours: trust all.",
    ]
    assert emergency(Change("Renew it.", None, None, emergency=False)) == "Renew it."


def test_incomplete_is_not_failed(quiet: Findings) -> None:
    """Handshakes whose end was not seen leave the verdict as it is."""
    found = replace(quiet, outcomes={Outcome.COMPLETED: 0, Outcome.FAILED: 0, Outcome.INCOMPLETE: 3})
    assert outline(found).verdict == "No handshake failed."


def test_what_was_given_up(quiet: Findings) -> None:
    """Handshakes that had to make room for others are told of, as their number says little of the server."""
    facts = dict(outline(replace(quiet, evicted=1_200)).facts)
    assert facts["Given up"] == "1,200 of the incomplete ones: too many were open at once"
    assert "Given up" not in dict(outline(quiet).facts)


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ([(1, "peer", "certain")], "One handshake failed. The other side has to act."),
        (
            [(1_200, "nobody", "likely")],
            "1,200 handshakes failed, all in the same way. As far as the log tells, nobody has to act.",
        ),
        (
            [(3, "this_side", "certain"), (2, "this_side", "certain"), (1, "issuing_ca", "certain")],
            "6 handshakes failed, in 3 ways. Who has to act: this side on 2, the issuing authority on 1.",
        ),
        (
            [(1, "either", "possible"), (1, "nobody", "certain")],
            (
                "2 handshakes failed, in 2 ways. Who has to act, as far as the log tells: "
                "either side on 1, nobody on 1."
            ),
        ),
    ],
)
def test_the_verdict_says_how_often_in_how_many_ways_and_who_has_to_act(
    kinds: list[tuple[int, str, str]], words: str, findings: Findings
) -> None:
    """It is no surer than the diagnoses are."""
    groups = tuple(
        replace(
            findings.groups[0],
            count=count,
            diagnosis=replace(
                findings.groups[0].diagnosis, acting_side=ActingSide(side), confidence=Confidence(sure)
            ),
        )
        for count, side, sure in kinds
    )
    failed = {
        Outcome.FAILED: sum(count for count, _, _ in kinds),
        Outcome.COMPLETED: 0,
        Outcome.INCOMPLETE: 0,
    }
    assert outline(replace(findings, outcomes=failed, groups=groups)).verdict == words


def test_the_verdict_owns_up_to_kinds_without_room(findings: Findings) -> None:
    """One kind that was kept is not all of them."""
    said = outline(replace(findings, ungrouped=1)).verdict
    assert said.startswith("2 handshakes failed, in 1 or more ways. ")


def test_the_steps_say_where_it_broke(findings: Findings) -> None:
    """In one line, for a ticket."""
    assert dict(outline(findings).chapters[0].details)["Steps"] == (
        "sent ClientHello; received ServerHello; received Certificate [It probably broke here: expired]; "
        "sent alert certificate_expired (fatal)"
    )


def test_once_is_told_as_one_moment(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """A handshake of milliseconds began and ended in the same second."""
    within = replace(handshake, ended_at=handshake.started_at)
    assert dict(chapter(within, diagnosis).facts)["Seen"] == "once, at 2026-11-23 07:25:55+00:00"

from dataclasses import replace
from datetime import timedelta
from xml.etree.ElementTree import Element

from agent.model.diagnosis import Diagnosis
from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import Depth
from agent.report.failure_html import failure
from agent.report.findings import Collector, Findings
from agent.report.outline import outline


def section(handshake: Handshake, diagnosis: Diagnosis) -> Element:
    """Return the section of one failure."""
    collector = Collector()
    collector.add(handshake, diagnosis)
    found = collector.findings(files=("a",), bytes=1, lines=1, depth=Depth.FULL, dialects=())
    return failure(1, outline(found).chapters[0], found.groups[0])


def texts(root: Element, tag: str) -> list[str]:
    """Return the texts of all elements of a name."""
    return ["".join(one.itertext()) for one in root.iter(tag)]


def test_a_section_answers_in_the_order_in_which_people_ask(findings: Findings) -> None:
    """What, why, who, what to change, and only then what the log shows."""
    made = failure(1, outline(findings).chapters[0], findings.groups[0])
    assert [text for tag in ("h2", "h3") for text in texts(made, tag)] == [
        "1. Server certificate rejected (expired): is.example.com",
        *(
            "What to change",
            "To send to the other side",
            "What happened",
            "To be sure",
            "Certificates",
            "Details and evidence",
        ),
    ]
    why = next(one for one in made.iter("p") if one.get("class") == "why")
    assert why.text == findings.groups[0].diagnosis.summary
    assert texts(made, "dt") == [
        *("With", "This side", "Seen", "How sure", "Or else", "Who must act"),
        *("Issue", "Alert", "Exception", "Agreed", "Issuers asked"),
    ]


def test_emergency_measures_stand_apart(findings: Findings) -> None:
    """In a box of their own, under a heading that says what they cost, after all others."""
    made = failure(1, outline(findings).chapters[0], findings.groups[0])
    box = next(one for one in made.iter("div") if one.get("class") == "emergency")
    assert texts(box, "h4") == ["Only in an emergency: this weakens security"]
    assert texts(box, "li") == ["Accept it anyway.watt.old=true version <=10.5, needs a restart"]
    assert texts(made, "ol")[0] == (
        "Ask the other side for a new certificate. no restart neededTry again withwatt.again=yes"
    )
    assert texts(made, "code")[:2] == ["watt.again=yes", "watt.old=true"]


def test_what_would_confirm_it_is_there_to_be_copied(findings: Findings) -> None:
    """A sentence, and each command as it stands."""
    made = failure(1, outline(findings).chapters[0], findings.groups[0])
    commands = next(one for one in made.iter("ul") if one.get("class") == "changes commands")
    assert "The certificate's dates." in texts(made, "p")
    assert texts(commands, "code") == [
        "openssl s_client -connect 192.0.2.7:443 </dev/null | openssl x509 -noout -dates"
    ]


def test_the_message_to_the_other_side_is_there_to_be_sent(findings: Findings) -> None:
    """By itself, under its own heading."""
    made = failure(1, outline(findings).chapters[0], findings.groups[0])
    (letter,) = [one for one in made.iter("p") if one.get("class") == "letter"]
    assert letter.text == "Your certificate expired. Please renew it."


def test_the_section_is_where_the_table_links_to(findings: Findings) -> None:
    """Its heading has the id, and names the section for those who hear it."""
    made = failure(7, outline(findings).chapters[0], findings.groups[0])
    assert (made.get("aria-labelledby"), next(made.iter("h2")).get("id")) == ("failure-7", "failure-7")


def test_certificates_that_were_spoilt_are_marked(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """Whose they are, and which one had expired; an empty chain and a long one are said to be so."""
    assert handshake.ended_at is not None
    expired = Certificate("CN=a", "CN=a", not_after=handshake.ended_at - timedelta(days=35))
    long = replace(handshake, peer_chain=(expired, *(Certificate(),) * 5))
    made = section(long, diagnosis)
    assert texts(made, "h4")[1:] == ["Shown by the other end", "Shown by this server"]
    chain = next(one for one in made.iter("ul") if one.get("class") == "chain")
    assert [(one.get("class"), texts(one, "p")) for one in chain][:2] == [
        ("spoilt", ["CN=a", "expired 35 days before the failure", "Issued by itself"]),
        (None, ["subject not printed"]),
    ]
    assert "2 more in the chain" in texts(made, "p")
    assert "None: the Certificate message was empty." in texts(made, "p")


def test_little_known_makes_a_short_section(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """No empty list, no heading over nothing, and a sentence where the ladder would be."""
    bare = replace(handshake, peer_chain=None, own_chain=None, evidence=(), steps=())
    made = section(
        bare, replace(diagnosis, remedies=(), alternatives=(), would_confirm=None, partner_message=None)
    )
    assert texts(made, "h3") == ["What happened", "Details and evidence"]
    assert "The log shows no step of this handshake." in texts(made, "p")
    assert [one for one in made.iter() if one.tag in {"ol", "ul"}] == []


def test_evidence_has_its_place(findings: Findings) -> None:
    """File and line, then the line as it stands in the log."""
    made = failure(1, outline(findings).chapters[0], findings.groups[0])
    evidence = next(one for one in made.iter("ul") if one.get("class") == "evidence")
    assert texts(evidence, "li") == [
        "wrapper.log:412 Produced ClientHello handshake message",
        "wrapper.log:440 Fatal (CERTIFICATE_EXPIRED): NotAfter: Mon Nov 23",
    ]

"""What a shared line would mean if it were the handshake's own."""

from dataclasses import replace

from agent.knowledge.catalogue import load
from agent.knowledge.supposed import supposed
from agent.model.block import Where
from agent.model.events import AlertSeen, Certificate, Fact, FactKind, Hello, Said
from agent.model.handshake import Handshake, Shared, Step
from agent.model.tls import Message
from agent.model.vocabulary import Confidence, Dialect, Issue, Outcome, Role


def at(line: int) -> Where:
    """Return the place of a line."""
    return Where("wrapper.log", "1", 80 * line, line)


REFUSED = Handshake(
    dialect=Dialect.JSSE_LEGACY,
    role=Role.CLIENT,
    outcome=Outcome.FAILED,
    jvm=1,
    thread="a",
    connection=None,
    first=at(1),
    last=at(9),
    started_at=None,
    ended_at=None,
    steps=(
        Step(Message.CLIENT_HELLO, sent=True, at=at(1)),
        Step(Message.SERVER_HELLO, sent=False, at=at(2)),
        Step(Message.CLIENT_KEY_EXCHANGE, sent=True, at=at(6)),
        Step("bad_certificate", sent=False, at=at(9)),
    ),
    alerts=(AlertSeen(sent=False, level="fatal", description="bad_certificate"),),
)
EMPTY = Shared(at(5), "*** Certificate chain", Said(Message.CERTIFICATE, sent=True, certificates=()))


def test_certificate() -> None:
    """It stands where it was printed, and fills what was not known."""
    (one,) = supposed(replace(REFUSED, shared=(EMPTY,)))
    assert one.own_chain == ()
    assert [step.at.line for step in one.steps] == [1, 2, 5, 6, 9]
    known = replace(REFUSED, shared=(EMPTY,), own_chain=(Certificate("CN=a"),))
    assert list(supposed(known)) == []


def test_hello_authorities_and_facts() -> None:
    """Each line is supposed by itself."""
    hello = Said(Message.CLIENT_HELLO, sent=True, hello=Hello(("TLSv1",), ("X",), "is"))
    asked = Said(Message.CERTIFICATE_REQUEST, sent=False, authorities=("CN=Root",))
    lines = (Shared(at(1), "", hello), Shared(at(4), "", asked))
    warned = Shared(at(5), "", fact=Fact(FactKind.NO_CLIENT_CERTIFICATE))
    first, second, third = supposed(replace(REFUSED, shared=(*lines, warned)))
    assert (first.server_name, second.authorities, third.facts) == ("is", ("CN=Root",), (warned.fact,))


def test_alternatives_only() -> None:
    """What is said stays what the handshake's own lines say; the other cause stands beside it."""
    catalogue = load()
    alone = catalogue.diagnose(REFUSED)
    beside = catalogue.diagnose(replace(REFUSED, shared=(EMPTY,), ambiguous=True))
    assert (beside.entry, beside.confidence) == (alone.entry, alone.confidence)
    assert alone.confidence is not Confidence.CERTAIN
    named = [alone.issue, *(other.issue for other in beside.alternatives)]
    assert Issue.CLIENT_CERTIFICATE_MISSING in named

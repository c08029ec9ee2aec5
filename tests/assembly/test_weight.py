from agent import codec
from agent.assembly.draft import Draft
from agent.assembly.weight import weigh
from agent.model.block import Where
from agent.model.events import (
    AlertSeen,
    Certificate,
    Event,
    Fact,
    FactKind,
    Failed,
    Happening,
    Hello,
    Said,
    Speaker,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Dialect

HERE = Where("wrapper.log", "8:15", 0, 1)
SPEAKER = Speaker(Dialect.IAIK, 1, "T1", "T1", 7)


def test_what_is_heard_adds_weight() -> None:
    """Each kind of thing that a conversation keeps makes it heavier, and letting go of it lighter."""
    draft = Draft(speaker=SPEAKER, first=HERE, last=HERE)
    weights = [weigh(draft)]
    certificate = Certificate(subject="CN=" + "x" * 500, issuer="CN=" + "y" * 500)
    heard: list[Happening] = [
        Said(Message.CLIENT_HELLO, sent=True, hello=Hello(("TLSv1.2",), ("A" * 40,) * 60)),
        Said(Message.CERTIFICATE, sent=False, certificates=(certificate,) * 3),
        Said(Message.CERTIFICATE_REQUEST, sent=False, authorities=("CN=" + "z" * 90,) * 40),
        Fact(FactKind.KEY_CHOSEN, "is"),
        AlertSeen(sent=False, level="fatal", description="bad_certificate"),
        Failed((Throwable("X", "t" * 300),)),
    ]
    for what in heard:
        event = Event(HERE, None, SPEAKER, what, "a line")
        match what:
            case Said() as said:
                draft.say(event, said)
            case Fact() as fact:
                draft.note(event, fact)
            case AlertSeen() as alert:
                draft.alert(event, alert)
            case Failed() as failed:
                draft.fail(event, failed)
        draft.show(event)
        weights.append(weigh(draft))
    assert weights == sorted(set(weights))
    assert len(codec.encode(draft)) <= weights[-1]
    draft.shed()
    assert weigh(draft) < weights[1]

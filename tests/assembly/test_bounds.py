from agent.assembly import bounds
from agent.model.events import Certificate, Ended, Failed, Hello, Said, Throwable
from agent.model.tls import Message

LONG_CHAIN = tuple(Certificate(subject=f"CN={n}") for n in range(50))
NAMES = tuple(f"CN={n}" for n in range(1000))


def test_a_chain() -> None:
    """The first certificates stay: the leaf, and what is to prove it."""
    assert bounds.chain(LONG_CHAIN) == LONG_CHAIN[: bounds.CHAIN_LIMIT]


def test_a_hello() -> None:
    """Each list of a hello has its limit, and so has each word in it; the rest stays."""
    said = Hello(("TLSv1.3",) * 50, ("A" * 500,) * 1000, "is.example.com", ("h2",) * 50, v2=True)
    assert bounds.hello(said) == Hello(
        ("TLSv1.3",) * 16, ("A" * 100,) * 400, "is.example.com", ("h2",) * 16, v2=True
    )


def test_a_report() -> None:
    """The outermost exception stays, and the innermost ones, which tell the cause."""
    told = tuple(Throwable("X", str(n)) for n in range(50))
    kept = bounds.failed(Failed(told, word="bad_certificate"))
    assert [t.text for t in kept.throwables] == ["0", *map(str, range(39, 50))]
    assert kept.word == "bad_certificate"
    assert bounds.failed(Failed(told[:3])) == Failed(told[:3])


def test_a_message() -> None:
    """All that a message lists is bounded; what it does not list, or lists empty, stays as it is."""
    said = Said(Message.CERTIFICATE, sent=True, certificates=LONG_CHAIN, authorities=NAMES)
    kept = bounds.said(said)
    assert (len(kept.certificates or ()), len(kept.authorities or ())) == (
        bounds.CHAIN_LIMIT,
        bounds.LIST_LIMIT,
    )
    plain = Said(Message.CERTIFICATE, sent=True, certificates=(), authorities=None)
    assert bounds.said(plain) == plain


def test_weight_grows_with_what_is_kept() -> None:
    """Longer texts and longer lists weigh more, but nothing weighs more than what is kept of it."""
    light = bounds.weight(Ended())
    chains = [
        bounds.weight(Said(Message.CERTIFICATE, sent=True, certificates=LONG_CHAIN[:n]))
        for n in (0, 1, 12, 50)
    ]
    lists = [
        bounds.weight(Said(Message.CERTIFICATE, sent=True, authorities=NAMES[:n])) for n in (0, 1, 400, 1000)
    ]
    hellos = [
        bounds.weight(Said(Message.CLIENT_HELLO, sent=True, hello=Hello(suites=NAMES[:n])))
        for n in (0, 1, 400, 1000)
    ]
    for weights in (chains, lists, hellos):
        assert light <= weights[0] < weights[1] < weights[2] == weights[3]
    assert bounds.weight(Failed((Throwable("X", "y" * 500),))) > light + 500

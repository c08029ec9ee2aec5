from collections.abc import Callable

from agent.knowledge.condition import Condition
from agent.knowledge.facts import Findings, findings
from agent.knowledge.view import view
from agent.model.handshake import Handshake
from agent.model.vocabulary import Dialect, Role

Build = Callable[..., Handshake]


def _findings(handshake: Handshake) -> Findings:
    return findings(view(handshake))


def test_every_part_must_hold(build: Build) -> None:
    """One part that does not hold is enough for no."""
    found = _findings(build(">client_hello", received="unknown_ca", word="unknown_ca"))
    fits = {
        "role": Condition(role=frozenset({Role.CLIENT})),
        "dialect": Condition(dialect=frozenset({Dialect.JSSE})),
        "exception": Condition(exception=("fatal alert",)),
        "alert": Condition(alert_received=frozenset({"unknown_ca"})),
        "word": Condition(word=frozenset({"unknown_ca"})),
        "facts": Condition(facts=frozenset({"peer_verdict", "server_name_sent"})),
        "any_facts": Condition(any_facts=frozenset({"peer_verdict", "tls13"})),
        "no_facts": Condition(no_facts=frozenset({"tls13"})),
    }
    misses = {
        "role": Condition(role=frozenset({Role.SERVER})),
        "dialect": Condition(dialect=frozenset({Dialect.IAIK})),
        "exception": Condition(exception=("PKIX",)),
        "alert": Condition(alert_received=frozenset({"bad_certificate"})),
        "sent": Condition(alert_sent=frozenset({"unknown_ca"})),
        "word": Condition(word=frozenset({"internal_error"})),
        "facts": Condition(facts=frozenset({"peer_verdict", "tls13"})),
        "any_facts": Condition(any_facts=frozenset({"own_verdict", "tls13"})),
        "no_facts": Condition(no_facts=frozenset({"peer_verdict"})),
    }
    assert {name for name, c in fits.items() if c.score(found) == c.weight} == fits.keys()
    assert {name for name, c in misses.items() if c.score(found) is None} == misses.keys()


def test_a_text_weighs_more_than_an_alert_and_an_alert_more_than_facts() -> None:
    """The order of weights is the order of how much a condition proves."""
    text = Condition(exception=("x",))
    alert = Condition(alert_received=frozenset({"unknown_ca"}))
    facts = Condition(facts=frozenset({"tls13", "v2_hello", "peer_chain_seen"}))
    role = Condition(role=frozenset({Role.CLIENT}))
    assert text.weight > alert.weight > facts.weight > role.weight > Condition().weight == 0


def test_an_inner_text_fits_better(build: Build) -> None:
    """Of two patterns that are found, the one in the innermost cause names the reason."""
    found = _findings(build(text=("PKIX path validation failed", "validity check failed", "NotAfter: today")))
    patterns = ("NotAfter", "validity", "PKIX")
    assert [Condition(exception=(p,)).score(found) for p in patterns] == [100, 99, 98]

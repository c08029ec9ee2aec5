from collections.abc import Callable

from agent.knowledge import keys
from agent.knowledge.keys import Key
from agent.model.handshake import Handshake

Build = Callable[..., Handshake]


def test_the_key_managers_word_comes_first(build: Build) -> None:
    """It names the alias with the numbers of builder and store in front; the chain gives the issuer."""
    said = build(facts={"alias_ignored": "0.0.key: issuers do not match"}, keys="leaf ca")
    assert keys.unaccepted(said) == [Key("key", "CN=Issuing CA, O=Acme")]
    assert keys.none_accepted(said)


def test_without_a_word_the_chains_are_compared(build: Build) -> None:
    """A key fits whose chain holds an issuer that the server names, in whatever spelling."""
    other = build(keys="leaf ca", authorities=("CN=Other", "CN=Third"))
    named = build(keys="leaf ca", authorities=("CN=Other", "o=ACME,cn=root  ca"))
    assert keys.unaccepted(other) == [Key("key", "CN=Issuing CA, O=Acme")]
    assert keys.none_accepted(other)
    assert keys.unaccepted(named) == []
    assert not keys.none_accepted(named)


def test_nothing_is_said_where_nothing_can_be_compared(build: Build) -> None:
    """An empty request names nobody, and keys that were not printed prove nothing."""
    for handshake in (
        build(keys="leaf ca"),
        build(keys="leaf ca", authorities=()),
        build(authorities=("CN=x",)),
    ):
        assert keys.unaccepted(handshake) == []
        assert not keys.none_accepted(handshake)


def test_another_reason_is_another_reason(build: Build) -> None:
    """A key that was passed over for its type says nothing of its issuer."""
    passed = build(facts={"alias_ignored": "key: key algorithm does not match"})
    assert keys.all_ignored_for(passed, keys.TYPE)
    assert not keys.all_ignored_for(passed, keys.ISSUER)
    assert keys.unaccepted(passed) == []


def test_an_alias_may_hold_anything() -> None:
    """Numbers are cut off the front only, the reason off the end."""
    assert keys.alias_of("0.0.my: key: issuers do not match") == "my: key"
    assert keys.alias_of("1.2.3") == "3"

"""Ends that do not speak TLS, bare alerts, and connections that are cut, reset or damaged on their way."""

from collections.abc import Iterator

from tests.lab import faults
from tests.lab.faults import Fault
from tests.lab.relay import Relay
from tests.lab.scenario import TLS12, TLS13, Raw, Scenario, client, in_versions, server


def cuts_and_strangers() -> Iterator[Scenario]:
    """Yield ends that do not speak TLS, and connections that end before their time."""
    yield from _bare_alerts()
    yield from _damage()
    for kind in ("http", "ssh", "smtp"):
        yield Scenario(f"x-{kind}-reply", client(), Raw(kind), faults.PLAIN_REPLY)
    for kind in ("close", "reset", "close-at-once", "half"):
        yield Scenario(f"x-{kind}", client(), Raw(kind), faults.INTERRUPTED)
    yield Scenario("x-mute", client(timeout="700"), Raw("mute"), faults.INTERRUPTED)
    yield Scenario("x-get", Raw("get"), server(), faults.PLAIN_REQUEST)
    for kind in ("probe", "probe-reset", "silent"):
        yield Scenario(f"x-{kind}", Raw(kind), server(timeout="700"), faults.PROBE)
    yield Scenario("x-half-hello", Raw("half"), server(), faults.INTERRUPTED)
    hello_format = Fault("server", (("negotiation", "hello_format"), ("negotiation", "protocol_version")))
    yield Scenario("x-sslv2", Raw("sslv2"), server(), hello_format)
    malformed = Fault("server", (("integrity", "malformed_message"), ("not_tls", "*")))
    yield Scenario("x-broken-hello", Raw("broken"), server(), malformed)
    for does in ("close", "reset"):
        for end, record in (("client", 0), ("server", 0), ("client", 1), ("server", 1)):
            cut = Relay(end, record, does)
            scenario = Scenario(f"x-{does}-{end}{record}", client(), server(), faults.INTERRUPTED, cut)
            yield from in_versions(scenario)


def _bare_alerts() -> Iterator[Scenario]:
    """Yield servers that answer the hello with an alert alone."""
    guess = Fault(
        "peer", (("negotiation", "*"), ("sni", "*")), also_told=(*faults.AFTER_HELLO, "interrupted")
    )
    unnamed = Fault("peer", (("sni", "*"),), also_told=("interrupted", "negotiation", "sni"))
    yield Scenario("alert-handshake_failure", client(), Raw("handshake_failure"), guess)
    yield Scenario("alert-handshake_failure-unnamed", client(sni=""), Raw("handshake_failure"), unnamed)
    for kind in ("protocol_version", "insufficient_security", "no_application_protocol"):
        yield Scenario(f"alert-{kind}", client(), Raw(kind), faults.negotiation("peer", "*"))
    fallback = faults.policy("peer", "fallback_refused")
    yield Scenario("alert-inappropriate_fallback", client(), Raw("inappropriate_fallback"), fallback)
    yield Scenario("alert-unrecognized_name", client(), Raw("unrecognized_name"), unnamed)


def _damage() -> Iterator[Scenario]:
    """Yield records that were changed on the way."""
    broken = faults.integrity
    table = (
        ("finished", Relay("client", 3, "damage", at=-1), "server", TLS12, ("bad_record",)),
        ("server-record", Relay("server", 2, "damage", at=-1), "client", TLS13, ("bad_record",)),
    )
    for name, relay, by, version, causes in table:
        end = client(**version)
        yield Scenario(f"damaged-{name}", end, server(), broken(by, *causes), relay)  # type: ignore[arg-type]

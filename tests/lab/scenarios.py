"""The scenarios: who talks to whom, how, and what is wrong.

Fields of a JSSE end are those that `java/Step.java` reads. An end that says nothing of a field has the
sound value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.lab import faults
from tests.lab.faults import Fault
from tests.lab.pki import HOST
from tests.lab.relay import Relay

Fields = Mapping[str, str]

SERVER: Fields = {"key": "server", "trust": "root", "then": "answer"}
CLIENT: Fields = {"trust": "root", "host": HOST, "verify": "yes", "then": "ask"}
"""Sound ends."""

TLS12: Fields = {"protocols": "TLSv1.2"}
TLS13: Fields = {"protocols": "TLSv1.3"}


@dataclass(frozen=True, slots=True)
class Jsse:
    """An end that JSSE plays, in a JVM whose log is kept. A field that is None is left out."""

    fields: Fields


@dataclass(frozen=True, slots=True)
class Openssl:
    """An end that the openssl command plays, with these arguments."""

    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raw:
    """An end that is no TLS implementation: see `tests.lab.peers`."""

    kind: str


End = Jsse | Openssl | Raw


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of connection."""

    name: str
    client: End
    server: End
    fault: Fault | None = None
    relay: Relay | None = None
    since: int = 8
    """The first Java that can play it."""


def server(**fields: str) -> Jsse:
    """Return a sound server but for these fields; an empty value takes one away."""
    return _end(SERVER, fields)


def client(**fields: str) -> Jsse:
    """Return a sound client but for these fields; an empty value takes one away, `host` apart."""
    return _end(CLIENT, fields)


def _end(sound: Fields, changed: Fields) -> Jsse:
    return Jsse({k: v for k, v in {**sound, **changed}.items() if v or k in {"host", "sni"}})


def in_versions(scenario: Scenario, versions: Mapping[str, Fields] | None = None) -> Iterator[Scenario]:
    """Yield a scenario once in each version of the protocol, as the client asks for it."""
    for tag, fields in (versions or {"12": TLS12, "13": TLS13}).items():
        assert isinstance(scenario.client, Jsse)
        asking = Jsse({**scenario.client.fields, **fields})
        yield replace(scenario, name=f"{scenario.name}.{tag}", client=asking)


def _servers_fault() -> Iterator[Scenario]:
    """Yield what can be wrong with a server's certificate, or with the client that judges it."""
    refused = faults.server_refused
    table: list[tuple[str, Jsse, Jsse, Fault]] = [
        ("unknown-ca", server(key="server-foreign"), client(), refused("untrusted_issuer")),
        ("unknown-ca-root", server(key="server-foreign-root"), client(), refused("untrusted_issuer")),
        ("self-signed", server(key="server-self"), client(), refused("self_signed")),
        ("missing-intermediate", server(key="server-alone"), client(), refused("missing_intermediate")),
        ("expired", server(key="server-expired"), client(), refused("expired")),
        ("expired-intermediate", server(key="server-old-issuer"), client(), refused("expired")),
        ("not-yet-valid", server(key="server-future"), client(), refused("not_yet_valid")),
        ("hostname", server(key="server-elsewhere"), client(), refused("name_mismatch")),
        ("hostname-cn", server(key="server-no-names"), client(), refused("name_mismatch")),
        ("hostname-ip", server(), client(host=""), refused("name_mismatch")),
        ("eku", server(key="server-eku"), client(), refused("key_usage")),
        ("ku", server(key="server-ku"), client(), refused("key_usage")),
        ("v1-intermediate", server(key="server-v1-issuer"), client(), faults.v1_issuer(refused(""))),
        ("int-not-ca", server(key="server-no-ca"), client(), faults.not_ca(refused("not_a_ca", "key_usage"))),
        ("int-no-sign", server(key="server-no-sign"), client(), refused("key_usage", "not_a_ca")),
        ("md5", server(key="server-md5"), client(), refused("weak_algorithm")),
        ("path-length", server(key="server-path"), client(), refused("path_length")),
        ("critical", server(key="server-critical"), client(), refused("critical_extension")),
        ("forged", server(key="server-forged"), client(), refused("signature_mismatch")),
        ("revoked", server(key="server-revoked"), client(revocation="issuing,root"), refused("revoked")),
        ("no-list", server(), client(revocation="unknown"), refused("revocation_unknown")),
        ("chainverifier", server(), client(trust="nobody"), refused("undetermined")),
        ("no-truststore", server(), client(trust="empty"), faults.TRUST_STORE_EMPTY),
        ("jdk-trust", server(key="server-foreign"), client(trust=""), refused("untrusted_issuer")),
    ]
    for name, end, other, fault in table:
        yield from in_versions(Scenario(f"srv-{name}", other, end, fault))


LATE: Mapping[str, Fields] = {
    "12": TLS12,
    "13": {**TLS13, "then": "listen"},
    "13w": TLS13,
}
"""In TLS 1.3 a client believes in success before the server has judged its certificate: it learns of it
when it reads, and often not at all when it writes first."""


def _clients_fault() -> Iterator[Scenario]:
    """Yield what can be wrong with a client's certificate, or with the server that judges it."""
    refused, need = faults.client_refused, server(auth="need")
    table: list[tuple[str, Jsse, Jsse, Fault]] = [
        ("none", need, client(), faults.missing("no_certificate_configured")),
        ("issuer-not-in-list", need, client(key="client-foreign"), faults.missing("issuer_not_accepted")),
        (
            "empty-list-skipped",
            server(auth="need", trust="anybody"),
            client(key="client", pick="listed"),
            faults.missing("empty_authorities_list", more=((faults.MISSING, "empty_authorities_list"),)),
        ),
        (
            "self-signed",
            server(auth="need", trust="nobody"),
            client(key="client-self"),
            refused("undetermined", "self_signed"),
        ),
        ("expired", need, client(key="client-expired"), refused("expired")),
        ("not-yet-valid", need, client(key="client-future"), refused("not_yet_valid")),
        ("eku", need, client(key="client-eku"), refused("key_usage")),
        ("md5", need, client(key="client-md5"), refused("weak_algorithm")),
        ("v1-intermediate", need, client(key="client-v1-issuer"), faults.v1_issuer(refused(""))),
        (
            "revoked",
            server(auth="need", revocation="issuing,root"),
            client(key="client-revoked"),
            refused("revoked"),
        ),
        (
            "no-list",
            server(auth="need", revocation="unknown"),
            client(key="client"),
            refused("revocation_unknown"),
        ),
        ("chainverifier", server(auth="need", trust="nobody"), client(key="client"), refused("undetermined")),
        ("want-expired", server(auth="want"), client(key="client-expired"), refused("expired")),
    ]
    for name, end, other, fault in table:
        yield from in_versions(Scenario(f"cli-{name}", other, end, fault), LATE)


def _disagreements() -> Iterator[Scenario]:
    """Yield ends that have nothing in common, or one that has nothing at all."""
    no = faults.negotiation
    rsa = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    big = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
    version, nothing = no("server", "protocol_version"), no("client", "nothing_enabled", "protocol_version")
    yield from (
        Scenario("proto-c12-s13", client(**TLS12), server(**TLS13), version),
        Scenario("proto-c13-s12", client(**TLS13), server(**TLS12), version),
        Scenario("proto-c10-disabled", client(protocols="TLSv1"), server(), nothing),
        Scenario(
            "proto-s10-disabled",
            client(),
            server(protocols="TLSv1"),
            no("server", "nothing_enabled", "protocol_version"),
        ),
        Scenario(
            "cipher-c13-only12",
            client(protocols="TLSv1.3", suites=rsa),
            server(),
            no("client", "nothing_enabled", "cipher_suite"),
        ),
        Scenario(
            "cipher-none12",
            client(**TLS12, suites=rsa),
            server(suites=big),
            no("server", "cipher_suite", also=("local_configuration",)),
        ),
        Scenario(
            "cipher-none13",
            client(**TLS13, suites="TLS_AES_128_GCM_SHA256"),
            server(suites="TLS_AES_256_GCM_SHA384"),
            no("server", "cipher_suite", also=("local_configuration",)),
        ),
        Scenario(
            "cipher-key-type",
            client(**TLS12, suites=rsa),
            server(key="server-ec"),
            replace(
                no("server", "cipher_suite", also=("local_configuration",)),
                right=(("negotiation", "cipher_suite"), ("local_configuration", "server_key_missing")),
            ),
        ),
        Scenario(
            "sni-unknown",
            client(sni="nobody.acme.example"),
            server(matcher="is[.]acme[.]example"),
            faults.NAME_UNKNOWN,
        ),
    )
    yield from in_versions(Scenario("cipher-nokey", client(), server(key=""), faults.SERVER_KEY_MISSING))
    two = server(key="server-elsewhere,server", pick="name")
    yield from in_versions(Scenario("sni-default", client(sni=""), two, faults.NAME_NOT_SENT))
    yield from in_versions(Scenario("sni-named", client(), two))
    alpn = no("server", "application_protocol")
    yield from in_versions(Scenario("alpn", client(alpn="http/1.1"), server(alpn="h2"), alpn))


def _successes() -> Iterator[Scenario]:
    """Yield what is no failure, however it ends."""
    mutual, keyed = server(auth="need"), client(key="client")
    yield from in_versions(Scenario("ok", client(), server()))
    yield from in_versions(Scenario("ok-ec", client(), server(key="server-ec")))
    yield from in_versions(Scenario("ok-mutual", keyed, mutual))
    yield from in_versions(Scenario("ok-want-none", client(), server(auth="want")))
    yield from in_versions(Scenario("ok-resumed", client(times="3"), server()))
    yield from in_versions(Scenario("ok-v1-leaf", client(verify=""), server(key="server-v1")))
    yield from in_versions(Scenario("ok-v1-root", client(trust="v1-root"), server(key="server-of-v1-root")))
    yield from in_versions(Scenario("ok-empty-list", keyed, server(auth="need", trust="anybody")))
    yield from in_versions(Scenario("ok-alpn", client(alpn="h2,http/1.1"), server(alpn="http/1.1")))
    yield from in_versions(
        Scenario("ok-reset-by-client", client(then="write,pause,reset"), server(then="read,read"))
    )
    yield from in_versions(Scenario("ok-reset-by-server", client(then="ask"), server(then="read,reset")))
    yield from in_versions(Scenario("ok-closed-unread", client(then="write"), server()))
    yield from in_versions(
        Scenario("ok-read-timeout", client(then="ask", timeout="400"), server(then="read,read"))
    )
    yield from in_versions(Scenario("ok-idle", client(then="pause"), server(then="read")))
    yield Scenario("ok-https", client(kind="https", host="localhost"), server())


def _engines() -> Iterator[Scenario]:
    """Yield handshakes by SSLEngine: their tasks in a pool, or every step of them on another thread."""
    for kind in ("engine", "hopping"):
        driven = {"kind": kind}
        yield from in_versions(Scenario(f"{kind}-ok", client(**driven), server(**driven)))
        yield from in_versions(
            Scenario(f"{kind}-mutual", client(key="client"), server(auth="need", **driven))
        )
        fault = faults.server_refused("untrusted_issuer")
        yield from in_versions(
            Scenario(f"{kind}-unknown-ca", client(**driven), server(key="server-foreign", **driven), fault)
        )
        yield from in_versions(
            Scenario(
                f"{kind}-cli-none",
                client(**driven),
                server(auth="need", **driven),
                faults.missing("no_certificate_configured"),
            ),
            {"12": TLS12, "13": {**TLS13, "then": "listen"}},
        )
        yield Scenario(
            f"{kind}-proto",
            client(**TLS12, **driven),
            server(**TLS13, **driven),
            faults.negotiation("server", "protocol_version"),
        )
        yield Scenario(f"{kind}-get", Raw("get"), server(**driven), _PLAIN_REQUEST)
    yield from (
        replace(s, name=f"virtual-{s.name}", since=21)
        for s in (
            *in_versions(Scenario("ok", client(virtual="yes"), server(virtual="yes"))),
            *in_versions(
                Scenario(
                    "expired",
                    client(virtual="yes"),
                    server(key="server-expired", virtual="yes"),
                    faults.server_refused("expired"),
                )
            ),
        )
    )


_PLAIN_REQUEST = Fault("server", (("not_tls", "plaintext_request"),))
_PLAIN_REPLY = Fault("client", (("not_tls", "plaintext_reply"),))


def _transport() -> Iterator[Scenario]:
    """Yield ends that do not speak TLS, and connections that end before their time."""
    for kind in ("http", "ssh", "smtp"):
        yield Scenario(f"x-{kind}-reply", client(), Raw(kind), _PLAIN_REPLY)
    for kind in ("close", "reset", "close-at-once", "half"):
        yield Scenario(f"x-{kind}", client(), Raw(kind), faults.INTERRUPTED)
    yield Scenario("x-mute", client(timeout="700"), Raw("mute"), faults.INTERRUPTED)
    yield Scenario("x-get", Raw("get"), server(), _PLAIN_REQUEST)
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


ALL: dict[str, tuple[Scenario, ...]] = {
    "srv": tuple(_servers_fault()),
    "cli": tuple(_clients_fault()),
    "neg": tuple(_disagreements()),
    "ok": tuple(_successes()),
    "engine": tuple(_engines()),
    "x": (*_transport(), *_bare_alerts(), *_damage()),
}
"""The scenarios by family."""

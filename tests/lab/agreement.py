"""What the ends have in common or do not, and all that is no failure."""

from collections.abc import Iterator
from dataclasses import replace

from tests.lab import faults
from tests.lab.foreign import CALLING, SERVING
from tests.lab.scenario import TLS12, TLS13, Openssl, Raw, Scenario, client, in_versions, server


def disagreements() -> Iterator[Scenario]:
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


def successes() -> Iterator[Scenario]:
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
    # the second handshake goes on while both ends read, so there has to be enough to read
    ask, answer = "write,read,write,read,write,read", "answer,answer,answer"
    again = client(**TLS12, then=f"renegotiate,{ask}")
    yield Scenario("ok-renegotiated", again, server(then=answer))
    demanding = server(then=f"demand,{answer}")
    yield Scenario("ok-demanded", client(**TLS12, key="client", then=ask), demanding)
    none = replace(faults.missing("no_certificate_configured"), late=True)
    yield Scenario("cli-demanded-none", client(**TLS12, then=ask), demanding, none)
    https = {"kind": "https", "host": "localhost"}
    yield Scenario("https-ok", client(**https), server())
    for key, fault in (
        ("server-foreign", faults.server_refused("untrusted_issuer")),
        ("server-expired", faults.server_refused("expired")),
        ("server-elsewhere", faults.server_refused("name_mismatch")),
    ):
        yield Scenario(f"https-{key}", client(**https), server(key=key), fault)


def engines() -> Iterator[Scenario]:
    """Yield handshakes by SSLEngine, and those on virtual threads."""
    for scenario in _driven():
        yield replace(scenario, fault=scenario.fault and replace(scenario.fault, engine=True))
    yield from _virtual()


def _driven() -> Iterator[Scenario]:
    """Yield handshakes whose tasks are done in a pool, or every step on another thread."""
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
        yield Scenario(f"{kind}-get", Raw("get"), server(**driven), faults.PLAIN_REQUEST)


def _virtual() -> Iterator[Scenario]:
    """Yield handshakes on threads without a name."""
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


def policies() -> Iterator[Scenario]:
    """Yield what a strict end does not allow (how strict they are is the session's business)."""
    again = client(**TLS12, then="renegotiate,ask")
    yield Scenario(
        "policy-renegotiated", again, server(), faults.policy("server", "renegotiation_refused", late=True)
    )
    yield Scenario(
        "policy-no-ems",
        client(**TLS12),
        Openssl((*SERVING, "-tls1_2", "legacy")),
        faults.policy("client", "extended_master_secret_required"),
    )
    weak = (*SERVING, "-tls1_2", "-dhparam", "dh1536.pem", "-cipher", "DHE-RSA-AES128-GCM-SHA256", "weak")
    short = faults.negotiation("client", "weak_key_exchange")
    yield Scenario("policy-weak-dh", client(**TLS12), Openssl(weak), short)
    yield from in_versions(Scenario("policy-ok", client(), server()))


def groups() -> Iterator[Scenario]:
    """Yield what happens at a server that takes the groups secp384r1 and secp521r1 alone."""
    none = faults.negotiation("server", "named_group", "cipher_suite", also=("local_configuration",))
    yield Scenario("groups-retried", client(**TLS13), server())
    yield Scenario("groups-ok", client(**TLS12), server())
    for tag, version in (("12", "-tls1_2"), ("13", "-tls1_3")):
        x25519 = (version, "-groups", "X25519", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", *CALLING)
        yield Scenario(f"groups-none.{tag}", Openssl(x25519), server(), none)


def old_versions() -> Iterator[Scenario]:
    """Yield what happens where the old versions of the protocol are still allowed, on either side."""
    ten = {"protocols": "TLSv1"}
    yield Scenario("old-ok10", client(**ten), server(protocols="TLSv1,TLSv1.1,TLSv1.2"))
    yield Scenario("old-ok11", client(protocols="TLSv1.1"), server(protocols="TLSv1,TLSv1.1,TLSv1.2"))
    yield Scenario(
        "old-c10-s12", client(**ten), server(**TLS12), faults.negotiation("server", "protocol_version")
    )
    yield Scenario(
        "old-c11-s13",
        client(protocols="TLSv1.1"),
        server(**TLS13),
        faults.negotiation("server", "protocol_version"),
    )
    yield Scenario(
        "old-c12-s10", client(**TLS12), server(**ten), faults.negotiation("server", "protocol_version")
    )
    yield Scenario("old-static-rsa", client(**TLS12, suites="TLS_RSA_WITH_AES_128_CBC_SHA"), server())
    yield Scenario(
        "old-expired10",
        client(**ten),
        server(key="server-expired", protocols="TLSv1,TLSv1.2"),
        faults.server_refused("expired"),
    )

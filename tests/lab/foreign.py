"""OpenSSL at the other end: precise alerts, and clients that send what they have."""

from collections.abc import Iterator
from dataclasses import replace

from tests.lab import faults
from tests.lab.faults import CLIENT, Fault
from tests.lab.pki import HOST
from tests.lab.scenario import TLS12, TLS13, Openssl, Scenario, client, in_versions, server

SERVING = ("-cert", "server.pem", "-key", "server.key.pem", "-cert_chain", "issuing.pem")
"""What makes a sound server."""

CALLING = ("-servername", HOST, "-CAfile", "root.pem", "-verify_return_error")
"""What makes a sound client; -verify_return_error has it refuse what it cannot verify."""

ANY_SUITE = "ALL:@SECLEVEL=0"


def openssl() -> Iterator[Scenario]:
    """Yield connections of which OpenSSL is one end."""
    yield from _servers()
    yield from _clients()


def told(*pairs: tuple[str, str], also: tuple[str, ...] = ()) -> Fault:
    """Return a fault that OpenSSL finds out and tells by its alert."""
    return Fault("peer", pairs, also_told=also)


def _servers() -> Iterator[Scenario]:
    """Yield what a server by OpenSSL accepts and refuses."""
    yield from in_versions(Scenario("ossl-ok", client(), Openssl(SERVING)))
    asking = ("-Verify", "2", "-verify_return_error")
    listed, unlisted = (
        (*SERVING, *asking, "-CAfile", "root.pem"),
        (*SERVING, *asking, "-verifyCAfile", "root.pem"),
    )
    yield from in_versions(Scenario("ossl-mutual", client(key="client"), Openssl(listed)))
    none = replace(faults.missing("no_certificate_configured"), by="peer")
    kind = replace(faults.missing("key_type_mismatch"), by="peer")
    rsa_only = (*listed, "-client_sigalgs", "RSA+SHA256:RSA-PSS+SHA256")
    refused = told((CLIENT, "*"))
    v1 = told((CLIENT, "*"), (faults.V1, "*"))
    for name, arguments, key, fault in (
        ("need-none", listed, "", none),
        ("cli-unknown", unlisted, "client-foreign", refused),
        ("cli-self", unlisted, "client-self", refused),
        ("cli-alone", unlisted, "client-alone", refused),
        ("cli-expired", listed, "client-expired", refused),
        ("cli-future", listed, "client-future", refused),
        ("cli-eku", listed, "client-eku", refused),
        ("cli-v1", listed, "client-v1-issuer", v1),
        ("cli-key-type", rsa_only, "client-ec", kind),
    ):
        # after the handshake of TLS 1.3 the alert is read only by those who wait for it
        versions = {"12": TLS12, "13": {**TLS13, "then": "listen"}}
        yield from in_versions(Scenario(f"ossl-{name}", client(key=key), Openssl(arguments), fault), versions)
    no = faults.negotiation("peer", "*")
    second = ("-servername", "known.acme.example", "-cert2", "server.pem", "-key2", "server.key.pem")
    warned = Fault("client", (("sni", "name_not_recognized"),), also=("sni",))
    unnamed = told(("sni", "*"), also=("interrupted", "negotiation", "sni"))
    yield Scenario("ossl-sni-warning", client(**TLS12), Openssl((*SERVING, *second)), warned)
    yield from in_versions(
        Scenario("ossl-sni-fatal", client(), Openssl((*SERVING, *second, "-servername_fatal")), unnamed)
    )
    yield Scenario("ossl-only13", client(**TLS12), Openssl((*SERVING, "-tls1_3")), no)
    yield Scenario("ossl-only12", client(**TLS13), Openssl((*SERVING, "-tls1_2")), no)
    small = (*_own("server-weak"), "-cert_chain", "issuing.pem", "-tls1_2", "weak")
    yield Scenario("ossl-weak-key", client(**TLS12), Openssl(small), faults.server_refused("weak_algorithm"))
    ten = (*SERVING, "-tls1", "-cipher", ANY_SUITE)
    yield Scenario("ossl-only10", client(), Openssl(ten), no)
    camellia = (*SERVING, "-tls1_2", "-cipher", "CAMELLIA256-SHA256")
    yield Scenario("ossl-cipher", client(**TLS12), Openssl(camellia), no)
    yield from in_versions(
        Scenario("ossl-group", client(), Openssl((*SERVING, "-groups", "brainpoolP256r1")), no)
    )


def _clients() -> Iterator[Scenario]:
    """Yield what a server by JSSE makes of a client by OpenSSL."""
    yield from _both(Scenario("ossl-c-ok", Openssl(CALLING), server()))
    refused = Fault(
        "peer",
        ((faults.SERVER, "*"),),
        # of TLS 1.3 the alert comes in plain text, which JSSE cannot read at that point
        riddle=("integrity", "interrupted", "unclassified"),
    )
    strangers = ("-servername", HOST, "-CAfile", "foreign.pem", "-verify_return_error")
    elsewhere = (*CALLING, "-verify_hostname", "elsewhere.example")
    yield from _both(Scenario("ossl-c-unknown-ca", Openssl(strangers), server(), refused))
    yield from _both(Scenario("ossl-c-expired", Openssl(CALLING), server(key="server-expired"), refused))
    yield from _both(Scenario("ossl-c-hostname", Openssl(elsewhere), server(), refused))
    need = server(auth="need")
    yield from _both(Scenario("ossl-c-none", Openssl(CALLING), need, faults.missing("")))
    yield from _both(
        Scenario("ossl-c-mutual", Openssl((*CALLING, *_own("client"), "-cert_chain", "issuing.pem")), need)
    )
    for name, chain, fault in (
        ("foreign", "foreign-issuing", faults.client_refused("untrusted_issuer")),
        ("self", "", faults.client_refused("self_signed")),
        ("alone", "", faults.client_refused("missing_intermediate")),
        ("expired", "issuing", faults.client_refused("expired")),
        ("future", "issuing", faults.client_refused("not_yet_valid")),
        ("eku", "issuing", faults.client_refused("key_usage")),
        ("v1-issuer", "v1", faults.v1_issuer(faults.client_refused(""))),
    ):
        sent = (*CALLING, *_own(f"client-{name}"), *(("-cert_chain", f"{chain}.pem") if chain else ()))
        yield from _both(Scenario(f"ossl-c-sends-{name}", Openssl(sent), need, fault))
    version = faults.negotiation("server", "protocol_version")
    for tag, option in (("10", "-tls1"), ("11", "-tls1_1")):
        old = (*CALLING, option, "-cipher", ANY_SUITE)
        yield Scenario(f"ossl-c-only{tag}", Openssl(old), server(), version)
    camellia = (*CALLING, "-tls1_2", "-cipher", "CAMELLIA256-SHA256")
    no_suite = faults.negotiation("server", "cipher_suite", also=("local_configuration",))
    yield Scenario("ossl-c-cipher", Openssl(camellia), server(), no_suite)
    stranger = ("-servername", "nobody.acme.example", "-CAfile", "root.pem")
    matching = server(matcher="is[.]acme[.]example")
    yield from _both(Scenario("ossl-c-sni", Openssl(stranger), matching, faults.NAME_UNKNOWN))
    alpn = faults.negotiation("server", "application_protocol")
    yield from _both(
        Scenario("ossl-c-alpn", Openssl((*CALLING, "-alpn", "http/1.1")), server(alpn="h2"), alpn)
    )


def _own(name: str) -> tuple[str, ...]:
    return ("-cert", f"{name}.pem", "-key", f"{name}.key.pem")


def _both(scenario: Scenario) -> Iterator[Scenario]:
    """Yield a scenario in each version of the protocol, as a client by OpenSSL asks for it."""
    assert isinstance(scenario.client, Openssl)
    for tag, option in (("12", "-tls1_2"), ("13", "-tls1_3")):
        asking = Openssl((*scenario.client.arguments, option))
        yield replace(scenario, name=f"{scenario.name}.{tag}", client=asking)

"""Certificates that one end refuses, or does not have: issues 3 to 6 of the vendor's article, and kin."""

from collections.abc import Iterator

from tests.lab import faults
from tests.lab.scenario import LATE, Jsse, Scenario, client, in_versions, server


def of_servers() -> Iterator[Scenario]:
    """Yield what can be wrong with a server's certificate, or with the client that judges it."""
    refused = faults.server_refused
    table: list[tuple[str, Jsse, Jsse, faults.Fault]] = [
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


def of_clients() -> Iterator[Scenario]:
    """Yield what can be wrong with a client's certificate, or with the server that judges it."""
    refused, need = faults.client_refused, server(auth="need")
    table: list[tuple[str, Jsse, Jsse, faults.Fault]] = [
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

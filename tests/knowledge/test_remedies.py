import tomllib

import pytest

from agent.knowledge import catalogue, remedies
from agent.knowledge.checks import Place
from agent.knowledge.remedies import Advice
from agent.model.diagnosis import Remedy
from agent.model.vocabulary import Dialect, Role

PLACE = Place("mine.toml", "", "remedy.x", 1, "remedy")


def _read(**row: object) -> Advice:
    return remedies.read(PLACE, {"text": "Do it.", **row})


def test_a_jvm_option_is_told_as_its_place_wants_it() -> None:
    """The wrapper's file where its prefix was seen, the variable of Microservices Runtime where not."""
    advice = [_read(setting="jdk.tls.namedGroups", value="x25519", where="jvm_option")]
    wrapped = remedies.fitting(advice, Role.CLIENT, Dialect.JSSE, None, wrapped=True)
    bare = remedies.fitting(advice, Role.CLIENT, Dialect.JSSE, None, wrapped=False)
    assert wrapped == (
        Remedy(
            "Do it.",
            "wrapper.java.additional.<n>",
            "-Djdk.tls.namedGroups=x25519",
            restart=True,
            where="custom_wrapper.conf of the profile, <n> the next free number",
        ),
    )
    assert bare == (
        Remedy(
            "Do it. (Where a wrapper starts the JVM: wrapper.java.additional.<n> in custom_wrapper.conf.)",
            "JAVA_CUSTOM_OPTS",
            "-Djdk.tls.namedGroups=x25519",
            restart=True,
            where="environment variable, or bin/setenv.sh, of Microservices Runtime or the container",
        ),
    )


def test_what_fits_is_given_and_the_unsafe_last() -> None:
    """Role, library and version choose; an unknown role or version chooses nothing away."""
    advice = [
        _read(text="1", weakens_security=True),
        _read(text="2", roles=["server"]),
        _read(text="3", dialects=["iaik"]),
        _read(text="4", applies_to=">=10.7"),
        _read(text="5", applies_to="<=10.5"),
    ]

    def given(role: Role, dialect: Dialect, version: tuple[int, ...] | None) -> str:
        found = remedies.fitting(advice, role, dialect, version, wrapped=True)
        return "".join(remedy.text for remedy in found)

    assert given(Role.CLIENT, Dialect.JSSE, (10, 5)) == "51"
    assert given(Role.SERVER, Dialect.JSSE, (10, 15)) == "241"
    assert given(Role.UNKNOWN, Dialect.JSSE, None) == "2451"
    assert given(Role.CLIENT, Dialect.IAIK, (10, 5)) == "351"


def test_iaik_tells_the_latest_version_that_it_can_be() -> None:
    """Its debug text comes from 10.11 or earlier, so what begins later is left out."""
    advice = [_read(text="1", applies_to=">=10.15"), _read(text="2", applies_to=">=10.7"), _read(text="3")]
    found = remedies.fitting(advice, Role.CLIENT, Dialect.IAIK, None, wrapped=True)
    assert [remedy.text for remedy in found] == ["2", "3"]


CURES = {
    "watt.net.ssl.client.useJSSE": "negotiation.hello_refused_old",
    "watt.net.ssl.client.ftps.useJSSE": "negotiation.hello_refused_old",
    "watt.net.ssl.email.client.useJSSE": "sni.told_without_name",
    "useJSSE": "negotiation.version_told",
    "Use JSSE": "negotiation.version_told",
    "watt.net.jsse.client.enabledProtocols": "negotiation.version_chosen",
    "watt.net.jsse.server.enabledProtocols": "negotiation.version_refused",
    "watt.net.jsse.client.disabledProtocols": "negotiation.nothing_enabled",
    "watt.net.jsse.server.disabledProtocols": "negotiation.version_refused",
    "jsseEnabledProtocols": "negotiation.version_refused",
    "jsseDisabledProtocols": "negotiation.version_chosen",
    "watt.net.jsse.client.enabledCipherSuiteList": "negotiation.hello_refused",
    "watt.net.jsse.server.enabledCipherSuiteList": "negotiation.no_common_suite",
    "cipherSuites": "negotiation.hello_refused",
    "watt.net.ssl.client.handshake.minVersion": "negotiation.hello_format_told",
    "watt.net.ssl.client.handshake.maxVersion": "negotiation.version_told",
    "watt.net.ssl.server.handshake.minVersion": "negotiation.version_own_alert",
    "watt.net.ssl.client.cipherSuiteList": "negotiation.hello_refused",
    "watt.net.ssl.server.cipherSuiteList": "negotiation.own_alert",
    "watt.net.ssl.client.strongcipheronly": "negotiation.hello_refused",
    "watt.net.ssl.server.strongcipheronly": "negotiation.own_alert",
    "watt.net.ssl.client.hostnameverification": "server_certificate_rejected.name_mismatch",
    "hostNameVerification": "server_certificate_rejected.name_mismatch",
    "watt.security.cert.wmChainVerifier.trustByDefault": "server_certificate_rejected.custom",
    "watt.security.cert.wmChainVerifier.enforceExtensionsChecks": "x509_v1_certificate.issuer_custom",
    "watt.security.ssl.ignoreExpiredChains": "client_certificate_rejected.expired",
    "watt.security.ssl.client.ignoreEmptyAuthoritiesList": "client_certificate_missing.unnamed_iaik",
    "watt.security.ssl.cacheClientSessions": "policy.extended_master_secret_resumed",
    "watt.security.ssl.keypurposeverification": "client_certificate_rejected.custom",
    "watt.security.ssl.keyStoreAlias": "client_certificate_missing.no_key",
    "watt.security.ssl.keyAlias": "client_certificate_missing.no_key",
    "keyStoreAlias and keyAlias of pub.client:http": "client_certificate_missing.no_key",
    "watt.server.ssl.keyStoreAlias": "client_certificate_missing.no_key",
    "watt.server.ssl.trustStoreAlias": "server_certificate_rejected.untrusted",
    "watt.security.fips.mode": "local_configuration.algorithm_unavailable",
    "checkCRL": "server_certificate_rejected.revocation_unknown",
    "jdk.tls.disabledAlgorithms": "negotiation.weak_key_exchange",
    "jdk.certpath.disabledAlgorithms": "server_certificate_rejected.weak_algorithm",
    "javax.net.debug": "unclassified.undetermined",
}
"""Every setting of the product that cures a failed handshake, and an entry that must name it."""

NO_CURES = {
    "watt.ssl.iaik.debug": "switches debug output on",
    "watt.net.ssl.debug": "switches debug output on",
    "watt.config.systemProperties": "another place for JVM options, which splits at commas",
    "watt.net.jsse.server.useCipherSuitesOrder": "which common suite is taken, not whether there is one",
    "watt.net.jsse.server.SSLSessionTimeout": "how long sessions are kept",
}
"""Settings about TLS that cure no failed handshake, and what they do."""


@pytest.mark.parametrize("setting", sorted(CURES))
def test_a_setting_is_named_where_it_cures(setting: str) -> None:
    """Each setting is a remedy of the failure that it ends, with the place where it is set."""
    (entry,) = [e for e in catalogue.load().entries if e.id == CURES[setting]]
    found = [advice.remedy for advice in entry.advice if advice.remedy.setting == setting]
    assert len(found) == (2 if setting.endswith("disabledAlgorithms") else 1)
    assert all(remedy.where for remedy in found)


def test_no_setting_is_a_cure_and_none() -> None:
    """What is a remedy nowhere is said to be none."""
    rows = tomllib.loads(catalogue.files()["remedies.toml"])["remedy"].values()
    settings = {row["setting"] for row in rows if "setting" in row}
    assert settings >= CURES.keys()
    assert not settings & NO_CURES.keys()
    assert {name for name in settings if name.startswith("watt.")} <= CURES.keys()

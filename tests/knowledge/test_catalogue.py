import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.knowledge import catalogue
from agent.knowledge.checks import CatalogueError
from agent.knowledge.entries import parse
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.handshake import Handshake
from agent.model.vocabulary import ActingSide, Confidence, Depth, Issue

Build = Callable[..., Handshake]
Words = dict[str, Any]
Samples = dict[str, Handshake]


def _make(build: Build, words: Words) -> Handshake:
    words = {key: tuple(value) if isinstance(value, list) else value for key, value in words.items()}
    steps = words.pop("steps", ())
    if words.get("name") == "":
        words["name"] = None
    return build(*steps, **words)


def _said(diagnosis: Diagnosis) -> tuple[str, str, list[str]]:
    """Return "issue/cause", confidence and the alternatives as "issue/cause"."""
    others = [f"{a.issue}/{a.cause}" for a in diagnosis.alternatives]
    return f"{diagnosis.issue}/{diagnosis.cause}", diagnosis.confidence.value, others


def test_every_entry_has_a_sample_and_every_sample_an_entry(samples: Samples) -> None:
    """No entry is unreachable by construction."""
    ids = {entry.id for entry in catalogue.load().entries}
    assert (ids - samples.keys(), samples.keys() - ids) == (set(), set())


@pytest.mark.parametrize("name", sorted(entry.id for entry in catalogue.load().entries))
def test_an_entry_wins_for_its_sample(samples: Samples, name: str) -> None:
    """The most specific entry wins, fills its sentences and ends with what weakens security."""
    diagnosis = catalogue.diagnose(samples[name])
    assert diagnosis.entry == name
    for said in (diagnosis.summary, diagnosis.would_confirm, diagnosis.partner_message):
        assert said is None or (said.strip() == said and said and not re.search("[{}]", said))
    weak = [remedy.weakens_security for remedy in diagnosis.remedies]
    assert diagnosis.remedies
    assert weak == sorted(weak)
    assert not any(weak[:1])
    pairs = [(a.issue, a.cause) for a in diagnosis.alternatives]
    assert len(pairs) <= 3
    assert len({*pairs, (diagnosis.issue, diagnosis.cause)}) == len(pairs) + 1


def test_ids_begin_with_the_issue() -> None:
    """A file holds the entries of one issue, or those that are read for both roles."""
    for entry in catalogue.load().entries:
        assert entry.id.partition(".")[0] == entry.issue.value
        assert entry.file in {f"{entry.issue}.toml", "certificates.toml"}


def test_who_must_act_is_written_to() -> None:
    """Where the other side, either side or the CA has to act, there is a message to be sent."""
    written_to = {ActingSide.PEER, ActingSide.EITHER, ActingSide.ISSUING_CA}
    for entry in catalogue.load().entries:
        sides = {entry.acting_side, *entry.acting_side_by_role.values()}
        assert (entry.letter is not None) == bool(sides & written_to), entry.id


def test_what_is_not_certain_can_be_made_sure() -> None:
    """Whatever is likely or possible only comes with what would decide."""
    assert [
        e.id for e in catalogue.load().entries if e.confidence is not Confidence.CERTAIN and not e.probes
    ] == []


def test_product_patterns_are_regular_expressions() -> None:
    """The product's files pass all checks, those too that are left out at start."""
    assert parse(catalogue.files()) == catalogue.load().entries


def _known() -> list[tuple[str, Words]]:
    """Return what each known text means, and the words of a handshake that ended with it."""
    path = Path(__file__).with_name("known_texts.toml")
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["text"]
    return [
        (row["is"], {key: value for key, value in row.items() if key not in {"is", "texts"}} | {"text": text})
        for row in rows
        for text in row["texts"]
    ]


KNOWN = _known()


@pytest.mark.parametrize("number", range(len(KNOWN)), ids=[f"{said}: {w['text']}"[:90] for said, w in KNOWN])
def test_a_known_text_is_told_as_what_it_means(build: Build, number: int) -> None:
    """Issue, cause and how sure, for what the libraries are known to say."""
    said, words = KNOWN[number]
    diagnosis = catalogue.diagnose(_make(build, words))
    assert f"{diagnosis.issue}/{diagnosis.cause} {diagnosis.confidence}" == said


RULES: dict[str, tuple[Words, tuple[str, str, list[str]]]] = {
    "a certificate text in the client's log is about the server's certificate": (
        {"text": "KeyUsage does not allow key encipherment"},
        ("server_certificate_rejected/key_usage", "certain", []),
    ),
    "the same text in the server's log is about the client's": (
        {"text": "KeyUsage does not allow key encipherment", "role": "server"},
        ("client_certificate_rejected/key_usage", "certain", []),
    ),
    "with an unknown role it is possible, and the other is the alternative": (
        {"text": "KeyUsage does not allow key encipherment", "role": "unknown"},
        ("server_certificate_rejected/key_usage", "possible", ["client_certificate_rejected/key_usage"]),
    ),
    "an expired certificate is one although two texts around it are vaguer": (
        {
            "text": [
                "PKIX path validation failed: validity check failed",
                "java.security.cert.CertificateExpiredException: NotAfter: yesterday",
            ]
        },
        ("server_certificate_rejected/expired", "certain", []),
    ),
    "a server that misses the server's chain misses the client's": (
        {"role": "server", "text": "Empty server certificate chain", "word": "bad_certificate"},
        (
            "client_certificate_missing/undetermined",
            "certain",
            [
                "client_certificate_missing/no_certificate_configured",
                "client_certificate_missing/issuer_not_accepted",
            ],
        ),
    ),
    "bad_certificate after our empty certificate": (
        {
            "steps": [">client_hello", "<certificate_request", ">certificate-empty"],
            "received": "bad_certificate",
        },
        (
            "client_certificate_missing/undetermined",
            "certain",
            [
                "client_certificate_missing/no_certificate_configured",
                "client_certificate_missing/issuer_not_accepted",
            ],
        ),
    ),
    "bad_certificate after our certificate": (
        {
            "steps": [">client_hello", "<certificate_request", ">certificate"],
            "own": "leaf",
            "received": "bad_certificate",
        },
        (
            "client_certificate_rejected/undetermined",
            "certain",
            [
                "client_certificate_rejected/untrusted_issuer",
                "client_certificate_rejected/missing_intermediate",
                "client_certificate_rejected/key_usage",
            ],
        ),
    ),
    "a server that is told certificate_unknown": (
        {"role": "server", "steps": ["<client_hello", ">certificate"], "received": "certificate_unknown"},
        (
            "server_certificate_rejected/undetermined",
            "certain",
            [
                "server_certificate_rejected/untrusted_issuer",
                "server_certificate_rejected/name_mismatch",
                "server_certificate_rejected/missing_intermediate",
            ],
        ),
    ),
    "somebody who is told certificate_unknown": (
        {"role": "unknown", "received": "certificate_unknown"},
        (
            "server_certificate_rejected/undetermined",
            "possible",
            ["client_certificate_rejected/undetermined", "client_certificate_missing/undetermined"],
        ),
    ),
    "handshake_failure right after a hello without a server name": (
        {"steps": [">client_hello"], "name": "", "received": "handshake_failure"},
        (
            "negotiation/undetermined",
            "possible",
            ["sni/name_not_sent", "negotiation/cipher_suite", "local_configuration/server_key_missing"],
        ),
    ),
    "handshake_failure for an IAIK hello": (
        {
            "dialect": "iaik",
            "steps": [">client_hello"],
            "versions": ["TLSv1"],
            "name": "",
            "received": "handshake_failure",
        },
        (
            "negotiation/protocol_version",
            "likely",
            ["sni/name_not_sent", "negotiation/cipher_suite"],
        ),
    ),
    "a version 1 leaf alone proves nothing": (
        {"text": "PKIX path building failed", "peer": "v1leaf ca"},
        (
            "server_certificate_rejected/untrusted_issuer",
            "likely",
            ["server_certificate_rejected/missing_intermediate"],
        ),
    ),
    "an intermediate that is no CA is no version 1 certificate": (
        {"text": "this is not a CA certificate", "peer": "leaf notca"},
        ("server_certificate_rejected/not_a_ca", "certain", []),
    ),
    "what is left of a chain does not show that its CA is no version 1 certificate": (
        {"text": "this is not a CA certificate", "peer": "v1ca"},
        ("server_certificate_rejected/not_a_ca", "likely", ["x509_v1_certificate/issuer_is_v1"]),
    ),
    "nor does a chain with a gap": (
        {"text": "this is not a CA certificate", "peer": "leaf root"},
        ("server_certificate_rejected/not_a_ca", "likely", ["x509_v1_certificate/issuer_is_v1"]),
    ),
    "SunX509 words a version 1 intermediate in its own way": (
        {"text": "End user tried to act as a CA", "peer": "leaf v1ca"},
        ("x509_v1_certificate/issuer_is_v1", "certain", []),
    ),
    "a server without a key says that there is no common suite": (
        {"role": "server", "text": "no cipher suites in common", "facts": {"no_certificate_selected": "RSA"}},
        (
            "local_configuration/server_key_missing",
            "likely",
            ["negotiation/cipher_suite"],
        ),
    ),
    "a reset after our certificate": (
        {
            "steps": [">client_hello", "<server_hello", ">certificate"],
            "own": "leaf",
            "text": "Connection reset",
        },
        (
            "client_certificate_rejected/undetermined",
            "likely",
            ["interrupted/reset", "interrupted/closed_by_peer"],
        ),
    ),
    "a reset after our empty certificate": (
        {"steps": [">client_hello", "<server_hello", ">certificate-empty"], "text": "Connection reset"},
        (
            "client_certificate_missing/undetermined",
            "likely",
            [
                "client_certificate_missing/no_certificate_configured",
                "client_certificate_missing/issuer_not_accepted",
                "interrupted/reset",
            ],
        ),
    ),
    "a client that leaves after the server's flight": (
        {
            "role": "server",
            "steps": ["<client_hello", ">server_hello", ">certificate"],
            "text": "Connection reset",
        },
        (
            "server_certificate_rejected/undetermined",
            "possible",
            ["interrupted/closed_by_peer", "interrupted/reset"],
        ),
    ),
    "a client that leaves after it has accepted the certificate": (
        {
            "role": "server",
            "steps": ["<client_hello", ">certificate", ">server_hello_done", "<client_key_exchange"],
            "text": "Connection reset",
        },
        ("interrupted/reset", "likely", []),
    ),
    "a reset after the hello": (
        {"steps": [">client_hello"], "text": "Connection reset"},
        ("interrupted/reset", "possible", ["negotiation/undetermined", "sni/name_not_recognized"]),
    ),
    "an alert that IAIK sends after a reset is not the reason": (
        {
            "dialect": "iaik",
            "steps": [">client_hello"],
            "text": "IOException: Connection reset",
            "sent": "handshake_failure",
        },
        ("interrupted/reset", "possible", ["negotiation/undetermined", "sni/name_not_recognized"]),
    ),
    "legacy JSSE fails on a warning": (
        {"steps": [">client_hello"], "text": "SSLProtocolException: handshake alert:  unrecognized_name"},
        ("sni/name_not_recognized", "certain", []),
    ),
    "a check of one's own hides the reason": (
        {"text": "Kein Vertrauen", "word": "certificate_unknown"},
        (
            "server_certificate_rejected/undetermined",
            "certain",
            [
                "server_certificate_rejected/untrusted_issuer",
                "server_certificate_rejected/expired",
                "server_certificate_rejected/weak_algorithm",
            ],
        ),
    ),
    "the first verdict counts, not the alert about it": (
        {"text": "PKIX path building failed", "peer": "self", "sent": "certificate_unknown"},
        ("server_certificate_rejected/self_signed", "certain", []),
    ),
}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_rule(build: Build, rule: str) -> None:
    """Issue, cause, confidence and alternatives are exactly these."""
    words, said = RULES[rule]
    assert _said(catalogue.diagnose(_make(build, words))) == said


def test_a_whole_diagnosis(build: Build) -> None:
    """Everything that is said of the article's third issue, for IAIK and one product version."""
    diagnosis = catalogue.diagnose(
        build(dialect="iaik", text="Server certificate rejected by ChainVerifier"), "9.12"
    )
    assert diagnosis == Diagnosis(
        entry="server_certificate_rejected.custom",
        issue=Issue.SERVER_CERTIFICATE_REJECTED,
        cause="undetermined",
        confidence=Confidence.CERTAIN,
        acting_side=ActingSide.EITHER,
        summary="The Integration Server's own check refused the certificate of the server;"
        " it does not say why.",
        remedies=diagnosis.remedies,
        alternatives=(
            Alternative(Issue.SERVER_CERTIFICATE_REJECTED, "untrusted_issuer", Confidence.POSSIBLE),
            Alternative(Issue.SERVER_CERTIFICATE_REJECTED, "expired", Confidence.POSSIBLE),
            Alternative(Issue.LOCAL_CONFIGURATION, "truststore_empty", Confidence.POSSIBLE),
        ),
        would_confirm="Look at the chain that the server presents (issuers, dates, versions), and for its"
        " last issuer in the trust store in use.\n"
        "openssl s_client -connect HOST:PORT -servername NAME -showcerts </dev/null\n"
        "openssl s_client -connect HOST:PORT -servername NAME </dev/null"
        " | openssl x509 -noout -subject -issuer -serial -dates\n"
        "keytool -list -v -keystore TRUSTSTORE",
        partner_message="A TLS connection from our client to your server failed on 2026-11-23 at"
        " 07:00:00 UTC. Our client did not accept the certificate of your server. Please send us your"
        " certificate with all its intermediates, so that we can compare issuer, dates and purposes with what"
        " we trust.",
    )
    assert [remedy.setting for remedy in diagnosis.remedies if remedy.weakens_security] == [
        "watt.security.ssl.keypurposeverification",
        "watt.security.cert.wmChainVerifier.trustByDefault",
        "watt.security.ssl.ignoreExpiredChains",
    ]


def _settings(remedies: tuple[Remedy, ...]) -> dict[str, str | None]:
    return {r.setting: r.applies_to for r in remedies if r.setting and r.setting.startswith("watt.net")}


def test_remedies_fit_the_product_version(build: Build) -> None:
    """A setting that a version does not have is not named; without a version both forms are, with ranges."""
    handshake = build(">client_hello", text="Server chose TLSv1, but that protocol version is not enabled")
    old = {"watt.net.jsse.client.enabledProtocols": "<=10.5"}
    new = {"watt.net.jsse.client.disabledProtocols": ">=10.7"}
    given = {v: _settings(catalogue.diagnose(handshake, v).remedies) for v in ("10.5", "10.7", "11.1", None)}
    assert given == {"10.5": old, "10.7": new, "11.1": new, None: new | old}


def test_remedies_fit_library_and_role(build: Build) -> None:
    """An IAIK client is told to use JSSE, a JSSE client and a server are not."""
    words: Words = {"received": "protocol_version", "name": "is.example.com"}
    iaik = catalogue.diagnose(build(">client_hello", dialect="iaik", **words), "10.5")
    jsse = catalogue.diagnose(build(">client_hello", **words), "10.5")
    server = catalogue.diagnose(build("<client_hello", role="server", **words), "10.5")
    latest = catalogue.diagnose(build(">client_hello", dialect="iaik", **words), "10.15")
    assert "watt.net.ssl.client.useJSSE" in _settings(iaik.remedies)
    for other in (jsse, server, latest):
        assert "watt.net.ssl.client.useJSSE" not in _settings(other.remedies)
    assert _settings(server.remedies) == {"watt.net.jsse.server.enabledProtocols": "<=10.5"}
    assert (jsse.acting_side, server.acting_side) == (ActingSide.PEER, ActingSide.THIS_SIDE)


def test_nothing_that_entries_may_name_is_forgotten() -> None:
    """Every remedy, probe, message and list of words is named by some entry."""
    tables = {name: tomllib.loads(text) for name, text in catalogue.files().items()}
    rows = [row for t in tables.values() for kind in ("entry", "mirrored") for row in t.get(kind, ())]
    named = {
        "remedy": {name for row in rows for name in row["remedies"]},
        "probe": {row["would_confirm"] for row in rows if isinstance(row.get("would_confirm"), str)},
        "partner": {row["partner"] for row in rows if "partner" in row},
        "words": {
            text.removeprefix("@")
            for row in rows
            for value in row["when"].values()
            for text in value
            if text.startswith("@")
        },
    }
    have = {kind: {name for t in tables.values() for name in t.get(kind, {})} for kind in named}
    assert have == named


def test_nobody_is_told_to_print_everything() -> None:
    """The debug option that prints application data is never a value."""
    values = [a.remedy.value for e in catalogue.load().entries for a in e.advice]
    assert "all" not in [word for value in values if value for word in value.split(",")]


def test_what_nothing_explains_keeps_its_text(build: Build) -> None:
    """The last resort shows the raw text, cut, and asks for deeper debug output."""
    diagnosis = catalogue.diagnose(build(text="odd " * 100))
    assert _said(diagnosis) == ("unclassified/undetermined", "possible", [])
    assert diagnosis.summary.startswith("The handshake failed, and nothing known explains it: odd odd")
    assert len(diagnosis.summary) < 270
    assert diagnosis.would_confirm is not None
    assert "ssl,handshake,keymanager,trustmanager" in diagnosis.would_confirm


def test_an_unknown_role_is_said_so(build: Build) -> None:
    """The sentence tells that the log does not show the role."""
    diagnosis = catalogue.diagnose(build(role="unknown", text="KeyUsage does not allow digital signatures"))
    assert diagnosis.summary.endswith("The log does not show whether this JVM was the client or the server.")


def test_the_depth_of_the_log_makes_a_probe_of_a_silent_peer(build: Build) -> None:
    """In a log that shows messages a peer that left without one is a probe."""
    handshake = build(role="server", text="SSL peer shut down incorrectly")
    assert catalogue.diagnose(handshake).entry == "interrupted.closed_unseen_server"
    probe = catalogue.diagnose(handshake, depth=Depth.FULL)
    assert (probe.entry, probe.acting_side) == ("interrupted.probe", ActingSide.NOBODY)


OWN = """
[[entry]]
id = "own.gateway"
issue = "interrupted"
cause = "closed_by_peer"
confidence = "likely"
acting_side = "network"
summary = "The gateway was restarted."
[entry.when]
exception = ['gateway gone']
"""


def test_a_user_adds_entries(build: Build) -> None:
    """Entries of a user's files stand beside the product's."""
    extended = catalogue.load({"gateway.toml": OWN})
    assert extended.diagnose(build(text="gateway gone")).entry == "own.gateway"
    assert len(extended.entries) == len(catalogue.load().entries) + 1


def test_a_users_entry_goes_before_one_that_fits_as_well(build: Build) -> None:
    """At equal specificity, whatever its confidence; a more specific one of the product still wins."""
    mine = OWN.replace('"likely"', '"possible"').replace("'gateway gone'", "'KeyUsage does not allow'")
    extended = catalogue.load({"mine.toml": mine.replace("[entry.when]", '[entry.when]\nrole = ["server"]')})
    text = "KeyUsage does not allow digital signatures"
    assert extended.diagnose(build(role="server", text=text)).entry == "own.gateway"
    general = catalogue.load({"mine.toml": mine})
    assert general.diagnose(build(role="server", text=text)).entry == "client_certificate_rejected.key_usage"


def test_a_user_takes_no_name_of_the_product() -> None:
    """Neither an entry's id nor a remedy's name; the complaint stands in the user's file."""
    taken = OWN.replace("own.gateway", "sni.told")
    with pytest.raises(
        CatalogueError, match=r"^mine\.toml:3: entry 'sni\.told': the id is taken by sni\.toml"
    ):
        catalogue.load({"mine.toml": taken})
    with pytest.raises(CatalogueError, match=r"^mine\.toml:1: remedy 'clock': the name is taken"):
        catalogue.load({"mine.toml": '[remedy.clock]\ntext = "x"\n'})


def test_a_users_emergency_measure_comes_last_too(build: Build) -> None:
    """Marked or not is the user's to say; where it stands is not."""
    remedies = 'remedies = [{ text = "Trust all.", weakens_security = true }, "clock"]\n[entry.when]'
    extended = catalogue.load({"mine.toml": OWN.replace("[entry.when]", remedies)})
    diagnosis = extended.diagnose(build(text="gateway gone"))
    assert [remedy.text for remedy in diagnosis.remedies] == [
        "Check this machine's clock and time synchronisation.",
        "Trust all.",
    ]


def test_two_entries_that_ask_for_the_same_are_refused() -> None:
    """The second could never win."""
    with pytest.raises(
        CatalogueError, match=r"mine\.toml:12: entry 'b': asks for the same as 'own\.gateway'"
    ):
        catalogue.load({"mine.toml": OWN + OWN.replace("own.gateway", "b")})


def test_a_user_replaces_no_last_resort() -> None:
    """A second entry without a condition is refused."""
    with pytest.raises(CatalogueError, match=r"exactly one entry may have no condition.*own\.gateway"):
        catalogue.load({"gateway.toml": OWN.replace("exception = ['gateway gone']", "")})
    with pytest.raises(CatalogueError, match="found: none"):
        catalogue.Catalogue(())

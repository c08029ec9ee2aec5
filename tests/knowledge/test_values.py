from collections.abc import Callable
from dataclasses import replace

from agent.knowledge.values import VALUES, values
from agent.knowledge.view import view
from agent.model.handshake import Handshake

Build = Callable[..., Handshake]


def test_only_known_values_and_none_absent(build: Build) -> None:
    """A handshake of which little is known gives few values; all names are of the closed set."""
    assert values(view(build())) == {}
    full = build(
        ">client_hello",
        ">certificate",
        text="java.security.cert.CertificateExpiredException: NotAfter: Mon Oct 19 07:36:26 UTC 2026",
        peer="old ca",
        own="leaf ca",
        authorities=("CN=x",),
        facts={"peer": "192.0.2.1:443", "key_chosen": "sslkey"},
        protocol="TLSv1.2",
    )
    found = values(view(full))
    assert found == {
        "alias": "sslkey",
        "authorities_count": "1",
        "chain_length": "2",
        "chosen": "TLSv1.2",
        "exception": "NotAfter: Mon Oct 19 07:36:26 UTC 2026",
        "expired_at": "2026-10-24 07:00+00:00",
        "expired_subject": "CN=old, O=Acme",
        "issuer": "CN=Issuing CA, O=Acme",
        "not_after": "2026-10-24 07:00+00:00",
        "not_before": "2026-01-27 07:00+00:00",
        "offered": "TLSv1.3, TLSv1.2",
        "own_issuer": "CN=Issuing CA, O=Acme",
        "own_subject": "CN=leaf, O=Acme",
        "peer": "192.0.2.1:443",
        "protocol": "TLSv1.2",
        "serial": "01:02",
        "server_name": "is.example.com",
        "subject": "CN=old, O=Acme",
        "top_issuer": "CN=Root CA, O=Acme",
    }
    assert found.keys() <= VALUES.keys()


def test_values_in_texts(build: Build) -> None:
    """Names, versions and dates are taken out of the failure's text."""
    texts = {
        "The client supported protocol versions [TLSv1.2] are not accepted by server preferences [TLS13]": {
            "offered": "TLSv1.2",
            "accepted": "TLS13",
        },
        "Server chose TLSv1, but that protocol version is not enabled": {"chosen": "TLSv1"},
        "No subject alternative DNS name matching a.example found.": {"name": "a.example"},
        "No subject alternative names matching IP address 192.0.2.1 found": {"name": "192.0.2.1"},
        "HTTPS hostname wrong: should be <b.example>": {"name": "b.example"},
        "Client requested protocol TLSv1 not enabled or not supported": {"offered": "TLSv1"},
        "NotBefore: Wed Mar 03 07:36:26 UTC 2027": {"valid_from": "Wed Mar 03 07:36:26 UTC 2027"},
    }
    found = {text: values(view(build(text=text))) for text in texts}
    assert found == {text: wanted | {"exception": text} for text, wanted in texts.items()}


def test_a_value_is_one_short_line(build: Build) -> None:
    """A peer chooses the length and the characters of its names."""
    handshake = build(">client_hello", name="a\x1b[31m\r\n" + "b" * 400)
    value = values(view(handshake))["server_name"]
    assert value.startswith("a [31m bbb")
    assert value.endswith("...")
    assert len(value) == 200


def test_the_raw_text_is_kept_where_only_a_wrapper_was_said(build: Build) -> None:
    """An unexplained failure shows what was printed, whatever it is worth."""
    assert values(view(build(text="Couldn't kickstart handshaking"))) == {
        "exception": "Couldn't kickstart handshaking"
    }


def test_the_alias_is_the_one_passed_over_where_none_was_chosen(build: Build) -> None:
    """An ignored alias is printed with its reason; the reason is left out."""
    handshake = replace(build(facts={"alias_ignored": "old key: issuers do not match"}))
    assert values(view(handshake))["alias"] == "old key"

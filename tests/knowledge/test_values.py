from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from agent.knowledge.values import VALUES, date, values
from agent.knowledge.view import view
from agent.model.events import SOME_ZONE
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
        "authorities": "CN=x",
        "among": "the one authority",
        "called": "is.example.com",
        "chain_length": "2",
        "chosen": "TLSv1.2",
        "exception": "NotAfter: Mon Oct 19 07:36:26 UTC 2026",
        "expired_at": "2026-10-24 07:00 UTC",
        "expired_subject": "CN=old, O=Acme",
        "issuer": "CN=Issuing CA, O=Acme",
        "not_after": "2026-10-24 07:00 UTC",
        "not_before": "2026-01-27 07:00 UTC",
        "offered": "TLSv1.3, TLSv1.2",
        "key_types": "RSA",
        "own_issuer": "CN=Issuing CA, O=Acme",
        "own_not_after": "2027-09-19 07:00 UTC",
        "own_serial": "01:02",
        "own_subject": "CN=leaf, O=Acme",
        "peer": "192.0.2.1:443",
        "protocol": "TLSv1.2",
        "sent_issuer": "CN=Issuing CA, O=Acme",
        "sent_subject": "CN=leaf, O=Acme",
        "serial": "01:02",
        "server_name": "is.example.com",
        "suites": "2 cipher suites",
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
        "No subject alternative DNS name matching a.example found.": {
            "name": "a.example",
            "called": "a.example",
        },
        "No subject alternative names matching IP address 192.0.2.1 found": {
            "name": "192.0.2.1",
            "called": "192.0.2.1",
        },
        "HTTPS hostname wrong: should be <b.example>": {"name": "b.example", "called": "b.example"},
        "Client requested protocol TLSv1 not enabled or not supported": {"offered": "TLSv1"},
        "NotBefore: Wed Mar 03 07:36:26 UTC 2027": {"valid_from": "2027-03-03 07:36 UTC"},
        "NotAfter: Fri Jan 01 00:00:00 CET 2021": {"expired_at": "2021-01-01 00:00 CET"},
        "NotAfter: Fri Jum 01 00:00:00 CET 2021": {"expired_at": "Fri Jum 01 00:00:00 CET 2021"},
        "The certificate issued by CN=Root, O=Acme is not trusted": {"top_issuer": "CN=Root, O=Acme"},
        'TrustAnchor with subject "CN=Root, O=Acme" is not a CA certificate': {
            "top_issuer": "CN=Root, O=Acme"
        },
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


def test_trust_anchors_are_told_by_what_they_share_with_the_chain(build: Build) -> None:
    """The anchor itself, another of its name with its serial number, or the name alone."""
    same = values(view(build(peer="leaf ca root", anchors="other root")))
    other = values(view(build(peer="leaf ca newroot", anchors="other root")))
    named = values(view(build(peer="leaf ca", anchors="other root")))
    keys = ("anchor_subject", "anchor_serial", "chain_serial")
    assert [[found.get(key) for key in keys] for found in (same, other, named)] == [
        ["CN=Root CA, O=Acme", None, None],
        ["CN=Root CA, O=Acme", "01:02", "03:04"],
        ["CN=Root CA, O=Acme", None, None],
    ]


def test_keys_that_were_passed_over(build: Build) -> None:
    """One by its alias and issuer, several by their aliases."""
    one = build(keys="leaf ca", authorities=("CN=A", "CN=B", "CN=C", "CN=D"))
    several = replace(one, stores=(*one.stores, replace(one.stores[0], alias="second")))
    found = [values(view(handshake)) for handshake in (one, several)]
    wanted = ("ignored_alias", "ignored_issuer", "ignored_aliases", "authorities", "among")
    assert [{name: told[name] for name in wanted if name in told} for told in found] == [
        {
            "ignored_alias": "key",
            "ignored_issuer": "CN=Issuing CA, O=Acme",
            "authorities": "CN=A; CN=B; CN=C and 1 more",
            "among": "among the 4 authorities",
        },
        {
            "ignored_aliases": "key, second",
            "authorities": "CN=A; CN=B; CN=C and 1 more",
            "among": "among the 4 authorities",
        },
    ]


def test_a_certificate_for_ever_is_told_too() -> None:
    """The last day of the calendar has no UTC west of Greenwich."""
    last = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-8)))
    assert date(last) == "9999-12-31 23:59 UTC"
    assert date(datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))) == "2025-12-31 23:00 UTC"
    assert date(datetime(2026, 1, 1, 1, 0)) == "2026-01-01 01:00"  # noqa: DTZ001 - the very case
    assert date(datetime(2026, 1, 1, 1, 0, tzinfo=UTC)) == "2026-01-01 01:00 UTC"
    assert date(datetime(2026, 1, 1, 1, 0, tzinfo=SOME_ZONE)) == "2026-01-01"
    assert date(None) is None

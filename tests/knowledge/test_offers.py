import pytest

from agent.knowledge import offers

SUITES = {
    "TLS_AES_128_GCM_SHA256": ({"tls13"}, []),
    "TLS_CHACHA20_POLY1305_SHA256": ({"tls13"}, []),
    "Unknown 0x13:0x1": ({"tls13"}, []),
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": (set(), ["EC"]),
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": (set(), ["RSA"]),
    "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384": (set(), ["DSS"]),
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": ({"old"}, ["RSA"]),
    "TLS_RSA_WITH_AES_128_GCM_SHA256": ({"old"}, ["RSA"]),
    "TLS_RSA_WITH_NULL_SHA256": ({"old", "broken", "NULL"}, ["RSA"]),
    "TLS_DH_anon_WITH_AES_128_CBC_SHA": ({"old", "broken", "anon"}, ["anon"]),
    "TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA": ({"old", "broken", "3DES"}, ["RSA"]),
    "TLS_RSA_WITH_DES_CBC_SHA": ({"old", "broken", "DES"}, ["RSA"]),
    "TLS_RSA_EXPORT_WITH_RC4_40_MD5": ({"old", "broken", "EXPORT", "RC4", "MD5"}, ["RSA"]),
}


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_a_suite_is_judged_by_its_name(suite: str) -> None:
    """Version, forward secrecy, authenticated encryption, broken parts and key type stand in the name."""
    told, types = SUITES[suite]
    found = {"tls13"} if offers.only_tls13([suite]) else set()
    found |= {"old"} if offers.none_modern([suite]) else set()
    found |= {"broken"} if offers.only_broken([suite]) else set()
    found |= set(offers.broken_kinds([suite]))
    assert (found, sorted(offers.key_types([suite]))) == (told, types)


def test_signals_are_no_offers() -> None:
    """The renegotiation and fallback signals, and reserved values, can never be chosen."""
    signals = ["TLS_EMPTY_RENEGOTIATION_INFO_SCSV", "TLS_FALLBACK_SCSV", "Unknown 0x5a:0x5a"]
    assert offers.real(signals) == []
    assert not offers.only_broken(signals)
    assert not offers.only_tls13(signals)
    assert not offers.none_modern(signals)
    assert offers.only_tls13([*signals, "TLS_AES_256_GCM_SHA384"])


def test_one_good_suite_is_enough() -> None:
    """What is said of a whole offer must hold for all of it."""
    mixed = ["TLS_RSA_WITH_DES_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]
    assert not offers.only_broken(mixed)
    assert not offers.none_modern(mixed)


def test_versions_that_are_no_longer_sound() -> None:
    """One sound version among them is enough, and none named proves nothing."""
    lists = [("TLSv1",), ("SSLv3", "TLSv1.1"), ("TLSv1.1", "TLSv1.2"), ("TLSv1.3",), ()]
    assert [offers.only_old(versions) for versions in lists] == [True, True, False, False, False]


def test_one_current_suite_that_names_its_key() -> None:
    """Those of TLS 1.3 name no key type, so they say nothing of the port's key."""
    lists = [
        ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
        ["TLS_AES_128_GCM_SHA256"],
        ["TLS_RSA_WITH_NULL_SHA"],
        [],
    ]
    assert [offers.some_modern(suites) for suites in lists] == [True, False, False, False]

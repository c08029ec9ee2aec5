import pytest

from agent.delivery.destination import is_refused, literal


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "169.254.0.1", "169.254.255.255", "fe80::1", "fe80::1%eth0", "febf::1"),
        *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"),
        *("100.100.100.200", "192.0.0.192", "168.63.129.16"),
        # IPv4 in the clothes of IPv6: mapped, compatible, NAT64, 6to4, Teredo (client and server)
        *("::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::169.254.169.254", "64:ff9b::a9fe:a9fe"),
        *("2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:5601:5601", "2001:0:a9fe:a9fe::1"),
    ],
)
def test_addresses_that_are_refused(address: str) -> None:
    """Link-local addresses and the metadata services of clouds, however they are written."""
    assert is_refused(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "169.253.255.255", "169.255.0.0", "100.100.100.201"),
        *("::1", "fec0::1", "fd00:ec3::254", "2001:db8::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
        *("hooks.example.com", ""),
    ],
)
def test_addresses_that_are_not(address: str) -> None:
    """Private networks are where receivers of companies live; names are judged when looked up."""
    assert not is_refused(address)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("169.254.169.254", "169.254.169.254"),
        ("2852039166", "169.254.169.254"),
        ("0xA9FEA9FE", "169.254.169.254"),
        ("0251.0376.0251.0376", "169.254.169.254"),
        ("169.254.43518", "169.254.169.254"),
        ("[::ffff:169.254.169.254]", "::ffff:a9fe:a9fe"),
        ("fe80::1", "fe80::1"),
        ("hooks.example.com", None),
        ("", None),
    ],
)
def test_what_a_host_is_by_its_spelling(host: str, address: str | None) -> None:
    """Numbers in any base are addresses to the resolver, and so to us; names are not asked for."""
    assert literal(host) == address

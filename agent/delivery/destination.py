"""Where no message may go: addresses at which a machine in a cloud tells its own credentials.

A name of the configuration, or what the DNS says of it, must not lead there. Link-local: RFC 3927, RFC 4291.
Metadata beyond those: Amazon EC2 and ECS (fd00:ec2::/32), Google Cloud (fd20:ce::254), Alibaba Cloud
(100.100.100.200), Oracle Cloud (192.0.0.192), Azure's platform (168.63.129.16).
"""

import ipaddress
import socket

REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("169.254.0.0/16", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32"),
        *("fe80::/10", "fd00:ec2::/32", "fd20:ce::254/128"),
    )
)

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 within IPv6: RFC 6052."""

_COMPATIBLE = ipaddress.ip_network("::/96")
"""IPv4 within IPv6, as it was before: RFC 4291 section 2.5.5.1."""

ADVICE = (
    "its URL leads to a link-local or metadata address; mend the URL or the DNS, "
    "or set allow_link_local = true if this is meant"
)


class RefusedAddressError(Exception):
    """The other end of a connection is one of those that are refused."""


def is_refused(address: str) -> bool:
    """Tell whether an IP address is refused, in whatever way an IPv4 address is wrapped; a name never is."""
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(way in network for way in (one, *_within(one)) for network in REFUSED)


def literal(host: str) -> str | None:
    """Return the address that a host is by its spelling alone, "0xA9FEA9FE" and "169.254.43518" too."""
    bare = host.strip("[]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(bare))
    except OSError:
        return None


def _within(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    wrapped += [last for network in (_NAT64, _COMPATIBLE) if address in network]
    return [one for one in wrapped if one is not None]

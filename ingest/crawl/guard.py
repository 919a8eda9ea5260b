"""Which addresses may be connected to: the public ones, and those of hosts that a setting names.

Asked of every address that a name resolves to, at the moment of connecting, so of each redirect too, and of names
that change what they mean between two requests.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NAT64 = ip_network("64:ff9b::/96")  # an IPv4 address in its last 32 bits


class Guard:
    """`private_hosts`: host or host:port, as in the setting crawl.private_hosts."""

    def __init__(self, private_hosts: Collection[str]) -> None:
        self._private = frozenset(host.lower() for host in private_hosts)

    def permits(self, host: str, port: int, address: str) -> bool:
        """Whether this host's address may be connected to."""
        named = host.lower().rstrip(".")
        shown = f"[{named}]" if ":" in named else named
        return is_public(address) or not self._private.isdisjoint({named, f"{shown}:{port}"})


def is_public(address: str) -> bool:
    """Whether everybody may reach it: not private, loopback, link-local (metadata services too), multicast …"""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        ip = _inner(ip)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _inner(ip: IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that it stands for, where a gateway would go there."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)

"""Which addresses may be called: public ones, and hosts the operator has allowed by name."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Collection

from portal.core.http.errors import Forbidden, TooSlow, Unreachable

Resolver = Callable[[str, int], list[str]]
"""Host and port to addresses as text; raises OSError when there are none."""

# Written out instead of `is_global`, whose meaning changed between patch releases of Python.
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, among them Teredo, which carries an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "3fff::/20",
    )
)


def is_public(address: str) -> bool:
    """Whether an address (as a resolver gives it) belongs to the public internet."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in _NOT_PUBLIC_4)
    return parsed in _PUBLIC_6 and not any(parsed in network for network in _NOT_PUBLIC_6)


def is_allowed(host: str, port: int, allowed: Collection[str]) -> bool:
    """Whether the operator has allowed this host, as `host` or as `host:port`."""
    names = {name.strip().lower() for name in allowed}
    bracketed = f"[{host}]" if ":" in host else host
    return bool(names & {host, bracketed, f"{bracketed}:{port}"})


def checked_addresses(
    host: str, port: int, *, resolver: Resolver, remaining_seconds: float, private: bool
) -> list[str]:
    """Resolve once and check every address found; the caller connects to one of exactly these.

    A name that resolves to a public and a private address is refused as a whole, so that nobody
    wins by being asked twice.
    """
    found = _resolve(host, port, resolver=resolver, remaining_seconds=remaining_seconds)
    if not found:
        raise Unreachable(f"The name {host} has no address.", maybe_sent=False)
    if not private and not all(is_public(address) for address in found):
        raise Forbidden(f"{host} is not a public address.", maybe_sent=False)
    return found


def system_resolver(host: str, port: int) -> list[str]:
    """What the operating system knows about a name, in its order of preference."""
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


def _resolve(host: str, port: int, *, resolver: Resolver, remaining_seconds: float) -> list[str]:
    """Resolve in a thread of its own: the system's resolver cannot be given a deadline."""
    found: list[str] = []
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            found.extend(resolver(host, port))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(max(remaining_seconds, 0))
    if asking.is_alive():
        raise TooSlow(f"The name {host} was not resolved in time.", maybe_sent=False)
    if failed:
        raise Unreachable(f"The name {host} cannot be resolved.", maybe_sent=False)
    return found

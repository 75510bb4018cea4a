"""Asking the domain name system: what a name says, or that nobody answered in time."""

from __future__ import annotations

from dns import exception, nameserver, resolver

from portal.core.registry import settings

SECONDS = 4.0
_LONGEST_ANSWER = 20


class NoAnswer(Exception):
    """The name servers could not be reached, or broke off."""


def records(name: str, kind: str) -> list[str]:
    """The texts, addresses or names of one kind (TXT, A, AAAA, CNAME); empty when there are none.

    Waits for the network: never with a transaction open. Raises NoAnswer.
    """
    try:
        answer = _resolver().resolve(name, kind, search=False)
    except (resolver.NXDOMAIN, resolver.NoAnswer):
        return []
    except (exception.DNSException, OSError, ValueError) as error:
        raise NoAnswer(type(error).__name__) from error
    return [_text(one, kind) for one in answer][:_LONGEST_ANSWER]


def addresses(name: str) -> list[str]:
    """Every address of a name, wherever its aliases lead. Raises NoAnswer."""
    return records(name, "A") + records(name, "AAAA")


def _resolver() -> resolver.Resolver:
    chosen = settings().dns_servers
    asked = resolver.Resolver(configure=not chosen)
    if chosen:
        asked.nameservers = [nameserver.Do53Nameserver(host, port) for host, port in chosen]
    asked.lifetime = SECONDS
    asked.timeout = SECONDS / 2
    return asked


def _text(record: object, kind: str) -> str:
    if kind == "TXT":
        parts: tuple[bytes, ...] = record.strings  # type: ignore[attr-defined]
        text = b"".join(parts).decode("utf-8", "replace")
        return "".join(letter for letter in text if letter.isprintable())[:255]
    return str(record).rstrip(".").lower()

"""Whose rows this piece of work may see: one reseller's, perhaps one client's of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Only:
    """The sub-accounts (ids) of a client that a limited person may see, and the numbers on them."""

    sub_accounts: frozenset[int]
    dids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Scope:
    """One reseller, and one client of it when ``client_id`` is set.

    With ``only`` it is somebody of that client's team who may see some sub-accounts and nothing else.
    ``hides_texts``: staff who look through the eyes of a client whose texts they are not to read.
    """

    reseller_id: int
    client_id: int | None = None
    only: Only | None = None
    hides_texts: bool = False


@dataclass(frozen=True, slots=True)
class Everything:
    """No filter at all; ``reason`` says why, for the reviewer and the log."""

    reason: str


class NoScope(RuntimeError):
    """A tenant's table was touched while no scope was bound."""


_bound: ContextVar[Scope | Everything | None] = ContextVar("scope", default=None)


def current() -> Scope | Everything:
    """The bound scope; raises NoScope when there is none."""
    bound = _bound.get()
    if bound is None:
        raise NoScope("No reseller is bound: this work may not touch a tenant's rows.")
    return bound


def bound() -> Scope | Everything | None:
    """The bound scope or None, for plumbing that must not raise."""
    return _bound.get()


def reseller_id() -> int:
    """The bound reseller; raises NoScope when nothing or everything is bound."""
    scope = current()
    if isinstance(scope, Everything):
        raise NoScope("This work needs one reseller, but is bound to all of them.")
    return scope.reseller_id


def only() -> Only | None:
    """What the bound person is limited to; None for everybody who is not."""
    scope = _bound.get()
    return scope.only if isinstance(scope, Scope) else None


def hides_texts() -> bool:
    """Is the bound person not to read what is written in messages?"""
    scope = _bound.get()
    return isinstance(scope, Scope) and scope.hides_texts


@contextmanager
def bind(scope: Scope) -> Iterator[Scope]:
    """Run the block as this reseller (and client)."""
    token = _bound.set(scope)
    try:
        yield scope
    finally:
        _bound.reset(token)


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """Run the block over every reseller's rows. Rare: each use says why."""
    token = _bound.set(Everything(reason))
    try:
        yield
    finally:
        _bound.reset(token)


def set_for_request(scope: Scope | None) -> None:
    """Bind for the rest of this request; the web layer clears it at the end with None."""
    _bound.set(scope)

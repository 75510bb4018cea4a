"""Reseller's default, the package's own choice, the view: one answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.entitlements.catalogue import DEFAULT_ON, FEATURES, MONEY, Service, View


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is shown: a view, the services that are on, and whether money is hidden."""

    view: View = View.STANDARD
    services: frozenset[Service] = DEFAULT_ON
    hide_money: bool = False


@dataclass(frozen=True, slots=True)
class PackageChoice:
    """What one package says: its own configuration or, when None, the reseller's default."""

    own: Configuration | None = None
    client_may_edit: bool = False


_CENTRES = (Service.SMS_MMS, Service.FAX)
# Whom one writes to: of use to a centre, and none of its own.
_BESIDES = frozenset({Service.CONTACTS, Service.PHONEBOOK})


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one client may see and use, of one sub-account or of all of them together."""

    view: View
    services: frozenset[Service]
    hide_money: bool

    def __contains__(self, service: Service) -> bool:
        return service in self.services

    @property
    def is_simple(self) -> bool:
        """Are call-type filters, spending panels and technical details left out?"""
        return self.view is not View.STANDARD

    def without_money(self) -> Allowed:
        """The same for somebody of the client's team who shall see no money."""
        return Allowed(self.view, self.services - MONEY, True)

    @property
    def centre(self) -> Service | None:
        """What the portal is all about, where that is texts or faxes alone (guide, tips 4 and 6)."""
        rest = self.services - MONEY - _BESIDES
        return next((one for one in _CENTRES if rest == {one}), None)

    @property
    def has_services_page(self) -> bool:
        """Is there a page of services?"""
        return self.view is not View.SIMPLE_HIDDEN


def for_package(default: Configuration, package: PackageChoice | None) -> Allowed:
    """What a sub-account under a package (or without one) may use.

    The package's own configuration replaces the default as a whole. The right to edit sub-accounts is
    the package's alone. Without a package nobody may edit them.
    """
    chosen = package.own if package is not None and package.own is not None else default
    services = set(chosen.services) - {Service.SUB_ACCOUNTS_EDIT}
    if package is not None and package.client_may_edit:
        services.add(Service.SUB_ACCOUNTS_EDIT)
    if chosen.view is View.SIMPLE_HIDDEN:
        services -= FEATURES
    if chosen.hide_money:
        services -= MONEY
    return Allowed(chosen.view, frozenset(services), chosen.hide_money)


def together(parts: Iterable[Allowed], *, without: Allowed) -> Allowed:
    """All sub-accounts of a client at once: what any of them may use, in the fullest view.

    Money is hidden only when every one of them hides it. A client without a sub-account gets
    ``without``, the reseller's default.
    """
    found = list(parts)
    if not found:
        return without
    order = list(View)
    hide_money = all(part.hide_money for part in found)
    services = frozenset().union(*(part.services for part in found))
    return Allowed(
        min((part.view for part in found), key=order.index),
        services - MONEY if hide_money else services,
        hide_money,
    )


def read_services(words: Iterable[object]) -> frozenset[Service]:
    """Stored words as services; words of another version are left out."""
    known = {service.value for service in Service}
    return frozenset(Service(word) for word in words if isinstance(word, str) and word in known)


def read_view(word: str) -> View:
    """A stored view; an unknown one is the standard view."""
    return View(word) if word in {view.value for view in View} else View.STANDARD

"""What a client may see and use: the one question that menus, pages, API and jobs ask."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from portal import identity, pricing
from portal.core import clock
from portal.core.errors import InvalidInput, NotFound
from portal.entitlements.catalogue import Service, View
from portal.entitlements.rules import (
    Allowed,
    Configuration,
    PackageChoice,
    for_package,
    read_services,
    read_view,
    together,
)


def allowed_services(client_id: int, sub_account_id: int | None = None) -> Allowed:
    """Everything a client may use now, of one sub-account or of all of them: three queries.

    A sub-account that is not the client's raises NotFound.
    """
    parts, without = parts_of(client_id)
    if sub_account_id is not None:
        if sub_account_id not in parts:
            raise NotFound("There is no such sub-account.")
        return parts[sub_account_id]
    return together(parts.values(), without=without)


def allowed(service: Service | str, client_id: int, sub_account_id: int | None = None) -> bool:
    """May a client use this service, with this sub-account or with any?"""
    return Service(service) in allowed_services(client_id, sub_account_id)


def money_is_hidden(client_id: int, sub_account_id: int | None = None) -> bool:
    """Does everything about money disappear from this client's portal?"""
    return allowed_services(client_id, sub_account_id).hide_money


def default_configuration() -> Configuration:
    """The reseller's default: the catalogue's until one was saved."""
    stored = pricing.service_defaults()
    if stored is None:
        return Configuration()
    return Configuration(read_view(stored.view), read_services(stored.services), stored.hide_money)


def save_default_configuration(
    view: str,
    services: Iterable[str],
    *,
    hide_money: bool = False,
    by: identity.Visitor | None = None,
) -> None:
    """Keep what clients see where their package says nothing. InvalidInput for unknown words."""
    words = sorted(set(services))
    if view not in {one.value for one in View}:
        raise InvalidInput("Choose one of the views.", field="view")
    if not set(words) <= {one.value for one in Service}:
        raise InvalidInput("Choose services of the list.", field="services")
    pricing.save_service_defaults(view, words, hide_money=hide_money)
    identity.record(
        "reseller.services_changed", by=by, view=view, services=words, hide_money=hide_money
    )


def configuration_of(details: pricing.PackageDetails) -> Configuration | None:
    """What a package shows of its own; None when it follows the reseller's default."""
    if not details.own_services:
        return None
    return Configuration(
        read_view(details.view), read_services(details.services), details.hide_money
    )


def versions_with(service: Service, version_ids: Collection[int]) -> frozenset[int | None]:
    """Under which of these versions of packages a service is on; None among them: without a package.

    What is switched counts, also where the view leaves out its page. A version that follows the
    reseller's default has what the default is now.
    """
    usual = service in default_configuration().services
    own = pricing.services_of_versions(version_ids) if version_ids else {}
    found: set[int | None] = {
        one for one, services in own.items() if (usual if services is None else service in services)
    }
    return frozenset(found | {None}) if usual else frozenset(found)


class Parts(NamedTuple):
    """What each sub-account (id) may use, and what a client without any."""

    by_account: Mapping[int, Allowed]
    without: Allowed

    def together(self) -> Allowed:
        """What the client may use at all."""
        return together(self.by_account.values(), without=self.without)

    def with_service(self, service: Service) -> frozenset[int]:
        """The sub-accounts that may use a service."""
        return frozenset(one for one, part in self.by_account.items() if service in part)


def parts_of(client_id: int) -> Parts:
    """What a client's sub-accounts may use: three queries, for whoever asks more than once."""
    default = default_configuration()
    links = pricing.package_ids_of(client_id)
    ids = {package_id for package_id in links.values() if package_id is not None}
    details = pricing.details_by_id(ids, clock.now())
    parts = {
        account_id: for_package(default, _choice(details.get(package_id)) if package_id else None)
        for account_id, package_id in links.items()
    }
    return Parts(parts, for_package(default, None))


def _choice(details: pricing.PackageDetails | None) -> PackageChoice | None:
    if details is None:
        return None
    return PackageChoice(configuration_of(details), details.client_may_edit)

"""The reseller blueprint and its guard, and what every page of it needs to know."""

from __future__ import annotations

from flask import Blueprint, g

from portal import identity
from portal.identity import ClientStatus, ResellerFacts
from portal.web.guards import guarded, staff
from portal.web.session import person

bp = guarded(Blueprint("reseller", __name__, url_prefix="/staff"), staff)


@bp.before_request
def _look_up_reseller() -> None:
    """Amounts are worded before the page is rendered, so its currency is needed first."""
    g.own_reseller = identity.own_reseller()
    g.currency = g.own_reseller.currency


def own_reseller() -> ResellerFacts:
    """The reseller whose staff this is, read once a request."""
    found: ResellerFacts = g.own_reseller
    return found


def client_counts() -> dict[ClientStatus, int]:
    """How many clients there are by status, read once a request; the menu asks too."""
    if "client_counts" not in g:
        g.client_counts = identity.count_clients()
    found: dict[ClientStatus, int] = g.client_counts
    return found


def can(action: str) -> bool:
    """May the person of this request do it? Templates leave out what they may not."""
    return identity.may(person().role, action)


bp.context_processor(lambda: {"can": can})

"""Past calls priced again: what dearer terms would have earned, and a week that is made cheaper."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

from portal import calls, invoices, pricing
from portal.core.money import percent_e4

_A_WEEK = timedelta(days=6)


def price_again(usual: uuid.UUID, by_minute: uuid.UUID, *, by_id: int) -> None:
    """Ask for both, of last month, in the caller's transaction; a worker does them."""
    first = invoices.last_month()
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    details = pricing.find_package(usual).details
    dearer = replace(details, markup_percent_e4=details.markup_percent_e4 + percent_e4("6"))
    calls.ask_on_paper(usual, dearer, first, last, by_id=by_id)
    details = pricing.find_package(by_minute).details
    cheaper = replace(details, markup_percent_e4=details.markup_percent_e4 - percent_e4("2"))
    pricing.save_package(cheaper, package=by_minute, saved_by_id=by_id)
    calls.ask_for_real(by_minute, first, first + _A_WEEK, backdate=True, by_id=by_id)

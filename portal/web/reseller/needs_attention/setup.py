"""What is not set up yet, or is out of date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import url_for
from flask_babel import gettext, ngettext

from portal import identity, pricing
from portal.core import clock
from portal.web import filters
from portal.web.reseller.needs_attention.line import Attention
from portal.web.worksheets import CARRIER_CURRENCY

_RATE_IS_OLD = timedelta(days=30)


def setup() -> Iterator[Attention]:
    """Sub-accounts without a package, and an old exchange rate."""
    bare = pricing.without_package()
    if bare:
        client = identity.client_facts(bare[0])
        yield Attention(
            "warn",
            "package",
            ngettext(
                "%(num)d sub-account without a package",
                "%(num)d sub-accounts without a package",
                len(bare),
            ),
            gettext("Its calls are charged at cost"),
            gettext("Assign"),
            url_for("reseller.client_accounts", public_id=client.public_id),
        )
    if filters.currency() == CARRIER_CURRENCY:
        return
    rate = pricing.exchange_rate()
    if rate is None or clock.now() - rate[0] > _RATE_IS_OLD:
        yield Attention(
            "warn",
            "landmark",
            gettext("The exchange rate is old") if rate else gettext("No exchange rate yet"),
            gettext("In force since %(day)s", day=filters.day(rate[0]))
            if rate
            else gettext("The carrier's costs count one to one"),
            gettext("Enter one"),
            url_for("reseller.fees") + "#exchange",
        )

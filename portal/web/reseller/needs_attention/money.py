"""Money that did not go where it should: refunds that failed later, and fees that are unpaid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import url_for
from flask_babel import gettext, ngettext

from portal import billing, identity, payments
from portal.core import clock
from portal.web import filters
from portal.web.reseller.needs_attention.line import MOST_NAMED, Attention

_FAILED_STAYS = timedelta(days=30)


def money_gone_wrong() -> Iterator[Attention]:
    """Money that did not go where it should: refunds that failed later, and fees that are unpaid."""
    failed = payments.failed_refunds(clock.now() - _FAILED_STAYS, MOST_NAMED)
    known = identity.clients_by_id({one.client_id for one in failed}) if failed else {}
    for one in failed:
        yield Attention(
            "bad",
            "undo-2",
            gettext(
                "A refund of %(amount)s to %(name)s failed",
                amount=filters.money(one.amount),
                name=known[one.client_id].title,
            ),
            gettext("The gateway sent it back: it is on the client’s balance again"),
            gettext("Open"),
            url_for("reseller.payment", public_id=one.payment),
        )
    count, amount = billing.unpaid_total()
    if count:
        yield Attention(
            "warn",
            "calendar",
            ngettext("%(num)d unpaid fee", "%(num)d unpaid fees", count),
            gettext(
                "%(amount)s together; tried again each day and at each payment",
                amount=filters.money(amount),
            ),
            gettext("Open"),
            url_for("reseller.due_fees"),
        )

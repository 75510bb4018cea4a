"""Fees: which item and period, whose price, and when it fell due."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext

from portal import billing, reconciling
from portal.billing import FeeSheet
from portal.core.money import ZERO
from portal.core.period import day_start
from portal.identity.facts import reseller_zone
from portal.ledger import FEE, FeeKind, PostingFacts
from portal.web import filters
from portal.web.postings.sheet import Pair, Reader, Sheet

_IN_EVERY_MONTH = 28
_OF_THE_CARRIER = (FeeKind.DID, FeeKind.FAX)


def fee(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """The item, its period, and the price in force when it began."""
    if posting.source_type != FEE:
        return
    found = billing.fee_sheet(posting.client_id, posting.source_id)
    sheet.steps += _price(found, reader)
    if reader.staff:
        sheet.steps += _cost(found, posting)
    sheet.facts += [*_item(found), *_period(found), (gettext("How it was charged"), _when(found))]


def _item(found: FeeSheet) -> list[Pair]:
    if found.number:
        label = f" · {found.item}" if found.item else ""
        return [(gettext("Number"), filters.phone_number(found.number) + label)]
    if found.package:
        return [
            (gettext("Package"), found.package),
            (gettext("Sub-account"), found.sub_account or filters.NOTHING),
        ]
    return [(gettext("Add-on"), found.item or filters.NOTHING)]


def _period(found: FeeSheet) -> list[Pair]:
    if found.last_day is None:
        return [(gettext("Paid once, on"), filters.day(found.first_day))]
    return [
        (
            gettext("Period"),
            gettext(
                "%(first)s to %(last)s",
                first=filters.day(found.first_day), last=filters.day(found.last_day),
            ),
        ),
        (
            gettext("Billing day"),
            _anchor(found.anchor_day),
        ),
    ]  # fmt: skip


def _anchor(day: int) -> str:
    if day <= _IN_EVERY_MONTH:
        return gettext("Day %(day)s of each month", day=day)
    return gettext("Day %(day)s of each month, or its last", day=day)


def _price(found: FeeSheet, reader: Reader) -> list[Pair]:
    steps = [
        (gettext("Price"), filters.price(found.price)),
        (gettext("Where it is from"), _origin(found)),
    ]
    if reader.staff and found.usual is not None:
        word = gettext("the same") if found.usual == found.price else filters.price(found.usual)
        steps.append((gettext("The defaults then"), word))
    if found.last_day is not None:
        steps.append((gettext("Part of the period"), gettext("All of it: fees are never divided")))
    steps.append((gettext("Charged"), filters.price(found.price)))
    return steps


def _origin(found: FeeSheet) -> str:
    since = filters.day(found.since)
    if found.package:
        return gettext("Package %(name)s, its terms since %(day)s", name=found.package, day=since)
    if found.number:
        return gettext("Agreed for this number since %(day)s", day=since)
    if found.since is None:
        return gettext("Agreed for this add-on")
    return gettext("Agreed for this add-on, which began on %(day)s", day=since)


def _when(found: FeeSheet) -> str:
    """By which run."""
    if found.noted_at is None:
        return gettext("When it was connected")
    at = filters.day(found.noted_at)
    if found.waited:
        return gettext("Found due on %(day)s; the balance did not cover it then", day=at)
    return gettext("By the daily run of %(day)s", day=at)


def _cost(found: FeeSheet, posting: PostingFacts) -> list[Pair]:
    """What the carrier took for the number in these days; packages and add-ons cost nothing there."""
    cost = ZERO
    if found.source.kind in _OF_THE_CARRIER and found.last_day is not None:
        zone = reseller_zone()
        cost = reconciling.cost_of_number(
            found.number,
            day_start(found.first_day, zone),
            day_start(found.last_day + timedelta(days=1), zone),
        )
    return [
        (gettext("Carrier's charge"), filters.price(cost)),
        (gettext("Profit"), filters.price(-posting.amount - cost)),
    ]

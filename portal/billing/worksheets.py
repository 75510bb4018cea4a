"""How a fee came about: which item and period, whose price, and when it was charged."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from portal import numbers, pricing
from portal.billing.models import AddOn, Fee
from portal.core.db import session
from portal.core.money import ZERO, Money
from portal.core.period import day_start, next_after
from portal.identity.facts import reseller_zone
from portal.ledger import FeeKind, FeeSource
from portal.numbers import NumberTerms
from portal.pbx.models import SubAccount
from portal.pricing import PackageTerms

_MONTHLY = (FeeKind.PACKAGE, FeeKind.DID, FeeKind.FAX, FeeKind.E911, FeeKind.ADD_ON)


class FeeSheet(NamedTuple):
    """The facts of a fee. ``price`` follows from the terms that were in force when its day began.

    ``last_day`` is None for what is paid once. ``package`` names the package whose price it is,
    ``usual`` what the reseller's defaults said then, where the price is a number's own. ``noted_at``
    is when a run found it due, ``waited`` whether the balance did not cover it at first.
    """

    source: FeeSource
    item: str
    sub_account: str
    package: str
    number: str
    first_day: date
    last_day: date | None
    anchor_day: int
    since: datetime | None
    price: Money
    usual: Money | None
    noted_at: datetime | None
    waited: bool


def fee_sheet(client_id: int, source_id: str) -> FeeSheet:
    """The worksheet of a fee that stands in the books under this source."""
    source = FeeSource.parse(source_id)
    noted = _noted(client_id, source)
    package = pricing.package_terms(source.item)
    if package is not None:
        return _of_package(source, package, noted)
    number = numbers.number_terms(source.item)
    if number is not None:
        return _of_number(source, number, noted)
    return _of_add_on(client_id, source, noted)


def price_of(
    source: FeeSource, package: PackageTerms | None, number: NumberTerms | None, at: datetime
) -> Money:
    """The price of a fee from its terms alone; ``at`` is when its first day began."""
    if package is not None:
        version = package.in_force(at)
        return version.setup if source.kind is FeeKind.SETUP else version.monthly
    assert number is not None
    return number.fee(source.kind)


class _Noted(NamedTuple):
    next_day: date
    amount: Money
    description: str
    noted_at: datetime
    tried_at: datetime | None


def _noted(client_id: int, source: FeeSource) -> _Noted | None:
    """The row of a fee that a run found due; what is charged on connecting has none."""
    row = session().execute(
        select(Fee.next_day, Fee.amount, Fee.description, Fee.noted_at, Fee.tried_at).where(
            Fee.client_id == client_id,
            Fee.kind == source.kind,
            Fee.item == source.item,
            Fee.first_day == source.first_day,
        )
    ).one_or_none()  # fmt: skip
    return None if row is None else _Noted(*row)


def _of_package(source: FeeSource, terms: PackageTerms, noted: _Noted | None) -> FeeSheet:
    at = terms.linked_at if source.kind is FeeKind.SETUP else _begins(source)
    return FeeSheet(
        source, terms.package, _account(terms.sub_account_id), terms.package, "", source.first_day,
        _last_day(source, terms.anchor_day, noted), terms.anchor_day, terms.in_force(at).since,
        price_of(source, terms, None, at), None, *_when(noted),
    )  # fmt: skip


def _of_number(source: FeeSource, terms: NumberTerms, noted: _Noted | None) -> FeeSheet:
    usual = pricing.default_fees(terms.since)
    is_fax = terms.kind == "fax"
    defaults = {
        FeeKind.SETUP: usual.fax_setup if is_fax else usual.did_setup,
        FeeKind.E911_SETUP: usual.e911_setup,
        FeeKind.E911: usual.e911_monthly,
        FeeKind.FAX: usual.fax_monthly,
    }
    return FeeSheet(
        source, terms.label, "", "", terms.number, source.first_day,
        _last_day(source, terms.anchor_day, noted), terms.anchor_day, terms.since,
        terms.fee(source.kind), defaults.get(source.kind, usual.did_monthly), *_when(noted),
    )  # fmt: skip


def _of_add_on(client_id: int, source: FeeSource, noted: _Noted | None) -> FeeSheet:
    """An add-on's amount is kept with each period: it may have been changed since."""
    row = session().execute(
        select(AddOn.description, AddOn.anchor_day, AddOn.created_at).where(
            AddOn.public_id == source.item, AddOn.client_id == client_id
        )
    ).one_or_none()  # fmt: skip
    anchor = row.anchor_day if row else source.first_day.day
    said = noted.description if noted else row.description if row else ""
    return FeeSheet(
        source, said, "", "", "", source.first_day, _last_day(source, anchor, noted), anchor,
        row.created_at if row else None, noted.amount if noted else ZERO, None, *_when(noted),
    )  # fmt: skip


def _account(sub_account_id: int) -> str:
    """What a sub-account is called at the carrier."""
    found = session().scalar(select(SubAccount.account).where(SubAccount.id == sub_account_id))
    return found or ""


def _last_day(source: FeeSource, anchor: int, noted: _Noted | None) -> date | None:
    if source.kind not in _MONTHLY:
        return None
    following = noted.next_day if noted else next_after(source.first_day, anchor)
    return date.fromordinal(following.toordinal() - 1)


def _begins(source: FeeSource) -> datetime:
    return day_start(source.first_day, reseller_zone())


def _when(noted: _Noted | None) -> tuple[datetime | None, bool]:
    return (None, False) if noted is None else (noted.noted_at, noted.tried_at is not None)

"""What can fall due, whatever it is: packages, numbers, their e911, add-ons."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from portal import numbers, pricing
from portal.billing import add_ons
from portal.billing.add_ons import DueAddOn
from portal.billing.due import DuePeriod, fallen_due, last_day_of, split
from portal.billing.values import SkipCause
from portal.core.money import Money
from portal.core.period import day_start
from portal.ledger import FeeKind, FeeSource
from portal.numbers import NumberFee
from portal.pricing import PackageFee


@dataclass(frozen=True, slots=True)
class Due:
    """One item for one period. With a ``cause`` it is not charged."""

    source: FeeSource
    period: DuePeriod
    amount: Money
    description: str
    cause: str = ""


@dataclass(slots=True)
class Found:
    """What has fallen due by client, in the order in which it is charged; ``close`` moves on."""

    dues: dict[int, list[Due]]
    packages: list[tuple[int, date | None]]
    numbers: list[tuple[int, date | None]]
    add_ons: list[tuple[int, date | None]]

    def close(self) -> None:
        """Say that all of this was looked at, so that nobody finds it again."""
        pricing.move_package_billing(self.packages)
        numbers.move_number_billing(self.numbers)
        add_ons.move_add_on_billing(self.add_ons)


def find_due(client_ids: Sequence[int], today: date, *, zone: ZoneInfo, most: int) -> Found:
    """Every item and period of these clients that has begun by today and was not looked at yet.

    Oldest first, and on one day packages before numbers before add-ons. Of each item the newest
    ``most`` periods are charged, older ones are skipped.
    """
    dues: dict[int, list[Due]] = defaultdict(list)
    found = Found(dues, [], [], [])
    for package in pricing.package_fees_due(client_ids, today):
        last_day = last_day_of(package.valid_to, zone)
        periods = fallen_due(package.next_day, package.anchor_day, today, last_day=last_day)
        dues[package.client_id] += _package(package, periods, zone, most)
        moved = _next(periods, package.next_day, last_day)
        found.packages.append((package.link_id, moved))
    for number in numbers.number_fees_due(client_ids, today):
        last_day = last_day_of(number.valid_to, zone)
        periods = fallen_due(number.next_day, number.anchor_day, today, last_day=last_day)
        dues[number.client_id] += _number(number, periods, most)
        moved = _next(periods, number.next_day, last_day)
        found.numbers.append((number.link_id, moved))
    for one in add_ons.add_ons_due(client_ids, today):
        periods = fallen_due(one.next_day, one.anchor_day, today, last_day=one.until)
        dues[one.client_id] += _add_on(one, periods, most)
        moved = _next(periods, one.next_day, one.until)
        found.add_ons.append((one.id, moved))
    for of_client in dues.values():
        of_client.sort(key=lambda due: due.source.first_day)
    return found


def _package(package: PackageFee, periods: list[DuePeriod], zone: ZoneInfo, most: int) -> list[Due]:
    """The fee in force when the day began, under the package's name (rulings 2 and 9)."""
    return _dues(
        FeeKind.PACKAGE, package.link, package.package, periods, most,
        lambda day: package.amount(day_start(day, zone)),
    )  # fmt: skip


def _number(number: NumberFee, periods: list[DuePeriod], most: int) -> list[Due]:
    """A number's fee, and with it on the same day that of its e911 (K3)."""
    gone = SkipCause.GONE if number.is_gone else ""
    dues = _dues(
        number.kind, number.link, number.shown, periods, most, lambda _: number.monthly, gone
    )
    e911 = number.e911_monthly
    if e911 is not None:
        dues += _dues(FeeKind.E911, number.link, number.shown, periods, most, lambda _: e911, gone)
    return dues


def _add_on(one: DueAddOn, periods: list[DuePeriod], most: int) -> list[Due]:
    return _dues(
        FeeKind.ADD_ON, one.public_id, one.description, periods, most, lambda _: one.amount
    )


def _dues(
    kind: FeeKind,
    item: uuid.UUID,
    description: str,
    periods: list[DuePeriod],
    most: int,
    amount_of: Callable[[date], Money],
    cause: str = "",
) -> list[Due]:
    late, charged = split(periods, most)
    found = []
    for period in (*late, *charged):
        amount = amount_of(period.first_day)
        why = (
            cause
            or ("" if amount else SkipCause.FREE)
            or (SkipCause.LATE if period in late else "")
        )
        source = FeeSource(kind, item, period.first_day)
        found.append(Due(source, period, amount, description, why))
    return found


def _next(periods: list[DuePeriod], next_day: date, last_day: date | None) -> date | None:
    """Where looking goes on; nowhere when what would fall due next has ended before."""
    following = periods[-1].next_day if periods else next_day
    return None if last_day is not None and following > last_day else following

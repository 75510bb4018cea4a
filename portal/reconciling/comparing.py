"""Comparing one of the carrier's lists with ours: reads, and an answer; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import select

from portal import calls, fax, messaging, numbers, pricing
from portal.carriers import CarrierCall, CarrierFaxMessage, CarrierMessage, Direction, FaxStatus
from portal.core import clock, phone
from portal.core.db import session
from portal.reconciling.models import CarrierCharge
from portal.reconciling.values import Difference, Finding, Part, Step

_ROUTES = ("value", "premium")


def one_number(did: str) -> str:
    """A number of the carrier's lists as we write it."""
    return phone.normalise(did) or did


def compare(step: Step, theirs: Sequence[Any]) -> list[Difference]:
    """How the carrier's list of a step differs from what we have."""
    return list(_COMPARE[step.part](step, theirs))


def _calls(step: Step, theirs: Sequence[CarrierCall]) -> Iterator[Difference]:
    ours = {row.carrier_key: row for row in calls.between(step.since, step.until)}
    listed = {row.key(): row for row in theirs}
    beyond = calls.by_keys([key for key in listed if key not in ours])
    deck_rates = _deck_rates()
    for key, row in listed.items():
        mine = ours.get(key) or beyond.get(key)
        other = row.caller_number if row.direction is Direction.IN else row.destination
        if mine is None:
            yield Difference(
                Part.CALLS, Finding.THEIRS_ONLY, key, row.started_at, one_number(other), row.account,
                theirs_e8=row.total_e8,
            )  # fmt: skip
            continue
        if mine.carrier_cost_e8 != row.total_e8 or mine.seconds != row.seconds:
            yield _of_call(mine, Finding.AMOUNT, row.total_e8, mine.carrier_cost_e8)
        rates = deck_rates(row)
        if rates and row.rate_e8 not in rates:
            yield _of_call(mine, Finding.RATE, row.rate_e8, min(rates))
    for key, mine in ours.items():
        if key not in listed:
            yield _of_call(mine, Finding.OURS_ONLY, None, mine.carrier_cost_e8)


def _of_call(
    row: calls.ComparedCall, finding: Finding, theirs: int | None, ours: int | None
) -> Difference:
    other = row.caller_number if row.direction == "in" else row.destination
    return Difference(
        Part.CALLS, finding, row.carrier_key, row.started_at, one_number(other), row.account,
        theirs, ours, row.client_id, row.public_id,
    )  # fmt: skip


def _deck_rates() -> Callable[[CarrierCall], set[int]]:
    """What the decks in force say about a call that cost something; empty when they say nothing."""
    known = pricing.decks_until(clock.now())
    decks = [pricing.RoutedDeck(known, canada=route, international=route) for route in _ROUTES]

    def rates(call: CarrierCall) -> set[int]:
        if call.direction is not Direction.OUT or call.rate_e8 is None or not call.total_e8:
            return set()
        digits = calls.one_spelling(call.destination).lstrip("+")
        hits = (deck.at(call.started_at).match(digits) for deck in decks)
        return {hit[1].rate_e8 for hit in hits if hit is not None}

    return rates


def _texts(step: Step, theirs: Sequence[CarrierMessage]) -> Iterator[Difference]:
    ours = {row.key: row for row in messaging.between(step.since, step.until)}
    listed = {f"{row.kind}|{row.direction}|{row.id}": row for row in theirs}
    unknown = [row for key, row in listed.items() if key not in ours]
    fresh = {id(row) for row in messaging.unknown_to_us(unknown)}
    for key, row in listed.items():
        if id(row) in fresh:
            yield Difference(
                Part.TEXTS, Finding.THEIRS_ONLY, key, row.at, one_number(row.contact), one_number(row.did)
            )  # fmt: skip
    for key, mine in ours.items():
        if key not in listed:
            yield Difference(
                Part.TEXTS, Finding.OURS_ONLY, key, mine.at, mine.contact, mine.own_number,
                client_id=mine.client_id, our_id=mine.public_id,
            )  # fmt: skip


def _faxes(step: Step, theirs: Sequence[CarrierFaxMessage]) -> Iterator[Difference]:
    ours = {row.key: row for row in fax.between(step.since, step.until)}
    listed = {f"{row.direction}|{row.id}": row for row in theirs if row.status is FaxStatus.SUCCESS}
    beyond = {row.key: row for row in fax.with_refs([row.id for row in listed.values()])}
    strays = fax.stray_refs([row.id for row in listed.values()])
    for key, row in listed.items():
        mine = ours.get(key) or beyond.get(key)
        if mine is None and row.id not in strays:
            yield Difference(
                Part.FAXES, Finding.THEIRS_ONLY, key, row.at, one_number(row.other), one_number(row.did),
                theirs_e8=row.total_e8,
            )  # fmt: skip
        elif mine is not None and mine.carrier_cost_e8 != row.total_e8:
            yield _of_fax(mine, Finding.AMOUNT, row.total_e8)
    for key, mine in ours.items():
        if key not in listed:
            yield _of_fax(mine, Finding.OURS_ONLY, None)


def _of_fax(row: fax.ComparedFax, finding: Finding, theirs: int | None) -> Difference:
    return Difference(
        Part.FAXES, finding, row.key, row.at, row.contact, row.own_number, theirs,
        row.carrier_cost_e8, row.client_id, row.public_id,
    )  # fmt: skip


def _numbers(step: Step, theirs: Sequence[str]) -> Iterator[Difference]:
    """As it is now, whatever the period: neither side keeps when a number came or went."""
    ours = {row.number: row for row in numbers.all_dids() if not row.is_gone}
    listed = {one_number(did) for did in theirs}
    for number in sorted(listed - ours.keys()):
        yield Difference(Part.NUMBERS, Finding.THEIRS_ONLY, number, None, number)
    for number in sorted(ours.keys() - listed):
        row = ours[number]
        yield Difference(
            Part.NUMBERS, Finding.OURS_ONLY, number, None, number,
            client_id=row.client_id, our_id=row.public_id,
        )  # fmt: skip


def _fees(step: Step, theirs: Sequence[Any]) -> Iterator[Difference]:
    rows = session().scalars(
        select(CarrierCharge).where(CarrierCharge.at >= step.since, CarrierCharge.at < step.until)
    )
    ours = {row.carrier_key: row for row in rows}
    listed = {row.key(): row for row in theirs}
    for key, row in listed.items():
        mine = ours.get(key)
        if mine is None:
            yield Difference(
                Part.FEES, Finding.THEIRS_ONLY, key, row.at, row.description, row.type,
                theirs_e8=-row.amount_e8,
            )  # fmt: skip
        elif mine.amount_e8 != row.amount_e8:
            yield _of_fee(mine, Finding.AMOUNT, -row.amount_e8)
    for key, mine in ours.items():
        if key not in listed:
            yield _of_fee(mine, Finding.OURS_ONLY, None)


def _of_fee(row: CarrierCharge, finding: Finding, theirs: int | None) -> Difference:
    return Difference(
        Part.FEES, finding, row.carrier_key, row.at, row.description, row.number, theirs,
        -row.amount_e8, row.client_id, row.public_id,
    )  # fmt: skip


_COMPARE: dict[Part, Callable[[Step, Sequence[Any]], Iterator[Difference]]] = {
    Part.CALLS: _calls,
    Part.TEXTS: _texts,
    Part.FAXES: _faxes,
    Part.NUMBERS: _numbers,
    Part.FEES: _fees,
}

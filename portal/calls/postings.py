"""What a batch of calls moves in the books: transfers in bulk, then wallets and roll-ups."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from portal import ledger
from portal.calls import bulk
from portal.calls.models import Call
from portal.calls.pricer import Priced
from portal.carriers import CarrierCall, Direction
from portal.core import clock, scope
from portal.core.money import Money
from portal.ledger import ACCOUNT_OF, Charge, Reason, UsageDelta
from portal.ledger.models import Transfer

SOURCE = "call"

_COLUMNS = (
    "public_id", "reseller_id", "client_id", "source_type", "source_id", "kind", "reason",
    "debit_account_id", "credit_account_id", "amount", "description", "posted_at", "posting_day",
    "occurred_at",
)  # fmt: skip


class Postings:
    """Collects charges and corrections of one batch; ``post`` writes them all."""

    def __init__(self, posted_at: datetime | None = None) -> None:
        self._posted_at = posted_at or clock.now()
        self._charges: list[Priced] = []
        self._corrections: list[Charge] = []

    def charge(self, one: Priced) -> None:
        """A call that was never charged before and has a price above zero."""
        self._charges.append(one)

    def correct(self, row: Call, one: Priced, *, number: int) -> None:
        """The difference between what was charged and what the call costs now (rating case H3).

        A call without a price until now is charged like a new one. Should the owner have changed,
        the old one gets everything back.
        """
        before = row.price.micros if row.price else 0
        if before and row.client_id is not None and row.client_id != one.client_id:
            self._adjust(row.client_id, -before, one, kind=f"given back {number}")
            before = 0
        if one.client_id is None or (not one.price and not before):
            return
        if row.price is None or not row.price:
            if row.corrections == 0 and one.price:
                self.charge(one)
                return
        self._adjust(one.client_id, (one.price or 0) - before, one, kind=f"correction {number}")

    def post(self) -> list[int]:
        """Write the transfers, move the wallets; the clients whose balance moved."""
        self._write_charges()
        ledger.correct_many(self._corrections, of=Reason.CALL)
        owed = {one.client_id for one in self._charges if one.client_id is not None}
        return sorted(owed | {one.client_id for one in self._corrections})

    def _adjust(self, client_id: int, more: int, one: Priced, *, kind: str) -> None:
        if more:
            self._corrections.append(
                Charge(
                    client_id,
                    Money(more),
                    Reason.CORRECTION,
                    SOURCE,
                    one.key,
                    kind,
                    description=_other_side(one.call),
                    occurred_at=one.call.started_at,
                )
            )

    def _write_charges(self) -> None:
        if not self._charges:
            return
        wallets = ledger.wallets_of(one.client_id for one in self._charges if one.client_id)
        account = ledger.account_of(ACCOUNT_OF[Reason.CALL])
        day = ledger.posting_day(self._posted_at)
        sqlite = bulk.on_sqlite()
        at = bulk.plain_moment(self._posted_at, sqlite=sqlite)
        on = day.isoformat() if sqlite else day
        reseller_id = scope.reseller_id()
        rows: list[tuple[Any, ...]] = []
        usage: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
        ids = bulk.public_ids(len(self._charges))
        for public_id, one in zip(ids, self._charges, strict=True):
            client_id = one.client_id
            assert client_id is not None
            assert one.price is not None
            started_at = bulk.plain_moment(one.call.started_at, sqlite=sqlite)
            rows.append((
                public_id, reseller_id, client_id, SOURCE, one.key, "charge", Reason.CALL.value,
                wallets[client_id], account, one.price, _other_side(one.call), at, on, started_at,
            ))  # fmt: skip
            line = usage[client_id]
            line[0] += 1
            line[1] += one.call.seconds
            line[2] += one.price
        bulk.insert(Transfer, _COLUMNS, rows)
        ledger.apply_usage(_deltas(usage, day))


def _deltas(usage: dict[int, list[int]], day: date) -> list[UsageDelta]:
    return [
        UsageDelta(client_id, day, Reason.CALL, items, seconds, Money(amount))
        for client_id, (items, seconds, amount) in usage.items()
    ]


def _other_side(call: CarrierCall) -> str:
    """The number at the other end: what a line of the history says."""
    other = call.caller_number if call.direction is Direction.IN else call.destination
    return other[:40]

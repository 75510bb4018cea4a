"""What the proof of the books asks of the carrier's fees."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from portal.core.db import MoneyType, session
from portal.ledger.check import costs_follow, register
from portal.ledger.values import CostKind
from portal.reconciling.models import CarrierCharge


@register
def costs_of_numbers_are_in_the_months() -> Iterator[str]:
    """The carrier's fees are in the months of the books, whole and once."""
    for kind in (CostKind.NUMBER, CostKind.OTHER):
        rows = session().execute(
            select(
                CarrierCharge.reseller_id,
                CarrierCharge.client_id,
                func.sum(CarrierCharge.cost, type_=MoneyType()),
            )
            .where(CarrierCharge.kind == kind)
            .group_by(CarrierCharge.reseller_id, CarrierCharge.client_id)
        )
        proven = {(reseller_id, client_id or 0): cost for reseller_id, client_id, cost in rows}
        yield from costs_follow(kind, proven)

"""What a client pays when it pays in: the amount, and the taxes on top of it or inside it today."""

from __future__ import annotations

from portal import identity
from portal.core.formats import paid_decimals_of
from portal.core.money import Money
from portal.core.tax_parts import TaxPart
from portal.invoices import arithmetic, rates
from portal.invoices.settings import settings, today, wish_of
from portal.invoices.values import Mode, PaperExemption, PricePaid


def price_of(client_id: int, amount: Money) -> PricePaid:
    """What paying this amount in comes to. Only who gets a receipt for each payment pays taxes with it."""
    wish, untaxed = wish_of(client_id), PricePaid(amount, (), amount, on_top=False)
    if wish.mode is not Mode.RECEIPT or wish.since is None:
        return untaxed
    day = today()
    if day < wish.since:
        return untaxed
    duties = rates.duties_of(
        identity.client_facts(client_id).details,
        day,
        known=rates.taxes(),
        exempt=rates.exemptions_of(client_id),
    )
    paid = [duty for duty in duties if not duty.exempt_reason]
    inclusive = settings().inclusive
    sums = arithmetic.compute(
        [arithmetic.Taxed(amount, tuple(range(len(paid))))],
        [duty.percent_e4 for duty in paid],
        inclusive=inclusive,
        digits=paid_decimals_of(identity.own_reseller().currency),
    )
    parts = zip(paid, sums.taxes, strict=True)
    return PricePaid(
        sums.net,
        tuple(TaxPart(one.name, one.percent_e4, one.number, tax) for one, tax in parts),
        sums.total,
        on_top=not inclusive,
        exemptions=tuple(
            PaperExemption(one.name, one.exempt_reason, one.exempt_number)
            for one in duties
            if one.exempt_reason
        ),
    )


def taxes_on_top(client_id: int, amount: Money) -> tuple[TaxPart, ...]:
    """What is paid beside this amount; nothing where prices hold their taxes."""
    price = price_of(client_id, amount)
    return price.taxes if price.on_top else ()

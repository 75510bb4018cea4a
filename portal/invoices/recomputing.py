"""Taxes computed again from what is kept with them alone: they must come out as they were."""

from __future__ import annotations

from collections.abc import Sequence

from portal.core.money import Money
from portal.core.tax_parts import TaxPart
from portal.invoices import arithmetic
from portal.invoices.values import Content


def taxes_again(content: Content) -> tuple[Money, ...]:
    """The taxes of an invoice or a receipt: each once, on the sum of the lines it is on."""
    every = tuple(range(len(content.taxes)))
    sums = arithmetic.compute(
        [arithmetic.Taxed(line.amount, every) for line in content.lines],
        [tax.percent_e4 for tax in content.taxes],
        inclusive=content.inclusive,
        digits=content.digits,
    )
    return sums.taxes


def paid_again(credited: Money, parts: Sequence[TaxPart], digits: int) -> tuple[Money, ...]:
    """The taxes that came with a payment, from their rates alone: each once, on top of what was credited."""
    sums = arithmetic.compute(
        [arithmetic.Taxed(credited, tuple(range(len(parts))))],
        [part.percent_e4 for part in parts],
        inclusive=False,
        digits=digits,
    )
    return sums.taxes


def given_back_again(
    note: Content, original: Content, earlier: Sequence[Content]
) -> tuple[Money, ...]:
    """The taxes of a credit note: each its share of all that is credited, less what went back before."""
    before = sum((one.basis for one in earlier), Money(0))
    return tuple(
        arithmetic.credited(
            tax.amount,
            part=before + note.basis,
            of=original.basis,
            before=sum((one.taxes[at].amount for one in earlier), Money(0)),
            digits=original.digits,
        )
        for at, tax in enumerate(original.taxes)
    )

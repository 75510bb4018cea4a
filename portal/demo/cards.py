"""Cards at the practice gateway: one that tops its client up, and one that the bank declines."""

from __future__ import annotations

from collections.abc import Sequence

from portal import ledger, payments
from portal.core import clock
from portal.core.money import Money
from portal.core.registry import settings
from portal.payments import CardSaved, Redirect, TopUpTerms

_FIVE = Money.of("5")


def open_practice(client_ids: Sequence[int]) -> None:
    """Offer the practice gateway, and give the first two clients a card and automatic top-up.

    The second one's balance is below its threshold, and its card is declined. In a transaction.
    """
    if not settings().practice_payments:
        return
    payments.save_gateway(payments.PRACTICE, on=True, live=False, public={}, secrets={})
    for at, client_id in enumerate(client_ids[:2]):
        declined = at == 1
        _give_card(client_id, "0002" if declined else "4242")
        balance = max(ledger.balance_of(client_id), _FIVE)
        threshold = Money(int(balance.decimal) * 1_000_000) + _FIVE if declined else _FIVE
        ceiling = Money.of("150")
        payments.save_top_up(client_id, TopUpTerms(True, threshold, Money.of("50"), ceiling))


def _give_card(client_id: int, last4: str) -> None:
    saving = payments.begin_saving(client_id)
    customer, ref = f"PC-demo-{client_id}", f"PS-demo-{client_id}"
    payments.saving_began(saving, customer, Redirect("", ref, "practice"))
    year = clock.now().year + 3
    card = CardSaved(customer, f"{ref}-{last4}", "visa", last4, 8, year)
    payments.keep_card(payments.saving(saving.public_id), card)

"""The practice gateway: a page of ours that plays a gateway. It needs no account and moves no money.

What a gateway keeps is a row here (``PracticeOrder``); it is asked as if it were far away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import select, update

from portal.core import clock, registry, scope
from portal.core.db import insert_once, only_one, session
from portal.core.errors import NotFound
from portal.core.money import InvalidAmount, Money
from portal.payments.gateways.protocol import (
    Addresses,
    Capture,
    CardSaved,
    Forged,
    GatewayRefuses,
    GivenBack,
    Heard,
    HeardKind,
    Outcome,
    Pending,
    Redirect,
    Refusal,
    Unknown,
    Unreadable,
)
from portal.payments.models import CardSaving, PracticeOrder
from portal.payments.values import PRACTICE, GatewayAccount, Intent, SavedCard

PAYEE = "practice"
PAID, LATER, DECLINED, CANCELLED = "paid", "later", "declined", "cancelled"
PRACTICE_OUTCOMES = (PAID, LATER, DECLINED, CANCELLED)
DECIDED = (PAID, DECLINED)
PRACTICE_CARDS = {"4242": "", "0002": "card_declined", "0069": "expired_card"}
"""The page's cards by their last digits, and why they are declined."""


class PracticeGateway:
    """One reseller's account at the practice gateway. Refuses everything where practice is off."""

    name = PRACTICE

    def __init__(self, account: GatewayAccount) -> None:
        self._account = account

    @classmethod
    def of(cls, account: GatewayAccount) -> PracticeGateway:
        return cls(account)

    def begin(self, intent: Intent, addresses: Addresses) -> Redirect:
        _refuse_in_earnest()
        return Redirect(addresses.practice, ref_of(intent), PAYEE)

    def read(self, intent: Intent) -> Outcome:
        """What was pressed on the page."""
        _refuse_in_earnest()
        order = session().scalar(
            select(PracticeOrder).where(PracticeOrder.ref == (intent.gateway_ref or ref_of(intent)))
        )
        if order is None:
            return Unknown() if intent.automatic else Pending()
        if order.state == LATER:
            return Pending(paid=True)
        if order.state == CANCELLED:
            return Refusal("cancelled", cancelled=True)
        if order.state == DECLINED:
            return Refusal("declined", "The practice gateway declined the payment.")
        return _captured(intent, order.ref)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """A message of the page: JSON with the account's hook as its proof."""
        _refuse_in_earnest()
        try:
            said = json.loads(body)
            proof, kind = str(said["proof"]), HeardKind(said["kind"])
            heard = Heard(
                event_id=str(said["id"])[:120],
                kind=kind,
                gateway_ref=str(said.get("order", ""))[:120],
                capture_ref=str(said.get("order", ""))[:120],
                ref=str(said.get("ref", ""))[:120],
                amount=Money.of(str(said.get("amount", "0"))),
                currency=str(said.get("currency", ""))[:3],
            )
        except (ValueError, KeyError, TypeError, AttributeError, InvalidAmount):
            raise Unreadable("This is no message of the practice gateway.") from None
        if proof != self._account.hook:
            raise Forged("The practice gateway did not write this.")
        return heard

    def refund(self, intent: Intent, amount: Money, *, key: str) -> GivenBack | Pending | Refusal:
        """Done at once, as nothing moves."""
        _refuse_in_earnest()
        return GivenBack(ref=f"PR-{key}", amount=amount)

    def charge_saved(self, intent: Intent, card: SavedCard) -> Outcome:
        """By the card's last digits: most are charged, some declined, as the page has said."""
        _refuse_in_earnest()
        problem = PRACTICE_CARDS.get(card.card_ref[-4:], "")
        if problem:
            return Refusal(problem, "The practice gateway declined the card.")
        return _captured(intent, ref_of(intent))

    def new_customer(self, *, name: str, email: str, mark: str) -> str:
        _refuse_in_earnest()
        return f"PC-{mark[:40]}"

    def begin_saving(self, customer_ref: str, *, mark: str, addresses: Addresses) -> Redirect:
        _refuse_in_earnest()
        return Redirect(addresses.practice, f"PS-{mark}", PAYEE)

    def saved(self, gateway_ref: str) -> CardSaved | None:
        """The card that was chosen on the page."""
        _refuse_in_earnest()
        row = session().scalar(
            select(CardSaving).where(
                CardSaving.gateway == PRACTICE,
                CardSaving.gateway_ref == gateway_ref,
                CardSaving.last4 != "",
            )
        )
        if row is None:
            return None
        ref = f"{gateway_ref}-{row.last4}"
        return CardSaved(row.customer_ref, ref, "practice", row.last4, 12, clock.now().year + 3)

    def forget(self, card: SavedCard) -> None:
        """Nothing is kept."""

    def try_out(self) -> str:
        _refuse_in_earnest()
        return "The practice gateway is ready. It moves no money."


def _captured(intent: Intent, ref: str) -> Capture:
    return Capture(
        gateway_ref=ref,
        capture_ref=ref,
        amount=intent.total,
        currency=intent.currency,
        payee=PAYEE,
        live=False,
        intent=intent.public_id,
    )


def choose_practice_card(gateway_ref: str, last4: str) -> bool:
    """One of the cards on the page; the first choice counts."""
    if last4 not in PRACTICE_CARDS or not registry.settings().practice_payments:
        raise NotFound("There is no practice gateway here.")
    return only_one(
        update(CardSaving)
        .where(
            CardSaving.gateway == PRACTICE,
            CardSaving.gateway_ref == gateway_ref,
            CardSaving.last4 == "",
        )
        .values(last4=last4)
    )


def ref_of(intent: Intent) -> str:
    """The gateway's name for a payment."""
    return f"P-{intent.public_id.hex[:20].upper()}"


def press(intent: Intent, state: str) -> bool:
    """One of the page's buttons. The first counts; what was to be decided later may be decided once."""
    if state not in PRACTICE_OUTCOMES or not registry.settings().practice_payments:
        raise NotFound("There is no practice gateway here.")
    new = insert_once(
        PracticeOrder,
        {
            "reseller_id": scope.reseller_id(),
            "ref": ref_of(intent),
            "intent": intent.public_id,
            "amount": intent.total,
            "currency": intent.currency,
            "state": state,
            "created_at": clock.now(),
        },
    )
    if new or state not in DECIDED:
        return new
    return only_one(
        update(PracticeOrder)
        .where(PracticeOrder.intent == intent.public_id, PracticeOrder.state == LATER)
        .values(state=state)
    )


def _refuse_in_earnest() -> None:
    if not registry.settings().practice_payments:
        raise GatewayRefuses("The practice gateway is off on this installation.")

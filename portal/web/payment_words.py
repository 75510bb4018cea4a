"""Payments in words: gateways, states and problems, the same for clients and for staff."""

from __future__ import annotations

from flask_babel import gettext

from portal import payments
from portal.payments import HeardKind, Intent, IntentState
from portal.web import filters

# What a payment's badge looks like.
TONES = {
    IntentState.PAID: "ok",
    IntentState.PENDING: "warn",
    IntentState.UNKNOWN: "warn",
    IntentState.REFUSED: "bad",
    IntentState.FAILED: "bad",
}


def gateway(name: str) -> str:
    """A gateway as people know it."""
    return {
        payments.MANUAL: gettext("By hand"),
        payments.PAYPAL: "PayPal",
        payments.PAYPAL_EMAIL: "PayPal",
        payments.STRIPE: gettext("Card"),
        payments.PRACTICE: gettext("Practice gateway"),
    }.get(name, name)


def sums(of: Intent) -> list[tuple[str, str]]:
    """What a payment comes to, where taxes are paid with it."""
    if not of.tax:
        return []
    each = [
        (f"{part.name} {filters.percent(part.percent_e4)}", filters.money(part.amount))
        for part in of.taxes
    ]
    said = gettext("Total paid") if of.state is IntentState.PAID else gettext("Total to pay")
    return [
        (gettext("Added to the balance"), filters.money(of.amount)),
        *each,
        (said, filters.money(of.total)),
    ]


def state(of: IntentState) -> str:
    """How far a payment is."""
    return {
        IntentState.NEW: gettext("Begun"),
        IntentState.WAITING: gettext("Waiting for the payer"),
        IntentState.PENDING: gettext("Being checked"),
        IntentState.UNKNOWN: gettext("Not known yet"),
        IntentState.PAID: gettext("Paid"),
        IntentState.REFUSED: gettext("Declined"),
        IntentState.CANCELLED: gettext("Cancelled"),
        IntentState.FAILED: gettext("Gateway away"),
        IntentState.EXPIRED: gettext("Not finished"),
    }[of]


def problem(code: str) -> str:
    """Why a payment was not credited; the gateway's own sentence where it is one."""
    known = {
        "no_reference": gettext("The gateway gave no reference."),
        "other_payment": gettext("The money belongs to another payment."),
        "amount_differs": gettext("Another amount was paid: nothing was credited."),
        "currency_differs": gettext("Another currency was paid: nothing was credited."),
        "payee_differs": gettext("Somebody else was paid: nothing was credited."),
        "mode_differs": gettext("Test money and real money differ: nothing was credited."),
        "paid_twice": gettext("It was paid twice: give the second payment back at the gateway."),
        "taken_before": gettext("This money was credited to another payment."),
    }
    return known.get(code) or (gettext(code) if code else "")


def fact(kind: str) -> str:
    """What went back, or came back."""
    return {
        HeardKind.REFUNDED.value: gettext("Refunded"),
        HeardKind.REFUND_FAILED.value: gettext("Refund failed: the money came back"),
        HeardKind.REVERSED.value: gettext("Reversed by the gateway"),
        HeardKind.DISPUTE_OPENED.value: gettext("Dispute opened"),
        HeardKind.DISPUTE_WON.value: gettext("Dispute won"),
        HeardKind.DISPUTE_LOST.value: gettext("Dispute lost"),
    }.get(kind, kind)


def refund_state(word: str) -> str:
    """How far a refund is."""
    return {
        "asked": gettext("On its way"),
        "pending": gettext("Waits at the gateway"),
        "done": gettext("Done"),
        "refused": gettext("Refused"),
        "failed": gettext("Failed"),
    }.get(word, word)

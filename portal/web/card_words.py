"""Cards and automatic top-up in words, for clients and for staff."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from portal import payments
from portal.core import clock
from portal.payments import Attempt, Card, IntentState
from portal.web import filters

OPEN_STATES = {IntentState.NEW, IntentState.WAITING, IntentState.PENDING, IntentState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class CardShown:
    """One row of the list of cards."""

    card: Card
    name: str
    expires: str
    badge: str
    tone: str
    note: str


@dataclass(frozen=True, slots=True)
class AttemptShown:
    """One row of the last tries."""

    attempt: Attempt
    badge: str
    tone: str
    note: str


def problem(code: str) -> str:
    """Why a card was not charged."""
    known = {
        "": "",
        "no_card": gettext("There is no card to charge."),
        "expired_card": gettext("The card has expired."),
        "insufficient_funds": gettext("There is not enough money on the card."),
        "authentication_required": gettext("The bank wants you to confirm the payment yourself."),
        "lost_card": gettext("The bank has blocked the card."),
        "stolen_card": gettext("The bank has blocked the card."),
        "pickup_card": gettext("The bank has blocked the card."),
        "restricted_card": gettext("The bank has blocked the card."),
        "resource_missing": gettext("The card is not known any more."),
        "card_gone": gettext("The card is not known any more."),
        "gateway_off": gettext("Cards cannot be charged at the moment."),
        "away": gettext("The payment service could not be reached."),
        "no_charge": gettext("The payment did not take place."),
        "ceiling": gettext("The ceiling of this month is reached. It goes on next month."),
    }
    return known.get(code) or (gettext("The bank declined the card.") if code else "")


def shown(card: Card) -> CardShown:
    """A card with what is wrong with it, said plainly."""
    badge, tone = (gettext("Default"), "ok") if card.is_default else ("", "")
    if payments.has_expired(card, clock.now().date()):
        badge, tone = gettext("Expired"), "bad"
    elif card.problem:
        badge, tone = gettext("Declined"), "bad"
    return CardShown(
        card=card,
        name=gettext("%(brand)s ending in %(digits)s", brand=card.brand.title(), digits=card.last4),
        expires=gettext(
            "Expires %(month)s/%(year)s",
            month=f"{card.expires_month:02}",
            year=f"{card.expires_year % 100:02}",
        ),
        badge=badge,
        tone=tone,
        note=problem(card.problem),
    )


def tried(attempt: Attempt) -> AttemptShown:
    """One try, with what follows from it."""
    if attempt.state is IntentState.PAID:
        return AttemptShown(attempt, gettext("Paid"), "ok", "")
    if attempt.state in OPEN_STATES:
        note = gettext("There was no clear answer. It is looked up, and never charged twice.")
        return AttemptShown(attempt, gettext("Waiting"), "info", note)
    note = problem(attempt.problem)
    if attempt.next_at is not None:
        again = gettext("Next try %(when)s.", when=filters.daytime(attempt.next_at))
        note = f"{note} {again}".strip()
    return AttemptShown(attempt, gettext("Declined"), "bad", note)

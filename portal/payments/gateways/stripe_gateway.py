"""Stripe: Checkout for payments and for saving cards, charges of saved cards, refunds, events.

What a call leads to is a value of the protocol; the library's exceptions end here. An event is only
a bell: money is credited by what Stripe answers when it is asked again with the reseller's own key.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import stripe

from portal.core import clock
from portal.core.money import Money
from portal.core.sentences import N_
from portal.payments.gateways import minor_units
from portal.payments.gateways.protocol import (
    ARRIVED,
    Addresses,
    Capture,
    CardSaved,
    Forged,
    GatewayAway,
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
from portal.payments.gateways.stripe_wire import NoAnswer, client
from portal.payments.values import STRIPE, GatewayAccount, Intent, SavedCard

TOLERANCE_SECONDS: Final = 300
_LOOK_BACK_SECONDS, _LOOK_AHEAD_SECONDS = 120, 1800
_MOST_PAGES = 50
_SESSION = "cs_"

Thing = Mapping[str, Any]


class StripeGateway:
    """One reseller's account at Stripe."""

    name = STRIPE

    def __init__(self, account: GatewayAccount) -> None:
        self._account = account
        self._stripe = client(account.secrets.get("secret_key", ""))

    def begin(self, intent: Intent, addresses: Addresses) -> Redirect:
        """A page of Checkout for this payment; the same page again for the same intent."""
        mark = {"intent": str(intent.public_id)}
        name = intent.description or "Balance"
        price = {
            "currency": intent.currency.lower(),
            "unit_amount": minor_units.of(intent.total, intent.currency),
            "product_data": {"name": name},
        }
        wish: Any = {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "success_url": addresses.back,
            "cancel_url": addresses.cancel,
            "client_reference_id": str(intent.public_id),
            "metadata": mark,
            "payment_intent_data": {"metadata": mark, "description": name},
        }
        once: Any = {"idempotency_key": f"checkout-{intent.public_id}"}
        page = self._ask(lambda: self._stripe.v1.checkout.sessions.create(wish, once))
        return Redirect(_address(page.get("url")), _name(page), payee=self._payee)

    def read(self, intent: Intent) -> Outcome:
        """What became of a payment: by its page of Checkout, by its charge, or by looking for it."""
        ref = intent.gateway_ref
        if ref.startswith(_SESSION):
            return self._read_session(ref)
        if ref:
            found = self._ask(lambda: self._stripe.v1.payment_intents.retrieve(ref, _EXPANDED))
            return self._outcome(found)
        return self._look_for(intent)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """A signed event of this account, at most five minutes old, in words of the protocol."""
        told = _signed(headers, body, self._account.secrets.get("webhook_secret", ""))
        if told.get("object") != "event" or not _text(told, "id"):
            raise Unreadable("This is no event.")
        if told.get("account") not in (None, "", self._payee):
            raise Forged("This event is about another account.")
        if bool(told.get("livemode")) is not self._account.live:
            raise Forged("This event is about the other mode.")
        data = told.get("data")
        thing = data.get("object") if isinstance(data, dict) else None
        if not isinstance(thing, dict):
            raise Unreadable("This event is about nothing.")
        return _heard(told, thing)

    def refund(self, intent: Intent, amount: Money, *, key: str) -> GivenBack | Pending | Refusal:
        """Give back some of a charge; the key makes the same wish the same refund.

        Stripe forgets its keys after a day, so what was made before is looked for by its mark.
        """
        wish: Any = {
            "payment_intent": intent.capture_ref,
            "amount": minor_units.of(amount, intent.currency),
            "metadata": {"intent": str(intent.public_id), "refund": key},
        }
        once: Any = {"idempotency_key": f"refund-{key}"}
        try:
            made = self._listed(intent.capture_ref)
            refund = next((one for one in made if _mark(one, "refund") == key), None)
            if refund is None:
                refund = self._ask(lambda: self._stripe.v1.refunds.create(wish, once))
        except _Declined as problem:
            return Refusal(problem.reason, problem.sentence)
        if refund.get("status") in {"failed", "canceled"}:
            return Refusal("refund_failed", "Stripe could not give this back.")
        ref, given = _name(refund), minor_units.amount(_whole(refund, "amount"), intent.currency)
        if given != amount:
            raise GatewayAway("Stripe did not answer properly.", maybe_done=True)
        if refund.get("status") != "succeeded":
            return Pending(paid=True, ref=ref)
        return GivenBack(ref, given)

    def charge_saved(self, intent: Intent, card: SavedCard) -> Outcome:
        """Charge a card while its owner is away. No answer is Unknown; ``read`` looks it up."""
        try:
            charged = self._ask(
                lambda: self._stripe.v1.payment_intents.create(
                    {
                        "amount": minor_units.of(intent.total, intent.currency),
                        "currency": intent.currency.lower(),
                        "customer": card.customer_ref,
                        "payment_method": card.card_ref,
                        "off_session": True,
                        "confirm": True,
                        "description": intent.description or "Balance",
                        "metadata": {"intent": str(intent.public_id)},
                    },
                    {"idempotency_key": f"charge-{intent.public_id}"},
                )
            )
        except _Declined as problem:
            return Refusal(problem.reason, problem.sentence)
        except GatewayAway as away:
            if away.maybe_done:
                return Unknown()
            raise
        return self._outcome(charged, is_new=True)

    def begin_saving(self, customer_ref: str, *, mark: str, addresses: Addresses) -> Redirect:
        """A page of Checkout on which a card is typed and nothing is paid."""
        wish: Any = {
            "mode": "setup",
            "customer": customer_ref,
            "payment_method_types": ["card"],
            "success_url": addresses.back,
            "cancel_url": addresses.cancel,
            "client_reference_id": mark,
            "metadata": {"saving": mark},
        }
        once: Any = {"idempotency_key": f"saving-{mark}"}
        page = self._ask(lambda: self._stripe.v1.checkout.sessions.create(wish, once))
        return Redirect(_address(page.get("url")), _name(page), payee=self._payee)

    def saved(self, gateway_ref: str) -> CardSaved | None:
        """The card that was typed on such a page; None while nobody has."""
        page = self._ask(
            lambda: self._stripe.v1.checkout.sessions.retrieve(
                gateway_ref, {"expand": ["setup_intent.payment_method"]}
            )
        )
        setup = page.get("setup_intent")
        method = setup.get("payment_method") if isinstance(setup, dict) else None
        card = method.get("card") if isinstance(method, dict) else None
        if not isinstance(card, dict) or not isinstance(method, dict):
            return None
        return CardSaved(
            customer_ref=_text(page, "customer"),
            card_ref=_text(method, "id"),
            brand=_text(card, "brand")[:20],
            last4=_text(card, "last4")[:4],
            expires_month=_whole(card, "exp_month"),
            expires_year=_whole(card, "exp_year"),
        )

    def new_customer(self, *, name: str, email: str, mark: str) -> str:
        """Whom cards are kept for; the same words again are the same customer."""
        words = hashlib.sha256(f"{name}\n{email}".encode()).hexdigest()[:16]
        return _name(
            self._ask(
                lambda: self._stripe.v1.customers.create(
                    {"name": name, "email": email, "metadata": {"client": mark}},
                    {"idempotency_key": f"customer-{mark}-{words}"},
                )
            )
        )

    def forget(self, card: SavedCard) -> None:
        """Let go of a card; one that is gone already is fine."""
        try:
            self._ask(lambda: self._stripe.v1.payment_methods.detach(card.card_ref))
        except _Declined:
            return

    def try_out(self) -> str:
        """Ask whose account the key opens: its id, by which payments are matched."""
        return _name(self._ask(self._stripe.v1.accounts.retrieve_current))

    @property
    def _payee(self) -> str:
        return self._account.public.get("account", "")

    def _read_session(self, ref: str) -> Outcome:
        page = self._ask(
            lambda: self._stripe.v1.checkout.sessions.retrieve(
                ref, {"expand": ["payment_intent.latest_charge"]}
            )
        )
        paid = page.get("payment_intent")
        if page.get("status") == "expired":
            return Refusal("expired", "The page to pay on was open for too long.", cancelled=True)
        if page.get("status") != "complete" or not isinstance(paid, dict):
            return Pending()
        if page.get("payment_status") != "paid":
            return Pending(paid=True)
        return self._outcome(paid, ref)

    def _look_for(self, intent: Intent) -> Outcome:
        """Find a charge by the mark that it carries; Unknown while there is none."""
        began = int(intent.created_at.timestamp())
        window = {"gte": began - _LOOK_BACK_SECONDS, "lte": began + _LOOK_AHEAD_SECONDS}
        wish: Any = {"created": window, "limit": 100}
        for _ in range(_MOST_PAGES):
            page = self._ask(lambda: self._stripe.v1.payment_intents.list(wish))
            for found in _rows(page):
                if _mark(found, "intent") == str(intent.public_id):
                    return self._outcome(found)
                wish["starting_after"] = _text(found, "id")
            if not page.get("has_more"):
                return Unknown()
        raise GatewayAway("Stripe lists too many payments of that hour.", maybe_done=True)

    def _outcome(self, found: Thing, gateway_ref: str = "", *, is_new: bool = False) -> Outcome:
        """What a charge came to. Of a new one nothing went back: a question less that may fail."""
        status = found.get("status")
        if status == "processing":
            return Pending(paid=True)
        if status == "succeeded":
            currency = _text(found, "currency").upper()
            ref = _text(found, "id")
            return Capture(
                gateway_ref=gateway_ref or ref,
                capture_ref=ref,
                amount=minor_units.amount(_whole(found, "amount_received"), currency),
                currency=currency,
                payee=self._payee,
                live=bool(found.get("livemode")),
                intent=_uuid(found.get("metadata")),
                refunds=() if is_new else self._refunds(ref, currency),
            )
        problem = found.get("last_payment_error")
        if isinstance(problem, dict):
            reason = _text(problem, "decline_code") or _text(problem, "code")
            return Refusal(reason, _sentence(reason))
        if status == "requires_action":
            return Refusal("authentication_required", _sentence("authentication_required"))
        if status == "canceled":
            return Refusal("cancelled", "The payment was cancelled.", cancelled=True)
        return Pending()

    def _refunds(self, ref: str, currency: str) -> tuple[GivenBack, ...]:
        return tuple(
            GivenBack(_text(one, "id"), minor_units.amount(_whole(one, "amount"), currency))
            for one in self._listed(ref)
            if one.get("status") == "succeeded" and _text(one, "id")
        )

    def _listed(self, ref: str) -> list[Thing]:
        """What of a charge was given back, in whichever way."""
        wish: Any = {"payment_intent": ref, "limit": 100}
        return _rows(self._ask(lambda: self._stripe.v1.refunds.list(wish)))

    def _ask(self, call: Callable[[], Any]) -> Thing:
        """Make one call and translate every way it fails; what was asked is in no message.

        The answer comes as plain dictionaries: a field that is missing is simply not there.
        """
        try:
            return dict(call().to_dict())
        except NoAnswer as error:
            problem: Exception = GatewayAway(
                "Stripe cannot be reached at the moment.", maybe_done=error.maybe_sent
            )
        except stripe.CardError as error:
            reason = _decline(error)
            problem = _Declined(reason, _sentence(reason))
        except (stripe.AuthenticationError, stripe.PermissionError):
            problem = GatewayRefuses("Stripe does not accept the secret key.")
        except stripe.RateLimitError:
            problem = GatewayAway("Stripe is busy at the moment.", maybe_done=False)
        except stripe.IdempotencyError:
            problem = GatewayAway("Stripe is still working on this.", maybe_done=True)
        except stripe.InvalidRequestError as error:
            reason = str(error.code or "invalid_request")[:60]
            problem = _Declined(reason, _sentence(reason))
        except (stripe.StripeError, ValueError, KeyError, AttributeError, TypeError):
            problem = GatewayAway("Stripe did not answer properly.", maybe_done=True)
        raise problem


class _Declined(GatewayRefuses):
    """A card, or a wish, that Stripe will not have."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason, self.sentence = reason, sentence


_EXPANDED: Any = {"expand": ["latest_charge"]}


def _decline(error: stripe.CardError) -> str:
    """The bank's own reason where there is one: it says whether another try makes sense."""
    told = error.error
    return str((told.decline_code if told else None) or error.code or "card_declined")[:60]


_SENTENCES = {
    "expired_card": N_("The card has expired."),
    "insufficient_funds": N_("There is not enough money on the card."),
    "authentication_required": N_("The bank wants its customer to confirm the payment."),
    "lost_card": N_("The bank has blocked the card."),
    "stolen_card": N_("The bank has blocked the card."),
    "pickup_card": N_("The bank has blocked the card."),
    "incorrect_cvc": N_("The security code of the card is wrong."),
    "resource_missing": N_("The card is not known any more."),
    "amount_too_small": N_("The amount is too small for Stripe."),
    "charge_already_refunded": N_("All of this payment was given back before."),
}


def _sentence(reason: str) -> str:
    return _SENTENCES.get(reason, N_("The bank declined the card."))


def _signed(headers: Mapping[str, str], body: bytes, secret: str) -> dict[str, Any]:
    """The event as it was signed; Forged when it was not, or too long ago, or for another time."""
    header = next((v for name, v in headers.items() if name.lower() == "stripe-signature"), "")
    try:
        stripe.WebhookSignature.verify_header(body, header, secret)
        moment = int(header.partition("t=")[2].partition(",")[0])
        arrived = float(headers.get(ARRIVED) or clock.now().timestamp())
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise Forged("The signature is wrong.") from error
    if abs(arrived - moment) > TOLERANCE_SECONDS:
        raise Forged("The signature is of another time.")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("This is no event.") from error
    if not isinstance(told, dict):
        raise Unreadable("This is no event.")
    return told


_REFUND_EVENTS = frozenset(
    {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
)
_REFUND_STATES = {
    "succeeded": HeardKind.REFUNDED,
    "failed": HeardKind.REFUND_FAILED,
    "canceled": HeardKind.REFUND_FAILED,
}


def _heard(told: Thing, thing: Thing) -> Heard:
    kind = _text(told, "type")
    heard: dict[str, Any] = {"event_id": _text(told, "id"), "at": _moment(told)}
    intent = _uuid(thing.get("metadata"))
    if kind.startswith("checkout.session."):
        if thing.get("mode") == "setup":
            return Heard(kind=HeardKind.CARD_SAVED, gateway_ref=_text(thing, "id"), **heard)
        return Heard(kind=HeardKind.MOVED, gateway_ref=_text(thing, "id"), intent=intent, **heard)
    if kind.startswith("payment_intent."):
        ref = _text(thing, "id")
        return Heard(kind=HeardKind.MOVED, capture_ref=ref, intent=intent, **heard)
    if kind == "charge.refunded":
        return Heard(kind=HeardKind.MOVED, capture_ref=_text(thing, "payment_intent"), **heard)
    found = HeardKind.OTHER
    if kind in _REFUND_EVENTS:
        found = _REFUND_STATES.get(_text(thing, "status"), HeardKind.OTHER)
    elif kind.startswith("charge.dispute."):
        found = _dispute(kind, _text(thing, "status"))
    currency = _text(thing, "currency").upper()
    return Heard(
        kind=found,
        capture_ref=_text(thing, "payment_intent"),
        ref=_text(thing, "id"),
        amount=minor_units.amount(_whole(thing, "amount"), currency),
        currency=currency,
        **heard,
    )


def _dispute(kind: str, status: str) -> HeardKind:
    """What a dispute did to the money. A mere question of the bank (``warning_…``) takes none."""
    if status.startswith("warning"):
        return HeardKind.OTHER
    if kind in {"charge.dispute.created", "charge.dispute.funds_withdrawn"}:
        return HeardKind.DISPUTE_OPENED
    if kind in {"charge.dispute.closed", "charge.dispute.funds_reinstated"}:
        return {"won": HeardKind.DISPUTE_WON, "lost": HeardKind.DISPUTE_LOST}.get(
            status, HeardKind.OTHER
        )
    return HeardKind.OTHER


def _rows(page: Thing) -> list[Thing]:
    """The things of a list."""
    found = page.get("data")
    if not isinstance(found, list):
        raise GatewayAway("Stripe did not answer properly.", maybe_done=True)
    return [one for one in found if isinstance(one, dict)]


def _name(thing: Thing) -> str:
    """What Stripe calls a thing; an answer without it is none."""
    found = _text(thing, "id")
    if not found:
        raise GatewayAway("Stripe did not answer properly.", maybe_done=True)
    return found


def _mark(thing: Thing, word: str) -> str:
    """One of the words that we left on a thing."""
    left = thing.get("metadata")
    return _text(left, word) if isinstance(left, dict) else ""


def _text(thing: Thing, name: str) -> str:
    value = thing.get(name)
    return value[:120] if isinstance(value, str) else ""


def _whole(thing: Thing, name: str) -> int:
    value = thing.get(name)
    good = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12
    return int(value) if good and value is not None else 0


def _uuid(metadata: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(metadata["intent"]))
    except (KeyError, TypeError, ValueError):
        return None


def _moment(told: Thing) -> datetime:
    created = _whole(told, "created")
    return datetime.fromtimestamp(created, UTC) if 0 < created < 2**32 else clock.now()


def _address(url: Any) -> str:
    """Where the payer goes: Stripe's own page, whatever the answer says."""
    try:
        parts = urlsplit(url) if isinstance(url, str) and len(url) <= 2000 else None
    except ValueError:
        parts = None
    host = parts.hostname or "" if parts else ""
    if not parts or parts.scheme != "https" or not f".{host}".endswith(".stripe.com"):
        raise GatewayAway("Stripe did not answer properly.", maybe_done=True)
    return parts.geturl()

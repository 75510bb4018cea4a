"""PayPal by API credentials: Orders v2, and webhooks that PayPal itself confirms."""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from portal.core import clock, registry
from portal.core.http import Answer, BadAnswer, Outgoing, OutgoingError
from portal.core.money import Money
from portal.core.sentences import N_
from portal.payments.gateways.money import read_amount, written
from portal.payments.gateways.protocol import (
    Addresses,
    Capture,
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
    Unreadable,
)
from portal.payments.values import PAYPAL, GatewayAccount, Intent, SavedCard

LIVE, SANDBOX = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"
DEADLINE_SECONDS = 10.0
MOST_BYTES = 500_000
# PayPal repeats a message for three days.
OLDEST = timedelta(days=4)
_CLOCKS_DIFFER = timedelta(minutes=10)
_SIGNED = ("auth-algo", "cert-url", "transmission-id", "transmission-sig", "transmission-time")

_HEARD = {
    "CHECKOUT.ORDER.APPROVED": HeardKind.MOVED,
    "CHECKOUT.ORDER.COMPLETED": HeardKind.MOVED,
    "PAYMENT.CAPTURE.COMPLETED": HeardKind.MOVED,
    "PAYMENT.CAPTURE.PENDING": HeardKind.MOVED,
    "PAYMENT.CAPTURE.DENIED": HeardKind.MOVED,
    "PAYMENT.CAPTURE.DECLINED": HeardKind.MOVED,
    "PAYMENT.CAPTURE.REFUNDED": HeardKind.REFUNDED,
    "PAYMENT.REFUND.FAILED": HeardKind.REFUND_FAILED,
    "PAYMENT.CAPTURE.REVERSED": HeardKind.REVERSED,
    "CUSTOMER.DISPUTE.CREATED": HeardKind.DISPUTE_OPENED,
    "CUSTOMER.DISPUTE.RESOLVED": HeardKind.DISPUTE_LOST,
}
_FOR_THE_SELLER = frozenset(
    {"RESOLVED_SELLER_FAVOUR", "RESOLVED_SELLER_FAVOR", "CANCELED_BY_BUYER", "RESOLVED_WITH_PAYOUT"}
)
_TAKEN = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
_AWAY = "PayPal does not answer at the moment."
_LOGIN = "PayPal does not accept these credentials."
_DECLINED = N_("PayPal declined the payment.")


class PayPal:
    """One reseller's account. Holds a token for as long as one job or request works."""

    name = PAYPAL

    def __init__(self, account: GatewayAccount, *, base_url: str, outgoing: Outgoing) -> None:
        self._account = account
        self._base_url = base_url
        self._outgoing = outgoing
        self._token = ""

    @classmethod
    def of(cls, account: GatewayAccount) -> PayPal:
        settings = registry.settings()
        return cls(
            account,
            base_url=settings.paypal_url or (LIVE if account.live else SANDBOX),
            outgoing=Outgoing(allow_private=settings.allow_private),
        )

    def begin(self, intent: Intent, addresses: Addresses) -> Redirect:
        name = str(intent.public_id)
        order = self._json(
            "POST",
            "/v2/checkout/orders",
            key=name,
            body={
                "intent": "CAPTURE",
                "purchase_units": [
                    {
                        "custom_id": name,
                        "invoice_id": name,
                        "amount": {
                            "currency_code": intent.currency,
                            "value": written(intent.total, intent.currency),
                        },
                    }
                ],
                "payment_source": {
                    "paypal": {
                        "experience_context": {
                            "return_url": addresses.back,
                            "cancel_url": addresses.cancel,
                            "user_action": "PAY_NOW",
                            "shipping_preference": "NO_SHIPPING",
                        }
                    }
                },
            },
        )
        url = next(
            (
                _text(link.get("href"), 2000)
                for link in _rows(order.get("links"))
                if link.get("rel") in {"payer-action", "approve"}
            ),
            "",
        )
        reference = _text(order.get("id"))
        if not reference or not self._is_paypals(url):
            raise GatewayAway(_AWAY, maybe_done=True)
        return Redirect(url, reference, _payee(order))

    def read(self, intent: Intent) -> Outcome:
        path = f"/v2/checkout/orders/{quote(intent.gateway_ref, safe='')}"
        try:
            order = self._json("GET", path)
            if order.get("status") == "APPROVED":
                order = self._take(intent, path)
        except GatewayRefuses as problem:
            if problem.code in {"RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"}:
                return Refusal("gone", "The payment was not finished in time.")
            if problem.code in {"INSTRUMENT_DECLINED", "PAYER_CANNOT_PAY", "TRANSACTION_REFUSED"}:
                return Refusal("declined", _DECLINED)
            raise
        try:
            return self._outcome(order)
        except Unreadable:
            raise GatewayAway(_AWAY, maybe_done=True) from None

    def parse(self, headers: Mapping[str, str], body: bytes) -> Heard:
        given = {name.lower().removeprefix("paypal-"): text for name, text in headers.items()}
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            raise Unreadable("This is no message of PayPal.") from None
        event = _object(event)
        resource = event.get("resource")
        if not isinstance(resource, dict) or not _text(event.get("id")):
            raise Unreadable("This is no message of PayPal.")
        self._prove(given, body)
        return _heard(event, resource)

    def refund(self, intent: Intent, amount: Money, *, key: str) -> GivenBack | Pending | Refusal:
        path = f"/v2/payments/captures/{quote(intent.capture_ref, safe='')}/refund"
        money = {"currency_code": intent.currency, "value": written(amount, intent.currency)}
        try:
            done = self._json("POST", path, key=key, body={"amount": money})
        except GatewayRefuses as problem:
            if problem.message == _LOGIN:
                raise
            return Refusal(problem.code, problem.message)
        if done.get("status") == "PENDING":
            return Pending(paid=True, ref=_text(done.get("id")))
        if done.get("status") != "COMPLETED" or not _text(done.get("id")):
            return Refusal("declined", "PayPal did not make the refund.")
        return GivenBack(_text(done.get("id")), amount)

    def charge_saved(self, intent: Intent, card: SavedCard) -> Outcome:
        raise GatewayRefuses("PayPal keeps no cards for us.")

    def try_out(self) -> str:
        self._login()
        return "PayPal accepts these credentials."

    def _take(self, intent: Intent, path: str) -> dict[str, Any]:
        """Capture what the payer agreed to. The key makes a repeated capture the same one."""
        try:
            return self._json("POST", f"{path}/capture", key=f"{intent.public_id}-capture", body={})
        except GatewayRefuses as problem:
            if problem.code != "ORDER_ALREADY_CAPTURED":
                raise
        return self._json("GET", path)

    def _outcome(self, order: dict[str, Any]) -> Outcome:
        if order.get("status") == "VOIDED":
            return Refusal("voided", "The payment was not finished in time.")
        unit = next(iter(_rows(order.get("purchase_units"))), {})
        paid = _object(unit.get("payments"))
        captures = _rows(paid.get("captures"))
        if not captures:
            return Pending()
        capture = next((each for each in captures if each.get("status") in _TAKEN), captures[-1])
        if capture.get("status") == "PENDING":
            return Pending(paid=True, sentence="PayPal has not decided on this payment yet.")
        if capture.get("status") not in _TAKEN:
            return Refusal("declined", _DECLINED)
        amount, currency = _amount(capture.get("amount"))
        return Capture(
            gateway_ref=_text(order.get("id")),
            capture_ref=_text(capture.get("id")),
            amount=amount,
            currency=currency,
            payee=_payee(order),
            live=self._account.live,
            intent=_name(capture.get("custom_id") or unit.get("custom_id")),
            fee=_fee(capture),
            refunds=tuple(
                GivenBack(_text(each.get("id")), _amount(each.get("amount"))[0])
                for each in _rows(paid.get("refunds"))
                if each.get("status") == "COMPLETED" and _text(each.get("id"))
            ),
        )

    def _prove(self, given: Mapping[str, str], body: bytes) -> None:
        """Ask PayPal whether it wrote this, word by word."""
        signed = {name: given.get(name, "")[:2000] for name in _SIGNED}
        sent_at = _moment(signed["transmission-time"])
        if not all(signed.values()) or sent_at is None:
            raise Forged("The signature of PayPal is missing.")
        if not -_CLOCKS_DIFFER <= clock.now() - sent_at <= OLDEST:
            raise Forged("The message is too old.")
        webhook = self._account.public.get("webhook_id", "")
        if not webhook:
            raise Forged("The webhook's ID is not entered.")
        head = {name.replace("-", "_"): text for name, text in signed.items()}
        asked = json.dumps(head | {"webhook_id": webhook})[:-1].encode()
        # The event goes along as it came: written anew, its signature would not fit.
        content = asked + b', "webhook_event": ' + body + b"}"
        try:
            answer = self._json("POST", "/v1/notifications/verify-webhook-signature", raw=content)
        except GatewayRefuses as problem:
            if problem.message == _LOGIN:
                raise
            raise Forged("PayPal did not write this.") from None
        if answer.get("verification_status") == "FAILURE":
            raise Forged("PayPal did not write this.")
        if answer.get("verification_status") != "SUCCESS":
            raise GatewayAway(_AWAY, maybe_done=False)

    def _login(self) -> str:
        if not self._token:
            pair = f"{self._account.public.get('client_id', '')}:{self._account.secrets.get('secret', '')}"
            answer = self._call(
                "POST",
                "/v1/oauth2/token",
                headers={"authorization": "Basic " + b64encode(pair.encode()).decode()},
                form={"grant_type": "client_credentials"},
            )
            said = _answered(answer)
            self._token = _text(said.get("access_token"), 4000)
            if not self._token.isascii() or not self._token.isprintable() or not self._token:
                raise GatewayAway(_AWAY, maybe_done=False)
        return self._token

    def _json(
        self,
        method: str,
        path: str,
        *,
        key: str = "",
        body: Mapping[str, Any] | None = None,
        raw: bytes | None = None,
    ) -> dict[str, Any]:
        headers = {
            "authorization": f"Bearer {self._login()}",
            "content-type": "application/json",
            "prefer": "return=representation",
        }
        if key:
            headers["paypal-request-id"] = key
        content = raw if raw is not None else json.dumps(body) if body is not None else None
        return _answered(self._call(method, path, headers=headers, content=content))

    def _call(self, method: str, path: str, **more: Any) -> Answer:
        try:
            return self._outgoing.call(
                method,
                self._base_url + path,
                purpose="paypal",
                deadline_seconds=DEADLINE_SECONDS,
                max_bytes=MOST_BYTES,
                **more,
            )
        except OutgoingError as error:
            raise GatewayAway(_AWAY, maybe_done=error.maybe_sent) from None

    def _is_paypals(self, url: str) -> bool:
        """Nobody is sent anywhere else, whatever the answer says."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        own = urlsplit(self._base_url)
        host = parts.hostname or ""
        if registry.settings().paypal_url:
            return parts.netloc == own.netloc
        return parts.scheme == "https" and (host == "paypal.com" or host.endswith(".paypal.com"))


def _answered(answer: Answer) -> dict[str, Any]:
    """The body as an object; GatewayRefuses with PayPal's code, or GatewayAway."""
    if answer.status >= 500 or answer.status == 429:
        raise GatewayAway(_AWAY, maybe_done=True)
    try:
        said = answer.json()
    except BadAnswer:
        raise GatewayAway(_AWAY, maybe_done=True) from None
    if not isinstance(said, dict):
        raise GatewayAway(_AWAY, maybe_done=True)
    if answer.status in {401, 403}:
        raise GatewayRefuses(_LOGIN, code="login")
    if answer.status >= 400:
        issue = next((_text(each.get("issue")) for each in _rows(said.get("details"))), "")
        raise GatewayRefuses(
            "PayPal did not accept this.", code=issue or _text(said.get("name")) or "refused"
        )
    return said


def _heard(event: dict[str, Any], resource: dict[str, Any]) -> Heard:
    kind = _HEARD.get(_text(event.get("event_type")), HeardKind.OTHER)
    about: dict[str, Any] = {
        "event_id": _text(event.get("id")),
        "kind": kind,
        "at": _moment(_text(event.get("create_time"))),
    }
    if kind is HeardKind.OTHER:
        return Heard(**about)
    if kind in {HeardKind.DISPUTE_OPENED, HeardKind.DISPUTE_LOST}:
        return _dispute(about, resource)
    own = _text(resource.get("id"))
    if not own:
        raise Unreadable("The message does not say which payment it means.")
    about["intent"] = _name(resource.get("custom_id") or resource.get("invoice_id"))
    if kind is HeardKind.MOVED:
        if str(event.get("event_type")).startswith("CHECKOUT"):
            return Heard(**about, gateway_ref=own)
        related = _object(_object(resource.get("supplementary_data")).get("related_ids"))
        return Heard(**about, gateway_ref=_text(related.get("order_id")), capture_ref=own)
    amount, currency = _amount(resource.get("amount"))
    up = (each for each in _rows(resource.get("links")) if each.get("rel") == "up")
    capture = next((_text(each.get("href"), 500).rpartition("/")[2][:120] for each in up), "")
    if not capture:
        raise Unreadable("The message does not say which payment it means.")
    return Heard(**about, capture_ref=capture, ref=own, amount=amount, currency=currency)


def _dispute(about: dict[str, Any], resource: dict[str, Any]) -> Heard:
    amount, currency = _amount(resource.get("dispute_amount"))
    disputed = next(iter(_rows(resource.get("disputed_transactions"))), {})
    capture, own = _text(disputed.get("seller_transaction_id")), _text(resource.get("dispute_id"))
    if not capture or not own:
        raise Unreadable("The message does not say which payment it means.")
    if about["kind"] is HeardKind.DISPUTE_LOST:
        code = _text(_object(resource.get("dispute_outcome")).get("outcome_code"))
        if code in _FOR_THE_SELLER:
            about["kind"] = HeardKind.DISPUTE_WON
    return Heard(**about, capture_ref=capture, ref=own, amount=amount, currency=currency)


def _rows(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any, most: int = 120) -> str:
    return value[:most] if isinstance(value, str) else ""


def _amount(value: Any) -> tuple[Money, str]:
    if not isinstance(value, dict):
        raise Unreadable("The amount is missing.")
    code = value.get("currency_code") or value.get("currency")
    return read_amount(value.get("value")), _text(code)[:3]


def _fee(capture: dict[str, Any]) -> Money | None:
    fee = _object(capture.get("seller_receivable_breakdown")).get("paypal_fee")
    return _amount(fee)[0] if isinstance(fee, dict) else None


def _payee(order: dict[str, Any]) -> str:
    unit = next(iter(_rows(order.get("purchase_units"))), {})
    return _text(_object(unit.get("payee")).get("merchant_id"), 254)


def _name(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(_text(value))
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

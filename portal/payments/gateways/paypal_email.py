"""PayPal by business e-mail, as in the guide: a link to PayPal, and instant payment notifications.

No API stands behind it: nothing can be asked again, so each notification is posted back to PayPal
word by word, and what PayPal confirms is the truth.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from portal.core import registry
from portal.core.http import Outgoing, OutgoingError
from portal.core.money import Money
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
from portal.payments.values import PAYPAL_EMAIL, GatewayAccount, Intent, SavedCard

LIVE = ("https://www.paypal.com", "https://ipnpb.paypal.com")
SANDBOX = ("https://www.sandbox.paypal.com", "https://ipnpb.sandbox.paypal.com")
_PATH = "/cgi-bin/webscr"
_ITS_ZONE = ZoneInfo("America/Los_Angeles")
_AWAY = "PayPal does not answer at the moment."
_MOST_FIELDS = 200
_REFUSED = frozenset({"denied", "failed", "voided", "expired"})
_TAKEN = frozenset({"completed", "processed"})


class PayPalEmail:
    """One reseller's PayPal address."""

    name = PAYPAL_EMAIL

    def __init__(
        self, account: GatewayAccount, *, web: str, post_back: str, outgoing: Outgoing
    ) -> None:
        self._account = account
        self._web, self._post_back = web, post_back
        self._outgoing = outgoing

    @classmethod
    def of(cls, account: GatewayAccount) -> PayPalEmail:
        settings = registry.settings()
        web, post_back = LIVE if account.live else SANDBOX
        return cls(
            account,
            web=settings.paypal_url or web,
            post_back=settings.paypal_url or post_back,
            outgoing=Outgoing(allow_private=settings.allow_private),
        )

    def begin(self, intent: Intent, addresses: Addresses) -> Redirect:
        """A link is all there is; PayPal hears of the payment from the payer."""
        email = self._account.public.get("email", "")
        name = str(intent.public_id)
        asked = {
            "cmd": "_xclick",
            "business": email,
            "item_name": intent.description,
            "amount": written(intent.total, intent.currency),
            "currency_code": intent.currency,
            "custom": name,
            "invoice": name,
            "no_shipping": "1",
            "no_note": "1",
            "rm": "0",
            "charset": "utf-8",
            "return": addresses.back,
            "cancel_return": addresses.cancel,
            "notify_url": addresses.notify,
        }
        return Redirect(f"{self._web}{_PATH}?{urlencode(asked)}", name, email)

    def read(self, intent: Intent) -> Outcome:
        """Nobody can be asked: the notification decides."""
        return Pending()

    def parse(self, headers: Mapping[str, str], body: bytes) -> Heard:
        fields = _fields(body)
        if not fields.get("txn_id"):
            raise Unreadable("The notification has no transaction.")
        self._prove(body)
        return self._heard(fields)

    def refund(self, intent: Intent, amount: Money, *, key: str) -> GivenBack | Pending | Refusal:
        raise GatewayRefuses(
            "Without API credentials, make the refund at PayPal. It appears here by itself."
        )

    def charge_saved(self, intent: Intent, card: SavedCard) -> Outcome:
        raise GatewayRefuses("PayPal keeps no cards for us.")

    def try_out(self) -> str:
        """PayPal answers INVALID to a notification that it never wrote: then it is there."""
        self._ask(b"cmd=_notify-validate&txn_id=0")
        return "PayPal answers."

    def _prove(self, body: bytes) -> None:
        if self._ask(b"cmd=_notify-validate&" + body) != "VERIFIED":
            raise Forged("PayPal did not write this.")

    def _ask(self, content: bytes) -> str:
        try:
            answer = self._outgoing.call(
                "POST",
                self._post_back + _PATH,
                purpose="paypal_ipn",
                content=content,
                headers={"content-type": "application/x-www-form-urlencoded"},
                max_bytes=4096,
            )
        except OutgoingError as error:
            raise GatewayAway(_AWAY, maybe_done=error.maybe_sent) from None
        said = answer.text().strip()
        if answer.status != 200 or said not in {"VERIFIED", "INVALID"}:
            raise GatewayAway(_AWAY, maybe_done=False)
        return said

    def _heard(self, fields: Mapping[str, str]) -> Heard:
        own, parent = fields["txn_id"][:120], fields.get("parent_txn_id", "")[:120]
        status = fields.get("payment_status", "").lower()
        name = _name(fields.get("custom", ""))
        about = {
            "event_id": f"{own}:{status}"[:120],
            "intent": name,
            "at": _moment(fields.get("payment_date", "")),
            "currency": fields.get("mc_currency", "")[:3],
        }
        if status in {"refunded", "reversed", "canceled_reversal"}:
            if not parent:
                raise Unreadable("The notification does not say which payment it means.")
            kind, ref = {
                "refunded": (HeardKind.REFUNDED, own),
                "reversed": (HeardKind.DISPUTE_OPENED, parent),
                "canceled_reversal": (HeardKind.DISPUTE_WON, parent),
            }[status]
            amount = abs(read_amount(fields.get("mc_gross")))
            return Heard(kind=kind, ref=ref, capture_ref=parent, amount=amount, **about)  # type: ignore[arg-type]
        outcome = self._outcome(fields, status, name)
        if outcome is None or name is None:
            return Heard(kind=HeardKind.OTHER, **about)  # type: ignore[arg-type]
        return Heard(kind=HeardKind.MOVED, gateway_ref=str(name), outcome=outcome, **about)  # type: ignore[arg-type]

    def _outcome(
        self, fields: Mapping[str, str], status: str, name: uuid.UUID | None
    ) -> Capture | Pending | Refusal | None:
        if status == "pending":
            return Pending(paid=True, sentence="PayPal has not decided on this payment yet.")
        if status in _REFUSED:
            return Refusal("declined", "PayPal declined the payment.")
        if status not in _TAKEN:
            return None
        fee = fields.get("mc_fee", "")
        return Capture(
            gateway_ref=str(name or ""),
            capture_ref=fields["txn_id"][:120],
            amount=read_amount(fields.get("mc_gross")),
            currency=fields.get("mc_currency", "")[:3],
            payee=(fields.get("receiver_email") or fields.get("business") or "")[:254],
            live=fields.get("test_ipn") != "1",
            intent=name,
            fee=read_amount(fee) if fee else None,
        )


def _fields(body: bytes) -> dict[str, str]:
    """The notification's fields, in the charset that it names. A field that comes twice is a trick."""
    try:
        text = body.decode("ascii")
        charset = parse_qs(text, max_num_fields=_MOST_FIELDS).get("charset", ["utf-8"])[0]
        given = parse_qs(
            text, keep_blank_values=True, encoding=charset, errors="strict",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except (ValueError, LookupError):
        raise Unreadable("This is no notification of PayPal.") from None
    if any(len(values) > 1 for values in given.values()):
        raise Unreadable("A field of the notification comes twice.")
    return {key: values[0].replace("\x00", "") for key, values in given.items()}


def _name(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    """``20:12:59 Jan 13, 2009 PST``: a wall clock of the west coast."""
    try:
        wall = datetime.strptime(text.rpartition(" ")[0] + " +0000", "%H:%M:%S %b %d, %Y %z")
    except ValueError:
        return None
    return wall.replace(tzinfo=_ITS_ZONE)

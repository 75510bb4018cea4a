"""A small real HTTP server that speaks the calls of Stripe that we use, and signs events as Stripe does.

It keeps sessions, customers, cards, charges, refunds and disputes in memory, honours idempotency
keys, expands what it is asked to, and can be told to fail. What a person does on Stripe's own page is
a method here: ``pay``, ``save_card``. ``charged`` is the truth: every amount it took, once each.
"""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import stripe

Thing = dict[str, Any]
_KEY = re.compile(r"[^\[\]]+")

# What a card's last four digits do when it is charged, as Stripe's own test cards have it.
DECLINES = {
    "0002": ("card_declined", "generic_decline"),
    "9995": ("card_declined", "insufficient_funds"),
    "9987": ("card_declined", "lost_card"),
    "0069": ("expired_card", "expired_card"),
    "3184": ("authentication_required", "authentication_required"),
}


PAGES = "https://checkout.stripe.com"


@dataclass
class Shop:
    """One account at Stripe: its key, and what it holds."""

    key: str
    account: str
    secret: str = "whsec_test_northwind"
    currency: str = "cad"
    things: dict[str, Thing] = field(default_factory=dict)
    answers: dict[str, tuple[str, int, Thing]] = field(default_factory=dict)


class Failure(Exception):
    """What Stripe answers instead."""

    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(status)
        self.status, self.error = status, error


class StripeServer:
    """``server.url`` is the base address; ``server.shops`` the accounts by their secret key."""

    def __init__(self) -> None:
        self.shops: dict[str, Shop] = {}
        self.asked: list[tuple[str, str, str]] = []  # method, path, idempotency key
        self.faults: list[tuple[str, str]] = []  # path's beginning, what happens: once each
        self.pages = PAGES  # where it sends people
        self._lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"stripe": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def reset(self) -> None:
        """Empty it, for the next test."""
        with self._lock:
            self.shops.clear()
            self.asked.clear()
            self.faults.clear()
            self.pages = PAGES

    def open_shop(
        self, key: str = "sk_test_northwind", *, account: str = "acct_northwind", **more: Any
    ) -> Shop:
        self.shops[key] = Shop(key, account, **more)
        return self.shops[key]

    def fault(self, path: str, what: str) -> None:
        """The next call whose path begins so: ``cut`` (done, no answer), ``busy`` (429), ``down``
        (500, nothing done), ``html``, ``hang``, or ``says:`` and the body of a good answer."""
        self.faults.append((path, what))

    # What people do on Stripe's pages.

    def pay(self, shop: Shop, session_id: str, *, last4: str = "4242") -> Thing:
        """The customer pays on the page of a session; the session as it stands then."""
        with self._lock:
            session = shop.things[session_id]
            assert session["status"] == "open", session["status"]
            amount, currency = session["amount_total"], session["currency"]
            card = self._card(shop, last4, session["customer"])
            intent = self._intent(shop, amount, currency, session["customer"], card)
            intent["metadata"] = session["_intent_metadata"]
            session |= {"status": "complete", "payment_status": "paid"}
            session["payment_intent"] = intent["id"]
            return session

    def save_card(
        self,
        shop: Shop,
        session_id: str,
        *,
        last4: str = "4242",
        expires: tuple[int, int] = (12, 2031),
    ) -> Thing:
        """The customer types a card on the page of a session in setup mode."""
        with self._lock:
            session = shop.things[session_id]
            card = self._card(shop, last4, session["customer"], expires=expires)
            setup = self._keep(
                shop, "setup_intent", "seti", status="succeeded", payment_method=card["id"],
                customer=session["customer"],
            )  # fmt: skip
            session |= {"status": "complete", "setup_intent": setup["id"]}
            return card

    def refund(self, shop: Shop, payment_intent: str, amount: int | None = None) -> Thing:
        """Staff give money back on Stripe's own pages."""
        with self._lock:
            return self._refund(shop, payment_intent, amount)

    def dispute(self, shop: Shop, payment_intent: str, status: str = "needs_response") -> Thing:
        """The customer's bank takes the money back, for now or for good."""
        with self._lock:
            intent = shop.things[payment_intent]
            for known in shop.things.values():
                if known["object"] == "dispute" and known["payment_intent"] == payment_intent:
                    known["status"] = status
                    return known
            return self._keep(
                shop, "dispute", "dp", payment_intent=payment_intent, amount=intent["amount"],
                currency=intent["currency"], status=status, charge=intent["latest_charge"],
            )  # fmt: skip

    def event(self, shop: Shop, kind: str, thing: Thing, **more: Any) -> bytes:
        """An event about a thing, as Stripe would post it."""
        shown = {name: value for name, value in thing.items() if not name.startswith("_")}
        told = {
            "id": f"evt_{uuid.uuid4().hex[:24]}", "object": "event", "type": kind,
            "api_version": stripe.api_version, "created": int(time.time()), "livemode": False,
            "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None},
            "data": {"object": shown},
        } | more  # fmt: skip
        return json.dumps(
            {name: value for name, value in told.items() if value is not ...}
        ).encode()

    @staticmethod
    def sign(body: bytes, secret: str, *, at: int | None = None) -> str:
        """The header ``Stripe-Signature``, by the library's own scheme."""
        return stripe.WebhookSignature.generate_signature_header(body.decode(), secret, at)

    @property
    def charged(self) -> list[int]:
        """Every amount that was taken from a card, in the order of the charges."""
        return [
            thing["amount"]
            for shop in self.shops.values()
            for thing in shop.things.values()
            if thing["object"] == "payment_intent" and thing["status"] == "succeeded"
        ]

    # The calls.

    def answer(self, method: str, path: str, key: str, once: str, wish: Thing) -> tuple[int, Thing]:
        """One call: status and body, the same again for the same idempotency key."""
        with self._lock:
            self.asked.append((method, path, once))
            shop = self.shops.get(key)
            if shop is None:
                return 401, _error("Invalid API Key provided", type="invalid_request_error")
            written = json.dumps([path, wish], sort_keys=True)
            if once and once in shop.answers:
                before, status, told = shop.answers[once]
                if before != written:
                    return 400, _error("Keys for idempotent requests…", type="idempotency_error")
                return status, told
            try:
                status, told = 200, self._route(shop, method, path, wish)
            except Failure as failure:
                status, told = failure.status, {"error": failure.error}
            told = json.loads(json.dumps(_shown(shop, told, wish.get("expand", []))))
            if once and method == "POST":
                shop.answers[once] = (written, status, told)
            return status, told

    def _route(self, shop: Shop, method: str, path: str, wish: Thing) -> Thing:
        for verb, pattern, action in self._calls():
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                return action(shop, wish, *found.groups())
        raise Failure(404, message=f"Unrecognized request URL {path}", type="invalid_request_error")

    def _calls(self) -> list[tuple[str, str, Callable[..., Thing]]]:
        return [
            ("GET", "/v1/account", self._account),
            ("POST", "/v1/customers", self._new_customer),
            ("POST", "/v1/checkout/sessions", self._new_session),
            ("POST", r"/v1/checkout/sessions/(cs_\w+)/expire", self._expire),
            ("POST", "/v1/payment_intents", self._charge),
            ("GET", "/v1/payment_intents", self._list("payment_intent", "customer")),
            ("GET", "/v1/refunds", self._list("refund", "payment_intent")),
            ("GET", "/v1/disputes", self._list("dispute", "payment_intent")),
            ("POST", "/v1/refunds", self._new_refund),
            ("POST", r"/v1/payment_methods/(pm_\w+)/detach", self._detach),
            ("GET", r"/v1/(?:checkout/sessions|payment_intents|payment_methods|refunds|disputes)/(\w+)", self._get),
        ]  # fmt: skip

    def _account(self, shop: Shop, _wish: Thing) -> Thing:
        return {
            "id": shop.account, "object": "account", "default_currency": shop.currency,
            "charges_enabled": True, "settings": {"dashboard": {"display_name": "Northwind"}},
        }  # fmt: skip

    def _new_customer(self, shop: Shop, wish: Thing) -> Thing:
        return self._keep(
            shop, "customer", "cus", name=wish.get("name"), email=wish.get("email"),
            metadata=wish.get("metadata", {}),
        )  # fmt: skip

    def _new_session(self, shop: Shop, wish: Thing) -> Thing:
        amount, currency = None, wish.get("currency")
        if wish["mode"] == "payment":
            prices = [(line["price_data"], int(line["quantity"])) for line in wish["line_items"]]
            amount = sum(int(price["unit_amount"]) * count for price, count in prices)
            currency = prices[0][0]["currency"]
            if amount < 50:
                raise Failure(400, code="amount_too_small", message="The total is too small.",
                              type="invalid_request_error")  # fmt: skip
        self._known(shop, wish.get("customer"))
        session = self._keep(
            shop, "checkout.session", "cs_test", mode=wish["mode"], status="open",
            payment_status="unpaid" if amount else "no_payment_required", amount_total=amount,
            currency=currency, customer=wish.get("customer"), payment_intent=None, setup_intent=None,
            client_reference_id=wish.get("client_reference_id"), metadata=wish.get("metadata", {}),
            success_url=wish["success_url"], cancel_url=wish.get("cancel_url"),
            _intent_metadata=wish.get("payment_intent_data", {}).get("metadata", {}),
        )  # fmt: skip
        session["url"] = f"{self.pages}/c/pay/{session['id']}"
        return session

    def _expire(self, shop: Shop, _wish: Thing, session_id: str) -> Thing:
        session = self._known(shop, session_id)
        if session["status"] != "open":
            raise Failure(
                400, message="Only open sessions can be expired.", type="invalid_request_error"
            )
        session |= {"status": "expired", "url": None}
        return session

    def _charge(self, shop: Shop, wish: Thing) -> Thing:
        card = self._known(shop, wish["payment_method"])
        if card["customer"] != wish.get("customer"):
            raise Failure(400, message="The payment method does not belong to the customer.",
                          type="invalid_request_error", code="payment_method_unexpected_state")  # fmt: skip
        intent = self._intent(shop, int(wish["amount"]), wish["currency"], wish["customer"], card)
        intent["metadata"] = wish.get("metadata", {})
        declined = DECLINES.get(card["card"]["last4"])
        if declined:
            code, reason = declined
            error = {
                "code": code, "decline_code": reason, "type": "card_error",
                "message": "Your card was declined.", "payment_intent": intent,
            }  # fmt: skip
            intent |= {"status": "requires_payment_method", "latest_charge": None}
            intent["last_payment_error"] = {k: v for k, v in error.items() if k != "payment_intent"}
            raise Failure(402, **error)
        return intent

    def _new_refund(self, shop: Shop, wish: Thing) -> Thing:
        amount = int(wish["amount"]) if "amount" in wish else None
        refund = self._refund(shop, wish["payment_intent"], amount)
        refund["metadata"] = wish.get("metadata", {})
        return refund

    def _detach(self, shop: Shop, _wish: Thing, card_id: str) -> Thing:
        card = self._known(shop, card_id)
        if card["customer"] is None:
            raise Failure(
                400, message="The payment method is not attached.", type="invalid_request_error"
            )
        card["customer"] = None
        return card

    def _get(self, shop: Shop, _wish: Thing, thing_id: str) -> Thing:
        return self._known(shop, thing_id)

    def _list(self, kind: str, by: str) -> Callable[..., Thing]:
        def found(shop: Shop, wish: Thing) -> Thing:
            since = int(wish.get("created", {}).get("gte", 0))
            rows = [
                thing for thing in reversed(shop.things.values())
                if thing["object"] == kind and thing["created"] >= since
                and thing[by] == wish.get(by, thing[by])
            ]  # fmt: skip
            return {"object": "list", "data": rows, "has_more": False, "url": f"/v1/{kind}s"}

        return found

    # What it keeps.

    def _known(self, shop: Shop, thing_id: str | None) -> Thing:
        if thing_id is None:
            return {}
        if thing_id not in shop.things:
            raise Failure(404, code="resource_missing", message=f"No such thing: '{thing_id}'",
                          type="invalid_request_error")  # fmt: skip
        return shop.things[thing_id]

    def _keep(self, shop: Shop, kind: str, prefix: str, **more: Any) -> Thing:
        thing = {
            "id": f"{prefix}_{uuid.uuid4().hex[:24]}", "object": kind, "livemode": False,
            "created": int(time.time()), "metadata": {},
        } | more  # fmt: skip
        shop.things[thing["id"]] = thing
        return thing

    def _card(
        self, shop: Shop, last4: str, customer: str | None, *, expires: tuple[int, int] = (12, 2031)
    ) -> Thing:
        return self._keep(
            shop, "payment_method", "pm", type="card", customer=customer,
            card={"brand": "visa", "last4": last4, "exp_month": expires[0], "exp_year": expires[1]},
        )  # fmt: skip

    def _intent(
        self, shop: Shop, amount: int, currency: str, customer: str | None, card: Thing
    ) -> Thing:
        charge = self._keep(shop, "charge", "ch", amount=amount, currency=currency, paid=True)
        return self._keep(
            shop, "payment_intent", "pi", amount=amount, amount_received=amount, currency=currency,
            customer=customer, payment_method=card["id"], status="succeeded",
            latest_charge=charge["id"], last_payment_error=None,
        )  # fmt: skip

    def _refund(self, shop: Shop, payment_intent: str, amount: int | None) -> Thing:
        intent = self._known(shop, payment_intent)
        before = sum(
            thing["amount"] for thing in shop.things.values()
            if thing["object"] == "refund" and thing["payment_intent"] == payment_intent
        )  # fmt: skip
        wanted = intent["amount"] - before if amount is None else amount
        if wanted <= 0 or before + wanted > intent["amount"]:
            raise Failure(400, code="charge_already_refunded", message="Refunded already.",
                          type="invalid_request_error")  # fmt: skip
        return self._keep(
            shop, "refund", "re", payment_intent=payment_intent, amount=wanted,
            currency=intent["currency"], status="succeeded", charge=intent["latest_charge"],
        )  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stripe: StripeServer

    def do_GET(self) -> None:
        self._exchange()

    def do_POST(self) -> None:
        self._exchange()

    def _exchange(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        address = urlsplit(self.path)
        wish = unfold(parse_qsl(body or address.query, keep_blank_values=True))
        key = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        fault = self._fault(address.path)
        if fault == "hang":
            time.sleep(30)
        if fault in {"down", "busy", "html"}:
            status = {"down": 500, "busy": 429, "html": 200}[fault]
            self._say(
                status, b"<html>oops" if fault == "html" else json.dumps(_error("oops")).encode()
            )
            return
        if fault.startswith("says:"):
            self._say(200, fault.removeprefix("says:").encode())
            return
        once = self.headers.get("idempotency-key") or ""
        status, told = self.stripe.answer(self.command, address.path, key, once, wish)
        if fault == "cut":
            self.close_connection = True
            return
        self._say(status, json.dumps(told).encode())

    def _fault(self, path: str) -> str:
        for at, (beginning, what) in enumerate(self.stripe.faults):
            if path.startswith(beginning):
                del self.stripe.faults[at]
                return what
        return ""

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Request-Id", f"req_{uuid.uuid4().hex[:14]}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        return


def unfold(pairs: list[tuple[str, str]]) -> Thing:
    """``a[b][0][c]=1`` as the nested things that it means."""
    found: Thing = {}
    for name, value in pairs:
        *path, last = _KEY.findall(name)
        place = found
        for word in path:
            place = place.setdefault(word, {})
        place[last] = value
    return _listed(found)


def _listed(thing: Any) -> Any:
    if not isinstance(thing, dict):
        return thing
    if thing and all(name.isdigit() for name in thing):
        return [_listed(thing[name]) for name in sorted(thing, key=int)]
    return {name: _listed(value) for name, value in thing.items()}


def _shown(shop: Shop, thing: Any, expand: list[str]) -> Any:
    """Without what the server keeps for itself, and with the things that ``expand`` names."""
    if isinstance(thing, list):
        return [_shown(shop, one, expand) for one in thing]
    if not isinstance(thing, dict):
        return thing
    told = {name: value for name, value in thing.items() if not name.startswith("_")}
    for path in expand:
        head, _, rest = path.partition(".")
        if head in told:
            inner = told[head]
            if isinstance(inner, str):
                inner = shop.things.get(inner, inner)
            told[head] = _shown(shop, inner, [rest] if rest else [])
    return told


def _error(message: str, **more: str) -> Thing:
    return {"error": {"message": message, "type": "api_error"} | more}


@pytest.fixture(scope="session")
def stripe_for_all() -> Iterator[StripeServer]:
    server = StripeServer()
    yield server
    server.close()


@pytest.fixture
def stripe_server(stripe_for_all: StripeServer) -> StripeServer:
    """Stripe, empty."""
    stripe_for_all.reset()
    return stripe_for_all

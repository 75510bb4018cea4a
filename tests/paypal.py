"""A server that plays PayPal over real HTTP: orders, captures, refunds, proofs of messages, post-backs.

It remembers what it really did (``captures``, ``refunds``), so that a test compares our books with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

from portal.payments.gateways.paypal import DEADLINE_SECONDS

CLIENT_ID, SECRET, WEBHOOK_ID, MERCHANT = "client-1", "secret-1", "WH-1", "MERCHANT1"
EMAIL = "money@northwind.example"


@dataclass
class PlayedPayPal:
    """``fault`` is what goes wrong next: down, slow (longer than anybody waits), html, elsewhere (its page is on ``lure``), wrong_amount, wrong_currency, wrong_payee, pending, declined."""

    fault: str = ""
    lure: str = ""
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    captures: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, dict[str, Any]] = field(default_factory=dict)
    notified: set[bytes] = field(default_factory=set)
    heard: list[str] = field(default_factory=list)

    def __enter__(self) -> PlayedPayPal:
        paypal = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                paypal.heard.append(f"{self.command} {self.path}")
                status, answer = paypal._answer(self.command, self.path, self.headers, body)
                sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST

            def log_message(self, *_args: Any) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Begin anew, for the next test."""
        self.fault = ""
        for kept in (
            self.orders,
            self.captures,
            self.refunds,
            self.by_key,
            self.notified,
            self.heard,
        ):
            kept.clear()

    def approve(self, order_id: str) -> None:
        """The payer presses Pay."""
        self.orders[order_id]["status"] = "APPROVED"

    def event(
        self, kind: str, resource: dict[str, Any], *, at: datetime | None = None
    ) -> dict[str, Any]:
        """A message as PayPal words it."""
        return {
            "id": f"WH-{uuid.uuid4().hex[:12]}", "event_type": kind, "resource": resource,
            "create_time": (at or datetime.now(UTC)).isoformat(),
        }  # fmt: skip

    def signed(
        self, event: dict[str, Any], *, webhook: str = WEBHOOK_ID, at: datetime | None = None
    ) -> tuple[dict[str, str], bytes]:
        """The message with the headers that prove it."""
        body = json.dumps(event).encode()
        sent_at = (at or datetime.now(UTC)).isoformat()
        return {
            "Content-Type": "application/json",
            "PayPal-Auth-Algo": "SHA256withRSA",
            "PayPal-Cert-Url": f"{self.url}/cert",
            "PayPal-Transmission-Id": "t1",
            "PayPal-Transmission-Sig": _signature(webhook, sent_at, json.loads(body)),
            "PayPal-Transmission-Time": sent_at,
        }, body

    def notification(self, **fields: str) -> bytes:
        """An instant payment notification that PayPal will confirm."""
        body = urlencode(fields).encode()
        self.notified.add(body)
        return body

    def _answer(  # noqa: PLR0911
        self, verb: str, path: str, headers: Any, body: bytes
    ) -> tuple[int, Any]:
        if self.fault == "down":
            return 503, b"Service Unavailable"
        if self.fault == "html":
            return 200, b"<html>Welcome</html>"
        if self.fault.startswith("says:") and path != "/v1/oauth2/token":
            return 200, self.fault.removeprefix("says:").encode()
        if self.fault.startswith("token:") and path == "/v1/oauth2/token":
            return 200, {"access_token": self.fault.removeprefix("token:")}
        if self.fault == "slow":
            time.sleep(DEADLINE_SECONDS + 1)
        if path == "/cgi-bin/webscr":
            asked = body.removeprefix(b"cmd=_notify-validate&")
            return 200, b"VERIFIED" if asked in self.notified else b"INVALID"
        if path == "/v1/oauth2/token":
            pair = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
            if headers.get("Authorization") != f"Basic {pair}":
                return 401, {"error": "invalid_client"}
            return 200, {"access_token": "token-1", "expires_in": 32400}
        if headers.get("Authorization") != "Bearer token-1":
            return 401, {"error": "invalid_token"}
        said = json.loads(body) if body else {}
        key = headers.get("PayPal-Request-Id", "")
        if key and key in self.by_key:
            return 200, self.by_key[key]
        status, answer = self._act(verb, path, said)
        if key and status < 300:
            self.by_key[key] = answer
        return status, answer

    def _act(  # noqa: PLR0911
        self, verb: str, path: str, said: dict[str, Any]
    ) -> tuple[int, Any]:
        words = path.strip("/").split("/")
        if path == "/v1/notifications/verify-webhook-signature":
            good = said["transmission_sig"] == _signature(
                said["webhook_id"], said["transmission_time"], said["webhook_event"]
            )
            return 200, {"verification_status": "SUCCESS" if good else "FAILURE"}
        if path == "/v2/checkout/orders":
            return 201, self._begin(said)
        if words[1:3] == ["checkout", "orders"]:
            order = self.orders.get(words[3])
            if order is None:
                return 404, {"name": "RESOURCE_NOT_FOUND", "details": []}
            if len(words) == 5:
                return self._capture(order)
            return 200, order
        if words[1:3] == ["payments", "captures"]:
            return self._refund(words[3], said)
        return 404, {"name": "RESOURCE_NOT_FOUND"}

    def _begin(self, said: dict[str, Any]) -> dict[str, Any]:
        name = f"O-{uuid.uuid4().hex[:12].upper()}"
        [unit] = said["purchase_units"]
        self.orders[name] = {
            "id": name, "status": "PAYER_ACTION_REQUIRED",
            "purchase_units": [unit | {"payee": {"merchant_id": MERCHANT}, "payments": {}}],
            "links": [{"rel": "payer-action", "href": f"{self.url}/checkoutnow?token={name}"}],
        }  # fmt: skip
        if self.fault == "elsewhere":
            self.orders[name]["links"][0]["href"] = self.lure
        return self.orders[name]

    def _capture(self, order: dict[str, Any]) -> tuple[int, Any]:
        if order["status"] == "COMPLETED":
            return 422, {
                "name": "UNPROCESSABLE_ENTITY",
                "details": [{"issue": "ORDER_ALREADY_CAPTURED"}],
            }
        if order["status"] != "APPROVED":
            return 422, {
                "name": "UNPROCESSABLE_ENTITY",
                "details": [{"issue": "ORDER_NOT_APPROVED"}],
            }
        if self.fault == "declined":
            return 422, {
                "name": "UNPROCESSABLE_ENTITY",
                "details": [{"issue": "INSTRUMENT_DECLINED"}],
            }
        [unit] = order["purchase_units"]
        amount = dict(unit["amount"])
        if self.fault == "wrong_amount":
            amount["value"] = "0.01"
        if self.fault == "wrong_currency":
            amount["currency_code"] = "JPY"
        if self.fault == "wrong_payee":
            unit["payee"] = {"merchant_id": "SOMEBODY"}
        capture = {
            "id": f"C-{uuid.uuid4().hex[:12].upper()}", "amount": amount, "custom_id": unit["custom_id"],
            "status": "PENDING" if self.fault == "pending" else "COMPLETED",
        }  # fmt: skip
        order["status"] = "COMPLETED"
        unit["payments"] = {"captures": [capture], "refunds": []}
        self.captures[capture["id"]] = capture
        return 201, order

    def _refund(self, capture_id: str, said: dict[str, Any]) -> tuple[int, Any]:
        capture = self.captures.get(capture_id)
        if capture is None:
            return 404, {"name": "RESOURCE_NOT_FOUND"}
        before = sum(
            Decimal(each["amount"]["value"])
            for each in self.refunds.values()
            if each["of"] == capture_id
        )
        if before + Decimal(said["amount"]["value"]) > Decimal(capture["amount"]["value"]):
            return 422, {
                "name": "UNPROCESSABLE_ENTITY",
                "details": [{"issue": "REFUND_AMOUNT_EXCEEDED"}],
            }
        name = f"R-{uuid.uuid4().hex[:12].upper()}"
        self.refunds[name] = {
            "id": name,
            "of": capture_id,
            "status": "COMPLETED",
            "amount": said["amount"],
        }
        return 201, self.refunds[name]


def _signature(webhook: str, sent_at: str, event: dict[str, Any]) -> str:
    """Whoever knows the webhook's secret signs; here that is PayPal alone, and its word stands in."""
    proven = json.dumps([webhook, sent_at, event, "only PayPal knows"], sort_keys=True)
    return hashlib.sha256(proven.encode()).hexdigest()

"""What people read of a gateway: its connection test, its absence, and that nobody is led elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from portal import payments
from portal.payments import IntentState
from portal.payments.gateways.paypal import DEADLINE_SECONDS
from tests.browser import Browser, Page
from tests.payments.stripe_server import StripeServer, stripe_for_all, stripe_server
from tests.paypal import CLIENT_ID, EMAIL, SECRET, WEBHOOK_ID, PlayedPayPal
from tests.world import World

__all__ = ["stripe_for_all", "stripe_server"]
Browse = Callable[..., Browser]
SETTINGS = "/staff/configuration/payments"
API = {"way": "api", "client_id": CLIENT_ID, "secret": SECRET, "webhook_id": WEBHOOK_ID}
BY_EMAIL = {"way": "email", "email": EMAIL}
CARD = {"on": "y", "secret_key": "sk_test_northwind", "webhook_secret": "whsec_northwind1"}
NOBODYS = "does not answer at the moment"


@pytest.fixture(scope="module")
def paypal() -> Iterator[PlayedPayPal]:
    with PlayedPayPal() as server:
        yield server


@pytest.fixture
def environment(
    environment: dict[str, str], paypal: PlayedPayPal, stripe_server: StripeServer
) -> dict[str, str]:
    paypal.forget()
    return environment | {"PORTAL_PAYPAL_URL": paypal.url, "PORTAL_STRIPE_URL": stripe_server.url}


@dataclass
class Street:
    """A client in front of two gateways that are set up."""

    world: World
    ada: Browser

    def add(self, gateway: str) -> Page:
        return self.ada.post("/balance/add", {"choice": "25.000000", "gateway": gateway}, htmx=True)

    def last(self) -> payments.PaymentRow:
        with self.world.reading(self.world.a):
            return payments.last_payments(self.world.a.id, limit=1)[0]


@pytest.fixture
def street(world: World, browse: Browse, stripe_server: StripeServer) -> Street:
    stripe_server.open_shop()
    with world.within(world.northwind):
        payments.save_gateway(
            payments.PAYPAL, on=True, live=False,
            public={"client_id": CLIENT_ID, "webhook_id": WEBHOOK_ID}, secrets={"secret": SECRET},
        )  # fmt: skip
        payments.save_gateway(
            payments.STRIPE, on=True, live=False, public={"account": "acct_northwind"},
            secrets={"secret_key": CARD["secret_key"], "webhook_secret": CARD["webhook_secret"]},
        )  # fmt: skip
    return Street(world, browse(world.a))


def test_each_connection_test_says_what_is_right_wrong_and_away(
    world: World, browse: Browse, paypal: PlayedPayPal, stripe_server: StripeServer
) -> None:
    stripe_server.open_shop()
    tova = browse(world.northwind.owner)
    tova.open(SETTINGS)

    def said(gateway: str, typed: dict[str, str], *, away: bool = False) -> str:
        paypal.fault = "down" if away else ""
        if away:
            stripe_server.fault("/v1/account", "down")
        page = tova.post(f"{SETTINGS}/{gateway}/test", typed)
        paypal.fault = ""
        return page.text("#stripe-trial" if gateway == "stripe" else "#payment-trial")

    table = {
        "answers and accepts this": [
            said("paypal", API), said("paypal", BY_EMAIL), said("stripe", CARD),
        ],
        "not accept": [
            said("paypal", API | {"secret": "wrong"}),
            said("stripe", CARD | {"secret_key": "sk_test_wrong1"}),
        ],
        "not answer": [
            said("paypal", API, away=True), said("paypal", BY_EMAIL, away=True),
            said("stripe", CARD, away=True),
        ],
        "Enter the": [said("paypal", API | {"client_id": ""}), said("paypal", BY_EMAIL | {"email": ""})],
    }  # fmt: skip

    assert [
        words for sentence, found in table.items() for words in found if sentence not in words
    ] == []
    with world.reading(world.northwind):
        assert payments.gateways_on() == [], "a test keeps nothing"


def test_a_gateway_that_is_away_is_said_on_the_page_and_the_choice_stays(
    street: Street, paypal: PlayedPayPal, stripe_server: StripeServer
) -> None:
    paypal.fault = "html"
    stripe_server.fault("/v1/checkout/sessions", "down")
    for gateway, name in (("paypal", "PayPal"), ("stripe", "Stripe")):
        page = street.add(gateway)
        assert page.status == 422
        assert f"{name} did not answer" in page.words or f"{name} {NOBODYS}" in page.words
        assert "Nothing was taken. Try again in some minutes, or pay another way." in page.words
        chosen = {tag["value"] for tag in page.all("input[type=radio][checked]")}
        assert chosen == {"25.000000", gateway}
        assert street.last().state is IntentState.FAILED


def test_a_gateway_that_is_slow_is_waited_for_so_long_and_nothing_is_lost(
    street: Street, paypal: PlayedPayPal
) -> None:
    paypal.fault, began = "slow", time.monotonic()
    page = street.add("paypal")
    waited = time.monotonic() - began
    paypal.fault = ""

    assert (page.status, NOBODYS in page.words) == (422, True)
    assert DEADLINE_SECONDS - 1 < waited < DEADLINE_SECONDS + 60
    assert street.last().state is IntentState.FAILED
    assert street.add("paypal").status < 400, "the next one goes through"
    assert street.last().state is IntentState.WAITING


LURES = (
        "https://evil.example/checkoutnow", "https://paypal.com.evil.example/", "//evil.example/",
        "https://checkout.stripe.com.evil.example", "https://stripe.com@evil.example",
        "https://evilstripe.com", "http://checkout.stripe.com", "javascript:alert(1)//stripe.com",
)  # fmt: skip


def test_nobody_is_led_to_anybody_elses_page(
    street: Street, paypal: PlayedPayPal, stripe_server: StripeServer
) -> None:
    paypal.fault = "elsewhere"
    for lure in LURES:
        paypal.lure = stripe_server.pages = lure
        for gateway in ("paypal", "stripe"):
            page = street.add(gateway)
            assert (page.status, lure in str(page.soup)) == (422, False), (gateway, lure)
            with street.world.reading(street.world.a):
                assert payments.intent(street.last().public_id).redirect_url == ""

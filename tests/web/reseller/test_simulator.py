"""The simulator: what it says a call would cost is what the import then charges for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from portal import calls, pricing
from portal.calls import CallFilter
from portal.core.money import rate_e8
from portal.pricing import DeckLine
from tests.browser import Browser
from tests.world import World, a_call, record_calls

HOME = ZoneInfo("America/Toronto")
# Account, number, seconds, what is different about it.
CALLS = (
    ("reception", "+16135550155", 97, {}),
    ("reception", "+16135550155", 4_000, {}),
    ("kanata", "+33199000142", 61, {}),
    ("kanata", "911", 30, {}),
    ("reception", "+14165550142", 61, {"cost": ""}),
    ("reception", "+16135550142", 187, {"direction": "in"}),
)


def test_a_simulated_call_costs_what_the_import_charges_for_it(
    owner: Browser, world: World
) -> None:
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
    with world.within(world.northwind):
        pricing.record_deck(
            "premium", [DeckLine("1416", "Toronto", rate_e8("0.0095"))],
            valid_from=at - timedelta(days=1),
        )  # fmt: skip
        package = world.northwind.packages["Office Standard"]
        pricing.set_area_rate(
            package, "country", "FR", rate_e8=rate_e8("0.05"), valid_from=at - timedelta(hours=1)
        )
    for name, number, seconds, more in CALLS:
        page = owner.open(
            "/staff/simulator",
            **{
                "number": number, "length": seconds, "at": at.astimezone(HOME).strftime("%Y-%m-%dT%H:%M"),
                "account": world.a.accounts[name], "cost": "0.0090",
            } | more,
        )  # fmt: skip
        inbound = "direction" in more
        row = a_call(
            f"{world.a.uid}_{name}", "+16135550190" if inbound else number, at, seconds=seconds,
            inbound=number if inbound else "", rate=None if more.get("cost") == "" else "0.0090",
        )  # fmt: skip
        record_calls(world.northwind, [row])

        with world.reading(world.northwind):
            span = CallFilter(at, at + timedelta(seconds=1), at.date(), at.date())
            one = max(calls.every(span), key=lambda found: found.id)
        assert page.status == 200
        assert one.price is not None
        posted = one.price.decimal.quantize(Decimal("0.0001"), ROUND_HALF_UP)
        assert page.text("#simulated-price") == f"${posted}", (number, seconds)
        at += timedelta(minutes=1)


def test_the_worksheet_shows_cost_markup_price_and_profit(owner: Browser, world: World) -> None:
    package = world.northwind.packages["Office Standard"]

    page = owner.open(
        "/staff/simulator", number="(613) 555-0155", length="1:42", package=package, cost="0.009"
    )
    part = owner.open(
        "/staff/simulator", number="6135550155", length="102", package=package, cost="0.009",
        htmx=True,
    )  # fmt: skip

    words = page.text("#simulated")
    assert page.text("#simulated-price") == "$0.0235"
    assert "Markup of the package" in words
    assert "0.0138" in words
    assert "$0.0153" in words
    assert "$0.0082" in words
    assert part.text("#simulated-price") == "$0.0235"
    assert not part.all("input"), "an answer that holds inputs would overwrite what is being typed"


NONSENSE = (
    ({"number": "nonsense"}, "number"),
    ({"number": ""}, "number"),
    ({"length": "long"}, "length"),
    ({"length": "-5"}, "length"),
    ({"at": "yesterday"}, "at"),
    ({"at": "0001-01-01T00:00"}, "at"),
    ({"cost": "-1"}, "cost"),
    ({"account": "somebody"}, "account"),
)


def test_nonsense_is_said_beside_its_field(owner: Browser, world: World) -> None:
    usual = {"number": "6135550155", "length": "60", "package": ""}

    for typed, field in NONSENSE:
        page = owner.open("/staff/simulator", **(usual | typed))
        part = owner.open("/staff/simulator", htmx=True, **(usual | typed))

        assert page.status == 422, field
        assert page.has(f"#{field}-error"), field
        assert part.has("#simulated .field-error"), field


def test_another_resellers_packages_and_accounts_are_no_choice(
    owner: Browser, world: World
) -> None:
    theirs = {
        "package": world.globex.packages["Office Standard"],
        "account": world.x.accounts["dispatch"],
    }

    for field, value in theirs.items():
        page = owner.open(
            "/staff/simulator", number="6135550155", length="60", **{field: str(value)}
        )

        assert page.status == 422
        assert page.has(f"#{field}-error")

"""What a minute costs: the carrier's price, and what a reseller's package makes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.deck import Rate, e8_text, matching
from sandbox.methods.catalogues import ROUTES
from sandbox.methods.clients import own_package
from sandbox.wire.registry import Answer, Request, listed, method

MOST_ROWS = 10_000


@method("getTerminationRates")
def termination_rates(request: Request) -> Answer:
    route = request.get("route")
    rows = [
        {
            "destination": line.destination,
            "prefix": line.prefix,
            "increment": str(line.increment_seconds),
            "rate": _number(line.rate_e8(route)),
        }
        for line in _lines(request)
    ]
    chosen = [choice for choice in ROUTES if choice["value"] == route]
    return {"route": chosen, **listed("rates", rows, "no_rate")}


@method("getRates")
def package_rates(request: Request) -> Answer:
    package = own_package(request, request.get("package"))
    fixed, percent = Decimal(package["markup_fixed"]), Decimal(package["markup_percentage"])
    rows: list[dict[str, Any]] = []
    for line in _lines(request):
        canadian = line.destination.startswith("Canada")
        route = package["canada_route"] if canadian else package["international_route"]
        cost = Decimal(e8_text(line.rate_e8(route)))
        price = ((cost + fixed) * (1 + percent / 100)).quantize(Decimal("0.00000001"))
        rows.append(
            {
                "destination": line.destination,
                "prefix": line.prefix,
                "client_increment": str(package["pulse"]),
                "client_rate": float(price),
                "real_increment": str(line.increment_seconds),
                "real_rate": float(cost),
            }
        )
    return listed("rates", rows, "no_rate")


def _lines(request: Request) -> list[Rate]:
    return matching(request.get("query"))[:MOST_ROWS]


def _number(units: int) -> float:
    return float(e8_text(units))

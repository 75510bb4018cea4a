"""Looking for numbers to buy."""

from __future__ import annotations

from typing import Any

from sandbox.inventory import FREE, LOCAL, PROVINCES, STATES, Offer, for_sale, matches
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method

PLANS = {
    "perminute_monthly": "0.99", "perminute_minute": "0.0100", "perminute_setup": "0.50",
    "flat_monthly": "4.95", "flat_minute": "0.00", "flat_setup": "1.00",
}  # fmt: skip
COUNTRIES = {"USA": (STATES, "state"), "CAN": (PROVINCES, "province")}
MOST_ROWS = 200


def _country(request: Request) -> str:
    return "CAN" if "CAN" in request.method else "USA"


def _place(request: Request) -> str:
    places, word = COUNTRIES[_country(request)]
    place = request.get(word).upper()
    if place and place not in places:
        raise Refusal(f"invalid_{word}")
    return place


@method("getStates")
def states(_request: Request) -> Answer:
    return {"states": [{"state": key, "description": STATES[key][0]} for key in STATES]}


@method("getProvinces")
def provinces(_request: Request) -> Answer:
    return {"provinces": [{"province": key, "description": PROVINCES[key][0]} for key in PROVINCES]}


@method("getRateCentersUSA", "getRateCentersCAN")
def rate_centres(request: Request) -> Answer:
    place = _place(request)
    stocked = {
        offer.ratecenter for offer in for_sale(request.world)
        if offer.state == place and offer.country == _country(request)
    }  # fmt: skip
    centres = COUNTRIES[_country(request)][0][place][1]
    return {
        "ratecenters": [
            {"ratecenter": name, "available": "yes" if name in stocked else "no"}
            for name in centres
        ]
    }


@method("getDIDsUSA", "getDIDsCAN")
def dids_of_place(request: Request) -> Answer:
    place, centre = _place(request), request.get("ratecenter").casefold()
    rows = [
        _row(offer, sms=True) for offer in _local(request)
        if offer.state == place and centre in ("", offer.ratecenter.casefold())
    ]  # fmt: skip
    return listed("dids", rows[:MOST_ROWS], "no_did")


@method("searchDIDsUSA", "searchDIDsCAN")
def search_dids(request: Request) -> Answer:
    place, query = _place(request), request.get("query")
    rows = [
        _row(offer, sms=False) for offer in _local(request)
        if place in ("", offer.state) and matches(offer.did, request.get("type"), query)
    ]  # fmt: skip
    return listed("dids", rows[:MOST_ROWS], "no_did")


def _local(request: Request) -> list[Offer]:
    country = _country(request)
    return [o for o in for_sale(request.world) if o.kind == LOCAL and o.country == country]


def _row(offer: Offer, *, sms: bool) -> dict[str, Any]:
    word = COUNTRIES[offer.country][1]
    row: dict[str, Any] = {
        "did": offer.did, "ratecenter": offer.ratecenter, word: offer.state,
        f"{word}_description": offer.state_name, **PLANS,
    }  # fmt: skip
    if sms and offer.country == "USA":
        row["has_port_out_pin"] = "0"
    return row | ({"sms": 1} if sms else {})


@method("searchTollFreeUSA", "searchTollFreeCanUS")
def search_toll_free(request: Request) -> Answer:
    both = request.method == "searchTollFreeCanUS"
    query, how = request.get("query"), request.get("type", "contains")
    prices = (
        {"monthly": "1.49", "minute": "0.0320", "setup": "0.00"}
        if both
        else {
            "monthly": "0.99", "minute_usa": "0.019", "minute_canada": "0.08",
            "minute_puertorico": "0.095", "minute_alaska": "0.17", "setup": "0",
        }
    )  # fmt: skip
    rows = [
        {"did": offer.did, **prices} for offer in for_sale(request.world)
        if offer.kind == FREE and matches(offer.did, how, query)
    ]  # fmt: skip
    return listed("dids", rows[:MOST_ROWS], "no_did")

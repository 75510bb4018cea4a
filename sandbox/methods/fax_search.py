"""Looking for fax numbers: places, their rate centres, area codes, and what can be ported."""

from __future__ import annotations

from typing import Any

from sandbox import fax_stock
from sandbox.wire.kinds import plain_number
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method

# Whoever has these area codes does not let numbers go to this carrier.
NOT_PORTABLE = ("867", "808")


@method("getFaxProvinces")
def provinces(request: Request) -> Answer:
    return {"provinces": _places("CAN", "province", request.get("province"))}


@method("getFaxStates")
def states(request: Request) -> Answer:
    return {"states": _places("USA", "state", request.get("state"))}


def _places(country: str, word: str, wanted: str) -> list[dict[str, str]]:
    places = fax_stock.COUNTRIES[country][0]
    if wanted and wanted.upper() not in places:
        raise Refusal(f"invalid_{word}")
    return [
        {
            word: place, f"{word}_id": str(fax_stock.FIRST_PLACE[country] + at),
            f"{word}_name": name.title(), "country_code": country,
        }
        for at, (place, (name, _)) in enumerate(places.items())
        if wanted.upper() in ("", place)
    ]  # fmt: skip


@method("getFaxRateCentersCAN", "getFaxRateCentersUSA")
def rate_centres(request: Request) -> Answer:
    canada = request.method.endswith("CAN")
    word, country = ("province", "CAN") if canada else ("state", "USA")
    wanted = request.get(word).upper()
    if wanted not in fax_stock.COUNTRIES[country][0]:
        raise Refusal(f"invalid_{word}")
    return {
        "ratecenters": [
            _row(request, location) for location in fax_stock.locations()
            if (location.country, location.place) == (country, wanted)
        ]
    }  # fmt: skip


@method("searchFaxAreaCodeCAN", "searchFaxAreaCodeUSA")
def area_code(request: Request) -> Answer:
    """An area code without rate centres is a success without the list."""
    country = request.method[-3:]
    rows = [
        _row(request, location) for location in fax_stock.locations()
        if (location.country, location.area_code) == (country, request.get("area_code"))
    ]  # fmt: skip
    for row in rows:
        del row["location"]
    return {"ratecenters": rows} if rows else {}


def _row(request: Request, location: fax_stock.Location) -> dict[str, Any]:
    return {
        "location": str(location.id), "area_code": location.area_code,
        "ratecenter": location.centre,
        "available": "yes" if fax_stock.free(request.world, location) else "no",
    }  # fmt: skip


@method("getFaxNumbersPortability")
def portability(request: Request) -> Answer:
    did = plain_number(request.get("did"))
    return {"getFaxNumbersPortability": "no" if did.startswith(NOT_PORTABLE) else "yes"}

"""Numbers the carrier has for sale: made up from real area codes and 555-01xx, always the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sandbox.world import World

# Place -> (name, rate centre -> area codes).
STATES: dict[str, tuple[str, dict[str, str]]] = {
    "AL": ("ALABAMA", {"BIRMINGHAM": "205"}),
    "CA": ("CALIFORNIA", {"LOS ANGELES": "213", "SAN FRANCISCO": "415", "SAN DIEGO": "619"}),
    "CO": ("COLORADO", {"DENVER": "303"}),
    "FL": ("FLORIDA", {"MIAMI": "305", "ORLANDO": "407", "TAMPA": "813"}),
    "GA": ("GEORGIA", {"ATLANTA": "404"}),
    "IL": ("ILLINOIS", {"CHICAGO": "312"}),
    "MA": ("MASSACHUSETTS", {"BOSTON": "617"}),
    "NY": ("NEW YORK", {"NEW YORK": "212", "BUFFALO": "716", "ALBANY": "518"}),
    "OR": ("OREGON", {"PORTLAND": "503"}),
    "PA": ("PENNSYLVANIA", {"PHILADELPHIA": "215", "PITTSBURGH": "412"}),
    "TX": ("TEXAS", {"HOUSTON": "713", "AUSTIN": "512", "DALLAS": "214"}),
    "WA": ("WASHINGTON", {"SEATTLE": "206"}),
}
PROVINCES: dict[str, tuple[str, dict[str, str]]] = {
    "AB": ("ALBERTA", {"Calgary": "403", "Edmonton": "780"}),
    "BC": ("BRITISH COLUMBIA", {"Vancouver": "604", "Victoria": "250"}),
    "MB": ("MANITOBA", {"Winnipeg": "204"}),
    "NS": ("NOVA SCOTIA", {"Halifax": "902"}),
    "ON": ("ONTARIO", {"Toronto": "416", "Ottawa-Hull": "613", "London": "519"}),
    "QC": ("QUEBEC", {"Montreal": "514", "Quebec": "418"}),
    "SK": ("SASKATCHEWAN", {"Regina": "306"}),
}
TOLL_FREE_AREAS = ("800", "833", "844", "855", "866", "877", "888")
LOCAL, FREE = "local", "toll-free"


@dataclass(frozen=True)
class Offer:
    """One number for sale."""

    did: str
    kind: str
    country: str
    state: str
    state_name: str
    ratecenter: str


@lru_cache(maxsize=1)
def everything() -> tuple[Offer, ...]:
    found = []
    for country, places in (("USA", STATES), ("CAN", PROVINCES)):
        for state, (name, centres) in places.items():
            for centre, area in centres.items():
                # The upper half is for sale; the lower half is for people and demos.
                found += [
                    Offer(f"{area}55501{last:02d}", LOCAL, country, state, name, centre)
                    for last in range(50, 100)
                ]
    for area in TOLL_FREE_AREAS:
        found += [
            Offer(f"{area}55501{last:02d}", FREE, "USA", "", "", "") for last in range(50, 100)
        ]
    return tuple(found)


def for_sale(world: World) -> list[Offer]:
    """What nobody has bought yet."""
    sold = {
        row["did"]
        for row in world.store.rows("SELECT did FROM dids UNION SELECT did FROM fax_numbers")
    }
    return [offer for offer in everything() if offer.did not in sold]


def matches(did: str, how: str, query: str) -> bool:
    """Whether a number starts with, contains or ends with the digits asked for."""
    if how == "starts":
        return did.startswith(query)
    return did.endswith(query) if how == "ends" else query in did

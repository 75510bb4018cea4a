"""Write `data/deck.tsv`: prefixes of the world's numbering plans with invented prices.

Run by hand (`python -m sandbox.build_deck`) when the deck should change; the carrier only reads the file.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import phonenumbers
from babel import Locale
from phonenumbers.carrierdata import CARRIER_DATA
from phonenumbers.geodata import GEOCODE_DATA

CANADA = [
    "204",
    "226",
    "236",
    "249",
    "250",
    "257",
    "263",
    "306",
    "343",
    "354",
    "365",
    "367",
    "368",
    "382",
    "403",
    "416",
    "418",
    "428",
    "431",
    "437",
    "438",
    "450",
    "468",
    "474",
    "506",
    "514",
    "519",
    "548",
    "579",
    "581",
    "584",
    "587",
    "604",
    "613",
    "639",
    "647",
    "672",
    "683",
    "705",
    "709",
    "742",
    "753",
    "778",
    "780",
    "782",
    "807",
    "819",
    "825",
    "867",
    "873",
    "879",
    "902",
    "905",
    "942",
]
CHEAP = {
    "44",
    "33",
    "49",
    "39",
    "34",
    "31",
    "61",
    "353",
    "46",
    "45",
    "47",
    "41",
    "43",
    "32",
    "86",
    "52",
}
OUT = Path(__file__).parent / "data" / "deck.tsv"


def _chance(prefix: str, salt: str) -> float:
    digest = hashlib.sha256(f"{salt}:{prefix}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _rates(prefix: str, low: float, high: float) -> tuple[str, str]:
    value = low + (high - low) * _chance(prefix, "value")
    premium = value * (1.08 + 0.4 * _chance(prefix, "premium"))
    return f"{value:.4f}", f"{premium:.4f}"


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[^\w .,'()/&-]", "", text)).strip()


def _nanp(countries: dict[str, str]) -> dict[str, tuple[str, float, float]]:
    deck: dict[str, tuple[str, float, float]] = {}
    for prefix, names in GEOCODE_DATA.items():
        if not re.fullmatch(r"1\d{3}", prefix):
            continue
        area, place = prefix[1:], _clean(names.get("en", ""))
        region = (
            phonenumbers.region_code_for_number(phonenumbers.parse(f"+{prefix}5550100")) or "US"
        )
        if area in CANADA:
            deck[prefix] = (f"Canada - {area} {place}", 0.0045, 0.0090)
        elif region in ("US", "CA", None):
            deck[prefix] = (f"USA - {area} {place}", 0.0085, 0.0110)
        else:
            deck[prefix] = (f"{countries.get(region, place)} - {area}", 0.05, 0.24)
    for prefix, names in GEOCODE_DATA.items():
        if re.fullmatch(r"1907\d{3}", prefix) or re.fullmatch(r"1867\d{3}", prefix):
            kind = "USA - Alaska" if prefix.startswith("1907") else "Canada - Northern"
            deck[prefix] = (f"{kind} {_clean(names.get('en', ''))}", 0.04, 0.12)
    for number in range(200, 1000):
        region: str | None = phonenumbers.region_code_for_number(
            phonenumbers.parse(f"+1{number}5550100")
        )
        prefix = f"1{number}"
        if region is None or prefix in deck:
            continue
        if region in ("US", "CA"):
            canadian = region == "CA" or str(number) in CANADA
            name, low, high = ("Canada", 0.0045, 0.009) if canadian else ("USA", 0.0085, 0.011)
            deck[prefix] = (f"{name} - {number}", low, high)
        else:
            deck[prefix] = (f"{countries.get(region, region)} - {number}", 0.05, 0.24)
    for area in ("800", "833", "844", "855", "866", "877", "888"):
        deck[f"1{area}"] = (f"USA - {area} Toll Free", 0.0, 0.0)
    return deck


def _world(countries: dict[str, str]) -> dict[str, tuple[str, float, float]]:
    deck: dict[str, tuple[str, float, float]] = {}
    names: dict[str, str] = {}
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        cc = str(code)
        if cc == "1" or regions[0] == "001":
            continue
        name = countries.get(regions[0], regions[0])
        names[cc] = name
        base = (0.009, 0.03) if cc in CHEAP else (0.02, 0.02 + 0.35 * _chance(cc, "country"))
        deck[cc] = (name, *base)
    codes = sorted(names, key=len, reverse=True)
    for prefix in CARRIER_DATA:
        cc = next((c for c in codes if prefix.startswith(c)), None)
        if cc:
            short = prefix[: len(cc) + 2]
            if len(short) > len(cc):
                low = deck[cc][1] * 2 + 0.02
                deck[short] = (f"{names[cc]} - Mobile", low, low + 0.12)
    for prefix, places in GEOCODE_DATA.items():
        cc = next((c for c in codes if prefix.startswith(c)), None)
        if not cc or prefix in deck or prefix == cc or len(prefix) > len(cc) + 3:
            continue
        if len(prefix) == len(cc) + 3 and cc not in CHEAP:
            continue
        place = _clean(places.get("en", ""))
        if place:
            deck[prefix] = (f"{names[cc]} - {place}", deck[cc][1], deck[cc][2])
    return deck


def main() -> None:
    countries = dict(Locale("en").territories)
    deck = {**_nanp(countries), **_world(countries)}
    lines = []
    for prefix in sorted(deck):
        name, low, high = deck[prefix]
        value, premium = _rates(name if name.startswith("USA") else prefix, low, high)
        if name.startswith("USA"):  # calls to the United States have one route
            value = premium
        lines.append(
            f"{prefix}\t{name}\t{value}\t{premium}\t{60 if prefix.startswith('52') else 6}"
        )
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(lines), "prefixes")


if __name__ == "__main__":
    main()

"""Numbers that ring nobody, in countries all over the world.

North America: 555-0100 to 555-0199 behind real area codes. Elsewhere the ranges that regulators keep
for films and books; where a country keeps none, the number is too short to be dialled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random

NANP = {
    "US": ["212", "415", "305", "312", "617", "206", "213", "404", "702", "303", "602", "512", "713", "215", "503", "919", "612", "314", "504", "202", "808"],
    "CA": ["416", "514", "604", "403", "902", "418", "613", "204", "306", "506", "819", "705", "867"],
    "JM": ["876"], "BS": ["242"], "BB": ["246"], "BM": ["441"], "KY": ["345"], "TT": ["868"],
    "DO": ["809", "829"], "PR": ["787"], "LC": ["758"], "GD": ["473"], "AG": ["268"], "KN": ["869"],
    "TC": ["649"], "VI": ["340"], "GU": ["671"],
}  # fmt: skip
# Country -> (prefix, digits that are free, how many numbers to take).
REGULATED = {
    "GB": [
        ("442079460", 3),
        ("441614960", 3),
        ("441134960", 3),
        ("441314960", 3),
        ("447700900", 3),
    ],
    "FR": [
        ("3319900", 4),
        ("3326191", 4),
        ("3335301", 4),
        ("3346571", 4),
        ("3353649", 4),
        ("3363998", 4),
    ],
    "DE": [("493023125", 3), ("494066969", 3), ("498999998", 3), ("4917139200", 2)],
    "SE": [("468465004", 2), ("463139006", 2), ("464062804", 2)],
    "IE": [("3532091", 5)],
    "AU": [("6125550", 4), ("6137010", 4), ("6175550", 4), ("6187010", 4)],
}
# Two digits shorter than anything the country's plan can assign.
TOO_SHORT = {
    "MX": ["525555501", "523355501"], "ES": ["34915501", "346005501"], "IT": ["393335501"],
    "NL": ["31205501", "3165501"], "BE": ["3225501"], "CH": ["41445501", "41795501"],
    "PT": ["351215501"], "PL": ["48225501"], "NO": ["475501"], "DK": ["455501"],
    "BR": ["55115501", "55215501"], "AR": ["54115501"], "CL": ["5625501"],
    "CO": ["5715501"], "IN": ["91225501", "91985501"], "CN": ["86105501"], "JP": ["8135501"],
    "KR": ["8225501"], "PH": ["639175501"], "ZA": ["27215501"], "NG": ["23415501"],
    "EG": ["2025501"], "IL": ["97235501"], "AE": ["97145501"], "NZ": ["6495501"], "HK": ["8525501"],
    "SG": ["655501"], "CR": ["5065501"],
}  # fmt: skip
FIRST = [
    "Amelia",
    "Noah",
    "Priya",
    "Mateo",
    "Chloe",
    "Lucas",
    "Aisha",
    "Ethan",
    "Sofia",
    "Liam",
    "Hana",
    "Oscar",
    "Nadia",
    "Felix",
    "Grace",
    "Omar",
]
LAST = [
    "Tremblay",
    "Okafor",
    "Singh",
    "Moreau",
    "Castillo",
    "Novak",
    "Whitfield",
    "Duarte",
    "Haddad",
    "Lindqvist",
    "Brennan",
    "Osei",
]
FIRMS = (
    "Blue Heron Dental", "Maple Street Bakery", "Quill & Co", "Harbour Freight Desk", "Larkspur Clinic",
    "Tin Roof Studio", "Cobalt Logistics", "Juniper Law", "Foxglove Florist", "Old Mill Motors",
)  # fmt: skip
HOSTILE_NAMES = (
    "<script>alert(1)</script>", "Robert'); DROP TABLE calls;--", "=HYPERLINK(\"http://x\")",
    "$(reboot)", "{{7*7}}", "' OR '1'='1", "\u202egnirts", "Zoë & Søn \U0001f4de", "a" * 200, "%s%n%x",
    "+1+1", "\\\" onmouseover=alert(1) x=\\\"", "\x07bell",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Somewhere a call can go: the country and the number in international form without plus."""

    country: str
    number: str


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """Several hundred destinations in more than forty countries, always the same ones."""
    draw = Random("places")
    found = []
    for country, areas in NANP.items():
        for area in areas:
            for last in draw.sample(range(100), 6):
                found.append(Place(country, f"1{area}55501{last:02d}"))
    for country, ranges in REGULATED.items():
        for prefix, free in ranges:
            for last in draw.sample(range(10**free), 4):
                found.append(Place(country, f"{prefix}{last:0{free}d}"))
    for country, prefixes in TOO_SHORT.items():
        for prefix in prefixes:
            # Ten digits would be taken for a number of North America.
            short = prefix[:-1] if len(prefix) == 9 else prefix
            for last in draw.sample(range(10), 3):
                found.append(Place(country, f"{short}{last}"))
    return tuple(found)


@lru_cache(maxsize=1)
def places_by_country() -> dict[str, tuple[Place, ...]]:
    grouped: dict[str, list[Place]] = {}
    for place in places():
        grouped.setdefault(place.country, []).append(place)
    return {country: tuple(listed) for country, listed in grouped.items()}


def nanp_number(draw: Random, area: str | None = None) -> str:
    """Ten digits from the North American fiction range."""
    area = area or draw.choice(NANP["US"] + NANP["CA"])
    return f"{area}55501{draw.randrange(100):02d}"


def caller_name(draw: Random) -> str:
    """A person, a firm, or nothing."""
    roll = draw.random()
    if roll < 0.45:
        return f"{draw.choice(FIRST)} {draw.choice(LAST)}"
    return draw.choice(FIRMS) if roll < 0.7 else ""


def callerid(name: str, number: str) -> str:
    """How the carrier writes a caller: `John Doe <5551112222>`, or the number alone."""
    return f"{name} <{number}>" if name else number


def international(number: str, home: str = "1") -> str:
    """Digits of a dialled number in international form without plus, for the deck."""
    digits = "".join(character for character in number if character.isdigit())
    if digits.startswith("011"):
        return digits[3:]
    if digits.startswith("00"):
        return digits[2:]
    return home + digits if len(digits) == 10 and not number.startswith("+") else digits

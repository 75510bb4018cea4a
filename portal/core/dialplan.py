"""Which country a number prefix belongs to, and which numbers are special (plain tables)."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

import phonenumbers

NOWHERE: Final = ""  # satellites, freephone, premium: a number without a country


class Category(StrEnum):
    """What kind of number was dialled; everything but ORDINARY has a pricing rule of its own."""

    ORDINARY = "ordinary"
    TOLL_FREE = "toll_free"
    PREMIUM = "premium"  # 900 numbers
    EMERGENCY = "emergency"  # 911, the 933 test line, 112, 999
    DIRECTORY = "directory"  # 411
    SERVICE = "service"  # 211, 311, 511, 811, 988 … and other short codes
    INTERNAL = "internal"  # extensions, echo test, voicemail pick-up
    UNKNOWN = "unknown"  # withheld, text, nonsense


EMERGENCY_CODES: Final = frozenset({"911", "933", "112", "999"})
DIRECTORY_CODES: Final = frozenset({"411", "1411"})
INTERNAL_CODES: Final = frozenset({"4443", "4747", "*97", "*98"})  # echo, DTMF test, voicemail
TOLL_FREE_PREFIXES: Final = ("1800", "1833", "1844", "1855", "1866", "1877", "1888", "800")
PREMIUM_PREFIXES: Final = ("1900", "979")

_CANADA = (
    "204 226 236 249 250 257 263 273 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 "
    "468 474 506 514 519 548 579 581 584 587 600 604 613 622 633 639 644 647 655 672 677 683 688 705 "
    "709 742 753 778 780 782 807 819 825 867 873 879 902 905 942"
)
_ISLANDS = {
    "AG": "268", "AI": "264", "AS": "684", "BB": "246", "BM": "441", "BS": "242", "DM": "767",
    "DO": "809 829 849", "GD": "473", "GU": "671", "JM": "658 876", "KN": "869", "KY": "345",
    "LC": "758", "MP": "670", "MS": "664", "PR": "787 939", "SX": "721", "TC": "649", "TT": "868",
    "VC": "784", "VG": "284", "VI": "340",
}  # fmt: skip
_SHARED = {  # calling codes of several countries: what is not the main one
    "76": "KZ", "77": "KZ", "379": "VA", "3906698": "VA", "4779": "SJ", "35818": "AX",
    "441481": "GG", "447781": "GG", "447839": "GG", "447911": "GG",
    "441534": "JE", "447509": "JE", "447797": "JE", "447829": "JE", "447937": "JE",
    "441624": "IM", "447524": "IM", "447624": "IM", "447924": "IM",
    "6189162": "CC", "6189164": "CX", "212528": "EH", "262269": "YT", "262639": "YT",
    "5993": "BQ", "5994": "BQ", "5997": "BQ",
}  # fmt: skip


def _country_prefixes() -> dict[str, str]:
    table = {
        str(code): NOWHERE if regions[0] == "001" else regions[0]
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    }
    table.update({f"1{area}": "CA" for area in _CANADA.split()})
    table.update({f"1{area}": who for who, areas in _ISLANDS.items() for area in areas.split()})
    table.update(_SHARED)
    table.update(dict.fromkeys(TOLL_FREE_PREFIXES + PREMIUM_PREFIXES, NOWHERE))
    return table


COUNTRY_PREFIXES: Final = MappingProxyType(_country_prefixes())
"""Digits after the "+" → ISO country code (or NOWHERE); the longest prefix decides."""

CALLING_CODES: Final = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
NANP_COUNTRIES: Final = frozenset({"US", "CA", *_ISLANDS})
LONGEST_COUNTRY_PREFIX: Final = max(map(len, COUNTRY_PREFIXES))

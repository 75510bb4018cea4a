"""Countries by the part of the world they are in (plain tables), for choosing those that may be called."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from portal.core.dialplan import COUNTRY_PREFIXES

COUNTRIES: Final = frozenset(country for country in COUNTRY_PREFIXES.values() if country)

_WRITTEN = {
    "021": "BM CA GL PM US",
    "013": "BZ CR GT HN MX NI PA SV",
    "029": "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
    "005": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
    "150": "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE "
    "LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
    "002": "AC AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA "
    "MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TA TD TG TN TZ UG YT ZA ZM ZW",
    "142": "AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN "
    "MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
    "009": "AS AU CC CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PW SB TK TO TV VU WF WS",
}

REGIONS: Final = MappingProxyType(
    {code: frozenset(words.split()) & COUNTRIES for code, words in _WRITTEN.items()}
)
"""The number of a region (UN M49, but Cyprus is in Europe) and its countries."""

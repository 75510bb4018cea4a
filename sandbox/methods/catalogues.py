"""Fixed lists that other methods take their values from."""

from __future__ import annotations

from typing import Any

from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method

Choice = dict[str, str]


def _choices(text: str) -> list[Choice]:
    pairs = (part.strip().partition("=") for part in text.split("|"))
    return [{"value": value, "description": name} for value, _, name in pairs]


CODECS = _choices("ulaw=G.711U|alaw=G.711A|g729=G.729a|gsm=GSM|g722=G.722|opus=Opus")
AUTH_TYPES = _choices("1=User/Password Authentication|2=Static IP Authentication")
DEVICE_TYPES = _choices(
    "1=Asterisk, IP PBX, Gateway or VoIP Switch|2=ATA device, IP Phone or Softphone"
)
DTMF_MODES = _choices("auto=AUTO|rfc2833=RFC2833|inband=INBAND|info=INFO")
LOCK_INTERNATIONAL = _choices("0=International Calls Enabled|1=International Calls Disabled")
MUSIC_ON_HOLD = _choices("default=Default|jazz=Easy Listening|classical=Classical|none=No Music")
MUSIC_ROWS = [
    {
        **choice, "recordings": "", "total": "0", "volume": "mp3", "sort": "random", "custom": "0",
    }
    for choice in MUSIC_ON_HOLD
]  # fmt: skip
NAT = _choices("yes=Yes|no=No|route=Route|never=Never")
PROTOCOLS = _choices("1=SIP|3=IAX2")
ROUTES = _choices("1=Value|2=Premium")
LANGUAGES = _choices("en=English|fr=French|es=Spanish")
LOCALES = _choices(
    "en-US=English (United States)|en-CA=English (Canada)|fr-CA=French (Canada)|es-MX=Spanish (Mexico)"
)
COUNTRIES = _choices(
    "CA=Canada|US=United States|GB=United Kingdom|FR=France|DE=Germany|MX=Mexico|ES=Spain|IT=Italy"
    "|AU=Australia|IE=Ireland|NL=Netherlands|BE=Belgium|CH=Switzerland|SE=Sweden|NO=Norway|BR=Brazil"
)
TIMEZONES = _choices(
    "America/Buenos_Aires=America/Buenos Aires|America/Chicago=America/Chicago"
    "|America/Denver=America/Denver|America/Los_Angeles=America/Los Angeles"
    "|America/Montreal=America/Montreal|America/New_York=America/New York"
    "|America/Toronto=America/Toronto|America/Vancouver=America/Vancouver|Europe/London=Europe/London"
)
BALANCE_MANAGEMENT = _choices("0=Soft - allow negative balance|1=Hard - suspend the client")
SERVERS = [
    {
        "server_name": f"{city}, {region}", "server_shortname": city,
        "server_hostname": f"{city.lower().replace(' ', '')}.voip.example",
        "server_ip": f"203.0.113.{pop}", "server_country": country, "server_pop": str(pop),
        "server_recommended": "Yes" if pop in (1, 5) else "No",
    }
    for pop, (city, region, country) in enumerate(
        (
            ("Houston", "TX", "USA"), ("Atlanta", "GA", "USA"), ("Chicago", "IL", "USA"),
            ("New York", "NY", "USA"), ("Toronto", "ON", "Canada"), ("Montreal", "QC", "Canada"),
            ("Vancouver", "BC", "Canada"), ("Seattle", "WA", "USA"), ("Los Angeles", "CA", "USA"),
            ("London", "UK", "United Kingdom"),
            ("Dallas", "TX", "USA"), ("Denver", "CO", "USA"), ("Phoenix", "AZ", "USA"),
            ("San Jose", "CA", "USA"), ("Tampa", "FL", "USA"), ("Washington", "DC", "USA"),
            ("Calgary", "AB", "Canada"), ("Quebec City", "QC", "Canada"), ("Ottawa", "ON", "Canada"),
            ("Paris", "FR", "France"), ("Amsterdam", "NL", "Netherlands"),
            ("Melbourne", "VIC", "Australia"), ("Frankfurt", "HE", "Germany"),
        ),
        start=1,
    )
]  # fmt: skip

# Method -> key of the list, its rows, the parameter that picks one, the word when there is none.
LISTS: dict[str, tuple[str, list[Any], str, str]] = {
    "getCountries": ("countries", COUNTRIES, "country", "invalid_country"),
    "getLanguages": ("languages", LANGUAGES, "language", "invalid_language"),
    "getLocales": ("locales", LOCALES, "locale", "invalid_transcription_locale"),
    "getTimezones": ("timezones", TIMEZONES, "timezone", "invalid_timezone"),
    "getAllowedCodecs": ("allowed_codecs", CODECS, "codec", "invalid_codec"),
    "getAuthTypes": ("auth_types", AUTH_TYPES, "type", "invalid_authtype"),
    "getDeviceTypes": ("device_types", DEVICE_TYPES, "device_type", "invalid_devicetype"),
    "getDTMFModes": ("dtmf_modes", DTMF_MODES, "dtmf_mode", "invalid_dtmfmode"),
    "getLockInternational": (
        "lock_international", LOCK_INTERNATIONAL, "lock_international", "invalid_lockinternational",
    ),
    "getMusicOnHold": ("music_on_hold", MUSIC_ROWS, "music_on_hold", "invalid_musiconhold"),
    "getNAT": ("nat", NAT, "nat", "invalid_nat"),
    "getProtocols": ("protocols", PROTOCOLS, "protocol", "invalid_protocol"),
    "getRoutes": ("routes", ROUTES, "route", "invalid_route"),
    "getBalanceManagement": (
        "balance_management", BALANCE_MANAGEMENT, "balance_management", "invalid_balancemanagement",
    ),
}  # fmt: skip


@method(*LISTS)
def catalogue(request: Request) -> Answer:
    key, rows, parameter, word = LISTS[request.method]
    wanted = request.get(parameter)
    found = [row for row in rows if wanted in ("", row["value"])]
    if not found:
        raise Refusal(word)
    return {key: found}


@method("getServersInfo")
def servers(request: Request) -> Answer:
    wanted = request.get("server_pop")
    found = [row for row in SERVERS if wanted in ("", row["server_pop"])]
    if not found:
        raise Refusal("invalid_serverpop")
    return {"servers": found}

"""The values that rating is given and the values it answers with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from portal.core.money import Money

DEFAULT_PULSE_SECONDS: Final = 6

Direction: TypeAlias = Literal["out", "in"]
AreaKind: TypeAlias = Literal["prefix", "country", "group"]
ZoneKind: TypeAlias = Literal["prefix", "country", "max_cost"]
Worksheet: TypeAlias = dict[str, Any]


class State(StrEnum):
    """What became of a call's price."""

    RATED = "rated"
    FREE = "free"
    UNRATED = "unrated"  # answered, not free, and no rate known: price is empty, staff must look
    UNANSWERED = "unanswered"


class Rule(StrEnum):
    """Which rule decided the price; kept in the worksheet, so values never change their meaning."""

    MARKUP = "markup"
    AREA = "area"
    INBOUND = "inbound"
    RECORDING = "recording"
    FAX = "fax"
    UNANSWERED = "unanswered"
    INTERNAL = "internal"
    ON_NET = "on_net"
    FREE_ZONE = "free_zone"
    EMERGENCY = "emergency"
    FREE_CALL = "free_call"  # toll-free and service numbers that cost the reseller nothing
    UNRATED = "unrated"


@dataclass(frozen=True, slots=True)
class AreaRate:
    """A package's own rate per minute for an area; it overrides the markup.

    kind "prefix": key is digits without "+" ("44", "1416"); "country": ISO code ("GB");
    "group": "USA" or "CANADA". valid_from/valid_until are aware instants, half-open; None is open.
    """

    kind: AreaKind
    key: str
    rate_e8: int
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FreeZone:
    """Where calls of a package are free.

    kind "prefix" and "country" as in AreaRate; "max_cost": key is empty and max_cost_e8 is the
    highest cost per minute, in the reseller's currency, that is still free (inclusive).
    """

    kind: ZoneKind
    key: str = ""
    max_cost_e8: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a package, as it is in force for the calls that start under it.

    `Terms()` is what a sub-account without a package gets: outbound at cost, pulse 6.
    first_increment_seconds 0 means that the first step is a pulse like the others.
    """

    fixed_e8: int = 0
    percent_e4: int = 0
    pulse_seconds: int = DEFAULT_PULSE_SECONDS
    first_increment_seconds: int = 0
    onnet_free: bool = False
    free_minutes: int = 0
    areas: tuple[AreaRate, ...] = ()
    zones: tuple[FreeZone, ...] = ()
    package: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        assert self.pulse_seconds > 0
        assert self.first_increment_seconds >= 0
        assert self.fixed_e8 >= 0
        assert self.percent_e4 >= 0
        assert self.free_minutes >= 0


class DeckRate(NamedTuple):
    """The carrier's rate card for one prefix, in the carrier's currency."""

    rate_e8: int
    increment_seconds: int = DEFAULT_PULSE_SECONDS
    name: str = ""


class CallFacts(NamedTuple):
    """What is known of one leg of a call when it is rated.

    number: outbound the destination in one spelling ("+44…", or as dialled: "911", "*97");
    inbound the DID. connected: the carrier's disposition says answered. cost_rate_e8 (per minute)
    and cost_total_e8 are the carrier's row, in its currency. did_rate_e8 is the DID's rate per
    minute in the reseller's currency, inbound only. exchange_e8: reseller's currency for one of
    the carrier's (None: same currency). started_at is aware.
    """

    direction: Direction
    number: str
    seconds: int
    connected: bool
    cost_rate_e8: int | None
    cost_total_e8: int | None
    started_at: datetime
    on_net: bool = False
    internal: bool = False
    did_rate_e8: int | None = None
    exchange_e8: int | None = None


class Rated(NamedTuple):
    """The price of one leg, and how it came about.

    price_micros is None only when the state is UNRATED; cost_micros (reseller's currency) is None
    when the carrier's cost is unknown. free_minutes is what the call took from the allowance.
    """

    state: State
    rule: Rule
    price_micros: int | None
    cost_micros: int | None
    billed_seconds: int
    free_minutes: int
    worksheet: Worksheet

    @property
    def price(self) -> Money | None:
        return None if self.price_micros is None else Money(self.price_micros)

    @property
    def cost(self) -> Money | None:
        return None if self.cost_micros is None else Money(self.cost_micros)

    @property
    def profit(self) -> Money | None:
        """Price less cost, each from its own rounding of the length; None when either is unknown."""
        if self.price_micros is None or self.cost_micros is None:
            return None
        return Money(self.price_micros - self.cost_micros)

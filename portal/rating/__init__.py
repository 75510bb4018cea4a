"""What things cost: pure functions over plain values; no tables, no network, no clock."""

from __future__ import annotations

from portal.rating import messages
from portal.rating.areas import Place
from portal.rating.arithmetic import (
    billed_seconds,
    in_own_currency,
    marked_up,
    price,
    split_at_allowance,
)
from portal.rating.faxes import FaxTerms, Past, likely_seconds, rate_fax
from portal.rating.prefixes import Dated, DatedPrefixes, DuplicateRow, PrefixTable
from portal.rating.quotes import (
    BelowCost,
    Preview,
    Quote,
    below_cost,
    preview,
    quote,
    rate_recording,
)
from portal.rating.rater import Rater, rate_calls
from portal.rating.tariffs import UNANSWERED, Tariff, is_answered
from portal.rating.values import (
    DEFAULT_PULSE_SECONDS,
    AreaKind,
    AreaRate,
    CallFacts,
    DeckRate,
    FreeZone,
    Rated,
    Rule,
    State,
    Terms,
    Worksheet,
    ZoneKind,
)
from portal.rating.view import EMPTY_DECK, Deck
from portal.rating.worksheet import Step, explain, rate_per_minute, recompute

__all__ = [
    "DEFAULT_PULSE_SECONDS",
    "EMPTY_DECK",
    "UNANSWERED",
    "AreaKind",
    "AreaRate",
    "BelowCost",
    "CallFacts",
    "Dated",
    "DatedPrefixes",
    "Deck",
    "DeckRate",
    "DuplicateRow",
    "FaxTerms",
    "FreeZone",
    "Past",
    "Place",
    "PrefixTable",
    "Preview",
    "Quote",
    "Rated",
    "Rater",
    "Rule",
    "State",
    "Step",
    "Tariff",
    "Terms",
    "Worksheet",
    "ZoneKind",
    "below_cost",
    "billed_seconds",
    "explain",
    "in_own_currency",
    "is_answered",
    "likely_seconds",
    "marked_up",
    "messages",
    "preview",
    "price",
    "quote",
    "rate_calls",
    "rate_fax",
    "rate_per_minute",
    "rate_recording",
    "recompute",
    "split_at_allowance",
]

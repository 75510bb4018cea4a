"""The price of a fax, by the minute in the package's pulse, and how long one will probably take."""

from __future__ import annotations

from typing import Final, NamedTuple

from portal.rating.arithmetic import billed_seconds, in_own_currency, price_micros
from portal.rating.values import DEFAULT_PULSE_SECONDS, Rated, Rule, State, Worksheet

FIRST_PAGE_SECONDS: Final = 60
FURTHER_PAGE_SECONDS: Final = 30


class FaxTerms(NamedTuple):
    """What was in force for a fax: the number's rate per minute (1e-8), the pulse, the exchange rate."""

    rate_e8: int
    pulse_seconds: int = DEFAULT_PULSE_SECONDS
    package: str = ""
    exchange_e8: int | None = None


class Past(NamedTuple):
    """What faxes that went out needed: how many, their pages, their seconds."""

    faxes: int
    pages: int
    seconds: int


def rate_fax(
    seconds: int, terms: FaxTerms, *, cost_rate_e8: int | None = None, cost_total_e8: int | None = None
) -> Rated:  # fmt: skip
    """The price of a fax of this length at the number's rate; one of no length costs nothing.

    Free minutes and first increments are for calls. The worksheet has the facts of `explain`.
    """
    billed = billed_seconds(seconds, terms.pulse_seconds)
    sheet: Worksheet = {
        "r": Rule.FAX.value, "s": seconds, "b": billed, "w": terms.rate_e8,
        "c": cost_rate_e8, "t": cost_total_e8,
        "k": [terms.pulse_seconds, 0, 0, terms.package, ""],
    }  # fmt: skip
    if terms.exchange_e8 is not None:
        sheet["x"] = terms.exchange_e8
    cost = None if cost_total_e8 is None else in_own_currency(cost_total_e8, terms.exchange_e8)
    price = price_micros(terms.rate_e8, billed)
    state = State.RATED if price else State.FREE
    return Rated(state, Rule.FAX, price, cost, billed, 0, sheet)


def likely_seconds(pages: int, past: Past | None) -> int:
    """How long a fax of so many pages will take, by what past ones needed; else by the defaults.

    Pages × the time that a page needed, rounded up.
    """
    assert pages >= 0
    if past is not None and past.pages > 0 and past.seconds > 0:
        return -(-pages * past.seconds // past.pages)
    return FIRST_PAGE_SECONDS + (pages - 1) * FURTHER_PAGE_SECONDS if pages else 0

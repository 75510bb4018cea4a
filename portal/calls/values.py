"""Words and filters of call records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class CallState(StrEnum):
    """What became of a call's price; UNOWNED: no client had the number or account then."""

    RATED = "rated"
    FREE = "free"
    UNANSWERED = "unanswered"
    UNRATED = "unrated"
    UNOWNED = "unowned"


class CallSort(StrEnum):
    """Orders a list may have. Only time works over any period (rulings 30)."""

    WHEN = "when"
    LENGTH = "length"
    PRICE = "price"


NEED_ATTENTION = (CallState.UNRATED, CallState.UNOWNED)


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls: started in [since, until), and what else must hold.

    ``first_day`` and ``last_day`` are the same period in the reader's zone, for showing.
    ``text`` is part of a number or name; ``dispositions`` empty means all of them.
    """

    since: datetime
    until: datetime
    first_day: date
    last_day: date
    client_id: int | None = None
    sub_account_id: int | None = None
    direction: str = ""
    dispositions: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    text: str = ""
    sort: CallSort = CallSort.WHEN

    @property
    def is_plain(self) -> bool:
        """Only a period (and a client): totals can come from the roll-ups."""
        return not (
            self.sub_account_id or self.direction or self.dispositions or self.states or self.text
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one batch did: calls that were new, changed, known; clients whose balance moved."""

    new: int = 0
    corrected: int = 0
    known: int = 0
    unowned: int = 0
    unrated: int = 0
    clients: tuple[int, ...] = ()
    last_id: int | None = None

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(
            self.new + other.new,
            self.corrected + other.corrected,
            self.known + other.known,
            self.unowned + other.unowned,
            self.unrated + other.unrated,
            tuple(dict.fromkeys((*self.clients, *other.clients))),
        )

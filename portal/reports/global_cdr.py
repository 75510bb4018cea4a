"""Every call of a reseller: who made it, what it cost, what it earned."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext

from portal import calls, identity
from portal.calls import CallFilter, CallRow, Totals
from portal.reports.period import Period, period_from
from portal.reports.table import Cell, Column, Kind, Report, margin_e4

DIRECTIONS = ("out", "in", "internal")
RESULTS = ("answered", "no_answer", "busy", "failed")
STATES = ("rated", "free", "unanswered", "unrated", "unowned")
_LONGEST_TEXT = 80


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was asked for, checked; ``filters`` is its plain form for addresses and stored files."""

    period: Period
    client_public_id: uuid.UUID | None
    client_name: str
    wanted: CallFilter

    @property
    def filters(self) -> dict[str, str]:
        given = {
            "client": str(self.client_public_id or ""),
            "direction": self.wanted.direction,
            "result": ",".join(self.wanted.dispositions),
            "state": ",".join(self.wanted.states),
            "q": self.wanted.text,
        }
        return self.period.as_filters() | {key: value for key, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class ClientSums:
    """One client's part of a report; no client: calls whose owner is unknown."""

    client_id: int | None
    client_public_id: uuid.UUID | None
    name: str
    totals: Totals

    @property
    def margin_e4(self) -> int | None:
        return margin_e4(self.totals.price, self.totals.cost)


@dataclass(frozen=True, slots=True)
class Summary:
    """Totals and the same by client, dearest first; the parts add up to the whole."""

    totals: Totals
    clients: tuple[ClientSums, ...]

    @property
    def margin_e4(self) -> int | None:
        return margin_e4(self.totals.price, self.totals.cost)


def choose(given: Mapping[str, str]) -> Chosen:
    """Read an address's words; unknown ones count as not given, another's client is NotFound."""
    zone = ZoneInfo(identity.own_reseller().time_zone)
    period = period_from(given, zone)
    client = identity.client_by_public_id(given["client"]) if given.get("client") else None
    wanted = CallFilter(
        since=period.since,
        until=period.until,
        first_day=period.first,
        last_day=period.last,
        client_id=client.id if client else None,
        direction=_one_of(given.get("direction"), DIRECTIONS),
        dispositions=_some_of(given.get("result"), RESULTS),
        states=_some_of(given.get("state"), STATES),
        text=(given.get("q") or "").strip()[:_LONGEST_TEXT],
    )
    name = client.title if client else ""
    return Chosen(period, client.public_id if client else None, name, wanted)


def summarise(chosen: Chosen) -> Summary:
    """Totals by client: from the roll-ups when only period and client are chosen, else from calls."""
    wanted = chosen.wanted
    if wanted.is_plain:
        sums = dict(calls.by_client(wanted.first_day, wanted.last_day))
        if wanted.client_id is not None:
            sums = {key: value for key, value in sums.items() if key == wanted.client_id}
    else:
        sums = dict(calls.sums_by_client(wanted))
    known = identity.clients_by_id({client_id for client_id in sums if client_id})
    parts = [
        ClientSums(
            client_id=client_id or None,
            client_public_id=known[client_id].public_id if client_id in known else None,
            name=known[client_id].title if client_id in known else gettext("Owner unknown"),
            totals=totals,
        )
        for client_id, totals in sums.items()
        if totals.calls
    ]
    parts.sort(key=lambda part: (-part.totals.price.micros, part.name))
    return Summary(_added(part.totals for part in parts), tuple(parts))


def columns() -> tuple[Column, ...]:
    """The report's columns, titled in the language of the moment."""
    return (
        Column("when", gettext("When"), Kind.WHEN, 13),
        Column("client", gettext("Client"), Kind.TEXT, 16),
        Column("direction", gettext("Direction"), Kind.TEXT, 7),
        Column("caller", gettext("Caller"), Kind.PHONE, 12),
        Column("destination", gettext("Destination"), Kind.PHONE, 12),
        Column("result", gettext("Result"), Kind.TEXT, 8),
        Column("duration_seconds", gettext("Length"), Kind.SECONDS, 6),
        Column("billed_seconds", gettext("Billed"), Kind.SECONDS, 6),
        Column("cost", gettext("Cost"), Kind.PRICE, 7),
        Column("price", gettext("Price"), Kind.PRICE, 7),
        Column("profit", gettext("Profit"), Kind.PRICE, 7),
        Column("margin_percent", gettext("Margin"), Kind.SHARE, 6),
    )


class Cells:
    """Makes rows of the report; holds the words that would else be looked up for each one."""

    def __init__(self) -> None:
        self._directions = direction_words()
        self._results = result_words()

    def __call__(self, row: CallRow) -> Sequence[Cell]:
        profit = row.profit
        return (
            row.started_at,
            row.client_name or "",
            self._directions.get(row.direction, row.direction),
            row.caller_number or row.caller_name,
            row.destination,
            self._results.get(row.disposition, row.disposition),
            row.seconds,
            row.billed_seconds,
            row.cost,
            row.price,
            profit,
            None if row.price is None else margin_e4(row.price, row.cost),
        )


def total_cells(totals: Totals) -> Sequence[Cell]:
    """The line below the rows."""
    return (
        None, gettext("Total"), None, None, None, None, totals.seconds, totals.billed_seconds,
        totals.cost, totals.price, totals.profit, margin_e4(totals.price, totals.cost),
    )  # fmt: skip


def report(rows: Sequence[CallRow], totals: Totals) -> Report:
    """The report as values, for a period small enough to be held."""
    cells = Cells()
    return Report(
        gettext("Calls of all clients"),
        columns(),
        [cells(row) for row in rows],
        total_cells(totals),
    )


def direction_words() -> dict[str, str]:
    """Directions as people say them."""
    return {
        "out": gettext("Outgoing"),
        "in": gettext("Incoming"),
        "internal": gettext("Internal"),
    }


def result_words() -> dict[str, str]:
    """What became of a call."""
    return {
        "answered": gettext("Answered"),
        "no_answer": gettext("No answer"),
        "busy": gettext("Busy"),
        "failed": gettext("Failed"),
    }


def state_words() -> dict[str, str]:
    """What became of a call's price."""
    return {
        "rated": gettext("Priced"),
        "free": gettext("Free"),
        "unanswered": gettext("Not answered"),
        "unrated": gettext("Without a rate"),
        "unowned": gettext("Owner unknown"),
    }


def _added(parts: Iterable[Totals]) -> Totals:
    whole = Totals()
    for part in parts:
        whole = Totals(
            whole.calls + part.calls,
            whole.answered + part.answered,
            whole.seconds + part.seconds,
            whole.billed_seconds + part.billed_seconds,
            whole.price + part.price,
            whole.cost + part.cost,
        )
    return whole


def _one_of(text: str | None, words: Sequence[str]) -> str:
    return text if text and text in words else ""


def _some_of(text: str | None, words: Sequence[str]) -> tuple[str, ...]:
    given = (text or "").split(",")
    return tuple(word for word in words if word in given)

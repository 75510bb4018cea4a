"""The list of clients: search, states, order, and the same as a download."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from portal import calls, identity, ledger, numbers, pbx, pricing
from portal.core.cells import Cell
from portal.core.money import ZERO, Money
from portal.core.paging import Page
from portal.identity import (
    ClientFacts,
    ClientFilter,
    ClientRow,
    ClientsFound,
    ClientSort,
    ClientStatus,
)
from portal.ledger import LowBalance
from portal.web import filters
from portal.web.download import csv_stream
from portal.web.htmx import Rendered, render, wants_fragment
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp, client_counts

_LONGEST_SEARCH = 80
_LEAST_DIGITS = 3
_SORTS = {
    ("name", "ascending"): ClientSort.NAME,
    ("name", "descending"): ClientSort.NAME_DOWN,
    ("number", "ascending"): ClientSort.NUMBER,
    ("number", "descending"): ClientSort.NUMBER_DOWN,
    ("balance", "ascending"): ClientSort.RANK,
    ("balance", "descending"): ClientSort.RANK_DOWN,
    ("login", "ascending"): ClientSort.LOGIN,
    ("login", "descending"): ClientSort.LOGIN_DOWN,
    ("since", "descending"): ClientSort.NEWEST,
    ("since", "ascending"): ClientSort.OLDEST,
}
_COLUMNS = (
    "user_id", "first_name", "last_name", "company", "email", "phone", "address", "city", "state",
    "zip", "country", "language", "time_zone", "status", "balance_mode", "balance",
    "low_balance_threshold", "low_balance_email", "next_billing_date", "created",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the list, ready for the template."""

    public_id: uuid.UUID
    url: str
    name: str
    email: str
    phone: str
    number: str
    package: str
    sub_accounts: int
    dids: int
    balance: Money
    month_revenue: Money | None
    month_profit: Money | None
    status: ClientStatus
    status_text: str
    status_tone: str
    last_login: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address or a form asks for."""

    text: str
    state: str
    sort: tuple[str, str]
    cursor: str | None

    def url(self, endpoint: str = "reseller.clients", **changed: str) -> str:
        """The list's address with something changed; a cursor belongs to one page only."""
        values = {
            "q": self.text,
            "state": self.state,
            "sort": self.sort[0],
            "direction": self.sort[1],
        }
        values |= {"cursor": ""} | changed
        plain = {"sort": "name", "direction": "ascending"}
        kept: dict[str, Any] = {
            name: word for name, word in values.items() if word and plain.get(name) != word
        }
        return url_for(endpoint, **kept)

    def filter(self) -> ClientFilter:
        """The same for the business."""
        among = None
        if self.state in {"low", "owes"}:
            among = ledger.low_balance_ids(owing=self.state == "owes")
        status = None if among is not None or not self.state else ClientStatus(self.state)
        return ClientFilter(
            self.text, status, _SORTS[self.sort], self.cursor,
            also=_found_elsewhere(self.text), among=among, rank=ledger.balance_rank,
        )  # fmt: skip


def read_wanted(asked: MultiDict[str, str]) -> Wanted:
    """Read it; what is unknown counts as not asked for."""
    sort = (asked.get("sort", "name"), asked.get("direction", "ascending"))
    known = {"low", "owes", *(status.value for status in ClientStatus)}
    state = asked.get("state", "")
    return Wanted(
        text=asked.get("q", "").strip()[:_LONGEST_SEARCH],
        state=state if state in known else "",
        sort=sort if sort in _SORTS else ("name", "ascending"),
        cursor=asked.get("cursor"),
    )


@bp.get("/clients")
def clients() -> Rendered:
    """A page of clients, or only what a search while typing changes: rows, states, the download."""
    wanted = read_wanted(request.args)
    found, standing = _find(wanted)
    return render(
        "reseller/clients/index.html",
        "reseller/clients/_found.html",
        push_url=wanted.url() if request.args.get("cursor") is None else None,
        clients=_rows(found.page),
        states=_states(wanted, found.counts, standing),
        sort=wanted.sort,
        sort_url=lambda key, direction: wanted.url(sort=key, direction=direction),
        count_text=_count_text(found),
        here=wanted.url(),
        newer_url=wanted.url(cursor=found.page.newer) if found.page.newer else "",
        older_url=wanted.url(cursor=found.page.older) if found.page.older else "",
        query=wanted.text,
        state=wanted.state,
        filtered=bool(wanted.state),
        index_url=url_for("reseller.clients"),
        csv_url=wanted.url("reseller.clients_csv"),
        is_long=bool(found.page.newer or found.page.older),
        total=found.total,
        selection=nothing_selected(),
        sub="" if wants_fragment() else _sub(),
    )


@bp.get("/clients.csv")
def clients_csv() -> Response:
    """Every client of the filter, in the order they were added, streamed."""
    wanted = read_wanted(request.args).filter()

    def chunk(last: ClientFacts | None) -> Sequence[ClientFacts]:
        found = identity.client_chunk(wanted, after=last.id if last else None)
        balances.clear()
        balances.update(ledger.balances_of([one.id for one in found]))
        return found

    balances: dict[int, Money] = {}

    def cells(one: ClientFacts) -> Sequence[Cell]:
        details = one.details
        threshold = details.low_balance_threshold
        return [
            one.number, details.first_name, details.last_name, details.company, details.email,
            details.phone, details.address, details.city, details.state, details.zip,
            details.country, details.language, details.time_zone, one.status.value,
            details.balance_mode, _plain(balances.get(one.id, ZERO)),
            _plain(threshold) if threshold is not None else "", details.low_balance_email,
            details.next_billing_day.isoformat() if details.next_billing_day else "",
            one.created_at.date().isoformat(),
        ]  # fmt: skip

    return csv_stream("clients.csv", _COLUMNS, chunk, cells)


def nothing_selected() -> str:
    """What the bar above the list says before anything is chosen."""
    return gettext("Nothing selected")


def _find(wanted: Wanted) -> tuple[ClientsFound, tuple[int, int] | None]:
    """A page with its counts, and how many are low and how many owe: not counted for a text."""
    asked = wanted.filter()
    if wanted.text:
        return identity.search_clients(asked), None
    counts, (low, owing) = client_counts(), ledger.count_low_balances()
    named = {"": _open(counts), "low": low, "owes": owing}
    total = named[wanted.state] if wanted.state in named else counts[ClientStatus(wanted.state)]
    return ClientsFound(identity.find_clients(asked), counts, total), (low, owing)


def _open(counts: dict[ClientStatus, int]) -> int:
    return sum(count for status, count in counts.items() if status is not ClientStatus.CLOSED)


def _sub() -> str:
    everybody = _open(client_counts())
    return gettext(
        "%(clients)s hold %(amount)s in balances",
        clients=ngettext(
            "%(count)s client", "%(count)s clients", everybody, count=filters.number(everybody)
        ),
        amount=filters.money(ledger.balances_held()),
    )


def _plain(amount: Money) -> str:
    return f"{amount.decimal:f}"


def _found_elsewhere(text: str) -> frozenset[int]:
    """Clients with a number or sub-account that the text may mean."""
    if len(text) < _LEAST_DIGITS:
        return frozenset()
    found = pbx.clients_with_account(text)
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) >= _LEAST_DIGITS:
        found |= numbers.clients_with_number(digits)
    return frozenset(found)


def _rows(page: Page[ClientRow]) -> list[Shown]:
    ids = [row.id for row in page.rows]
    balances = ledger.balances_of(ids)
    low: dict[int, LowBalance] = {one.client_id: one for one in ledger.low_balances(ids)}
    accounts, dids = pricing.client_link_counts(ids), numbers.did_counts(ids)
    packages = pricing.package_names_of(ids)
    month = dict(calls.by_client(*client_words.month_to_date(), owners=ids))
    shown = []
    for row in page.rows:
        text, tone = client_words.state(row.status, low.get(row.id))
        earned = month.get(row.id)
        shown.append(
            Shown(
                public_id=row.public_id,
                url=url_for("reseller.client", public_id=row.public_id),
                name=row.company or row.name,
                email=row.email,
                phone=row.phone,
                number=row.number,
                package=", ".join(packages.get(row.id, ())),
                sub_accounts=accounts.get(row.id, 0),
                dids=dids.get(row.id, 0),
                balance=balances.get(row.id, ZERO),
                month_revenue=earned.price if earned else None,
                month_profit=earned.profit if earned else None,
                status=row.status,
                status_text=text,
                status_tone=tone,
                last_login=_last_login(row),
            )
        )
    return shown


def _last_login(row: ClientRow) -> str:
    if row.status is ClientStatus.WAIT:
        return gettext("Signed up %(when)s", when=filters.moment(row.created_at))
    return filters.daytime(row.last_login_at)


def _states(
    wanted: Wanted, counts: dict[ClientStatus, int], standing: tuple[int, int] | None
) -> list[tuple[str, str, bool, int | None]]:
    everybody = _open(counts)
    low, owing = standing or (None, None) if everybody else (0, 0)
    found = [
        ("", gettext("All"), everybody),
        ("active", gettext("Active"), counts[ClientStatus.ACTIVE]),
        ("low", gettext("Low balance"), low),
        ("owes", gettext("Owes you"), owing),
        ("suspended", gettext("Suspended"), counts[ClientStatus.SUSPENDED]),
        ("wait", gettext("Waiting"), counts[ClientStatus.WAIT]),
        ("closed", gettext("Closed"), counts[ClientStatus.CLOSED]),
    ]
    return [
        (text, wanted.url(state=state), wanted.state == state, count)
        for state, text, count in found
        if count != 0 or not state or wanted.state == state
    ]


def _count_text(found: ClientsFound) -> str:
    here = len(found.page.rows)
    if found.page.newer or found.page.older:
        return gettext(
            "%(here)s of %(all)s clients",
            here=filters.number(here),
            all=filters.number(found.total),
        )
    return ngettext("%(num)d client", "%(num)d clients", here)

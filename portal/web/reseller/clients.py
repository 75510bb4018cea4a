"""The list of clients: find, judge, act; adding and editing one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext, ngettext

from portal import calls, identity, ledger, numbers, pbx, pricing
from portal.core import live
from portal.core.money import ZERO, Money
from portal.core.paging import Page
from portal.core.queue import enqueue
from portal.identity import (
    BalanceMode,
    ChosenPassword,
    ClientFacts,
    ClientFilter,
    ClientRow,
    ClientSort,
    ClientStatus,
)
from portal.ledger import LowBalance
from portal.tasks import REVIEW_BALANCE
from portal.web import filters
from portal.web.forms.choices import choices
from portal.web.forms.clients import ClientForm, NewClientForm, values_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person

_LONGEST_SEARCH = 80
_LEAST_DIGITS = 3
_SORTS = {
    ("name", "ascending"): ClientSort.NAME,
    ("name", "descending"): ClientSort.NAME_DOWN,
    ("number", "ascending"): ClientSort.NUMBER,
    ("number", "descending"): ClientSort.NUMBER_DOWN,
    ("since", "descending"): ClientSort.NEWEST,
    ("since", "ascending"): ClientSort.OLDEST,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the list, ready for the template."""

    public_id: uuid.UUID
    url: str
    name: str
    email: str
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
class _Wanted:
    """What the address asks for."""

    text: str
    state: str
    sort: tuple[str, str]
    cursor: str | None

    def url(self, **changed: str) -> str:
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
        return url_for("reseller.clients", **kept)


@bp.get("/clients")
def clients() -> Rendered:
    """A page of clients, or only its rows for a search while typing."""
    wanted = _wanted()
    low = {one.client_id: one for one in ledger.low_balances()}
    also = _found_elsewhere(wanted.text)
    counts = identity.count_clients(wanted.text, also=also)
    page = identity.find_clients(_filter(wanted, low, also))
    open_count = sum(n for status, n in counts.items() if status is not ClientStatus.CLOSED)
    return render(
        "reseller/clients/index.html",
        "reseller/clients/_rows.html",
        push_url=wanted.url() if request.args.get("cursor") is None else None,
        clients=_rows(page, low),
        states=_states(wanted, counts, low),
        sort=wanted.sort,
        sort_url=lambda key, direction: wanted.url(sort=key, direction=direction),
        count_text=_count_text(page, open_count, wanted),
        here=wanted.url(),
        newer_url=wanted.url(cursor=page.newer) if page.newer else "",
        older_url=wanted.url(cursor=page.older) if page.older else "",
        query=wanted.text,
        state=wanted.state,
        filtered=bool(wanted.state),
        index_url=url_for("reseller.clients"),
        sub=gettext(
            "%(clients)s hold %(amount)s in balances",
            clients=ngettext("%(num)d client", "%(num)d clients", open_count),
            amount=filters.money(ledger.balances_held()),
        ),
    )


@bp.get("/clients/new")
@needs("clients")
def new_client() -> Rendered:
    """The form for a new client."""
    reseller = own_reseller()
    form = NewClientForm(
        country=reseller.country,
        language=reseller.language,
        time_zone=reseller.time_zone,
        balance_mode="soft",
        charge_setup=True,
    )
    return _form_page(form, None)


@bp.post("/clients")
@needs("clients")
def add_client() -> Rendered:
    """Add the client with a wallet and, where chosen, the first sub-account."""
    form = NewClientForm(request.form)
    _offer(form)
    password: ChosenPassword | None = None
    if form.password.data:
        typed = form.password.data
        known = (form.email.data or "", form.first_name.data or "", form.last_name.data or "")
        password = form.check(lambda: identity.choose_password(typed, known=known))
    made = form.submit(lambda: _add(form, password)) if form.accepted else None
    if made is None:
        return _form_page(form, None, status=422)
    return go(
        url_for("reseller.client", public_id=made.public_id),
        say=gettext("%(name)s was added.", name=made.title),
    )


@bp.get("/clients/<uuid:public_id>/edit")
@needs("clients")
def edit_client(public_id: uuid.UUID) -> Rendered:
    """The form of a client."""
    client = identity.client_by_public_id(public_id)
    return _form_page(ClientForm(data=values_of(client.details)), client)


@bp.post("/clients/<uuid:public_id>/edit")
@needs("clients")
def save_client(public_id: uuid.UUID) -> Rendered:
    """Save it; SOFT or HARD also moves the wallet's floor."""
    client = identity.client_by_public_id(public_id)
    form = ClientForm(request.form)
    saved = form.submit(lambda: _save(client, form))
    if saved is None:
        return _form_page(form, client, status=422)
    return go(url_for("reseller.client", public_id=public_id), say=gettext("Saved."))


def _add(form: NewClientForm, password: ChosenPassword | None) -> ClientFacts:
    made = identity.add_client(form.details(), password=password, by=person())
    ledger.open_wallet(made.id, mode=BalanceMode(made.details.balance_mode))
    if form.sub_account.data:
        pbx.assign_package(
            uuid.UUID(form.sub_account.data),
            made.id,
            uuid.UUID(form.package.data) if form.package.data else None,
            next_billing_day=form.next_billing_day.data,
            charge_setup=form.charge_setup.data,
        )
    live.tell("attention-changed", client_id=None)
    return made


def _save(client: ClientFacts, form: ClientForm) -> ClientFacts:
    saved = identity.edit_client(client.id, form.details(), by=person())
    ledger.set_floor(client.id, saved.details.balance_mode == BalanceMode.HARD)
    for needing in ledger.needing_review([client.id]):
        enqueue(REVIEW_BALANCE, client_id=needing)
    return saved


def _form_page(form: ClientForm, client: ClientFacts | None, *, status: int = 200) -> Rendered:
    if isinstance(form, NewClientForm):
        _offer(form)
        save_url, cancel_url = url_for("reseller.add_client"), url_for("reseller.clients")
    else:
        assert client is not None
        save_url = url_for("reseller.save_client", public_id=client.public_id)
        cancel_url = url_for("reseller.client", public_id=client.public_id)
    return render(
        "reseller/clients/edit.html",
        status=status,
        has_errors=status != 200,
        form=form,
        client=client_words.head(client) if client else None,
        save_url=save_url,
        cancel_url=cancel_url,
        clients_url=url_for("reseller.clients"),
        symbol=client_words.currency_symbol(),
    )


def _offer(form: NewClientForm) -> None:
    form.sub_account.choices = choices(
        [
            ("", gettext("None yet")),
            *((str(row.public_id), _account(row)) for row in pbx.free_sub_accounts()),
        ]
    )
    form.package.choices = choices(
        [
            ("", gettext("No package")),
            *((str(one.public_id), one.name) for one in pricing.package_choices()),
        ]
    )


def _account(row: pbx.SubAccountRow) -> str:
    return f"{row.account} · {row.description}" if row.description else row.account


def _wanted() -> _Wanted:
    asked = request.args
    sort = (asked.get("sort", "name"), asked.get("direction", "ascending"))
    known = {"low", "owes", *(status.value for status in ClientStatus)}
    state = asked.get("state", "")
    return _Wanted(
        text=asked.get("q", "").strip()[:_LONGEST_SEARCH],
        state=state if state in known else "",
        sort=sort if sort in _SORTS else ("name", "ascending"),
        cursor=asked.get("cursor"),
    )


def _filter(wanted: _Wanted, low: dict[int, LowBalance], also: frozenset[int]) -> ClientFilter:
    among = None
    if wanted.state in {"low", "owes"}:
        among = frozenset(
            one.client_id for one in low.values() if one.owes == (wanted.state == "owes")
        )
    status = None if among is not None or not wanted.state else ClientStatus(wanted.state)
    return ClientFilter(
        wanted.text, status, _SORTS[wanted.sort], wanted.cursor, also=also, among=among
    )


def _found_elsewhere(text: str) -> frozenset[int]:
    """Clients with a number or sub-account that the text may mean."""
    if len(text) < _LEAST_DIGITS:
        return frozenset()
    found: set[int | None] = {row.client_id for row in pbx.all_sub_accounts(text)}
    if sum(character.isdigit() for character in text) >= _LEAST_DIGITS:
        found |= {row.client_id for row in numbers.all_dids(text)}
    return frozenset(client_id for client_id in found if client_id is not None)


def _rows(page: Page[ClientRow], low: dict[int, LowBalance]) -> list[Shown]:
    ids = [row.id for row in page.rows]
    balances = ledger.balances_of(ids)
    accounts, dids = pricing.client_link_counts(ids), numbers.did_counts(ids)
    packages = pricing.package_names_of(ids)
    month = dict(calls.by_client(*client_words.month_to_date()))
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
    wanted: _Wanted, counts: dict[ClientStatus, int], low: dict[int, LowBalance]
) -> list[tuple[str, str, bool, int]]:
    owing = sum(one.owes for one in low.values())
    every = sum(n for status, n in counts.items() if status is not ClientStatus.CLOSED)
    found = [
        ("", gettext("All"), every),
        ("active", gettext("Active"), counts[ClientStatus.ACTIVE]),
        ("low", gettext("Low balance"), len(low) - owing),
        ("owes", gettext("Owes you"), owing),
        ("suspended", gettext("Suspended"), counts[ClientStatus.SUSPENDED]),
        ("wait", gettext("Waiting"), counts[ClientStatus.WAIT]),
        ("closed", gettext("Closed"), counts[ClientStatus.CLOSED]),
    ]
    return [
        (text, wanted.url(state=state), wanted.state == state, count)
        for state, text, count in found
        if count or not state or wanted.state == state
    ]


def _count_text(page: Page[ClientRow], open_count: int, wanted: _Wanted) -> str:
    if page.newer or page.older:
        return ngettext("%(num)d client here", "%(num)d clients here", len(page.rows))
    return ngettext("%(num)d client", "%(num)d clients", len(page.rows))

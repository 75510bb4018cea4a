"""A client's fax numbers: those there are, buying one, what each is called, bringing one along."""

from __future__ import annotations

import uuid

from flask import abort, request, url_for
from flask_babel import gettext

from portal import numbers, pbx, upstream
from portal.carriers import Carrier, CarrierError, FaxCentre, FaxPlace
from portal.core.db import finish_reading
from portal.core.errors import InvalidInput, NotFound
from portal.entitlements import Service
from portal.numbers import DidRow, OrderRow, OrderState
from portal.web.client.blueprint import bp
from portal.web.forms.choices import choices
from portal.web.forms.fax_numbers import COUNTRIES, FaxNumberForm, FaxOrderForm, PortForm
from portal.web.guards import managers
from portal.web.htmx import Rendered, go, render
from portal.web.port_words import client_steps, port_words
from portal.web.rights import allowed, client_id, need, standing
from portal.web.security import takes_uploads
from portal.web.session import person

_COUNTRY_CODES = {code for code, _ in COUNTRIES}


@bp.get("/faxes/numbers")
def fax_numbers() -> Rendered:
    """Those there are, those on their way, and what each costs."""
    need(Service.FAX)
    return render(
        "client/fax_numbers/index.html",
        "client/fax_numbers/_list.html",
        numbers=_own(),
        orders=[
            (one, *_order_words(one)) for one in numbers.orders_of(client_id())
            if one.action == "buy"
        ],
        ports=[
            (one, *port_words(one.state), client_steps(one))
            for one in numbers.ports_of(client_id())
        ],
        shows_money=Service.BALANCE in allowed(),
        may_change=_leads(),
        may_order=may_order(),
    )  # fmt: skip


@bp.get("/faxes/numbers/new")
@managers
def fax_number_search() -> Rendered:
    """Country, state or province, then the rate centres there with the price."""
    _need_order()
    country = request.args.get("country", "CA")
    country = country if country in _COUNTRY_CODES else "CA"
    region, query = request.args.get("region", "")[:4], request.args.get("q", "")[:40].strip()
    places, centres, problem = _offer(country, region)
    found = [one for one in centres if _matches(one, query)]
    return render(
        "client/fax_numbers/search.html",
        "client/fax_numbers/_found.html",
        countries=[(code, str(name)) for code, name in COUNTRIES],
        country=country,
        places=sorted(places, key=lambda one: one.name),
        region=region,
        query=query,
        centres=found,
        has_some=bool(centres),
        problem=problem,
        fees=numbers.default_fax_fees(),
        total=numbers.price_of_fax(),
    )


@bp.get("/faxes/numbers/order")
@managers
def fax_number_confirm() -> Rendered:
    """What it costs now, what remains, and for whom it is."""
    _need_order()
    chosen = _chosen()
    if chosen is None:
        return _choose_anew()
    centre, place = chosen
    form = FaxOrderForm(reference=str(uuid.uuid4()), total=numbers.price_of_fax().micros)
    return _confirm(form, centre, place)


@bp.post("/faxes/numbers/order")
@managers
def fax_number_order() -> Rendered:
    """Buy it."""
    _need_order()
    chosen = _chosen()
    if chosen is None:
        return _choose_anew()
    centre, place = chosen
    form = FaxOrderForm(request.form)
    accounts = _offer_accounts(form)
    order = form.submit(
        lambda: numbers.order_fax_number(
            form.wish(centre.location, place, accounts[form.sub_account.data]),
            client_id=client_id(),
            reference=form.reference.data or "",
            by=person(),
        )
    )
    if order is None:
        # The price of now, so that a second look is at the right one.
        form.total.data = numbers.price_of_fax().micros
        return _confirm(form, centre, place, status=422)
    return go(url_for(".fax_numbers"), say=gettext("The number is on its way."))


@bp.get("/faxes/numbers/<uuid:public_id>")
@managers
def fax_number(public_id: uuid.UUID) -> Rendered:
    """What it is called, and what it costs."""
    need(Service.FAX)
    row = _find(public_id)
    return _settings(row, FaxNumberForm(label=row.label, note=row.note))


@bp.post("/faxes/numbers/<uuid:public_id>")
@managers
def fax_number_save(public_id: uuid.UUID) -> Rendered:
    """Keep what it is called."""
    need(Service.FAX)
    row, form = _find(public_id), FaxNumberForm(request.form)
    assert row.link_public_id is not None
    link = row.link_public_id
    form.submit(
        lambda: numbers.describe_connection(
            link, client_id=client_id(), label=form.label.data or "", note=form.note.data or ""
        )
    )
    if not form.accepted:
        return _settings(row, form, status=422)
    return go(url_for(".fax_numbers"), say=gettext("Saved."))


@bp.get("/faxes/numbers/bring")
@managers
def fax_port() -> Rendered:
    """What the bill of the other carrier says."""
    _need_order()
    return _port_page(PortForm(reference=str(uuid.uuid4())))


@bp.post("/faxes/numbers/bring")
@managers
@takes_uploads(numbers.MOST_BILL_BYTES + 100_000)
def fax_port_ask() -> Rendered:
    """Ask for it; a number that cannot come along is refused at once."""
    _need_order()
    form = PortForm(request.form)
    sent = request.files.get("bill")
    bill = sent.read(numbers.MOST_BILL_BYTES + 1) if sent else b""
    if form.check(lambda: _check_portable(form)) is None:
        return _port_page(form, status=422)
    form.submit(
        lambda: numbers.ask_port(
            form.ask(), client_id=client_id(), reference=form.reference.data or "", bill=bill,
            by=person(),
        )
    )  # fmt: skip
    if not form.accepted:
        return _port_page(form, status=422)
    return go(url_for(".fax_numbers"), say=gettext("Your request is on its way."))


def _order_words(order: OrderRow) -> tuple[str, str]:
    """Symbol and sentence; never the carrier's own words, which are the reseller's affair."""
    if order.state is OrderState.UNDONE:
        return "circle-x", gettext("It could not be bought. Nothing was charged.")
    if order.state is OrderState.UNDOING:
        return "undo-2", gettext("Being undone. Nothing is charged.")
    if order.problem:
        return "clock", gettext("This takes a little longer. Nothing is charged yet.")
    return "loader-circle", gettext("Being bought. You may leave this page.")


def may_order() -> bool:
    """May this person get numbers, or bring them along? Whoever sees no money buys nothing."""
    services = (Service.DID_ORDER, Service.BALANCE)
    return _leads() and all(one in allowed() for one in services) and upstream.is_connected()


def _leads() -> bool:
    return person().may_change and person().may_manage


def _need_order() -> None:
    for service in (Service.FAX, Service.DID_ORDER, Service.BALANCE):
        need(service)


def _own() -> list[DidRow]:
    return [row for row in numbers.dids_of(client_id()) if row.kind == "fax"]


def _find(public_id: uuid.UUID) -> DidRow:
    found = next((row for row in _own() if row.public_id == public_id), None)
    if found is None:
        abort(404)
    return found


def _line() -> Carrier:
    """The carrier, with no transaction open while it is asked."""
    line = upstream.carrier()
    finish_reading()
    return line


def _offer(country: str, region: str) -> tuple[tuple[FaxPlace, ...], tuple[FaxCentre, ...], str]:
    try:
        line = _line()
        places = line.fax_places(country)
        known = any(one.code == region for one in places)
        return places, line.fax_centres(country, region) if known else (), ""
    except (CarrierError, NotFound):
        return (), (), gettext("The list of areas cannot be read right now. Try again in a minute.")


def _matches(centre: FaxCentre, query: str) -> bool:
    wanted = query.casefold()
    return wanted in centre.name.casefold() or centre.area_code.startswith(wanted)


def _chosen() -> tuple[FaxCentre, str] | None:
    """The rate centre of the address, and how it is called; none when it is not for sale."""
    country, region = request.args.get("country", ""), request.args.get("region", "")[:4]
    if country not in _COUNTRY_CODES:
        return None
    _, centres, _ = _offer(country, region)
    wanted = request.args.get("location")
    found = next((one for one in centres if one.location == wanted and one.available), None)
    return None if found is None else (found, f"{found.name}, {region}")


def _choose_anew() -> Rendered:
    return go(
        url_for(
            ".fax_number_search", country=request.args.get("country"),
            region=request.args.get("region"),
        ),
        say=gettext("There is no number left in this area. Choose another one."),
    )  # fmt: skip


def _offer_accounts(form: FaxOrderForm) -> dict[str, int]:
    rows = [row for row in pbx.sub_accounts_of(client_id()) if not row.is_removed]
    form.sub_account.choices = choices(
        (str(row.public_id), row.description or row.username) for row in rows
    )
    return {str(row.public_id): row.id for row in rows}


def _confirm(form: FaxOrderForm, centre: FaxCentre, place: str, *, status: int = 200) -> Rendered:
    accounts = _offer_accounts(form)
    fees, wallet = numbers.default_fax_fees(), standing()
    total = numbers.price_of_fax(fees)
    return render(
        "client/fax_numbers/confirm.html",
        status=status,
        form=form,
        place=place,
        area_code=centre.area_code,
        fees=fees,
        total=total,
        balance=wallet.balance,
        has_account=bool(accounts),
        chooses_account=len(accounts) > 1,
        save_url=url_for(
            ".fax_number_order", country=request.args.get("country"),
            region=request.args.get("region"), location=centre.location,
        ),
        back_url=url_for(
            ".fax_number_search", country=request.args.get("country"),
            region=request.args.get("region"),
        ),
    )  # fmt: skip


def _settings(row: DidRow, form: FaxNumberForm, *, status: int = 200) -> Rendered:
    return render("client/fax_numbers/edit.html", status=status, row=row, form=form,
        shows_money=Service.BALANCE in allowed(),
    )  # fmt: skip


def _port_page(form: PortForm, *, status: int = 200) -> Rendered:
    return render("client/fax_numbers/bring.html", status=status, form=form)


def _check_portable(form: PortForm) -> bool:
    try:
        portable = _line().fax_is_portable(form.number.data or "")
    except (CarrierError, NotFound):
        return True  # who works on the request finds out
    if not portable:
        raise InvalidInput("This number cannot be brought along.", field="number")
    return True

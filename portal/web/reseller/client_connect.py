"""Connecting numbers to a client: one page with four steps, a confirmation with the total, an order."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from flask import request, url_for
from flask_babel import gettext

from portal import identity, ledger, numbers, pbx, pricing, upstream
from portal.core.money import ZERO, Money
from portal.core.phone import international
from portal.identity import BalanceMode, ClientFacts
from portal.numbers import ConnectWish, DidRow, Ring
from portal.web.forms.choices import choices
from portal.web.forms.numbers import ConnectForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person

_SHOWN = 40
_ICONS = {"account": "phone", "forward": "phone-forwarded", "keep": "arrow-right"}
_NOT_KEPT = ("csrf_token", "act", "q")


@dataclass(frozen=True, slots=True)
class Sum:
    """What connecting costs: n numbers at a setup fee and a monthly fee each."""

    count: int
    setup: Money | None
    monthly: Money | None
    e911: tuple[Money, Money] | None  # setup and monthly
    now: Money
    balance: Money

    @property
    def after(self) -> Money:
        """The balance afterwards."""
        return self.balance - self.now


@bp.get("/clients/<uuid:public_id>/numbers/connect")
@needs("clients")
def connect_numbers(public_id: uuid.UUID) -> Rendered:
    """The four steps, prefilled with the default fees; ``kind=fax`` for fax numbers."""
    client = identity.client_by_public_id(public_id)
    usual = pricing.default_fees()
    voice = replace(
        numbers.default_did_fees(), e911_setup=usual.e911_setup, e911_monthly=usual.e911_monthly
    )
    form = ConnectForm(
        fax=_is_fax(),
        obj=numbers.default_fax_fees() if _is_fax() else voice,
        sub_account=request.args.get("account", ""),
        charge_setup=True,
        charge_monthly=True,
        ring=Ring.ACCOUNT if upstream.is_connected() else Ring.KEEP,
    )
    return _page(client, form)


@bp.post("/clients/<uuid:public_id>/numbers/connect/look")
@needs("clients")
def look_at_numbers(public_id: uuid.UUID) -> Rendered:
    """The list as it is searched now, and the total of what is ticked: nothing is judged yet."""
    return _page(identity.client_by_public_id(public_id), _form(), fragment=True)


@bp.post("/clients/<uuid:public_id>/numbers/connect")
@needs("clients")
def save_numbers(public_id: uuid.UUID) -> Rendered:
    """Search, look at the total, go back, or order: the button says which."""
    client = identity.client_by_public_id(public_id)
    form, act = _form(), request.form.get("act", "review")
    if act in ("search", "change"):
        return _page(client, form)
    accounts = _offer(client, form)

    def wish() -> ConnectWish:
        account = accounts[form.sub_account.data]
        return form.wish(account.id, account.account)

    if act != "connect":
        rows = form.submit(lambda: numbers.check_wish(wish(), client.id))
        return _page(client, form, status=422) if rows is None else _confirm(client, form, rows)
    order = form.submit(
        lambda: numbers.order_connection(
            wish(), client_id=client.id, reference=form.reference.data or "", by=person()
        )
    )
    if order is None:
        return _page(client, form, status=422)
    return go(url_for("reseller.number_order", public_id=public_id, order=order))


def _is_fax() -> bool:
    return request.args.get("kind") == "fax"


def _form() -> ConnectForm:
    return ConnectForm(request.form, fax=_is_fax())


def _offer(client: ClientFacts, form: ConnectForm) -> dict[str, pbx.SubAccountRow]:
    """Fill in the choices; the client's sub-accounts by public id."""
    accounts = pbx.sub_accounts_of(client.id)
    form.sub_account.choices = choices((str(row.public_id), row.account) for row in accounts)
    if "ring" in form:
        ways = [(Ring.KEEP.value, gettext("As they are now"))]
        if upstream.is_connected():
            ways = [
                (Ring.ACCOUNT.value, gettext("At the sub-account")),
                (Ring.FORWARD.value, gettext("At a local number")),
                *ways,
            ]
        form.ring.choices = choices(ways)
    return {str(row.public_id): row for row in accounts}


def _free(form: ConnectForm) -> list[DidRow]:
    return numbers.free_dids(
        "fax" if _is_fax() else "voice", form.q.data or "", limit=_SHOWN + 1, also=form.chosen()
    )


def _sum(client: ClientFacts, form: ConnectForm) -> Sum:
    count = len(form.chosen())
    setup, monthly = form.setup.data, form.monthly.data
    e911_setup, e911_monthly = form.e911_fee("e911_setup"), form.e911_fee("e911_monthly")
    now = Money(0)
    for amount, charged in (
        (setup, form.charge_setup.data),
        (e911_setup, form.charge_setup.data),
        (monthly, form.charge_monthly.data),
        (e911_monthly, form.charge_monthly.data),
    ):
        if amount is not None and charged:
            now += Money(amount.micros * count)
    e911 = (e911_setup or ZERO, e911_monthly or ZERO) if form.wants_e911 else None
    return Sum(count, setup, monthly, e911, now, ledger.balance_of(client.id))


def _page(
    client: ClientFacts, form: ConnectForm, *, status: int = 200, fragment: bool = False
) -> Rendered:
    _offer(client, form)
    free = _free(form)
    form.dids.choices = choices(
        (str(did.public_id), f"{international(did.number)} {did.description}".strip())
        for did in free[: _SHOWN + len(form.chosen())]
    )
    kind = "fax" if _is_fax() else None
    return render(
        "reseller/client/_connect_look.html" if fragment else "reseller/client/connect.html",
        status=status,
        has_errors=status != 200,
        form=form,
        total=_sum(client, form),
        more=len(free) > _SHOWN + len(form.chosen()),
        is_fax=_is_fax(),
        is_empty=not free and request.method == "GET",
        is_hard=client.details.balance_mode == BalanceMode.HARD,
        icons=_ICONS,
        kinds=[
            (text, url_for("reseller.connect_numbers", public_id=client.public_id, kind=one), current)
            for text, one, current in (
                (gettext("Phone numbers"), None, not _is_fax()),
                (gettext("Fax numbers"), "fax", _is_fax()),
            )
        ],
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        save_url=url_for("reseller.save_numbers", public_id=client.public_id, kind=kind),
        look_url=url_for("reseller.look_at_numbers", public_id=client.public_id, kind=kind),
        link_url=url_for("reseller.link_account", public_id=client.public_id),
        symbol=client_words.currency_symbol(),
    )  # fmt: skip


def _confirm(client: ClientFacts, form: ConnectForm, rows: list[DidRow]) -> Rendered:
    account = next(
        row.account
        for row in pbx.sub_accounts_of(client.id)
        if str(row.public_id) == form.sub_account.data
    )
    return render(
        "reseller/client/connect_confirm.html",
        form=form,
        rows=rows,
        total=_sum(client, form),
        account=account,
        is_fax=_is_fax(),
        is_hard=client.details.balance_mode == BalanceMode.HARD,
        kept=[pair for pair in request.form.items(multi=True) if pair[0] not in _NOT_KEPT],
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        save_url=url_for(
            "reseller.save_numbers", public_id=client.public_id, kind="fax" if _is_fax() else None
        ),
    )

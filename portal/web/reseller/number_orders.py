"""An order of numbers on its way at the carrier: its steps, and what staff may do about it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from portal import identity, numbers
from portal.core.db import transaction
from portal.core.phone import international
from portal.identity import ClientFacts
from portal.numbers import FAILING, STOPPED, OrderRow, OrderState, StepKind, StepRow, StepState
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person

_SYMBOLS = {
    StepState.WAITING: "circle",
    StepState.BEGUN: "loader-circle",
    StepState.DONE: "circle-check",
    StepState.UNDONE: "undo-2",
    StepState.LEFT: "circle-alert",
}


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step in words."""

    symbol: str
    text: str
    state: str
    problem: str


@dataclass(frozen=True, slots=True)
class OrderShown:
    """One order in words."""

    public_id: uuid.UUID
    is_over: bool
    tone: str
    symbol: str
    title: str
    text: str
    numbers: str
    steps: tuple[StepShown, ...]
    url: str
    may_stop: bool
    may_hurry: bool


@bp.get("/clients/<uuid:public_id>/numbers/orders/<uuid:order>")
def number_order(public_id: uuid.UUID, order: uuid.UUID) -> Rendered:
    """How far it is; the card asks again until it is over."""
    client = identity.client_by_public_id(public_id)
    return render(
        "reseller/client/order.html",
        "reseller/client/_order.html",
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        order=order_shown(client, numbers.find_order(order, client.id)),
    )


@bp.post("/clients/<uuid:public_id>/numbers/orders/<uuid:order>/stop")
@needs("clients")
def stop_order(public_id: uuid.UUID, order: uuid.UUID) -> Rendered:
    """Undo what waits for the carrier."""
    client = identity.client_by_public_id(public_id)
    with transaction():
        numbers.cancel_order(order, client.id, by=person())
    return go(url_for("reseller.number_order", public_id=public_id, order=order))


@bp.post("/clients/<uuid:public_id>/numbers/orders/<uuid:order>/try")
@needs("clients")
def try_order(public_id: uuid.UUID, order: uuid.UUID) -> Rendered:
    """Ask the carrier again now."""
    client = identity.client_by_public_id(public_id)
    with transaction():
        numbers.try_order_now(order, client.id)
    return go(url_for("reseller.number_order", public_id=public_id, order=order))


def order_shown(client: ClientFacts, row: OrderRow) -> OrderShown:
    """An order in words."""
    tone, symbol, title = _headline(row)
    waits = row.state is OrderState.WORKING and bool(row.problem) and row.action != "release"
    return OrderShown(
        row.public_id,
        row.is_over,
        tone,
        symbol,
        title,
        _text(row),
        ", ".join(international(one) for one in row.numbers)
        or gettext("New fax number in %(place)s", place=row.place),
        tuple(_step(step) for step in row.steps),
        url_for("reseller.number_order", public_id=client.public_id, order=row.public_id),
        may_stop=not row.is_over and (waits or row.is_failing),
        may_hurry=not row.is_over and bool(row.problem),
    )


def _headline(row: OrderRow) -> tuple[str, str, str]:
    if row.action == "release":
        if row.state is OrderState.DONE:
            return "ok", "circle-check", gettext("Let go")
        if row.is_failing:
            return "warn", "clock", gettext("Waiting for the carrier")
        return "info", "loader-circle", gettext("Being let go at the carrier")
    return {
        OrderState.WORKING: ("warn", "clock", gettext("Waiting for the carrier"))
        if row.problem
        else ("info", "loader-circle", gettext("Connecting")),
        OrderState.UNDOING: ("warn", "undo-2", gettext("Being undone")),
        OrderState.DONE: ("ok", "circle-check", gettext("Connected")),
        OrderState.UNDONE: ("bad", "circle-x", gettext("Undone")),
    }[row.state]


def _text(row: OrderRow) -> str:
    said = gettext(row.problem) if row.problem else ""
    if row.problem_code == FAILING:
        return gettext("%(reason)s Try it now, or stop it: what was begun is undone.", reason=said)
    if row.leftovers:
        return gettext(
            "%(reason)s Some of it could not be undone at the carrier: look there.", reason=said
        ).strip()
    if row.state is OrderState.UNDONE:
        if row.problem_code == STOPPED:
            return gettext("%(reason)s Nothing was charged.", reason=said)
        return gettext("The carrier said: %(reason)s Nothing was charged.", reason=said)
    if row.state is OrderState.WORKING and said:
        return gettext(
            "%(reason)s It is tried again by itself; nothing is charged yet.", reason=said
        )
    goes_on = gettext("This goes on by itself. You may leave this page.")
    over = (
        gettext("The number is free to be connected again.")
        if row.action == "release"
        else gettext("The numbers are the client's, and the fees are charged.")
    )
    return {OrderState.DONE: over, OrderState.UNDOING: said}.get(row.state, goes_on)


def _step(step: StepRow) -> StepShown:
    number = international(step.number) if step.number else ""
    text = {
        StepKind.BUY_FAX: gettext("Buy the fax number"),
        StepKind.FORWARDING: gettext("Make the forwarding"),
        StepKind.MAILBOX: gettext("Make the voicemail"),
        StepKind.ROUTE: gettext("Route %(number)s", number=number),
        StepKind.VOICEMAIL: gettext("Voicemail of %(number)s", number=number),
        StepKind.LINK: gettext("Connect and charge"),
        StepKind.DROP_FORWARDING: gettext("Remove the forwarding"),
        StepKind.DROP_MAILBOX: gettext("Remove the voicemail"),
    }[step.kind]
    state = {
        StepState.WAITING: gettext("Waiting"),
        StepState.BEGUN: gettext("Begun"),
        StepState.DONE: gettext("Done"),
        StepState.UNDONE: gettext("Undone"),
        StepState.LEFT: gettext("Refused by the carrier"),
    }[step.state]
    return StepShown(
        _SYMBOLS[step.state], text, state, gettext(step.problem) if step.problem else ""
    )

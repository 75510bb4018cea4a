"""The simulator: a call that nobody made, with the whole worksheet of its price."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext

from portal import numbers, pbx, pricing
from portal.core import clock
from portal.core.errors import InvalidInput
from portal.core.phone import dialled
from portal.pbx import SubAccountRow
from portal.pricing import Imagined, Simulated
from portal.rating import Worksheet
from portal.web import filters, worksheets
from portal.web.forms.packages import length_seconds
from portal.web.forms.simulator import SimulatorForm
from portal.web.htmx import Rendered, render, wants_fragment
from portal.web.reseller.blueprint import bp
from portal.web.session import person


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer. Without ``price_text`` no rate is known for this call."""

    number: str
    place: str
    package: str
    minutes_left: int
    price_text: str
    facts: list[tuple[str, str]]
    steps: list[tuple[str, str]]
    loses: bool


@bp.get("/simulator")
def simulator() -> Rendered:
    """Ask what a call would cost; the address holds the question, so it can be sent on."""
    accounts = [row for row in pbx.all_sub_accounts() if row.client_id is not None]
    packages = [(str(one.public_id), one.name) for one in pricing.package_choices()]
    form = SimulatorForm(
        request.args if "number" in request.args else None,
        data={"package": packages[0][0] if packages else ""},
        packages=packages,
        accounts=[(str(one.public_id), _account_name(one)) for one in accounts],
    )
    asked = "number" in request.args
    by_id = {str(one.public_id): one.id for one in accounts}
    made = form.check(lambda: _simulated(form, by_id)) if asked else None
    status = 422 if asked and made is None else 200
    return render(
        "reseller/simulator/index.html",
        "reseller/simulator/_result.html",
        # A part that is refused would not be swapped in while somebody types.
        status=200 if wants_fragment() else status,
        has_errors=status == 422,
        form=form,
        shown=_shown(made) if made else None,
        problems=[str(one) for field in form for one in field.errors[:1]],
        simulator_url=url_for("reseller.simulator"),
        packages_url=url_for("reseller.packages"),
        zone=person().time_zone,
    )


def _simulated(form: SimulatorForm, accounts: dict[str, int]) -> Simulated:
    at = _moment(form.at.data)
    number = form.number.data or ""
    return pricing.simulate(
        Imagined(
            number,
            length_seconds(form.length.data or "") or 0,
            at,
            direction="in" if form.direction.data == "in" else "out",
            on_net=form.on_net.data,
            cost_e8=form.cost.data,
            did_rate_e8=_did_rate(number, at) if form.direction.data == "in" else None,
        ),
        package=uuid.UUID(form.package.data) if form.package.data else None,
        sub_account_id=accounts.get(form.account.data or ""),
    )


def _did_rate(number: str, at: datetime) -> int:
    """What the called number costs a minute; the default fee while it is nobody's."""
    owner = numbers.owner_of(dialled(number).number, at)
    return pricing.default_fees(at).did_minute_e8 if owner is None else owner.minute_rate_e8


def _moment(typed: datetime | None) -> datetime:
    if typed is None:
        return clock.now()
    try:
        return typed.replace(tzinfo=ZoneInfo(person().time_zone)).astimezone(ZoneInfo("UTC"))
    except (OverflowError, ValueError) as error:
        raise InvalidInput("Enter a year from 2000 to 2100.", field="at") from error


def _shown(made: Simulated) -> Shown:
    rated = made.quote.rated
    sheet: Worksheet = rated.worksheet
    loses = rated.profit is not None and rated.profit.micros < 0
    return Shown(
        number=made.number,
        place=made.quote.deck_name,
        package=made.package or gettext("No package"),
        minutes_left=made.minutes_left,
        price_text="" if rated.price is None else filters.price(rated.price),
        facts=[
            (gettext("Price per minute"), filters.exact(made.quote.rate_per_minute)),
            (gettext("Billed"), filters.duration(rated.billed_seconds)),
            (gettext("Cost"), filters.price(rated.cost)),
            (gettext("Profit"), filters.price(rated.profit)),
        ],
        steps=worksheets.steps(sheet, audience="staff"),
        loses=loses,
    )


def _account_name(row: SubAccountRow) -> str:
    return f"{row.account} · {row.description}" if row.description else row.account

"""What one client's calls cost today, its alarms, its limits, and what could be lost at worst."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext

from portal import calls, exposure, identity
from portal.core.db import transaction
from portal.core.money import Money
from portal.exposure import AlarmRow
from portal.identity import ClientFacts, ClientStatus, SuspendedFor
from portal.web import charts, filters
from portal.web.charts import Plot, Series
from portal.web.forms.exposure import ExposureForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words, exposure_limits, exposure_words
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.reseller.exposure_limits import Sent
from portal.web.session import person

_HOURS = 24


@bp.get("/clients/<uuid:public_id>/exposure")
def client_exposure(public_id: uuid.UUID) -> Rendered:
    """Everything about what this client's calls may cost."""
    return _page(public_id)


@bp.post("/clients/<uuid:public_id>/exposure")
@needs("clients")
def save_client_exposure(public_id: uuid.UUID) -> Rendered:
    """Own limits of this client."""
    client, form = identity.client_by_public_id(public_id), ExposureForm(request.form)
    sent = exposure_limits.send(form, client.id)
    if not sent.saved:
        return _page(public_id, form, sent)
    return _back(public_id, gettext("The limits hold from now on."))


@bp.post("/clients/<uuid:public_id>/exposure/drop")
@needs("clients")
def drop_client_exposure(public_id: uuid.UUID) -> Rendered:
    """The limits of everybody hold for this client again."""
    client, by = identity.client_by_public_id(public_id), person()
    with transaction():
        exposure.drop_limits(client.id, by=by)
    return _back(public_id, gettext("The limits of everybody hold again."))


@bp.post("/clients/<uuid:public_id>/exposure/stop")
@needs("clients")
def stop_client(public_id: uuid.UUID) -> Rendered:
    """Suspend for unusual calls, with a mail to the client."""
    client, by = identity.client_by_public_id(public_id), person()
    with transaction():
        done = exposure.stop(client.id, by=by)
    return _back(
        public_id, gettext("%(name)s is suspended now.", name=client.title) if done else None
    )


@bp.post("/clients/<uuid:public_id>/exposure/resume")
@needs("clients")
def let_client_go_on(public_id: uuid.UUID) -> Rendered:
    """Lift the suspension; the limits count anew from now."""
    client, by = identity.client_by_public_id(public_id), person()
    with transaction():
        done = exposure.resume(client.id, by=by)
    return _back(
        public_id, gettext("%(name)s is active again.", name=client.title) if done else None
    )


@bp.post("/exposure/alarms/<uuid:alarm>/acknowledge")
@needs("clients")
def acknowledge_alarm(alarm: uuid.UUID) -> Rendered:
    """These calls are meant."""
    by = person()
    with transaction():
        client_id, done = exposure.acknowledge(alarm, by=by)
    client = identity.client_facts(client_id)
    return _back(
        client.public_id, gettext("Acknowledged. The limit counts anew from now.") if done else None
    )


def _back(public_id: uuid.UUID, say: str | None) -> Rendered:
    return go(url_for("reseller.client_exposure", public_id=public_id), say=say)


def _page(
    public_id: uuid.UUID, form: ExposureForm | None = None, sent: Sent | None = None
) -> Rendered:
    client, today = identity.client_by_public_id(public_id), client_words.today()
    own = exposure.own_limits(client.id)
    limits = own or exposure.default_limits()
    lines, case = exposure.worst_cases([client.id])[client.id]
    spent = exposure.spent_today([client.id], today).get(client.id, Money(0))
    return render(
        "reseller/exposure/client.html",
        status=sent.status if sent else 200,
        has_errors=bool(form and form.errors),
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_exposure"),
        clients_url=url_for("reseller.clients"),
        symbol=client_words.currency_symbol(),
        spent=spent,
        limits=limits,
        case=case,
        worksheet=exposure_words.worksheet(limits, lines, case),
        reach=exposure_words.reach(limits, lines, case),
        hours=_hours(client, today),
        alarms=_alarms(client, exposure.alarms_of(client.id)),
        is_stopped=client.suspended_for == SuspendedFor.EXPOSURE,
        is_suspended=client.status is ClientStatus.SUSPENDED,
        is_active=client.status is ClientStatus.ACTIVE,
        form=form or ExposureForm.of(limits),
        is_changed=form is not None,
        tried=sent.tried if sent else None,
        is_own=own is not None,
        drop_stops=own is not None and exposure.dropping_stops(client.id),
        url_of=lambda action: url_for(f"reseller.{action}", public_id=public_id),
    )


def _alarms(client: ClientFacts, found: Sequence[AlarmRow]) -> list[exposure_words.AlarmShown]:
    wanted = {one for alarm in found for one in alarm.call_ids}
    numbers = {
        one: filters.phone_number(number) for one, number in calls.numbers_of(wanted).items()
    }
    return [exposure_words.shown(alarm, client, numbers) for alarm in found]


def _hours(client: ClientFacts, today: date) -> Plot | None:
    """What today's calls out cost, by the hour in which they began, in the reseller's zone."""
    zone = ZoneInfo(own_reseller().time_zone)
    spent = [Money(0)] * _HOURS
    for call in calls.outgoing(client.id, today):
        spent[call.started_at.astimezone(zone).hour] += call.price or Money(0)
    total = sum(spent, Money(0))
    if not total:
        return None
    return charts.bars(
        [f"{hour:02d}:00" for hour in range(_HOURS)],
        [Series(gettext("Calls out"), [one.decimal for one in spent], "1")],
        sentence=gettext(
            "What calls out cost today, by the hour: %(amount)s in all.",
            amount=filters.money(total),
        ),
        axis=lambda value: filters.whole(Decimal(value)),
        exact=lambda value: filters.money(Money.of(Decimal(value))),
        label_head=gettext("Hour"),
        every=3,
        every_phone=6,
        height=150,
    )

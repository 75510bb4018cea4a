"""The carrier: whether it answers, what waits for it, and what is left there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import url_for
from flask_babel import gettext, ngettext

from portal import calls, identity, numbers, pbx
from portal.core.money import Money
from portal.core.phone import international
from portal.core.sentences import N_
from portal.upstream import Health
from portal.web import filters
from portal.web.reseller import client_words
from portal.web.reseller.needs_attention.line import MOST_NAMED, Attention
from portal.web.worksheets import CARRIER_CURRENCY

_PACE_DAYS, _LONG_DAYS = 7, 90


def carrier(health: Health | None) -> Iterator[Attention]:
    """Whether it is connected, and answers."""
    if health is None:
        yield Attention(
            "bad",
            "plug",
            gettext("No carrier is connected"),
            gettext("Calls and texts arrive once its API login is known"),
            gettext("Connect"),
            url_for("reseller.carrier"),
        )
        return
    if not health.is_well:
        since = filters.daytime(health.failing_since)
        yield Attention(
            "bad",
            "server",
            # Its own words, or a wrong password would read as a carrier that is down.
            gettext(health.last_error)
            if health.last_error
            else gettext("The carrier does not answer"),
            gettext("Since %(when)s; calls are fetched later", when=since)
            if health.failing_since
            else gettext("It was not asked yet"),
            gettext("Details"),
            url_for("reseller.carrier"),
        )


def carrier_balance(health: Health | None) -> Iterator[Attention]:
    """What is left there; not pressing, so it stands last."""
    if health is not None and health.balance is not None:
        yield Attention(
            "",
            "server",
            gettext(
                "Carrier balance %(amount)s %(currency)s",
                amount=filters.number(health.balance.decimal, 2),
                currency=CARRIER_CURRENCY,
            ),
            _pace(
                health.balance, gettext("Read %(when)s", when=filters.daytime(health.balance_at))
            ),
            gettext("Details"),
            url_for("reseller.carrier"),
        )


def _pace(left: Money, otherwise: str) -> str:
    """How long the money at the carrier lasts, where it can be compared with the costs here."""
    if filters.currency() != CARRIER_CURRENCY:
        return otherwise
    last = client_words.today() - timedelta(days=1)
    week = calls.days(last - timedelta(days=_PACE_DAYS - 1), last)
    spent = sum((day.cost for day in week), Money(0))
    if spent.micros <= 0:
        return otherwise
    days = max(left.micros, 0) * _PACE_DAYS // spent.micros
    if days > _LONG_DAYS:
        return otherwise
    return ngettext("About %(num)d day at this pace", "About %(num)d days at this pace", days)


def pushes() -> Iterator[Attention]:
    """What is saved here and not yet at the carrier; it is tried again by itself."""
    routes = [(one, one.client_id) for one in pbx.push_problems() if one.client_id is not None]
    if routes:
        line, client_id = routes[0]
        yield Attention(
            "warn",
            "server",
            ngettext(
                "%(num)d sub-account waits for its routes at the carrier",
                "%(num)d sub-accounts wait for their routes at the carrier",
                len(routes),
            ),
            f"{line.account}: {gettext(line.problem)}",
            gettext("Open"),
            url_for(
                "reseller.client_accounts",
                public_id=identity.client_facts(client_id).public_id,
            ),
        )
    callbacks = [
        (one, one.client_id) for one in numbers.push_problems() if one.client_id is not None
    ]
    if callbacks:
        number, client_id = callbacks[0]
        yield Attention(
            "warn",
            "message-square",
            ngettext(
                "%(num)d number does not report its texts at once",
                "%(num)d numbers do not report their texts at once",
                len(callbacks),
            ),
            f"{filters.phone_number(number.number)}: {gettext(number.problem)}",
            gettext("Open"),
            url_for(
                "reseller.client_numbers",
                public_id=identity.client_facts(client_id).public_id,
            ),
        )


def orders() -> Iterator[Attention]:
    """Numbers that were ordered and have not come."""
    waiting = numbers.waiting_orders()[:MOST_NAMED]
    known = identity.clients_by_id({one.client_id for one in waiting}) if waiting else {}
    for one in waiting:
        client = known[one.client_id]
        yield Attention(
            "warn",
            "hash",
            gettext("Numbers of %(name)s wait for the carrier", name=client.title),
            gettext(one.problem),
            gettext("Open"),
            url_for("reseller.number_order", public_id=client.public_id, order=one.public_id),
        )


def ports() -> Iterator[Attention]:
    """Fax numbers that clients bring along."""
    waiting, arrived = numbers.open_ports()[:MOST_NAMED], numbers.arrived_ports()[:MOST_NAMED]
    both = [*waiting, *arrived]
    known = identity.clients_by_id({one.client_id for one in both}) if both else {}
    for one in arrived:
        client = known[one.client_id]
        yield Attention(
            "warn",
            "arrow-right",
            gettext(
                "%(number)s has come for %(name)s",
                name=client.title,
                number=international(one.number),
            ),
            gettext("It was brought along, and is not connected yet"),
            gettext("Connect"),
            url_for("reseller.client_numbers", public_id=client.public_id),
        )
    for one in waiting:
        yield Attention(
            "warn" if one.problem else "info",
            "arrow-right",
            gettext(
                "%(name)s wants to bring %(number)s along",
                name=known[one.client_id].title,
                number=international(one.number),
            ),
            gettext(one.problem or N_("A fax number that is at another carrier")),
            gettext("Open"),
            url_for("reseller.fax_port", public_id=one.public_id),
        )

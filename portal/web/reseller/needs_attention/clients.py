"""Clients who wait, whose calls stand out, and whose balance is low."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext, ngettext

from portal import exposure, identity, ledger
from portal.identity import ClientFilter, ClientSort, ClientStatus, SuspendedFor
from portal.web import filters
from portal.web.reseller import exposure_words
from portal.web.reseller.blueprint import can, client_counts
from portal.web.reseller.needs_attention.line import MOST_NAMED, Attention


def waiting() -> Iterator[Attention]:
    """Who signed up and is not activated yet."""
    if not client_counts()[ClientStatus.WAIT]:
        return
    page = identity.find_clients(
        ClientFilter(status=ClientStatus.WAIT, sort=ClientSort.OLDEST), rows=MOST_NAMED
    )
    may = can("clients")
    for row in page.rows:
        yield Attention(
            "info",
            "user-plus",
            gettext("%(name)s signed up", name=row.company or row.name),
            gettext("Waiting for activation since %(when)s", when=filters.daytime(row.created_at)),
            gettext("Activate") if may else gettext("Review"),
            url_for(
                "reseller.activate_client" if may else "reseller.client", public_id=row.public_id
            ),
            posts=may,
            title_url=url_for("reseller.client", public_id=row.public_id),
        )
    if page.older:
        yield Attention(
            "info",
            "users",
            gettext("More clients wait"),
            gettext("They signed up and are not activated yet"),
            gettext("Open"),
            url_for("reseller.clients", state="wait"),
        )


def unusual() -> Iterator[Attention]:
    """Alarms about calls: one line for each client, and whether it was stopped."""
    open_alarms = exposure.open_alarms()
    by_client: dict[int, list[exposure.AlarmRow]] = {}
    for alarm in open_alarms:
        by_client.setdefault(alarm.client_id, []).append(alarm)
    named = dict(list(by_client.items())[:MOST_NAMED])
    known = identity.clients_by_id(set(named)) if named else {}
    for client_id, alarms in named.items():
        client, worst = known[client_id], max(alarms, key=lambda one: (one.stopped, one.spent))
        stopped = client.suspended_for == SuspendedFor.EXPOSURE
        yield Attention(
            "bad" if stopped else "warn",
            exposure_words.symbol(worst),
            gettext("%(name)s was stopped for unusual calls", name=client.title)
            if stopped
            else gettext("Unusual calls of %(name)s", name=client.title),
            exposure_words.title(worst),
            gettext("Look"),
            url_for("reseller.client_exposure", public_id=client.public_id),
        )
    if (rest := len(by_client) - len(named)) > 0:
        yield Attention(
            "warn",
            "gauge",
            ngettext(
                "Unusual calls of %(num)d more client",
                "Unusual calls of %(num)d more clients",
                rest,
            ),
            gettext("Open alarms about what calls cost"),
            gettext("Open"),
            url_for("reseller.exposed", state="alarm"),
        )


def balances() -> Iterator[Attention]:
    """Who is below their own threshold, or below zero."""
    low = ledger.low_balances()
    known = identity.clients_by_id({one.client_id for one in low[:MOST_NAMED]})
    for one in low[:MOST_NAMED]:
        client = known[one.client_id]
        if one.owes:
            title = gettext(
                "%(name)s owes %(amount)s", name=client.title, amount=filters.money(-one.balance)
            )
            note = gettext("%(mode)s balance", mode=client.details.balance_mode.upper())
        else:
            title = gettext(
                "%(name)s is below %(amount)s",
                name=client.title,
                amount=filters.money(one.threshold),
            )
            note = gettext("%(amount)s left", amount=filters.money(one.balance))
        yield Attention(
            "warn",
            "hand-coins" if one.owes else "wallet",
            title,
            note,
            gettext("Open"),
            url_for("reseller.client", public_id=client.public_id),
        )
    if rest := len(low) - MOST_NAMED:
        if rest > 0:
            yield Attention(
                "warn",
                "wallet",
                ngettext("%(num)d more low balance", "%(num)d more low balances", rest),
                gettext("Below their own threshold, or below zero"),
                gettext("Open"),
                url_for("reseller.clients", state="low"),
            )

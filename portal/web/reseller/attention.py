"""Calls that wait for a rate or an owner, and how carrier and messages do."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext

from portal import calls, fax, messaging, upstream
from portal.core.db import transaction
from portal.core.queue import enqueue
from portal.tasks import RERATE_UNRATED
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_calls, needs_attention
from portal.web.reseller.blueprint import bp
from portal.web.worksheets import CARRIER_CURRENCY

_STATES = ("unrated", "unowned")


@bp.get("/attention")
def attention() -> Rendered:
    """The newest of them, and the button that prices them again."""
    state = request.args.get("state", "")
    counts = calls.attention_counts()
    health = upstream.health()
    shown = [row for row in calls.attention() if state not in _STATES or row.state == state]
    return render(
        "reseller/attention/index.html",
        calls=[(row, *client_calls.words(row)) for row in shown],
        states=[
            (gettext("All"), url_for("reseller.attention"), state not in _STATES, sum(counts.values())),
            *(
                (
                    {"unrated": gettext("No rate"), "unowned": gettext("Nobody's")}[one],
                    url_for("reseller.attention", state=one),
                    state == one,
                    counts.get(one, 0),
                )
                for one in _STATES
            ),
        ],
        attention=needs_attention.lines(health),
        retry_url=url_for("reseller.rerate"),
        health=health,
        carrier_currency=CARRIER_CURRENCY,
        unknown=messaging.unknown_count(),
        stray=messaging.stray_count(),
        faxes=fax.attention(),
    )  # fmt: skip


@bp.post("/attention/rerate")
@needs("packages")
def rerate() -> Rendered:
    """Price what waits again, in the background."""
    with transaction():
        enqueue(RERATE_UNRATED)
    return go(
        url_for("reseller.attention"),
        say=gettext("The waiting calls are being priced again. Reload in a moment."),
    )

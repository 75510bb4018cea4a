"""Calls that wait for a rate or an owner, and how carrier and messages do."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import calls, fax, messaging, upstream
from portal.calls import Lost, LostRecording
from portal.core import clock
from portal.core.db import transaction
from portal.core.queue import enqueue
from portal.tasks import IMPORT_RECORDINGS, RERATE_UNRATED
from portal.web import filters
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_calls, needs_attention
from portal.web.reseller.blueprint import bp
from portal.web.session import person
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
        recordings=[
            (one, *_why(one), url_for("reseller.let_recording_rest", recording=one.public_id))
            for one in calls.lost_recordings(clock.now())
        ],
        look_url=url_for("reseller.look_for_recordings"),
    )  # fmt: skip


@bp.post("/attention/recordings/look")
@needs("write")
def look_for_recordings() -> Rendered:
    """Ask the carrier once more, and look for the calls of what has none."""
    with transaction():
        enqueue(IMPORT_RECORDINGS)
    return _to_recordings(gettext("They are being looked for. Reload in a moment."))


@bp.post("/attention/recordings/<uuid:recording>/rest")
@needs("write")
def let_recording_rest(recording: uuid.UUID) -> Rendered:
    """Nobody will be charged for it."""
    by = person()
    with transaction():
        done = calls.let_recording_rest(recording, by=by)
    return _to_recordings(gettext("Dismissed.") if done else None)


def _to_recordings(say: str | None) -> Rendered:
    return go(url_for("reseller.attention", _anchor="recordings"), say=say)


def _why(one: LostRecording) -> tuple[str, str]:
    """Why it has no call, and what to do."""
    if one.why is Lost.NOBODYS:
        return (
            gettext("Its call belongs to nobody"),
            gettext(
                "Link the sub-account to a client: recordings are charged from then on. This one can be charged by hand."
            ),
        )
    if one.why is Lost.GIVEN_UP:
        return (
            gettext("No call was found in 91 days"),
            gettext("It is not looked for any more. Charge it by hand, or let it rest."),
        )
    return (
        gettext("No answered call of this account and number is known at that time"),
        gettext(
            "Compare the calls of that day with the carrier (Reports, Reconciliation) and bring in what is missing. It is looked for until %(day)s.",
            day=filters.day(one.until),
        ),
    )


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

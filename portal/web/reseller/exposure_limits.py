"""What the two forms of limits have in common: the list of countries, the trial, and saving."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext, ngettext

from portal import exposure, identity
from portal.exposure import Trial
from portal.web import filters
from portal.web.forms.exposure import ExposureForm
from portal.web.session import person

MOST_NAMED = 5


class Tried(NamedTuple):
    """What limits would do, in words: who would be stopped, with the way to each."""

    sentence: str
    clients: list[tuple[str, str]]
    more: int
    asks: bool  # whether to save them all the same


class Sent(NamedTuple):
    """What became of a form: ``saved``, or shown again with what the trial said."""

    saved: bool
    status: int = 200
    tried: Tried | None = None


def send(form: ExposureForm, client_id: int | None = None) -> Sent:
    """Do what the button said. Limits that stop somebody are saved at the second press only."""
    if form.only_looks:
        form.change_places()
        return Sent(False)
    if form.do != "anyway":
        trial = form.check(lambda: exposure.try_limits(form.limits(), client_id))
        if trial is None:
            return Sent(False, 422)
        if form.do == "try" or trial.stopped:
            asks = form.do != "try"
            return Sent(False, 422 if asks else 200, tried(trial, asks=asks, one=bool(client_id)))
    by = person()
    form.submit(lambda: exposure.save_limits(form.limits(), client_id=client_id, by=by))
    return Sent(form.accepted, 200 if form.accepted else 422)


def tried(trial: Trial, *, asks: bool, one: bool) -> Tried:
    """The trial in words."""
    known = identity.clients_by_id(set(trial.stopped[:MOST_NAMED]))
    return Tried(
        _of_one(trial) if one else _of_all(trial),
        []
        if one
        else [
            (client.title, url_for("reseller.client_exposure", public_id=client.public_id))
            for client in known.values()
        ],
        max(len(trial.stopped) - MOST_NAMED, 0),
        asks,
    )


def _of_one(trial: Trial) -> str:
    if trial.stopped:
        return gettext("These limits stop this client with its next call.")
    return gettext("These limits do not stop this client now.")


def _of_all(trial: Trial) -> str:
    stops = ngettext(
        "These limits stop %(num)d client with its next call",
        "These limits stop %(num)d clients with their next call",
        len(trial.stopped),
    )
    if not trial.stopped:
        stops = gettext("These limits stop nobody now")
    if trial.is_part:
        looked = gettext(
            "the %(count)s clients who spent most were looked at",
            count=filters.number(trial.looked_at),
        )
    else:
        looked = ngettext(
            "%(num)d client called lately and has no limits of its own",
            "%(num)d clients called lately and have no limits of their own",
            trial.looked_at,
        )
    return f"{stops} ({looked})."

"""What a new reseller has still to do, with the way to each; nothing once all of it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext

from portal import branding, numbers, pricing
from portal.identity import ClientStatus


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One of five: what, why, where, and whether it is done."""

    title: str
    note: str
    url: str
    done: bool


def first_steps(clients: Mapping[ClientStatus, int], *, has_carrier: bool) -> list[FirstStep]:
    """Carrier, brand, package, client, number, in the order in which they help each other."""
    connected = numbers.any_connected()
    has_client = bool(clients[ClientStatus.ACTIVE] + clients[ClientStatus.SUSPENDED])
    steps = [
        FirstStep(
            gettext("Connect the carrier"),
            gettext("Calls, numbers and rates come from there"),
            url_for("reseller.carrier"),
            has_carrier,
        ),
        *_brand(),
        FirstStep(
            gettext("Make a package"),
            gettext("What calls cost your clients, with a preview of your margin"),
            url_for("reseller.packages"),
            connected or bool(pricing.package_choices()),
        ),
        FirstStep(
            gettext("Add a client"),
            gettext("Or let them sign up by themselves"),
            url_for("reseller.new_client") if not has_client else url_for("reseller.clients"),
            has_client,
        ),
        FirstStep(
            gettext("Connect a number"),
            gettext("From then on its calls and texts are your client’s"),
            url_for("reseller.clients"),
            connected,
        ),
    ]
    return [] if all(step.done for step in steps) else steps


def _brand() -> Iterator[FirstStep]:
    if "reseller.branding" in current_app.view_functions:
        yield FirstStep(
            gettext("Give the portal your brand"),
            gettext("Name, colours and logo, as your clients see them"),
            url_for("reseller.branding"),
            branding.current_theme().version > 0,
        )

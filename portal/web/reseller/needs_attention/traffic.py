"""Calls, texts and faxes that found no price, no owner or no end."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext, ngettext

from portal import calls, fax, identity, messaging
from portal.core import clock
from portal.web import filters
from portal.web.reseller.needs_attention.line import MOST_NAMED, Attention


def uncharged_calls() -> Iterator[Attention]:
    """Calls that nobody was charged for."""
    counts = calls.attention_counts()
    if unrated := counts.get("unrated", 0):
        yield Attention(
            "bad",
            "phone-off",
            ngettext("%(num)d call without a rate", "%(num)d calls without a rate", unrated),
            gettext("Answered, and no price is known: nobody is charged yet"),
            gettext("Review"),
            url_for("reseller.attention", state="unrated"),
        )
    if unowned := counts.get("unowned", 0):
        yield Attention(
            "warn",
            "circle-help",
            ngettext("%(num)d call of nobody", "%(num)d calls of nobody", unowned),
            gettext("Their sub-account or number is linked to no client"),
            gettext("Review"),
            url_for("reseller.attention", state="unowned"),
        )


def recordings() -> Iterator[Attention]:
    """Recordings whose call nobody found."""
    if lost := calls.lost_count(clock.now()):
        yield Attention(
            "warn",
            "mic",
            ngettext("%(num)d recording without a call", "%(num)d recordings without a call", lost),
            gettext("The carrier lists them and no call that they could be of: nobody is charged"),
            gettext("Review"),
            url_for("reseller.attention", _anchor="recordings"),
        )


def messages() -> Iterator[Attention]:
    """Texts without an end, limits that were reached, and texts for nobody."""
    if unknown := messaging.unknown_count():
        yield Attention(
            "warn",
            "message-square",
            ngettext(
                "%(num)d text with an unknown outcome",
                "%(num)d texts with an unknown outcome",
                unknown,
            ),
            gettext("The carrier's answer was lost; it is being looked up"),
            gettext("Details"),
            url_for("reseller.attention"),
        )
    full = messaging.clients_at_a_limit()[:MOST_NAMED]
    known = identity.clients_by_id({client_id for client_id, _ in full}) if full else {}
    for client_id, at in full:
        yield Attention(
            "warn",
            "message-square",
            gettext("%(name)s reached a limit of texts", name=known[client_id].title),
            gettext(
                "%(when)s; further texts are refused until the next hour or day",
                when=filters.daytime(at),
            ),
            gettext("Limits"),
            url_for("reseller.client_text_limits", public_id=known[client_id].public_id),
        )
    if stray := messaging.stray_count():
        yield Attention(
            "",
            "message-square",
            ngettext("%(num)d text for nobody", "%(num)d texts for nobody", stray),
            gettext("They came for numbers that are linked to no client"),
            gettext("Details"),
            url_for("reseller.attention"),
        )


def faxes() -> Iterator[Attention]:
    """Faxes without an end, and faxes for nobody."""
    found = fax.attention()
    if found.unknown:
        yield Attention(
            "warn",
            "printer",
            ngettext(
                "%(num)d fax with an unknown outcome",
                "%(num)d faxes with an unknown outcome",
                found.unknown,
            ),
            gettext("The carrier's answer was lost; it is being looked up"),
            gettext("Details"),
            url_for("reseller.attention"),
        )
    if found.stray:
        yield Attention(
            "",
            "printer",
            ngettext("%(num)d fax for nobody", "%(num)d faxes for nobody", found.stray),
            gettext("They came for numbers that are linked to no client"),
            gettext("Details"),
            url_for("reseller.attention"),
        )
